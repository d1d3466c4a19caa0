import { type Bar, bars } from './bars.ts';
import { type Figure, type Spread, spreadOf } from './figures.ts';

/** What a run brought, as the JSON file has it. */
export interface Report {
  readonly node: string;
  readonly cpu: string;
  readonly cores: number;
  /** How many programs wanted a core before the run, over the last minute. */
  readonly load: number;
  readonly rounds: number;
  readonly isShort: boolean;
  readonly cells: readonly MeasuredCell[];
}

export interface MeasuredCell {
  readonly name: string;
  readonly about: string;
  readonly seconds: number;
  readonly figures: readonly ReportedFigure[];
  /** Empty in a short run: what it measures is no measure. */
  readonly bars: readonly JudgedBar[];
}

export interface ReportedFigure extends Figure, Spread {}

export interface JudgedBar extends Omit<Bar, 'cell'> {
  readonly median: number;
  readonly isHeld: boolean;
}

export function reportCell(
  cell: { readonly name: string; readonly about: string },
  figures: readonly Figure[],
  { seconds, isShort }: { seconds: number; isShort: boolean },
): MeasuredCell {
  return {
    name: cell.name,
    about: cell.about,
    seconds,
    figures: figures.map((figure) => ({ ...figure, ...spreadOf(figure.rounds) })),
    bars: isShort ? [] : bars.filter((bar) => bar.cell === cell.name).flatMap((bar) => judge(bar, figures)),
  };
}

/** Nothing where the figure was not measured: not every machine has all that is needed. */
function judge({ figure, is, limit }: Bar, figures: readonly Figure[]): JudgedBar[] {
  const found = figures.find(({ name }) => name === figure);
  if (found === undefined) return [];
  const { median } = spreadOf(found.rounds);
  return [{ figure, is, limit, median, isHeld: is === 'at least' ? median >= limit : median <= limit }];
}

export function isAllHeld({ cells }: Report): boolean {
  return cells.every((cell) => cell.bars.every(({ isHeld }) => isHeld));
}

/** Of one cell, for a terminal. */
export function toText(cell: MeasuredCell): string {
  const { header, rows } = tableOf(cell);
  const widths = header.map((_, i) => Math.max(...[header, ...rows].map((row) => row[i]?.length ?? 0)));
  const lines = [header, ...rows].map((row) =>
    `  ${row.map((one, i) => one.padEnd(widths[i] ?? 0)).join('  ')}`.trimEnd(),
  );
  const judged = cell.bars.map((bar) => `  ${bar.isHeld ? 'held  ' : 'missed'} ${sayBar(bar)}`);
  return [`${cell.name}: ${cell.about} (${cell.seconds.toFixed(0)} s)`, ...lines, ...judged, ''].join('\n');
}

/** Of all cells, as a page has it: first the bars. */
export function toMarkdown({ node, cpu, cores, rounds, load, cells }: Report): string {
  const judged = cells.flatMap(({ name, bars }) =>
    bars.map((bar) => [
      name,
      bar.figure,
      sayLimit(bar),
      toNumber(bar.median),
      bar.isHeld ? 'held' : 'missed',
    ]),
  );
  const where = `Node ${node.slice(1)}, ${cores} cores (${cpu.trim()}), ${rounds} rounds; load average ${toNumber(load)} at the start.`;
  return [
    where,
    '',
    markdownTable(['cell', 'figure', 'bar', 'median', ''], judged),
    ...cells.flatMap((cell) => {
      const { header, rows } = tableOf(cell);
      return ['', `### ${cell.name}`, '', `${cell.about}.`, '', markdownTable(header, rows)];
    }),
    '',
  ].join('\n');
}

function sayBar(bar: JudgedBar): string {
  return `${bar.figure}: ${toNumber(bar.median)}, the bar is ${sayLimit(bar)}`;
}

function sayLimit({ is, limit }: JudgedBar): string {
  return `${is} ${limit}`;
}

function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  return [header, header.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

/** A row for each thing and a column for each way of measuring it, by the names of the figures. */
function tableOf({ figures }: MeasuredCell) {
  const things = new Map<string, Map<string, string>>();
  const columns = new Set<string>();
  for (const figure of figures) {
    const [, thing = figure.name, column = ''] = /^(.*): (.*)$/.exec(figure.name) ?? [];
    columns.add(column);
    const row = things.get(thing) ?? new Map<string, string>();
    things.set(thing, row.set(column, toShown(figure)));
  }
  const header = ['median (min-max)', ...columns];
  const rows = [...things].map(([thing, row]) => [
    thing,
    ...[...columns].map((column) => row.get(column) ?? ''),
  ]);
  return { header, rows };
}

function toShown({ median, least, most, unit }: ReportedFigure): string {
  return `${toNumber(median)}${unit === 'ratio' ? '' : ` ${unit}`} (${toNumber(least)}-${toNumber(most)})`;
}

/** Three digits that count. */
function toNumber(value: number): string {
  if (!Number.isFinite(value)) return '-';
  return Math.abs(value) >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}
