import { ProviderError } from '../../model/answer.ts';
import { minuteMs } from '../../model/time.ts';

/** Maximum number of characters that an error message quotes from a text of the provider. */
const maxQuoteLength = 200;

/**
 * Makes a text of the provider safe for an error message: one line, at most 200 characters, every occurrence
 * of a secret replaced.
 */
export function quote(text: string, secrets: readonly string[]): string {
  let quoted = text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
  // Replace secrets before truncating, so that the truncated text does not end in the first part of a secret.
  for (const secret of secrets) if (secret !== '') quoted = quoted.replaceAll(secret, '[secret]');
  return quoted.length <= maxQuoteLength ? quoted : `${quoted.slice(0, maxQuoteLength - 1)}…`;
}

/** Formats the advice of an error as a suffix of the error message; empty if `advice` is undefined. */
export function adviceSuffix(advice: string | undefined): string {
  return advice === undefined ? '' : ` (${advice})`;
}

/**
 * Returns a handler for errors of the HTTP transport. The transport knows neither provider nor operation, so
 * the handler adds both (`context`) to the message and throws the new error.
 */
export function rethrowWith(context: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof ProviderError)) throw error;
    throw new ProviderError(error.kind, `${context}: ${error.message}`);
  };
}

/**
 * Describes the clock skew as a suffix of an error message. `skewMs` is the local clock minus the provider's
 * clock, in ms. Returns an empty text if the skew is below half a minute or unknown (NaN). Rounds to minutes,
 * so that the message does not change from request to request.
 */
export function clockSkewSuffix(skewMs: number): string {
  const minutes = Math.round(Math.abs(skewMs) / minuteMs);
  if (!(minutes >= 1)) return '';
  return `: it is about ${minutes} min ${skewMs > 0 ? 'ahead of' : 'behind'} the provider's`;
}
