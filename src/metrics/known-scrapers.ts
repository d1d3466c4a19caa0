import { minuteMs } from '../model/time.ts';

export type KnownScrapers = ReturnType<typeof createKnownScrapers>;

/** Connection of a client. A connection is never open again after `destroyed` is true. */
export interface ScraperConnection {
  readonly destroyed: boolean;
}

/** TTL in ms of a known scraper after its last request. */
const scraperTtlMs = 5 * minuteMs;
/** Maximum number of known scrapers. */
const maxScrapers = 8;
/**
 * Maximum number of known scrapers of one group. A proxy that spreads the requests of one client over many
 * connections must not use up the places of all other scrapers.
 */
const maxPerGroup = 4;

/** Known scraper: a client that sends the scrape-timeout header, as Prometheus does. */
interface Scraper {
  readonly group: string;
  /** Connection of the last request; undefined after a restart, or if the group is one scraper. */
  readonly connection: ScraperConnection | undefined;
  /** Time of the scraper's last request, monotonic ms. */
  readonly lastRequestAt: number;
  /**
   * Newest version of the tables that the scraper has received completely; -Infinity before its first
   * complete response.
   */
  version: number;
}

/**
 * Creates the list of known scrapers. Scrapers with the same address and headers form a **group**, such as two
 * Prometheus servers of one version behind one address. The scrapers of a group are distinguished by their
 * connections: a scraper keeps its connection open between two scrapes, so connections that are open at the
 * same time belong to different scrapers. A new connection replaces a closed one of the group, if there is
 * one. `elapsed` returns monotonic time in ms.
 */
export function createKnownScrapers(elapsed: () => number) {
  /** By name. The first scraper of a group has the name of the group; the others have a number after it. */
  const scrapers = new Map<string, Scraper>();

  const dropExpired = () => {
    for (const [name, { lastRequestAt }] of scrapers) {
      if (elapsed() - lastRequestAt > scraperTtlMs) scrapers.delete(name);
    }
  };

  /**
   * Returns the name of the scraper that sends a request on `connection`; undefined if it would exceed a limit.
   * At a limit, the new scraper is ignored: if it could evict a known scraper, many other clients could evict
   * the Prometheus whose `increase()` the zero hold protects.
   */
  const nameOf = (group: string, connection: ScraperConnection | undefined): string | undefined => {
    const members = [...scrapers].filter(([, scraper]) => scraper.group === group);
    const vacant = members
      .filter(([, scraper]) => scraper.connection?.destroyed ?? true)
      .sort(([, a], [, b]) => a.lastRequestAt - b.lastRequestAt);
    const own = members.find(([, scraper]) => scraper.connection === connection) ?? vacant[0];
    if (own !== undefined) return own[0];
    if (members.length >= maxPerGroup || scrapers.size >= maxScrapers) return undefined;
    const names = Array.from({ length: maxPerGroup }, (_, i) => (i === 0 ? group : `${group} ${i + 1}`));
    return names.find((name) => !scrapers.has(name));
  };

  return {
    /**
     * Records that a scraper has sent a request. Returns its name; undefined if there are too many scrapers.
     * `connection` is undefined if the group is one scraper.
     */
    started(group: string, connection: ScraperConnection | undefined): string | undefined {
      dropExpired();
      const name = nameOf(group, connection);
      if (name === undefined) return undefined;
      const version = scrapers.get(name)?.version ?? Number.NEGATIVE_INFINITY;
      scrapers.set(name, { group, connection, lastRequestAt: elapsed(), version });
      return name;
    },
    /** Records that a scraper has received `version` of the tables completely. */
    completed(name: string, version: number): void {
      const known = scrapers.get(name);
      if (known !== undefined) known.version = Math.max(known.version, version);
    },
    /**
     * Returns the newest version of the tables that every known scraper has received; -Infinity if a known
     * scraper has not received a complete response yet, undefined if no scraper is known.
     */
    receivedByAll(): number | undefined {
      dropExpired();
      if (scrapers.size === 0) return undefined;
      return Math.min(...scrapers.values().map(({ version }) => version));
    },
    /** Returns the time of the last request of each scraper (monotonic ms), by name. */
    lastRequests: () => new Map([...scrapers].map(([name, { lastRequestAt }]) => [name, lastRequestAt])),
    /** Restores a scraper that was known before a restart. `lastRequestAt` is monotonic time in ms. */
    restore(name: string, lastRequestAt: number): void {
      if (scrapers.size >= maxScrapers) return;
      const group = name.replace(/ \d+$/, '');
      const version = Number.NEGATIVE_INFINITY;
      scrapers.set(name, { group, connection: undefined, lastRequestAt, version });
    },
  };
}
