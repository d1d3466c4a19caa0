import type { Http, HttpResponse, SignedCall } from '../../calls/call.ts';
import type { ProviderError } from '../../model/answer.ts';
import { abortableSlices, type InSlices } from '../../model/slices.ts';
import { readEnvelope } from '../kit/coded-failure.ts';
import type { GetCredentials } from '../kit/credentials.ts';
import { isSuccess } from '../kit/http-failure.ts';
import { rethrowWith } from '../kit/message.ts';
import { notOffered } from '../kit/not-offered.ts';
import { sendWithResign } from '../kit/resign.ts';
import type { AlibabaCredentials } from './credentials.ts';
import { type ParsedEnvelope, readAlibabaEnvelope, readEnvelopeInSlices } from './envelope.ts';
import { isNotGranted, needsResign, toFailure } from './errors.ts';
import { operationOf } from './operations.ts';
import { percentEncode } from './query-string.ts';
import { type AlibabaSigning, toSignedRequest } from './request.ts';

export interface AlibabaAccess extends Omit<AlibabaSigning, keyof AlibabaCredentials> {
  readonly http: Http;
  readonly getCredentials: GetCredentials<AlibabaCredentials>;
  readonly inSlices: InSlices;
}

/** Maximum number of characters of a body that is parsed at once, in 2 ms as JSON and in 5 ms as XML. */
const maxWholeLength = 256 * 1024;

interface ParsedResponse {
  readonly failure: ProviderError | undefined;
  readonly envelope: ParsedEnvelope | undefined;
  /** Whether the account may not request an optional operation, which is no failure. */
  readonly isNotOffered?: true;
}

/**
 * Creates the function that signs and sends one request to the Live API. The function resolves with the
 * top-level fields of the response body, whether the body is JSON or XML. If the account lacks the permission
 * for an optional operation, the function resolves with a result for `isNotOffered`.
 */
export function createAlibabaCall(access: AlibabaAccess): SignedCall {
  const { http, getCredentials, now, inSlices } = access;
  return async (operation, query, signal) => {
    const context = `alibaba ${operation}`;
    const signAndSend = async (): Promise<ParsedResponse> => {
      const credentials = await getCredentials(signal);
      const { request, signature } = toSignedRequest({ ...access, ...credentials }, operation, query);
      const response = await http(request, signal).catch(rethrowWith(context));
      const envelope = isLarge(response)
        ? await readEnvelopeInSlices(response.text, operation, abortableSlices(inSlices, signal))
        : readEnvelope(response, (text) => readAlibabaEnvelope(text, operation));
      const { accessKeyId, accessKeySecret, securityToken = '' } = credentials;
      const secrets = () => [accessKeyId, accessKeySecret, securityToken, signature].flatMap(encodedForms);
      const status = envelope?.status;
      if (status !== undefined && operationOf(operation).isOptional && isNotGranted(status)) {
        return { failure: undefined, envelope, isNotOffered: true };
      }
      return { failure: toFailure({ operation, response, status, now: now(), secrets }), envelope };
    };

    const { failure, envelope, isNotOffered } = await sendWithResign(signAndSend, isRejectedTime);
    if (failure !== undefined) throw failure;
    return isNotOffered ? notOffered : envelope?.fields;
  };
}

/** Reports whether reading a response at once could block the event loop for too long. */
function isLarge(response: HttpResponse): boolean {
  return response.text.length > maxWholeLength && isSuccess(response);
}

/**
 * Reports whether the provider rejected the timestamp or nonce of the request, and not the request rate. A
 * second request with a new timestamp and nonce can then succeed.
 */
function isRejectedTime({ failure, envelope }: ParsedResponse): boolean {
  return failure?.kind === 'auth' && envelope !== undefined && needsResign(envelope.status);
}

/**
 * Returns all forms in which a message from the provider can contain `secret`: plain, percent-encoded with
 * upper-case or lower-case hex digits, and percent-encoded twice, as in the string to sign.
 */
function encodedForms(secret: string): string[] {
  const once = percentEncode(secret);
  const lowerCase = once.replace(/%../g, (byte) => byte.toLowerCase());
  return [secret, once, lowerCase, percentEncode(once)];
}
