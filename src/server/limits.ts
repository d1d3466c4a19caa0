const secondMs = 1_000;
const minuteMs = 60 * secondMs;

/** Options of `http.createServer`, with timeouts in milliseconds. */
export const serverOptions = {
  // Requests are small and have no body, so a client that takes long to send a request is broken or hostile.
  headersTimeout: 10 * secondMs,
  requestTimeout: 30 * secondMs,
  // Node enforces the two limits above only at this interval, which is 30 s by default.
  connectionsCheckingInterval: secondMs,
  // Longer than the common scrape intervals, which are at most 1 min, so that a scraper can reuse its
  // connection.
  keepAliveTimeout: 2 * minuteMs,
  // `rejectWrongHost` answers with the reason.
  requireHostHeader: false,
};

/**
 * Time in ms after which the server closes a socket without traffic in either direction, even while a
 * response is in progress.
 */
export const socketTimeoutMs = 2 * minuteMs;

/** Maximum number of open connections. The value is the default of Prometheus (`--web.max-connections`). */
const maxConnections = 512;

/**
 * Returns the maximum number of open connections for a limit of open files (descriptors), which is undefined if
 * unknown. The connections get a quarter of the descriptors, like the requests to providers, and at least enough for
 * some scrapers.
 */
export function maxConnectionsOf(maxOpenFiles: number | undefined): number {
  if (maxOpenFiles === undefined) return maxConnections;
  return Math.max(8, Math.min(maxConnections, Math.floor(maxOpenFiles / 4)));
}

/**
 * Maximum number of scrapes in progress, because each scrape by a slow client occupies memory. The value is
 * the default of node_exporter (`--web.max-requests`).
 */
export const maxConcurrentScrapes = 40;
/**
 * Maximum number of responses of the status page and the JSON API in progress. They are rendered one after another, so
 * more of them only occupy memory: 1.2 MB each, see `maxStreamsPerResponse`.
 */
export const maxConcurrentViews = 40;
/**
 * Maximum number of requests that wait for one of `maxConcurrentScrapes` or of `maxConcurrentViews`. All of them
 * together are less than the maximum number of connections, because a connection whose request waits is busy.
 */
export const maxWaitingRequests = 128;
/** Maximum time in ms that a request waits. A scrape waits for half its timeout at most. */
export const maxWaitMs = 5 * secondMs;
export const retryAfterSeconds = 5;
/** Bodies of the 503 responses to requests that exceed `maxConcurrentScrapes` or `maxConcurrentViews`. */
export const tooManyScrapesText = `too many concurrent scrapes (limit ${maxConcurrentScrapes}); retry in ${retryAfterSeconds} s`;
export const tooManyViewsText = `too many concurrent requests (limit ${maxConcurrentViews}); retry in ${retryAfterSeconds} s`;

/**
 * Scrape timeout in seconds for clients that send no `X-Prometheus-Scrape-Timeout-Seconds` header, such as
 * curl.
 */
export const defaultScrapeSeconds = 120;
/**
 * Maximum scrape timeout in seconds. If the `X-Prometheus-Scrape-Timeout-Seconds` header has a larger value,
 * the maximum applies, so that no client can keep a scrape in progress for longer.
 */
export const maxScrapeSeconds = 600;

/**
 * Time in seconds after which a client without `X-Prometheus-Scrape-Timeout-Seconds` header has read a
 * response if its connection is still open. The value is the default scrape timeout of Prometheus.
 */
export const defaultReceiptSeconds = 10;
/**
 * Maximum time in seconds until a response counts as received while the connection is open. It is shorter
 * than `keepAliveTimeout`, after which the server closes the connection.
 */
export const maxReceiptSeconds = 100;

/**
 * Maximum time in ms that a shutdown waits for requests in progress. It is less than 10 s, after which
 * container runtimes kill the process.
 */
export const shutdownGraceMs = 5 * secondMs;

/**
 * Maximum number of streams in one response of the JSON API. A stream with its recent samples is about 6 kB
 * of JSON, so a response has at most about 1.2 MB.
 */
export const maxStreamsPerResponse = 200;
export const defaultStreamsPerResponse = 100;

/**
 * Maximum number of streams on one page of the status page. With more of them, a browser takes longer than 0.1 s to
 * show a search on a slow machine.
 */
export const streamsPerPage = 50;
export const maxActionsOnPage = 6;
export const maxForbiddenOnPage = 10;
export const maxDomainsOnPage = 10;
export const pageRefreshSeconds = 10;
