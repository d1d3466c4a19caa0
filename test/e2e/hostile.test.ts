import { once } from 'node:events';
import { createServer } from 'node:http';
import { setImmediate as yieldNow } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  createExposition,
  type Encoding,
  type RenderedTables,
} from '../../src/metrics/exposition/exposition.ts';
import type { Family } from '../../src/metrics/table/family.ts';
import { createSeriesTable, type RowId } from '../../src/metrics/table/series-table.ts';
import { contentTypes, type Format } from '../../src/metrics/table/text-format.ts';
import { bytesOf } from '../support/exposition.ts';
import { type Prometheus, startPrometheus } from '../support/prometheus.ts';
import { promtoolSays } from '../support/promtool.ts';
import { describeWithTool } from '../support/tools.ts';
import { waitFor } from '../support/wait-for.ts';

const help = 'a\\b\nc "d" 直播 \\n';
const kinds = ['low', 'h"i\\g\nh 🎥'];

interface Source {
  readonly level: number | undefined;
  /** Counts by kind. */
  readonly counts: readonly (number | undefined)[];
}

const families: readonly Family<Source, 'own'>[] = [
  { name: 'hostile_level', help, type: 'gauge', text: 'own', points: [{ value: ({ level }) => level }] },
  {
    name: 'hostile_events',
    help,
    type: 'counter',
    text: 'own',
    points: kinds.map((kind, i) => ({ labels: { kind }, value: ({ counts }) => counts[i] })),
  },
];

const parts = [
  '"',
  '\\',
  '\n',
  '\\n',
  '{',
  '}',
  ',',
  '=',
  '#',
  ' ',
  '\t',
  '\r',
  '\0',
  '直播',
  '🎥',
  '\ud83c',
  '\udfa5',
];
const alvariants = [
  '',
  ...parts,
  '"} 1\nhostile_level{name="forged',
  '\n# EOF\n',
  '\\"',
  '\r\n',
  '\u2028',
  '\ufeff',
  '\u202e',
  '\udfa5\ud83c',
  '👩‍👩‍👧‍👦',
  'x'.repeat(20_000),
  '"\\\n🎥\ud83c\0'.repeat(2_000),
];
const drawnNames = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.array(fc.constantFrom(...parts, 'a'), { maxLength: 20 }).map((parts) => parts.join('')),
);

const { POSITIVE_INFINITY: infinity, NaN: notANumber } = Number;
const counts = fc.oneof(fc.nat(), fc.constantFrom(0, 2 ** 53, 0.1, 1e-300, infinity));
const levels = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(notANumber, infinity, -infinity, 2 ** 53, -(2 ** 53), -0, 0, 0.1, 1e-300, 5e-324),
);
const drawnSources: fc.Arbitrary<Source> = fc.record({
  level: fc.option(levels, { nil: undefined }),
  counts: fc.tuple(...kinds.map(() => fc.option(counts, { nil: undefined }))),
});

/** Returns a name after encoding and decoding as UTF-8, which replaces lone surrogates. */
const asRead = (name: string) => Buffer.from(name).toString();
/** Names that are distinct in UTF-8, as a scraper sees them. */
const names = [
  ...new Map(
    [...alvariants, ...fc.sample(drawnNames, { numRuns: 400, seed: 5 })].map((name) => [asRead(name), name]),
  ).values(),
];

/** Rows by name. A different third of them is missing in each content. */
type Content = ReadonlyMap<string, Source>;

function contentOf(seed: number): Content {
  const drawn = fc.sample(fc.option(drawnSources, { nil: undefined, freq: 2 }), {
    numRuns: names.length,
    seed,
  });
  return new Map(names.flatMap((name, i) => (drawn[i] === undefined ? [] : [[name, drawn[i]]])));
}

/** Contents with rows that disappear, change and reappear, including all at once. */
const contents: readonly Content[] = [contentOf(1), contentOf(2), contentOf(3), new Map(), contentOf(2)];

const encodings = ['identity', 'gzip'] as const;
const variants = (['text', 'openmetrics'] as const).flatMap((format) =>
  encodings.map((encoding) => ({ format, encoding, job: `${format}-${encoding}` })),
);

describeWithTool('prometheus', 'hostile labels and values', () => {
  test.each(encodings)('produce a text format that promtool accepts (%s)', async (encoding) => {
    const hostile = createHostile();
    for (const [step, content] of contents.entries()) {
      hostile.setContent(content);

      expect([step, promtoolSays(await hostile.text('text', encoding))]).toEqual([step, undefined]);
    }
  });

  test('add and remove hundreds of series at each step', () => {
    const steps = contents.map((content) => new Set(meant(content).keys()));
    for (const [i, after] of steps.entries()) {
      const before = steps[i - 1] ?? new Set();
      expect(after.size === 0 || after.difference(before).size > 100).toBe(true);
      expect(before.size === 0 || before.difference(after).size > 100).toBe(true);
    }
  });

  test('promtool accepts a valid text and rejects an invalid one', () => {
    const head = '# HELP fine A level.\n# TYPE fine gauge\n';
    expect(promtoolSays(`${head}fine{name="a"} 1\n`)).toBeUndefined();
    expect(promtoolSays('# TYPE fine gauge\nfine{name="a"} 1\n')).toBe('3: fine no help text\n');
    expect(promtoolSays(`${head}fine{name="a"b"} 1\n`)).toContain('parsing error');
  });

  test('are stored exactly by a real Prometheus, and removed series become stale', {
    timeout: 120_000,
  }, async () => {
    const hostile = createHostile();
    hostile.setContent(contents[0] ?? new Map());
    await using server = await serve(hostile);
    await using prometheus = await startPrometheus(`
global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs:
${variants.map(({ job }) => `  - {job_name: ${job}, metrics_path: /${job}, static_configs: [{targets: ["${server.address}"]}]}`).join('\n')}
`);

    for (const [step, content] of contents.entries()) {
      hostile.setContent(content);
      // Look at the time of a scrape: after a later scrape that takes too long, all series are stale.
      const scrapes = await waitFor(`all to have scraped content ${step}`, async () => {
        const times = await prometheus.query(`timestamp(hostile_step) and hostile_step == ${hostile.step()}`);
        return times.length === variants.length ? times : undefined;
      });
      for (const { job, format, encoding } of variants) {
        const series = meant(content).size + 1;
        const time = scrapes.find(({ metric }) => metric.job === job)?.value;
        expect([step, job, differences(await stored(prometheus, job, time), meant(content))]).toEqual([
          step,
          job,
          [],
        ]);
        expect(linesWithValues(await hostile.text(format, encoding))).toBe(series);
        expect(await prometheus.query(`scrape_samples_scraped{job="${job}"}`, time)).toMatchObject([
          { value: series },
        ]);
      }
    }

    // A scrape can take too long on a busy machine. One that Prometheus cannot parse leaves a warning.
    const up = await prometheus.query('max_over_time(up[10m])');
    expect(up.map(({ value }) => value)).toEqual(variants.map(() => 1));
    expect(await helpTexts(prometheus)).toEqual(variants.map(() => help));
    expect(prometheus.warnings()).toEqual([]);
  });
});

