import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Api, type FleetOptions, startFleet } from './fleet.ts';
import { readUsage } from './proc.ts';
import { countOf, createScraper, type Scrape, type Scraped, sumOf } from './scrape.ts';

/** Resources of an exporter with a number of streams. */
export interface Size {
  readonly streams: number;
  /** Median and maximum of the resident memory during the measurement. */
  readonly residentBytes: number;
  readonly maxResidentBytes: number;
  /** Maximum since the start of the process, including a reload of the config after the measurement. */
  readonly peakBytes: number;
  /** Time from the start until each stream was polled. */
  readonly warmUpSeconds: number;
  /** CPU seconds per second. */
  readonly cores: number;
  readonly series: number;
  readonly plainBytes: number;
  readonly compressedBytes: number;
  /** Median and maximum duration of a scrape. */
  readonly scrapeSeconds: number;
  readonly maxScrapeSeconds: number;
  readonly stateBytes: number;
  readonly writtenBytesPerSecond: number;
  readonly requestsPerSecond: number;
}

/** How a fleet is measured. */
export interface Measurement extends FleetOptions {
  readonly seconds: number;
  /** Interval of the scrapes. */
  readonly scrapeEverySeconds: number;
}

/** Maximum time until each stream was polled. */
const maxWarmUpSeconds = 3_600;

/** Runs a fleet and measures the exporter. */
export async function measureSize(options: Measurement): Promise<Size> {
  const { streams, seconds, scrapeEverySeconds } = options;
  await using fleet = await startFleet(options);
  const { exporter, stateDirectory } = fleet;
  const scrape = createScraper(fleet.url);
  const startedAt = performance.now();
  const before = await warmedUp(scrape, options);
  const warmUpSeconds = (performance.now() - startedAt) / 1000;

  const first = await readUsage(exporter.pid);
  const beganAt = performance.now();
  const resident: number[] = [];
  const scrapes: Scraped[] = [];
  for (let second = 1; second <= seconds; second++) {
    await sleep(Math.max(0, beganAt + second * 1000 - performance.now()));
    if (second % scrapeEverySeconds === 0) scrapes.push(await scrape());
    resident.push((await readUsage(exporter.pid)).residentBytes);
  }
  const last = await readUsage(exporter.pid);
  const passed = (performance.now() - beganAt) / 1000;
  const newest = scrapes.at(-1);
  if (newest === undefined) throw new Error('no scrape: the measurement is shorter than the scrape interval');
  const after = await newest.body();
  // A reload holds the old and the new config, and so determines the peak.
  exporter.signal('SIGHUP');
  await exporter.found(/msg="(config reloaded)"/);
  const durations = scrapes.map((each) => each.seconds);
  return {
    streams,
    residentBytes: medianOf(resident),
    maxResidentBytes: Math.max(...resident),
    peakBytes: (await readUsage(exporter.pid)).peakBytes,
    warmUpSeconds,
    cores: (last.cpuSeconds - first.cpuSeconds) / passed,
    series: after.lines.length,
    plainBytes: after.bytes,
    compressedBytes: newest.compressedBytes,
    scrapeSeconds: medianOf(durations),
    maxScrapeSeconds: Math.max(...durations),
    stateBytes: diskBytesOf(stateDirectory),
    writtenBytesPerSecond: (last.writtenBytes - first.writtenBytes) / passed,
    requestsPerSecond:
      (sumOf(after, requests) - sumOf(before.body, requests)) / ((newest.at - before.at) / 1000),
  };
}

const requests = 'livestream_api_requests_total';

/** Scrapes until each stream was polled and shows its state, and returns the last response. */
export async function warmedUp(
  scrape: () => Promise<Scraped>,
  { streams, scrapeEverySeconds }: Pick<Measurement, 'streams' | 'scrapeEverySeconds'>,
): Promise<{ readonly body: Scrape; readonly at: number }> {
  const end = performance.now() + maxWarmUpSeconds * 1000;
  for (;;) {
    const scraped = await scrape();
    const body = await scraped.body();
    const polled = countOf(body, 'livestream_push_watermark_timestamp_seconds');
    const shown = countOf(body, 'livestream_push_fps');
    if (polled >= streams && shown >= streams) return { body, at: scraped.at };
    if (performance.now() > end) throw new Error(`only ${polled} of ${streams} streams were polled`);
    await sleep(scrapeEverySeconds * 1000);
  }
}

/** Number of series of one API, by what has them. */
export interface SeriesOfApi {
  readonly api: Api;
  readonly perStream: number;
  /** Series of the account, its operations and its collectors. */
  readonly perAccount: number;
  /** Series of the process. */
  readonly others: number;
}

/** Counts the series of a fleet, which has one account. */
export async function measureSeries(options: Measurement): Promise<SeriesOfApi> {
  await using fleet = await startFleet(options);
  const { body } = await warmedUp(createScraper(fleet.url), options);
  return { api: options.api, ...seriesOf(body.lines, options.streams) };
}

/** Counts series by the labels that they have. */
export function seriesOf(lines: readonly string[], streams: number): Omit<SeriesOfApi, 'api'> {
  const ofStreams = lines.filter((line) => /[{,]stream="/.test(line)).length;
  const ofAccounts = lines.filter((line) => /[{,]account="/.test(line)).length - ofStreams;
  return {
    perStream: ofStreams / streams,
    perAccount: ofAccounts,
    others: lines.length - ofStreams - ofAccounts,
  };
}

/** Returns the bytes on the disk of all files in a directory. */
function diskBytesOf(directory: string): number {
  return readdirSync(directory)
    .map((name) => lstatSync(join(directory, name)).blocks * 512)
    .reduce((sum, bytes) => sum + bytes, 0);
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
