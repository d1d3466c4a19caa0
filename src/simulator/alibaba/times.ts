import { type EpochMs, secondMs } from '../../model/time.ts';

/**
 * Parses a text such as `2024-01-15T00:00:00Z`, the only time format of the Alibaba API, to wall epoch ms.
 * Returns undefined if the text has another format or is not a valid date.
 */
export function parseUtc(text: string): EpochMs | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text)) return undefined;
  const at = Date.parse(text);
  // Compare with the formatted result, because Date.parse accepts February 30 and returns a day in March.
  return !Number.isNaN(at) && toUtcText(at) === text ? at : undefined;
}

/**
 * Formats a time (wall epoch ms) in the format that `parseUtc` parses. Rounds the time down to a whole
 * second.
 */
export function toUtcText(at: EpochMs): string {
  return new Date(Math.floor(at / secondMs) * secondMs).toISOString().replace('.000Z', 'Z');
}
