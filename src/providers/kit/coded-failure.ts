import type { HttpResponse } from '../../calls/call.ts';
import type { ProviderError } from '../../model/answer.ts';
import { clockSkewMs } from '../../model/http-time.ts';
import type { EpochMs } from '../../model/time.ts';
import {
  endpointAdvice,
  isSuccess,
  type KnownError,
  kindOfStatus,
  reasonOfStatus,
  statusText,
  toHttpError,
  unknownSender,
} from './http-failure.ts';
import { adviceSuffix, clockSkewSuffix, quote } from './message.ts';

/**
 * Meaning of an error code. In `advice`, OPERATION is a placeholder for the name of the requested operation.
 */
export interface CodedError extends KnownError {
  /** Whether a wrong local clock can cause the error. If so, the message includes the measured clock skew. */
  readonly isClock?: true;
}

/** Meaning of the error codes of an API, by code or by the part of a code before its first dot. */
export type CodedErrors = ReadonlyMap<string, CodedError>;

/** Meaning of an error code that reports the rate limit of an account. */
export const throttled: CodedError = {
  kind: 'throttled',
  reason: 'throttled',
  advice:
    'this rate limit applies to all clients of the account together; lower requests_per_second in the config',
};

/** Failed response of an API with error codes, with everything that its error message requires. */
export interface CodedResponse {
  /** Name of the provider and of the operation, for the start of the message. */
  readonly provider: string;
  readonly operation: string;
  readonly response: HttpResponse;
  /** Code and text in the body; undefined if the body has no code, so that the provider did not send it. */
  readonly error: { readonly code: string; readonly text: string } | undefined;
  /** Whether the API normally reports failures with the HTTP status 200, which the message then omits. */
  readonly hasStatus200?: boolean;
  /**
   * Wait in ms that the provider requests in a header of its own. A failed response with such a header is
   * throttled, even if its code means something else.
   */
  readonly retryAfterMs?: number | undefined;
  readonly now: EpochMs;
  /**
   * Returns the texts that must not appear in the error message, such as keys and the signature in all their
   * encoded forms. A function, because only the message of a failure needs them.
   */
  readonly secrets: () => readonly string[];
}

/**
 * Parses the envelope of a response with `read`. Returns undefined if the HTTP status is a failure and the
 * body does not come from the provider, such as HTML from a proxy. Throws `malformed` if the HTTP status is
 * 2xx and the body cannot be parsed.
 */
export function readEnvelope<Envelope>(
  response: HttpResponse,
  read: (text: string) => Envelope,
): Envelope | undefined {
  if (isSuccess(response)) return read(response.text);
  try {
    return read(response.text);
  } catch {
    return undefined;
  }
}

/** Returns the error of a failed response. */
export function toCodedFailure(errors: CodedErrors, context: CodedResponse): ProviderError {
  const { provider, operation, response, error, hasStatus200 = false, retryAfterMs, now } = context;
  const known = error === undefined ? errorOfForeign(response) : errorOf(errors, error.code, response.status);
  const kind = !isSuccess(response) && retryAfterMs !== undefined ? 'throttled' : known.kind;
  const status = hasStatus200 && isSuccess(response) ? '' : statusText(response);
  const shown = [status, codeText(context, known)].filter((text) => text !== '').join(', ');
  const message = `${provider} ${operation}: ${shown}${adviceText(context, known)}`;
  const reason = kind === 'throttled' ? 'throttled' : known.reason;
  return toHttpError(kind, message, response, now, retryAfterMs, reason);
}

/** Returns the meaning of a failed response without an error code, which the provider always sends. */
function errorOfForeign(response: HttpResponse): CodedError {
  const known = errorOfStatus(response.status) ?? {
    kind: 'refused',
    reason: 'endpoint',
    advice: endpointAdvice(response),
  };
  return known.kind === 'auth' ? unknownSender : known;
}

function errorOf(errors: CodedErrors, code: string, status: number): CodedError {
  // If both the code and the HTTP status are unknown, assume a permanent failure (`refused`), which is not
  // retried.
  return knownErrorOf(errors, code) ?? errorOfStatus(status) ?? { kind: 'refused' };
}

/**
 * Returns the meaning of an error code, or else that of the part before its first dot; undefined if unknown.
 */
export function knownErrorOf(errors: CodedErrors, code: string): CodedError | undefined {
  return errors.get(code) ?? errors.get(code.split('.', 1)[0] ?? '');
}

function errorOfStatus(status: number): CodedError | undefined {
  const kind = kindOfStatus(status);
  if (kind === 'throttled') return throttled;
  return kind && { kind, reason: reasonOfStatus(status) };
}

/**
 * Formats the error code for the message. If there is no advice, appends the provider's own text, except for
 * an `auth` failure, whose text can contain the string to sign with the key ID and the token, or name the
 * account.
 */
function codeText({ error, secrets }: CodedResponse, { kind, advice }: CodedError): string {
  if (error === undefined) return '';
  const hidden = secrets();
  const code = quote(error.code, hidden);
  return kind === 'auth' || advice !== undefined || error.text === ''
    ? code
    : `${code}: ${quote(error.text, hidden)}`;
}

function adviceText({ operation, response, now }: CodedResponse, { advice, isClock }: CodedError): string {
  const skew = isClock ? clockSkewSuffix(clockSkewMs(response.headers, now, now) ?? 0) : '';
  return adviceSuffix(advice && `${advice.replace('OPERATION', operation)}${skew}`);
}
