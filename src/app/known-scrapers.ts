import type { Metrics } from '../metrics/metrics.ts';
import { type EpochMs, minuteMs } from '../model/time.ts';
import type { StateStore } from '../store/state-store.ts';

/** Maximum age of the saved scrape times; short compared with the time for which a scraper stays known. */
const saveIntervalMs = minuteMs;

/**
 * Makes the zero hold wait also for the scrapers that were known before a restart: otherwise a fast scraper would
 * release counters that a slower one has not seen at 0. Returns a function that saves the known scrapers when one
 * appears or disappears, and otherwise once a minute; the caller calls it every second.
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
    // The clock can be set back.
    if (names === savedNames && Math.abs(now - savedAt) < saveIntervalMs) return;
    try {
      saveScrapers(current, now);
      [savedNames, savedAt] = [names, now];
    } catch {
      // The save of the records fails too, which is logged.
    }
  };
}

function namesOf(scrapers: ReadonlyMap<string, EpochMs>): string {
  return JSON.stringify([...scrapers.keys()]);
}
