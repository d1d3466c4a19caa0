import type { SeriesOfApi, Size } from './measure.ts';

/** Result of a run. */
export interface Report {
  readonly node: string;
  readonly cpu: string;
  readonly cores: number;
  /** Duration of one measurement. */
  readonly seconds: number;
  /** Load average of the last minute before the run. */
  readonly load: number;
  readonly sizes: readonly Size[];
  readonly series: readonly SeriesOfApi[];
}

const mib = 1024 * 1024;

/** Size above which vmagent and VictoriaMetrics reject a response by default. */
export const maxScrapeBytes = 16 * mib;

/** Limits of a scrape contain half as much again as what was measured, for streams with further publishers. */
const headroom = 1.5;

/** Returns the tables of the page. */
export function toMarkdown(report: Report): string {
  const { node, cpu, cores, seconds, load, sizes, series } = report;
  const environment = `Node ${node.slice(1)}, ${cores} cores (${cpu.trim()}), ${seconds} s per fleet; load average ${load.toFixed(1)} at the start.`;
  return [
    environment,
    '',
    table(
      [
        'streams',
        'memory, median',
        'memory, peak',
        'CPU, of one core',
        'state',
        'written',
        'requests',
        'all polled after',
      ],
      sizes.map((size) => [
        countText(size.streams),
        megabytes(size.residentBytes),
        megabytes(size.peakBytes),
        `${(size.cores * 100).toPrecision(2)} %`,
        megabytes(size.stateBytes),
        `${(size.writtenBytesPerSecond / 1000).toPrecision(2)} kB/s`,
        `${size.requestsPerSecond.toPrecision(3)}/s`,
        `${Math.ceil(size.warmUpSeconds)} s`,
      ]),
    ),
    '',
    table(
      ['streams', 'series', 'scrape', 'with gzip', 'duration, median', 'duration, maximum'],
      sizes.map((size) => [
        countText(size.streams),
        countText(size.series),
        megabytes(size.plainBytes),
        megabytes(size.compressedBytes),
        `${(size.scrapeSeconds * 1000).toFixed(0)} ms`,
        `${(size.maxScrapeSeconds * 1000).toFixed(0)} ms`,
      ]),
    ),
    '',
    'What to set for a fleet of this size:',
    '',
    table(
      [
        'streams',
        'memory request',
        'memory limit',
        'CPU request',
        '`scrape_timeout`',
        '`sample_limit`',
        '`body_size_limit`',
        '`max_scrape_size`',
      ],
      sizes.map((size) => Object.values(settingsFor(size))),
    ),
    '',
    'Series by API, for one publisher and a complete expectation:',
    '',
    table(
      ['API', 'per stream', 'per account', 'of the process'],
      series.map((of) => [apiNames[of.api], ...[of.perStream, of.perAccount, of.others].map(countText)]),
    ),
    ...vmagentText(sizes),
    '',
  ].join('\n');
}

const apiNames: Readonly<Record<SeriesOfApi['api'], string>> = {
  api3: 'Tencent, API 3.0',
  statcgi: 'Tencent, statistics API',
  alibaba: 'Alibaba',
};

/** Settings of the cluster and of the scraper that suffice for a fleet. */
export interface Settings {
  readonly streams: string;
  readonly memoryRequest: string;
  readonly memoryLimit: string;
  readonly cpuRequest: string;
  readonly scrapeTimeout: string;
  readonly sampleLimit: string;
  readonly bodySizeLimit: string;
  readonly maxScrapeSize: string;
}

/** Derives settings from measured figures. */
export function settingsFor(size: Size): Settings {
  const maxBytes = size.plainBytes * headroom;
  return {
    streams: countText(size.streams),
    memoryRequest: `${roundUp(size.residentBytes / mib, 64)}Mi`,
    // Twice the peak: the garbage of a longer run, and lists of streams that begin and end.
    memoryLimit: `${roundUp((size.peakBytes * 2) / mib, 256)}Mi`,
    // Without headroom: without a limit, the exporter uses what the node has left.
    cpuRequest: `${roundUp(size.cores * 1000, 50)}m`,
    // Ten times the longest scrape, because the exporter can be busy with a reload or another scraper.
    scrapeTimeout: `${Math.max(5, roundUp(size.maxScrapeSeconds * 10, 5))}s`,
    sampleLimit: String(roundUp(size.series * headroom, magnitudeOf(size.series))),
    bodySizeLimit: `${roundUp(maxBytes / 1e6, maxBytes > 10e6 ? 10 : 1)}MB`,
    maxScrapeSize: maxBytes < maxScrapeBytes ? 'default' : `${roundUp(maxBytes / mib, 16)}MiB`,
  };
}

/** Returns at how many streams the default limit of vmagent is reached, from the smallest and the largest fleet. */
function vmagentText(sizes: readonly Size[]): readonly string[] {
  const [smallest, largest] = [sizes.at(0), sizes.at(-1)];
  if (smallest === undefined || largest === undefined || smallest === largest) return [];
  const perStream = (largest.plainBytes - smallest.plainBytes) / (largest.streams - smallest.streams);
  const streams = Math.floor(maxScrapeBytes / perStream / 100) * 100;
  return [
    '',
    'By default, vmagent and VictoriaMetrics reject a response of 16 MiB or more, without compression:',
    `that of about ${countText(streams)} streams.`,
  ];
}

function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}

/** Returns the power of ten below a number, such as 1000 for 4321. */
function magnitudeOf(value: number): number {
  return 10 ** Math.floor(Math.log10(value));
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toPrecision(3)} MB`;
}

function countText(count: number): string {
  return Number.isInteger(count) ? count.toLocaleString('en-US') : count.toFixed(1);
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  return [header, header.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}