/** Creates a series table and its exposition. The part after the tables contains the number of the content. */
function createHostile() {
  const table = createSeriesTable({ own: true });
  const draw = table.addFamilies(families);
  const tables: RenderedTables = table;
  const rows = new Map<string, RowId>();
  let step = 0;
  const exposition = createExposition({
    tables,
    renderExporter: async () =>
      `# HELP hostile_step Which content it is.\n# TYPE hostile_step gauge\nhostile_step ${step}\n`,
    slices: { sliceMs: 2, elapsed: () => performance.now(), yieldNow: () => yieldNow() },
  });
  const scrape = async (format: Format, encoding: Encoding): Promise<Buffer> => {
    const { body } = await exposition.scrape({ format, encoding });
    return bytesOf(body);
  };
  return {
    step: () => step,
    setContent(content: Content) {
      step++;
      for (const [name, row] of rows) {
        if (content.has(name)) continue;
        table.freeRow(row);
        rows.delete(name);
      }
      for (const [name, source] of content) {
        let row = rows.get(name);
        if (row === undefined) {
          row = table.addRow();
          rows.set(name, row);
          table.setText(row, 'own', { name, other: 'x' });
        }
        draw(row, source);
      }
    },
    scrape,
    /** Returns the decompressed text. */
    async text(format: Format, encoding: Encoding): Promise<string> {
      const bytes = await scrape(format, encoding);
      return (encoding === 'gzip' ? gunzipSync(bytes) : bytes).toString();
    },
  };
}

/** Serves each variant at its own path, regardless of the Accept headers. */
async function serve(hostile: ReturnType<typeof createHostile>) {
  const server = createServer(async (request, response) => {
    const variant = variants.find(({ job }) => request.url === `/${job}`);
    if (variant === undefined) throw new Error(`not found: ${request.url}`);
    response.setHeader('content-type', contentTypes[variant.format]);
    if (variant.encoding === 'gzip') response.setHeader('content-encoding', 'gzip');
    response.end(await hostile.scrape(variant.format, variant.encoding));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  return {
    address: `127.0.0.1:${typeof bound === 'object' ? bound?.port : ''}`,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** Values by series in JSON. */
type Values = ReadonlyMap<string, number>;

function seriesKey(metric: string, name: string, kind = ''): string {
  return JSON.stringify([metric, name, kind]);
}

/** Returns the expected series. */
function meant(content: Content): Values {
  const values = new Map<string, number>();
  for (const [name, { level, counts }] of content) {
    // Negative zero is written as 0, as prom-client does.
    if (level !== undefined) values.set(seriesKey('hostile_level', asRead(name)), level === 0 ? 0 : level);
    for (const [i, count] of counts.entries()) {
      if (count !== undefined) values.set(seriesKey('hostile_events_total', asRead(name), kinds[i]), count);
    }
  }
  return values;
}

/** Returns the first differences: names can be very long, and there are hundreds. */
function differences(stored: Values, meant: Values): readonly string[] {
  const keys = [...new Set([...stored.keys(), ...meant.keys()])];
  return keys
    .filter((key) => !Object.is(stored.get(key), meant.get(key)))
    .slice(0, 5)
    .map((key) => `${key.slice(0, 200)}: ${stored.get(key)}, not ${meant.get(key)}`);
}

async function stored(prometheus: Prometheus, job: string, time: number | undefined): Promise<Values> {
  const series = await prometheus.query(`{__name__=~"hostile_(level|events_total)", job="${job}"}`, time);
  const values = new Map(
    series.map(({ metric: { __name__: metric = '', name, kind }, value }) => [
      // Prometheus treats an empty label as a missing label.
      seriesKey(metric, name ?? '', kind),
      value,
    ]),
  );
  expect(values.size).toBe(series.length);
  return values;
}

/** Returns the HELP text of the gauge by target. The formats use different names for a counter. */
async function helpTexts(prometheus: Prometheus): Promise<readonly string[]> {
  const response = await fetch(`${prometheus.url}/api/v1/targets/metadata?metric=hostile_level`);
  // Shape: Prometheus HTTP API, "querying target metadata".
  const { data } = (await response.json()) as { data: readonly { help: string }[] };
  return data.map(({ help }) => help);
}

function linesWithValues(text: string): number {
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;
}
