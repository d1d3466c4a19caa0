import { type EpochMs, secondMs } from '../../model/time.ts';

/** Parses `2024-01-15T00:00:00Z`, the only time format of the API; undefined for other formats and invalid dates. */
export function parseUtc(text: string): EpochMs | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text)) return undefined;
  const at = Date.parse(text);
  // Date.parse accepts February 30 as a day in March.
  return !Number.isNaN(at) && toUtcText(at) === text ? at : undefined;
}

/** Returns the inverse of parseUtc; rounds down to whole seconds. */
export function toUtcText(at: EpochMs): string {
  return new Date(Math.floor(at / secondMs) * secondMs).toISOString().replace('.000Z', 'Z');
}
