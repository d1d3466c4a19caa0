import { type Bar, bars } from './bars.ts';
import { type Figure, type Spread, spreadOf, type Unit } from './figures.ts';

/** What a run brought, as the JSON file has it. */
export interface Report {
  readonly node: string;
  readonly cpu: string;
  readonly cores: number;
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

/** A table for each cell: what was measured, and whether its bar is held. */
export function toText(cell: MeasuredCell): string {
  const lines = rowsOf(cell).map(([name, median, spread, bar]) =>
    `  ${name.padEnd(56)} ${median.padStart(9)}  ${spread.padEnd(20)} ${bar}`.trimEnd(),
  );
  return [`${cell.name}: ${cell.about} (${cell.seconds.toFixed(0)} s)`, ...lines, ''].join('\n');
}

/** The same as a page has it. */
export function toMarkdown(cell: MeasuredCell): string {
  const rows = rowsOf(cell).map((row) => `| ${row.join(' | ')} |`);
  return [
    `### ${cell.name}`,
    '',
    `${cell.about}.`,
    '',
    '| figure | median | min-max | bar |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

function rowsOf({ figures, bars }: MeasuredCell): readonly (readonly [string, string, string, string])[] {
  return figures.map(({ name, unit, median, least, most }) => [
    name,
    toShown(median, unit),
    `${toNumber(least)}-${toNumber(most)}`,
    bars
      .filter(({ figure }) => figure === name)
      .map(({ is, limit, isHeld }) => `${is} ${limit}: ${isHeld ? 'held' : 'missed'}`)
      .join(', '),
  ]);
}

function toShown(value: number, unit: Unit): string {
  return unit === 'ratio' ? toNumber(value) : `${toNumber(value)} ${unit}`;
}

/** Three digits that count. */
function toNumber(value: number): string {
  if (!Number.isFinite(value)) return '-';
  return Math.abs(value) >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}
