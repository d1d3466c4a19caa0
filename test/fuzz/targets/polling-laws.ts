import type { TestApp } from '../../support/app.ts';
import { type JsonSchema, problemsOf } from '../../support/json-schema.ts';
import type { StrictExposition, StrictSeries } from '../strict-exposition.ts';
import { law, lawOfTexts } from '../target.ts';
import { secretTexts, unnamedSecrets } from './accounts.ts';

/** Counters of the process start at 0 again; those of streams, domains and actions are in the state. */
const savedCounter = /^livestream_(push|control)_\w+_total/;

/** Streams in the configs, whose series stay. A discovered stream can end, and one with actions lose its place. */
const configuredStream = /stream="(room-1|1234_xxx)"/;

/**
 * Counters do not fall. Returns the series to compare with the next scrape: those of `after`, and the counters of pushes
 * that have left, because a stream that returns resumes its totals.
 */
export function lawOfCounters(
  before: StrictExposition,
  after: StrictExposition,
  isRestart: boolean,
): StrictExposition {
  const left: [string, StrictSeries][] = [];
  for (const [key, series] of before.series) {
    const { family, value } = series;
    if (before.types.get(family) !== 'counter') continue;
    const isSaved = savedCounter.test(family);
    const now = after.series.get(key);
    if (now !== undefined) {
      law((isRestart && !isSaved) || now.value >= value, 'a counter never falls', key, value, now.value);
      continue;
    }
    law(!isSaved || !configuredStream.test(key), 'a counter of a configured stream stays', key, value);
    if (family.startsWith('livestream_push_')) left.push([key, series]);
  }
  return { types: after.types, series: new Map([...left, ...after.series]) };
}

/** A failed poll counts nothing, and moves no watermark. */
export function lawOfFailedPoll(before: StrictExposition, after: StrictExposition): void {
  for (const [key, { family, value }] of after.series) {
    if (
      !/^livestream_(push|control)_watermark_timestamp_seconds$|^livestream_push_samples_total$/.test(family)
    )
      continue;
    const known = before.series.get(key);
    if (known !== undefined)
      law(known.value === value, 'a failed poll changes nothing', key, known.value, value);
  }
}

/** Both formats have the same series with the same values. Those of the process itself change between two scrapes. */
export async function lawOfFormats({ scrape }: TestApp): Promise<void> {
  const linesOf = (text: string) =>
    text.split('\n').filter((line) => /^livestream_(push|control|stream)_/.test(line));
  const plain = linesOf(await scrape());
  const text = await scrape({ accept: 'application/openmetrics-text;version=1.0.0' });
  law(text.endsWith('\n# EOF\n'), 'an exposition in OpenMetrics has an end', text.slice(-100));
  const open = new Set(linesOf(text));
  law(plain.length > 0 && open.size === plain.length, 'both formats have the same number of series');
  const missing = plain.filter((line) => !open.has(line));
  law(missing.length === 0, 'both formats have the same series', missing.slice(0, 3));
}

const maxStreams = 50;
const maxPublishers = 16;
const maxActions = 31;

export function lawOfLabels({ series }: StrictExposition): void {
  const streams = new Set<string>();
  const actions = new Set<string>();
  const publishers = new Map<string, number>();
  for (const [key, { family, labels }] of series) {
    for (const value of Object.values(labels)) {
      // Each character can be escaped, and a longer text ends in a hash.
      law(value.length <= 600, 'a label is short', key);
      law(!unnamedSecrets.some((secret) => value.includes(secret)), 'no label contains a secret', key);
    }
    if (family === 'livestream_push_up') streams.add(key);
    if (labels.action !== undefined) actions.add(labels.action);
    if (family === 'livestream_push_fps') {
      const stream = key.replace(/client_ip="[^"]*"/, '');
      publishers.set(stream, (publishers.get(stream) ?? 0) + 1);
    }
  }
  law(streams.size <= maxStreams, 'the number of streams is limited', streams.size);
  law(actions.size <= maxActions + 2, 'the number of actions is limited', [...actions]);
  for (const [stream, count] of publishers)
    law(count <= maxPublishers, 'the number of publishers is limited', stream, count);
}

/** The JSON API is as documented, and the pages are whole, whatever names the streams have. */
export async function lawOfPages(
  { app }: TestApp,
  schemas: Readonly<Record<string, JsonSchema>>,
): Promise<void> {
  const base = app.addresses[0]?.url ?? '';
  const get = async (path: string) => {
    const response = await fetch(new URL(path, base));
    law(response.status === 200, 'the exporter answers', path, response.status);
    const text = await response.text();
    lawOfTexts([text], unnamedSecrets);
    return text;
  };
  for (const [path, schema] of [
    ['api/v1/status', 'Status'],
    ['api/v1/streams', 'Streams'],
  ] as const) {
    const problems = problemsOf(JSON.parse(await get(path)), schemas[schema] ?? {}, schemas);
    law(problems.length === 0, 'the API is as documented', path, problems.slice(0, 3));
  }
  const { streams } = JSON.parse(await get('api/v1/streams?limit=3')) as {
    streams: readonly { key: string }[];
  };
  for (const { key } of streams.slice(0, 3)) {
    const problems = problemsOf(
      JSON.parse(await get(`api/v1/streams/${key}`)),
      schemas.StreamDetail ?? {},
      schemas,
    );
    law(problems.length === 0, 'the API is as documented', key, problems.slice(0, 3));
    lawOfHtml(await get(`streams/${key}`));
  }
  lawOfHtml(await get('.'));
}

function lawOfHtml(text: string): void {
  law(/<\/html>\s*$/.test(text), 'a page is whole', text.slice(-100));
  law(!text.includes('<script>alert'), 'a page contains no script of a name');
}

export function lawOfLog(lines: readonly string[]): void {
  lawOfTexts(lines, secretTexts);
  for (const line of lines) {
    law(
      !/\bTypeError|RangeError|ReferenceError|bug:|kind=internal/.test(line),
      'no error of the exporter is logged',
      line,
    );
    law(!/[\p{Cc}]/u.test(line.trimEnd()), 'a log entry is one line', line);
  }
}
