import { type EpochMs, secondMs } from '../../model/time.ts';

/**
 * Parses a time such as `2024-01-15T00:00:00Z`, which is the only time format of the Alibaba API. Returns
 * wall clock time in epoch ms; undefined if the text has another format or is not a valid date.
 */
export function parseUtc(text: string): EpochMs | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text)) return undefined;
  const at = Date.parse(text);
  // Format the result again and compare it with the text, because Date.parse accepts February 30 and returns
  // a day in March.
  return !Number.isNaN(at) && toUtcText(at) === text ? at : undefined;
}

/**
 * Formats a time (wall clock, epoch ms), rounded down to a whole second, in the format that `parseUtc`
 * parses.
 */
export function toUtcText(at: EpochMs): string {
  return new Date(Math.floor(at / secondMs) * secondMs).toISOString().replace('.000Z', 'Z');
}
