import { minuteMs } from '../model/time.ts';

/**
 * Counters that appear are shown at 0 until every scraper has seen them so: else increase() would not know of what was
 * counted before its first sample. Moments are milliseconds on a clock that only goes forward.
 */
export interface ZeroHold {
  /** The stream's counters are shown at 0 from `version` on. A stream that waits, or was released, stays as it is. */
  hold(streamKey: string, version: number, now: number): void;
  /** Its counters have left 0, or have ended. */
  remove(streamKey: string): void;
  /** A scraper that tells its timeout, and so is known, asked. */
  scrapeStarted(scraper: string, now: number): void;
  /** Somebody, known or not, has got the whole of an answer that was made of `version`. */
  scrapeCompleted(scraper: string, version: number, now: number): void;
  /** Releases what has waited long enough, or waited for scrapers that do not come any more. */
  expire(now: number): void;
  /** The known scrapers, with when each asked last. */
  scrapers(): ReadonlyMap<string, number>;
}

/** A scraper that sends no request for so long is forgotten. */
const scraperMs = 5 * minuteMs;
const longestWaitMs = 5 * minuteMs;
const mostScrapers = 8;

interface Scraper {
  readonly askedAt: number;
  /** Of its newest whole answer; undefined before the first. */
  readonly version: number | undefined;
}

/** `onRelease` gets the streams that may leave 0, once each. */
export function createZeroHold(onRelease: (streamKeys: readonly string[]) => void): ZeroHold {
  /** In the order of their births, so by rising version and moment. */
  const waiting = new Map<string, { readonly version: number; readonly at: number }>();
  const released = new Set<string>();
  const scrapers = new Map<string, Scraper>();
  /** The newest version that anybody has seen all of. */
  let seenByAny: number | undefined;

  const dropSilent = (now: number) => {
    for (const [name, { askedAt }] of scrapers) {
      if (now - askedAt > scraperMs) scrapers.delete(name);
    }
  };

  /** All up to this version were seen by everybody who counts; undefined where somebody has seen nothing yet. */
  const seenByAll = (): number | undefined => {
    if (scrapers.size === 0) return seenByAny;
    let least = Number.POSITIVE_INFINITY;
    for (const { version } of scrapers.values()) {
      if (version === undefined) return undefined;
      least = Math.min(least, version);
    }
    return least;
  };

  const release = (now: number) => {
    dropSilent(now);
    const seen = seenByAll() ?? Number.NEGATIVE_INFINITY;
    const streamKeys: string[] = [];
    for (const [streamKey, { version, at }] of waiting) {
      if (version > seen && now - at < longestWaitMs) break;
      streamKeys.push(streamKey);
    }
    if (streamKeys.length === 0) return;
    for (const streamKey of streamKeys) {
      waiting.delete(streamKey);
      released.add(streamKey);
    }
    onRelease(streamKeys);
  };

  return {
    hold(streamKey, version, now) {
      if (!waiting.has(streamKey) && !released.has(streamKey)) waiting.set(streamKey, { version, at: now });
    },
    remove(streamKey) {
      waiting.delete(streamKey);
      released.delete(streamKey);
    },
    scrapeStarted(scraper, now) {
      dropSilent(now);
      const known = scrapers.get(scraper);
      // Those who came first stay: else a crowd of strangers could push out the one whose increase() it is.
      if (known === undefined && scrapers.size >= mostScrapers) return;
      scrapers.set(scraper, { askedAt: now, version: known?.version });
    },
    scrapeCompleted(scraper, version, now) {
      seenByAny = Math.max(seenByAny ?? version, version);
      const known = scrapers.get(scraper);
      if (known !== undefined) {
        scrapers.set(scraper, { ...known, version: Math.max(known.version ?? version, version) });
      }
      release(now);
    },
    expire: release,
    scrapers: () => new Map([...scrapers].map(([name, { askedAt }]) => [name, askedAt])),
  };
}
