import type { Metrics } from '../metrics/metrics.ts';
import { type EpochMs, minuteMs } from '../model/time.ts';
import type { StateStore } from '../store/state-store.ts';

/**
 * Maximum age of the saved scrape times in ms. Short compared with the time for which a scraper stays known.
 */
const saveIntervalMs = minuteMs;

/**
 * Makes the zero hold wait also for scrapers that were known before a restart. The zero hold keeps a new
 * counter at 0 until every known scraper has received the counter. Without the saved scrapers, a fast scraper
 * would release counters that a slower scraper has not received at 0. Returns a function for the caller to
 * call every second: if a scraper appeared or disappeared, or a minute has passed, the function saves the
 * known scrapers.
 */
export function keepScrapers(
  { scrapers, expectScrapers }: Pick<Metrics, 'scrapers' | 'expectScrapers'>,
  { saveScrapers }: Pick<StateStore, 'saveScrapers'>,
  restored: ReadonlyMap<string, EpochMs>,
  startedAt: EpochMs,
): (now: EpochMs) => void {
  let savedNames = namesOf(restored);
  let savedAt = startedAt;
  expectScrapers(restored, startedAt);
  return (now) => {
    const current = scrapers(now);
    const names = namesOf(current);
    // The wall clock can be set back, so compare the absolute difference.
    if (names === savedNames && Math.abs(now - savedAt) < saveIntervalMs) return;
    try {
      saveScrapers(current, now);
      [savedNames, savedAt] = [names, now];
    } catch {
      // If the scrapers cannot be saved, the records cannot be saved either, and the failed save of the
      // records is logged.
    }
  };
}

/** Returns a text that is equal for two maps with the same scraper names in the same order. */
function namesOf(scrapers: ReadonlyMap<string, EpochMs>): string {
  return JSON.stringify([...scrapers.keys()]);
}
