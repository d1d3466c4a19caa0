import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { Counter, Gauge, Registry, type RegistryContentType } from 'prom-client';
import { expect, test } from 'vitest';
import { createExposition, type RenderedTables } from '../../../src/metrics/exposition/exposition.ts';
import type { Family } from '../../../src/metrics/table/family.ts';
import { createSeriesTable, type RowId } from '../../../src/metrics/table/series-table.ts';
import type { Format } from '../../../src/metrics/table/text-format.ts';
import { bytesOf, oneSlice, parseFamilies, renderTables } from '../../support/exposition.ts';

interface Source {
  readonly level: number | undefined;
  readonly counts: readonly (number | undefined)[];
}

const families: readonly Family<Source, 'own'>[] = [
  {
    name: 'level',
    help: 'a\\b\nc "d"',
    type: 'gauge',
    text: 'own',
    points: [{ value: ({ level }) => level }],
  },
  {
    name: 'events',
    help: 'events',
    type: 'counter',
    text: 'own',
    points: ['low', 'h"i\\g\nh'].map((kind, i) => ({
      labels: { kind },
      value: ({ counts }) => counts[i],
    })),
  },
];

const specialNumbers = fc.constantFrom(
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  2 ** 53,
  -0,
  0.1,
);
const hostileText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', '"', '\\', '\n', '\\n', '\\"', '"}', '直播', '🎥', '\ud83c', '\r\n', '\u2028', '\0'),
);
const source: fc.Arbitrary<Source> = fc.record({
  level: fc.option(fc.oneof(fc.double(), fc.integer(), specialNumbers), { nil: undefined }),
  counts: fc.array(fc.option(fc.nat(), { nil: undefined }), { maxLength: 2 }),
});
/** Unique in UTF-8, as a scraper compares names: lone surrogates become equal there. */
const names = fc.uniqueArray(hostileText, {
  minLength: 1,
  maxLength: 8,
  selector: (name) => Buffer.from(name).toString(),
});
/** Index of a name and the source to set; undefined frees the row. */
const steps = fc.array(fc.tuple(fc.nat(), fc.option(source, { nil: undefined, freq: 3 })), { maxLength: 40 });

async function textOfPromClient(content: ReadonlyMap<string, Source>, format: Format): Promise<string> {
  const registry = new Registry<RegistryContentType>();
  if (format === 'openmetrics') registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  const registers = [registry];
  const level = new Gauge({ name: 'level', help: 'a\\b\nc "d"', labelNames: ['name', 'other'], registers });
  const events = new Counter({
    name: 'events_total',
    help: 'events',
    labelNames: ['name', 'other', 'kind'],
    registers,
  });
  for (const [name, { level: value, counts }] of content) {
    const labels = { name, other: 'x' };
    if (value !== undefined) level.set(labels, value);
    for (const [i, kind] of ['low', 'h"i\\g\nh'].entries()) {
      const count = counts[i];
      if (count !== undefined) events.inc({ ...labels, kind }, count);
    }
  }
  return Buffer.from(await registry.metrics()).toString();
}

/** prom-client also renders the heads of families without series. */
function withSeries<T>(parsed: ReadonlyMap<string, readonly T[]>): Record<string, readonly T[]> {
  return Object.fromEntries([...parsed].filter(([, series]) => series.length > 0));
}

test.each<Format>(['text', 'openmetrics'])(
  'renders the same as prom-client after any sequence of added, changed and freed rows (%s)',
  async (format) => {
    await fc.assert(
      fc.asyncProperty(names, steps, async (names, steps) => {
        const table = createSeriesTable({ own: true });
        const setRow = table.addFamilies(families);
        const tables: RenderedTables = table;
        const rows = new Map<string, RowId>();
        const content = new Map<string, Source>();

        for (const [pick, source] of steps) {
          const name = names[pick % names.length] ?? '';
          const row = rows.get(name);
          if (source === undefined) {
            if (row !== undefined) table.freeRow(row);
            rows.delete(name);
            content.delete(name);
            continue;
          }
          const current = row ?? table.addRow();
          rows.set(name, current);
          table.setText(current, 'own', { name, other: 'x' });
          setRow(current, source);
          content.set(name, source);
        }
        const ours = parseFamilies(await renderTables(tables, format));
        const theirs = parseFamilies(await textOfPromClient(content, format));

        expect(withSeries(ours)).toEqual(withSeries(theirs));
        expect([...ours.values()].every((series) => series.length > 0)).toBe(true);
      }),
    );
  },
);

/** Adds or changes a row, frees one, takes a snapshot, or releases one; the number picks which. */
const snapshotStep = fc.tuple(fc.constantFrom('set', 'free', 'take', 'release'), fc.nat(), hostileText);

/** Changes of rows between two scrapes: new labels, and for some rows new values or the end of the row. */
const rowChanges = fc.array(
  fc.tuple(
    fc.nat({ max: 8999 }),
    hostileText,
    fc.oneof(source, fc.constantFrom('same values' as const, 'free' as const)),
  ),
  { minLength: 1, maxLength: 5 },
);

test('compresses the same text as it renders, whatever changed since the last scrape', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(rowChanges, { minLength: 2, maxLength: 5 }), async (rounds) => {
      const table = createSeriesTable({ own: true });
      const setRow = table.addFamilies(families);
      const exposition = createExposition({
        tables: table,
        renderExporter: async () => '',
        slices: oneSlice,
      });
      const rows = Array.from({ length: 9000 }, (_, level): RowId | undefined => {
        const row = table.addRow();
        setRow(row, { level, counts: [] });
        return row;
      });

      for (const changes of rounds) {
        for (const [number, text, change] of changes) {
          const row = rows[number] ?? table.addRow();
          rows[number] = row;
          table.setText(row, 'own', { name: `${number} ${text}` });
          if (typeof change === 'object') setRow(row, change);
          if (change !== 'free') continue;
          table.freeRow(row);
          rows[number] = undefined;
        }
        const { body } = await exposition.scrape({ format: 'text', encoding: 'gzip' });
        expect(gunzipSync(await bytesOf(body)).toString()).toBe(await renderTables(table));
      }
    }),
    { numRuns: 20 },
  );
});

test('renders each snapshot as at its time, whatever changes and whichever snapshots are in use', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(snapshotStep, { maxLength: 60 }), async (steps) => {
      const table = createSeriesTable({ own: true });
      const setRow = table.addFamilies(families);
      const rows: RowId[] = [];
      const taken: { snapshots: ReturnType<typeof table.snapshots>; text: string }[] = [];
      const check = async ({ snapshots, text }: (typeof taken)[number]) => {
        expect(await renderTables({ ...table, snapshots: () => snapshots })).toBe(text);
      };

      for (const [step, pick, text] of steps) {
        if (step === 'set') {
          const known = rows[pick % 10];
          const row = known ?? table.addRow();
          if (known === undefined) rows.push(row);
          table.setText(row, 'own', { name: `${pick}${text}` });
          setRow(row, { level: pick, counts: [pick] });
        }
        if (step === 'free') {
          const [row] = rows.splice(pick % 10, 1);
          if (row !== undefined) table.freeRow(row);
        }
        if (step === 'take') taken.push({ snapshots: table.snapshots(), text: await renderTables(table) });
        if (step === 'release') {
          const [released] = taken.splice(pick % 10, 1);
          if (released !== undefined) await check(released);
        }
      }

      for (const snapshot of taken) await check(snapshot);
    }),
  );
});
