import { ProviderError } from '../../model/answer.ts';
import { minuteMs } from '../../model/time.ts';

/** Maximum number of characters of a provider's text that an error message quotes. */
const maxQuoteLength = 200;

/**
 * Makes a provider's text safe for an error message: puts it on one line, replaces every occurrence of a
 * secret, truncates it to 200 characters and makes it well-formed.
 */
export function quote(text: string, secrets: readonly string[]): string {
  let quoted = text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
  // Replace secrets before the text is truncated, because a truncated text could end in the first part of a
  // secret, which would not be recognized.
  for (const secret of secrets) if (secret !== '') quoted = quoted.replaceAll(secret, '[secret]');
  // The truncation can split a surrogate pair.
  return (
    quoted.length <= maxQuoteLength ? quoted : `${quoted.slice(0, maxQuoteLength - 1)}…`
  ).toWellFormed();
}

/** Formats advice as a suffix of an error message; empty if `advice` is undefined. */
export function adviceSuffix(advice: string | undefined): string {
  return advice === undefined ? '' : ` (${advice})`;
}

/**
 * Builds the `malformed` failure of a response body that is not in the format of the API. `problem` says what
 * is wrong. The APIs send no web pages, but a captive portal or a proxy that blocks a request does.
 */
export function unreadableBody(problem: string, text: string): ProviderError {
  const isWebPage = /^\s*<(!doctype\s+html|html)\b/i.test(text);
  const suffix = isWebPage ? ': a web page, as from a captive portal or a proxy on the way' : '';
  const reason = isWebPage ? 'web_page' : 'unreadable';
  return new ProviderError('malformed', `${problem} (${text.length} characters)${suffix}`, { reason });
}

/**
 * Returns a handler for errors of the HTTP client. These errors contain neither the provider nor the
 * operation, so the handler throws a new error with both (`context`) in its message.
 */
export function rethrowWith(context: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof ProviderError)) throw error;
    const { kind, message, isTooLarge, reason } = error;
    throw new ProviderError(kind, `${context}: ${message}`, { isTooLarge, reason });
  };
}

/**
 * Formats the clock skew as a suffix of an error message. `skewMs` is the local clock minus the provider's
 * clock, in ms. Returns an empty text if the skew is below half a minute or unknown (NaN). Rounds to minutes,
 * so that the message stays the same from request to request.
 */
export function clockSkewSuffix(skewMs: number): string {
  const minutes = Math.round(Math.abs(skewMs) / minuteMs);
  if (!(minutes >= 1)) return '';
  return `, which is about ${minutes} min ${skewMs > 0 ? 'ahead of' : 'behind'} the provider's clock`;
}
