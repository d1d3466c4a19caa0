import type { Metrics } from '../metrics/metrics.ts';
import { type EpochMs, minuteMs } from '../model/time.ts';
import { loadScrapers, saveScrapers } from '../store/scrapers.ts';

/** So old may be what a restart knows of when somebody asked; it is little against the time that a scraper is known for. */
const saveEveryMs = minuteMs;

/**
 * Lets the births wait for those who scraped before a restart, too: the first one to come back would else release
 * counters that a slower one has not seen at 0. Brings what saves who scrapes now, to be called once a second.
 */
export function keepScrapers(
  { scrapers, expectScrapers }: Pick<Metrics, 'scrapers' | 'expectScrapers'>,
  storagePath: string,
  startedAt: EpochMs,
): (now: EpochMs) => void {
  let saved = loadScrapers(storagePath);
  expectScrapers(saved, startedAt);
  return (now) => {
    const asked = scrapers(now);
    if (!isWorthSaving(asked, saved)) return;
    saved = asked;
    try {
      saveScrapers(storagePath, asked);
    } catch {
      // The disk refuses the ledgers as well then, and that is said.
    }
  };
}

function isWorthSaving(asked: ReadonlyMap<string, EpochMs>, saved: ReadonlyMap<string, EpochMs>): boolean {
  if (asked.size !== saved.size) return true;
  for (const [name, askedAt] of asked) {
    const before = saved.get(name);
    if (before === undefined || Math.abs(askedAt - before) >= saveEveryMs) return true;
  }
  return false;
}
