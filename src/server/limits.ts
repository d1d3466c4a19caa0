const secondMs = 1_000;
const minuteMs = 60 * secondMs;

/** A request has no body worth waiting for, so one whose headers dawdle is a mistake or an attack. */
export const headersTimeoutMs = 10 * secondMs;
export const requestTimeoutMs = 30 * secondMs;

/** Longer than the usual scrape interval of up to a minute, so that a scraper keeps its connection. */
export const keepAliveTimeoutMs = 2 * minuteMs;

/** A peer that neither reads nor writes for so long is gone, whatever it had asked for. */
export const silentSocketMs = 2 * minuteMs;

/** As many as Prometheus itself takes: scrapers are few, and the rest are people. */
export const maxConnections = 512;

/** Behind the one that is being answered, on one connection. No scraper and no browser sends one before it has its answer. */
export const maxWaitingRequests = 64;

/** As many as node_exporter allows by default: a few scrapers are usual, and each reader that dawdles holds memory. */
export const maxScrapesAtOnce = 40;
export const scrapeAgainSeconds = 5;

/** For a reader that says no timeout of its own, such as curl over a slow line. */
export const scrapeDeadlineMs = 2 * minuteMs;
/** However long a scraper says it waits. Also keeps the number within what a timer can hold. */
export const maxScrapeDeadlineMs = 10 * minuteMs;

/** How long requests may still run when the server closes: less than the 10 s that container runtimes wait before a kill. */
export const closeGraceMs = 5 * secondMs;

/** A stream with its last minutes is about 6 kB of JSON, and 200 of them hold the event loop for about 10 ms. */
export const maxStreamsPerAnswer = 200;
export const streamsPerAnswer = 100;

/** The page is drawn anew every few seconds, so it shows the worst; the rest is in the JSON. */
export const maxStreamsOnPage = 200;
export const maxActionsOnPage = 6;
export const maxDomainsOnPage = 10;
export const pageRefreshSeconds = 10;
