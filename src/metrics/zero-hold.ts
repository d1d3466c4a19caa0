import { minuteMs } from '../model/time.ts';

export type ZeroHold = ReturnType<typeof createZeroHold>;

/**
 * Counters of one kind that are under zero hold: their exposed value stays at the first value until each
 * known scraper has received that value. Keys that are objects are compared by identity.
 */
export interface HoldQueue<Key> {
  /**
   * Holds the counter `key`. Call this method after the tables show the counter at its first value. No-op if
   * the counter is held or was released.
   */
  hold(key: Key): void;
  /**
   * Stops tracking the counter `key`, because the counter no longer shows its held value or its series are
   * removed.
   */
  remove(key: Key): void;
}

/** TTL in ms of a known scraper after its last request. */
const scraperTtlMs = 5 * minuteMs;
/** Maximum time in ms that a counter is held, even if a known scraper has not received the counter. */
const maxHoldMs = 5 * minuteMs;
/** Maximum number of known scrapers. */
const maxScrapers = 8;

/** Known scraper: a client that sends a scrape-timeout header, as Prometheus does. */
interface Scraper {
  /** Time of the scraper's last request, monotonic ms. */
  readonly lastRequestAt: number;
  /**
   * Newest version of the tables that the scraper has received completely; -Infinity before its first
   * complete response.
   */
  version: number;
}

/** Version of the tables and time (monotonic ms) at which a hold started. */
interface HeldSince {
  readonly version: number;
  readonly at: number;
}

/**
 * Creates the zero hold, which keeps a new counter at its first value, normally 0, until each known scraper
 * has received that value. Without the zero hold, `increase()` would miss everything that was counted before
 * the first scrape. `version` returns the version of all tables that are rendered together. `elapsed` returns
 * monotonic time in ms.
 */
export function createZeroHold({
  version: currentVersion,
  elapsed,
}: {
  readonly version: () => number;
  readonly elapsed: () => number;
}) {
  const scrapers = new Map<string, Scraper>();
  const releaseQueues: ((canRelease: (since: HeldSince) => boolean) => void)[] = [];
  /**
   * Newest version of the tables that any client has received completely; -Infinity before the first complete
   * response.
   */
  let newestReceived = Number.NEGATIVE_INFINITY;

  const dropExpiredScrapers = () => {
    for (const [name, { lastRequestAt }] of scrapers) {
      if (elapsed() - lastRequestAt > scraperTtlMs) scrapers.delete(name);
    }
  };

  /**
   * Returns the newest version of the tables that every known scraper has received; -Infinity if a known
   * scraper has not received a complete response yet. If no scraper is known, any client counts.
   */
  const receivedByAll = (): number => {
    if (scrapers.size === 0) return newestReceived;
    return Math.min(...scrapers.values().map(({ version }) => version));
  };

  /** Releases the held counters that every known scraper has received or that were held for `maxHoldMs`. */
  const release = () => {
    dropExpiredScrapers();
    const received = receivedByAll();
    const now = elapsed();
    for (const releaseQueue of releaseQueues) {
      releaseQueue(({ version, at }) => version <= received || now - at >= maxHoldMs);
    }
  };

  return {
    /**
     * Adds a queue of held counters. When a counter can leave its first value, `onRelease` receives the
     * counter's key. Each hold is released only once.
     */
    addQueue<Key>(onRelease: (keys: readonly Key[]) => void): HoldQueue<Key> {
      /** Held counters in insertion order, that is, in ascending order of version and time. */
      const held = new Map<Key, HeldSince>();
      /**
       * Keys of counters that were released. A released counter is not held again until `remove` is called
       * for its key.
       */
      const released = new Set<Key>();
      releaseQueues.push((canRelease) => {
        const keys: Key[] = [];
        for (const [key, since] of held) {
          if (!canRelease(since)) break;
          held.delete(key);
          released.add(key);
          keys.push(key);
        }
        if (keys.length > 0) onRelease(keys);
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
    /**
     * Records the start of a scrape request that has a scrape-timeout header, as Prometheus sends. From now
     * on the client is a known scraper: held counters are not released until this scraper has received them.
     * `at` is monotonic time in ms.
     */
    scrapeStarted(scraper: string, at = elapsed()) {
      dropExpiredScrapers();
      const known = scrapers.get(scraper);
      // If the limit is reached, ignore the new scraper. If new scrapers could evict known ones, many other
      // clients could evict the Prometheus whose `increase()` the zero hold protects.
      if (known === undefined && scrapers.size >= maxScrapers) return;
      scrapers.set(scraper, { lastRequestAt: at, version: known?.version ?? Number.NEGATIVE_INFINITY });
    },
    /**
     * Records that a client received a complete response that was rendered from `version` of the tables, and
     * releases the counters that no longer have to be held. The client can be a known scraper or any other
     * client.
     */
    scrapeCompleted(scraper: string, version: number) {
      newestReceived = Math.max(newestReceived, version);
      const known = scrapers.get(scraper);
      if (known !== undefined) known.version = Math.max(known.version, version);
      release();
    },
    /**
     * Releases each counter that has been held for the maximum time or that every known scraper has received.
     */
    expire: release,
    /** Returns the known scrapers by name, each with the time of its last request (monotonic ms). */
    scrapers: () => new Map([...scrapers].map(([name, { lastRequestAt }]) => [name, lastRequestAt])),
  };
}
