import { ProviderError } from '../../model/answer.ts';
import { minuteMs } from '../../model/time.ts';

/** Maximum length of a quoted text of the provider. */
const maxQuoteLength = 200;

/** Makes a text of the provider safe for a message: one line, at most 200 characters, secrets replaced. */
export function quote(text: string, secrets: readonly string[]): string {
  let quoted = text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
  // Replace secrets before truncating, so that no partial secret remains at the end.
  for (const secret of secrets) if (secret !== '') quoted = quoted.replaceAll(secret, '[secret]');
  return quoted.length <= maxQuoteLength ? quoted : `${quoted.slice(0, maxQuoteLength - 1)}…`;
}

/** Formats the advice of an error as a suffix of its message; empty without advice. */
export function adviceSuffix(advice: string | undefined): string {
  return advice === undefined ? '' : ` (${advice})`;
}

/**
 * Returns a handler that adds the provider and the operation to an error of the HTTP transport, which knows neither, and
 * rethrows it.
 */
export function rethrowWith(context: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof ProviderError)) throw error;
    throw new ProviderError(error.kind, `${context}: ${error.message}`);
  };
}

/**
 * Describes the clock skew as a suffix of a message; empty if it is below half a minute or unknown (NaN). `skewMs` is
 * the local clock minus the provider's. Rounds to minutes, so that the text does not change from request to request.
 */
export function clockSkewSuffix(skewMs: number): string {
  const minutes = Math.round(Math.abs(skewMs) / minuteMs);
  if (!(minutes >= 1)) return '';
  return `: it is about ${minutes} min ${skewMs > 0 ? 'ahead of' : 'behind'} the provider's`;
}
