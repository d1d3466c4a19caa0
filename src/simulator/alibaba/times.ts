import { type EpochMs, secondMs } from '../../model/time.ts';

/** `2024-01-15T00:00:00Z`, as everywhere in the API; undefined for any other spelling, or a day that no calendar has. */
export function readUtc(text: string): EpochMs | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text)) return undefined;
  const at = Date.parse(text);
  // The parser turns the 30th of February into a day of March.
  return !Number.isNaN(at) && utcText(at) === text ? at : undefined;
}

/** What readUtc reads back; fractions of a second are left out. */
export function utcText(at: EpochMs): string {
  return new Date(Math.floor(at / secondMs) * secondMs).toISOString().replace('.000Z', 'Z');
}
