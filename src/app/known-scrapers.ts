import type { Metrics } from '../metrics/metrics.ts';
import { type EpochMs, minuteMs } from '../model/time.ts';
import type { OpenedStore, StateStore } from '../store/state-store.ts';

/** Maximum age of a saved scrape time; short compared with the time for which a scraper stays known. */
const maxSavedAgeMs = minuteMs;

/**
 * Makes the zero hold wait also for the scrapers of before a restart: otherwise a fast scraper would release counters
 * that a slower one has not seen at 0. Returns a function that saves the current scrapers if they changed; the caller
 * calls it every second.
 */
export function keepScrapers(
  { scrapers, expectScrapers }: Pick<Metrics, 'scrapers' | 'expectScrapers'>,
  { saveScrapers }: Pick<StateStore, 'saveScrapers'>,
  restored: OpenedStore['scrapers'],
  startedAt: EpochMs,
): (now: EpochMs) => void {
  let saved = restored;
  expectScrapers(saved, startedAt);
  return (now) => {
    const current = scrapers(now);
    if (!isDirty(current, saved)) return;
    try {
      saveScrapers(current, now);
      saved = current;
    } catch {
      // The save of the records fails too, which is logged.
    }
  };
}

function isDirty(current: ReadonlyMap<string, EpochMs>, saved: ReadonlyMap<string, EpochMs>): boolean {
  if (current.size !== saved.size) return true;
  for (const [name, scrapedAt] of current) {
    const before = saved.get(name);
    if (before === undefined || Math.abs(scrapedAt - before) >= maxSavedAgeMs) return true;
  }
  return false;
}
