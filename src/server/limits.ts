const secondMs = 1_000;
const minuteMs = 60 * secondMs;

/** Timeouts of `http.createServer` in milliseconds. */
export const serverTimeouts = {
  // Requests are small and have no body, so a client that sends one slowly is broken or hostile.
  headersTimeout: 10 * secondMs,
  requestTimeout: 30 * secondMs,
  // Longer than the common scrape intervals of up to 1 min, so that a scraper reuses its connection.
  keepAliveTimeout: 2 * minuteMs,
};

/** Closes a socket without traffic in either direction, even while a response is in progress. */
export const socketTimeoutMs = 2 * minuteMs;

/** The default of Prometheus (`--web.max-connections`). */
export const maxConnections = 512;

/** The default of node_exporter (`--web.max-requests`). Each slow reader of a scrape holds memory. */
export const maxConcurrentScrapes = 40;
export const retryAfterSeconds = 5;
/** Body of the 503 beyond `maxConcurrentScrapes`. */
export const tooManyScrapesText = `too many concurrent scrapes (limit ${maxConcurrentScrapes}); retry in ${retryAfterSeconds} s`;

/** Scrape timeout of clients that send no `X-Prometheus-Scrape-Timeout-Seconds` header, such as curl. */
export const defaultScrapeSeconds = 120;
/** Largest accepted value of the header. A timer can hold this value. */
export const maxScrapeSeconds = 600;

/**
 * Maximum time in ms that a shutdown waits for requests in progress. Container runtimes kill the process after
 * 10 s, so this is less.
 */
export const shutdownGraceMs = 5 * secondMs;

/** A stream with its recent points is about 6 kB of JSON; 200 of them block the event loop for about 10 ms. */
export const maxStreamsPerResponse = 200;
export const defaultStreamsPerResponse = 100;

/** The page is rendered every few seconds, so it shows the most urgent entries; the JSON API returns the rest. */
export const maxStreamsOnPage = 200;
export const maxActionsOnPage = 6;
export const maxDomainsOnPage = 10;
export const pageRefreshSeconds = 10;
