import { minuteMs } from '../model/time.ts';
import { createKnownScrapers, type ScraperConnection } from './known-scrapers.ts';

export type ZeroHold = ReturnType<typeof createZeroHold>;

/**
 * Counters of one kind that are under zero hold: the exposed value of each counter stays at its first value
 * until every known scraper has received this value. Keys that are objects are compared by identity.
 */
export interface HoldQueue<Key> {
  /**
   * Holds the counter `key`. Call this method after the tables show the first value of the counter. No-op if
   * the counter is already held or was released.
   */
  hold(key: Key): void;
  /**
   * Ends the tracking of the counter `key`. Call this method if the counter has left its held value or if its
   * series are removed.
   */
  remove(key: Key): void;
}

/**
 * Maximum time in ms for which a counter is held, even if a known scraper has not received its held value.
 */
const maxHoldMs = 5 * minuteMs;

/** Start of a hold: the version of the tables and the time (monotonic ms). */
interface HeldSince {
  readonly version: number;
  readonly at: number;
}

/** Counter that is held, or was released. */
interface Hold<Key> extends HeldSince {
  readonly key: Key;
  /** Whether the counter is no longer tracked. */
  isRemoved: boolean;
}

/**
 * Creates the zero hold. It keeps a new counter at its first value, normally 0, until every known scraper has
 * received this value. Without it, `increase()` would miss everything that was counted before the first
 * scrape. `version` returns the version of all tables that are rendered together. `elapsed` returns monotonic
 * time in ms.
 */
export function createZeroHold({
  version: currentVersion,
  elapsed,
}: {
  readonly version: () => number;
  readonly elapsed: () => number;
}) {
  const scrapers = createKnownScrapers(elapsed);
  const releaseQueues: ((canRelease: (since: HeldSince) => boolean) => void)[] = [];
  /**
   * Newest version of the tables that any client, known or not, has received completely; -Infinity before the
   * first complete response.
   */
  let newestReceived = Number.NEGATIVE_INFINITY;

  /**
   * Releases each counter whose held value every known scraper has received, and each counter that was held
   * for `maxHoldMs`.
   */
  const release = () => {
    const received = scrapers.receivedByAll() ?? newestReceived;
    const now = elapsed();
    for (const releaseQueue of releaseQueues) {
      releaseQueue(({ version, at }) => version <= received || now - at >= maxHoldMs);
    }
  };

  return {
    /**
     * Adds a queue of held counters. When a counter may leave its first value, `onRelease` receives the key
     * of the counter. Each hold is released only once.
     */
    addQueue<Key>(onRelease: (keys: readonly Key[]) => void): HoldQueue<Key> {
      /** Counters that are held or released, by key. */
      const holds = new Map<Key, Hold<Key>>();
      /** Held counters in ascending order of version and time. Some of them can be removed. */
      let held: Hold<Key>[] = [];
      /** Maximum number of removed counters in `held`. */
      let removed = 0;
      releaseQueues.push((canRelease) => {
        // Only an index and a flag change for each counter: one scrape can release 50,000 counters at once.
        const end = held.findIndex((hold) => !canRelease(hold));
        const passed = end === -1 ? held : held.slice(0, end);
        if (passed.length === 0) return;
        held = end === -1 ? [] : held.slice(end);
        removed = Math.min(removed, held.length);
        const keys = passed.filter(isTracked).map(({ key }) => key);
        if (keys.length > 0) onRelease(keys);
      });
      return {
        hold(key) {
          if (holds.has(key)) return;
          const hold = { key, version: currentVersion(), at: elapsed(), isRemoved: false };
          holds.set(key, hold);
          held.push(hold);
        },
        remove(key) {
          const hold = holds.get(key);
          if (hold === undefined) return;
          hold.isRemoved = true;
          holds.delete(key);
          // Without this, counters that come and go would fill the memory while a scraper receives nothing.
          if (++removed <= held.length / 2) return;
          held = held.filter(isTracked);
          removed = 0;
        },
      };
    },
    /**
     * Records that a client with the scrape-timeout header, which Prometheus sends, has started a scrape.
     * From now on the client is a known scraper: no counter is released before this scraper has received its
     * held value, up to the maximum hold time. `group` identifies the client by its address and headers, and
     * `connection` distinguishes clients of one group; undefined if it cannot. Returns the name of the scraper;
     * undefined if too many are known.
     */
    scrapeStarted: (group: string, connection?: ScraperConnection) => scrapers.started(group, connection),
    /**
     * Records that a client has received a complete response, which was rendered from `version` of the
     * tables, and releases counters that need not be held any longer. `scraper` is the name of a known
     * scraper; undefined for any other client.
     */
    scrapeCompleted(scraper: string | undefined, version: number) {
      newestReceived = Math.max(newestReceived, version);
      if (scraper !== undefined) scrapers.completed(scraper, version);
      release();
    },
    /**
     * Releases each counter whose held value every known scraper has received, and each counter that was held
     * for the maximum time.
     */
    expire: release,
    /** Returns the known scrapers by name, each with the time of its last request (monotonic ms). */
    scrapers: scrapers.lastRequests,
    /** Restores a scraper that was known before a restart. `lastRequestAt` is monotonic time in ms. */
    restoreScraper: scrapers.restore,
  };
}

function isTracked({ isRemoved }: Hold<unknown>): boolean {
  return !isRemoved;
}
