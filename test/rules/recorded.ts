import type { TestApp } from '../support/app.ts';
import type { ManualClock } from '../support/manual-clock.ts';

/** Interval between two recorded scrapes in ms. */
export const scrapeMs = 5_000;

/** Labels that Prometheus adds to each series of the recorded exporter. */
const target = 'job="livestream-exporter",instance="i"';

/**
 * Records scrapes of an exporter as series in the notation of promtool. `advance` lets a scrape interval pass. Times are
 * shifted, because the time of promtool starts at 0.
 */
export async function recordScrapes(
  { scrape }: Pick<TestApp, 'scrape'>,
  clock: ManualClock,
  scrapes: number,
  advance: () => Promise<void>,
): Promise<Readonly<Record<string, string>>> {
  const startSeconds = clock.now() / 1_000;
  const up: string[] = [];
  const values = new Map<string, string[]>([[`up{${target}}`, up]]);
  for (let i = 0; i < scrapes; i++) {
    // Prometheus marks a series that is missing in a scrape as stale. The values below replace the mark.
    for (const own of values.values()) own.push(own.at(-1) === 'stale' || own.at(-1) === '_' ? '_' : 'stale');
    const text = await scrape({ 'x-prometheus-scrape-timeout-seconds': '5', 'user-agent': 'Prometheus/3' });
    up[i] = '1';
    for (const line of text.split('\n')) {
      const [, name = '', labels = '', value = ''] =
        /^(livestream_[a-z_]+|process_start_time_seconds)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
      if (name === '') continue;
      const key = `${name}{${labels === '' ? '' : `${labels},`}${target}}`;
      const own = values.get(key) ?? Array.from({ length: i + 1 }, () => '_');
      values.set(key, own);
      own[i] = /_timestamp_seconds$|^process_start/.test(name) ? String(Number(value) - startSeconds) : value;
    }
    await advance();
  }
  return Object.fromEntries([...values].map(([key, own]) => [key, own.join(' ')]));
}
