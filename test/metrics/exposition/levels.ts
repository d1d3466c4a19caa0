import {
  createExposition,
  type Encoding,
  type RenderedTables,
} from '../../../src/metrics/exposition/exposition.ts';
import { createSeriesTable } from '../../../src/metrics/table/series-table.ts';
import type { Format } from '../../../src/metrics/table/text-format.ts';
import { oneSlice } from '../../support/exposition.ts';

/** Enough for several chunks. */
export const rows = 30_000;

/** Creates the exposition of a table with a gauge and `rows` rows. */
export function setUpLevels() {
  const table = createSeriesTable({ own: true });
  const setRow = table.addFamilies([
    {
      name: 'level',
      help: 'A level.',
      type: 'gauge',
      text: 'own',
      points: [{ value: (value: number) => value }],
    },
  ]);
  for (let i = 0; i < rows; i++) {
    const row = table.addRow();
    table.setText(row, 'own', { name: `a stream with a name of its own, number ${i}` });
    setRow(row, i);
  }
  let renders = 0;
  let held = 0;
  const tables: RenderedTables = {
    version: table.version,
    snapshots() {
      renders++;
      held++;
      const [snapshot] = table.snapshots();
      const release = () => {
        held--;
        snapshot.release();
      };
      return [{ ...snapshot, release }];
    },
  };
  let exporterRenders = 0;
  const renderExporter = async (format: Format) => `exporter_${format} ${++exporterRenders}\n`;
  const exposition = createExposition({ tables, renderExporter, slices: oneSlice });
  const scrape = (encoding: Encoding, format: Format = 'text') => exposition.scrape({ format, encoding });
  return {
    table,
    change: () => setRow(0, Math.random()),
    changeRow: (row: number) => setRow(row, Math.random()),
    scrape,
    /** Number of renders of the tables. */
    renders: () => renders,
    /** Number of snapshots that are not released. */
    held: () => held,
    lastLine: `level{name="a stream with a name of its own, number ${rows - 1}"} ${rows - 1}\n`,
  };
}
