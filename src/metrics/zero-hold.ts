import { minuteMs } from '../model/time.ts';

/**
 * Zero hold: keeps a new counter at its first value, normally 0, until every known scraper has received it.
 * Otherwise `increase()` would miss what was counted before the first scrape. Times are monotonic
 * milliseconds.
 */
export interface ZeroHold {
  /**
   * Adds a queue of held counters. `onRelease` receives each key once, when its counter can leave its first
   * value.
   */
  addQueue<Key>(onRelease: (keys: readonly Key[]) => void): HoldQueue<Key>;
  /**
   * Records a scrape request that has a scrape-timeout header, as Prometheus sends. From now on the scraper
   * is known:
   * held counters are not released until it has received them.
   */
  scrapeStarted(scraper: string, at?: number): void;
  /**
   * Records that a client, known or not, received a complete response rendered from `version`, and releases
   * counters.
   */
  scrapeCompleted(scraper: string, version: number): void;
  /**
   * Releases counters that have been held for the maximum time, or that no known scraper still has to
   * receive.
   */
  expire(): void;
  /** Returns the known scrapers with the time of their last request. */
  scrapers(): ReadonlyMap<string, number>;
}

/** Held counters of one kind, by key. Objects are compared by identity. */
export interface HoldQueue<Key> {
  /**
   * Holds a counter that the current version of the tables shows at its first value. No-op if the key is held
   * or was released.
   */
  hold(key: Key): void;
  /** Stops tracking a key, because its counter no longer shows the held value or its series are removed. */
  remove(key: Key): void;
}

/** TTL of a scraper that sends no more requests. */
const scraperTtlMs = 5 * minuteMs;
const maxHoldMs = 5 * minuteMs;
const maxScrapers = 8;

interface Scraper {
  readonly lastRequestAt: number;
  /** Version of the newest complete response; undefined before the first. */
  readonly version: number | undefined;
}

interface HeldSince {
  readonly version: number;
  readonly at: number;
}

/** `version` returns the version of all tables that are rendered together, `elapsed` the monotonic time. */
export function createZeroHold({
  version: currentVersion,
  elapsed,
}: {
  readonly version: () => number;
  readonly elapsed: () => number;
}): ZeroHold {
  const scrapers = new Map<string, Scraper>();
  const releaseQueues: ((canRelease: (since: HeldSince) => boolean) => void)[] = [];
  /** Newest version that any client has received completely. */
  let newestReceived: number | undefined;

  const dropExpiredScrapers = () => {
    for (const [name, { lastRequestAt }] of scrapers) {
      if (elapsed() - lastRequestAt > scraperTtlMs) scrapers.delete(name);
    }
  };

  /**
   * Returns the newest version that every known scraper has received; -Infinity if one has received nothing
   * yet.
   */
  const receivedByAll = (): number => {
    if (scrapers.size === 0) return newestReceived ?? Number.NEGATIVE_INFINITY;
    const versions = [...scrapers.values()].map(({ version = Number.NEGATIVE_INFINITY }) => version);
    return Math.min(...versions);
  };

  const release = () => {
    dropExpiredScrapers();
    const received = receivedByAll();
    const now = elapsed();
    for (const releaseQueue of releaseQueues) {
      releaseQueue(({ version, at }) => version <= received || now - at >= maxHoldMs);
    }
  };

  return {
    addQueue<Key>(onRelease: (keys: readonly Key[]) => void): HoldQueue<Key> {
      /** In insertion order, that is by rising version and time. */
      const held = new Map<Key, HeldSince>();
      const released = new Set<Key>();
      releaseQueues.push((canRelease) => {
        const keys: Key[] = [];
        for (const [key, since] of held) {
          if (!canRelease(since)) break;
          keys.push(key);
        }
        if (keys.length === 0) return;
        for (const key of keys) {
          held.delete(key);
          released.add(key);
        }
        onRelease(keys);
      });
      return {
        hold(key) {
          if (!held.has(key) && !released.has(key))
            held.set(key, { version: currentVersion(), at: elapsed() });
        },
        remove(key) {
          held.delete(key);
          released.delete(key);
        },
      };
    },
    scrapeStarted(scraper, at = elapsed()) {
      dropExpiredScrapers();
      const known = scrapers.get(scraper);
      // The first scrapers stay known. Otherwise many other clients could evict the Prometheus whose
      // increase() counts.
      if (known === undefined && scrapers.size >= maxScrapers) return;
      scrapers.set(scraper, { lastRequestAt: at, version: known?.version });
    },
    scrapeCompleted(scraper, version) {
      newestReceived = Math.max(newestReceived ?? version, version);
      const known = scrapers.get(scraper);
      if (known !== undefined) {
        scrapers.set(scraper, { ...known, version: Math.max(known.version ?? version, version) });
      }
      release();
    },
    expire: release,
    scrapers: () => new Map([...scrapers].map(([name, { lastRequestAt }]) => [name, lastRequestAt])),
  };
}
