import type { Metrics } from '../metrics/metrics.ts';
import { type EpochMs, minuteMs } from '../model/time.ts';
import type { StateClient } from '../store/state-client.ts';

/**
 * Maximum time in ms between two saves of the known scrapers. It is short compared with the five minutes for
 * which a scraper stays known.
 */
const saveIntervalMs = minuteMs;

/**
 * Restores the scrapers that were known before a restart, and keeps the saved list of scrapers up to date.
 * The zero hold exposes a new counter as 0 until every known scraper has received that 0. If the scrapers
 * were not restored, a fast scraper could end the hold before a slower scraper has received the 0. Returns a
 * function that the caller must call every second, and not again before it has settled. It saves the known
 * scrapers if a scraper appeared or expired, or if a minute has passed since the last save.
 */
export function keepScrapers(
  { scrapers, expectScrapers }: Pick<Metrics, 'scrapers' | 'expectScrapers'>,
  { saveScrapers }: Pick<StateClient, 'saveScrapers'>,
  restored: ReadonlyMap<string, EpochMs>,
  startedAt: EpochMs,
): (now: EpochMs) => Promise<void> {
  let savedNames = namesOf(restored);
  let savedAt = startedAt;
  expectScrapers(restored, startedAt);
  return async (now) => {
    const current = scrapers(now);
    const names = namesOf(current);
    // Compare the absolute difference, because the wall clock can be set back.
    if (names === savedNames && Math.abs(now - savedAt) < saveIntervalMs) return;
    try {
      await saveScrapers(current, now);
      [savedNames, savedAt] = [names, now];
    } catch {
      // Ignore the error: if the scrapers cannot be saved, the records cannot be saved either, and that
      // failure is logged.
    }
  };
}

/** Returns a text that is equal for two maps with the same scraper names in the same order. */
function namesOf(scrapers: ReadonlyMap<string, EpochMs>): string {
  return JSON.stringify([...scrapers.keys()]);
}
