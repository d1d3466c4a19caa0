import fc from 'fast-check';
import { Counter, Gauge, Registry, type RegistryContentType } from 'prom-client';
import { expect, test } from 'vitest';
import type { RenderedTables } from '../../../src/metrics/exposition/exposition.ts';
import type { Family } from '../../../src/metrics/table/family.ts';
import { createSeriesTable, type RowId } from '../../../src/metrics/table/series-table.ts';
import type { Format } from '../../../src/metrics/table/text-format.ts';
import { drawTables, parseFamilies } from '../../support/exposition.ts';

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
/** Equal in UTF-8 is equal to a scraper, which a lone surrogate shows. */
const names = fc.uniqueArray(hostileText, {
  minLength: 1,
  maxLength: 8,
  selector: (name) => Buffer.from(name).toString(),
});
/** What is set on which of the names, one after the other; undefined ends the row. */
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

/** prom-client draws the heads of families that have no series as well. */
function withSeries<T>(parsed: ReadonlyMap<string, readonly T[]>): Record<string, readonly T[]> {
  return Object.fromEntries([...parsed].filter(([, series]) => series.length > 0));
}

test.each<Format>(['text', 'openmetrics'])(
  'whatever rows come, change and go, the table reads as prom-client with the same content (%s)',
  async (format) => {
    await fc.assert(
      fc.asyncProperty(names, steps, async (names, steps) => {
        const table = createSeriesTable({ own: true });
        const show = table.addFamilies(families);
        const tables: RenderedTables = { version: table.version, snapshots: () => [table.snapshot()] };
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
          const shown = row ?? table.addRow();
          rows.set(name, shown);
          table.setText(shown, 'own', { name, other: 'x' });
          show(shown, source);
          content.set(name, source);
        }
        const ours = parseFamilies(await drawTables(tables, format));
        const theirs = parseFamilies(await textOfPromClient(content, format));

        expect(withSeries(ours)).toEqual(withSeries(theirs));
        expect([...ours.values()].every((series) => series.length > 0)).toBe(true);
      }),
    );
  },
);
