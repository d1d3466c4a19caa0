import { type Bar, bars } from './bars.ts';
import { type Figure, type Spread, spreadOf } from './figures.ts';

/** Result of a run, as in the JSON file. */
export interface Report {
  readonly node: string;
  readonly cpu: string;
  readonly cores: number;
  /** Load average of the last minute before the run. */
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
  /** Empty in a short run, whose figures mean nothing. */
  readonly bars: readonly BarResult[];
}

export interface ReportedFigure extends Figure, Spread {}

export interface BarResult extends Omit<Bar, 'cell'> {
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
    bars: isShort
      ? []
      : bars.filter((bar) => bar.cell === cell.name).flatMap((bar) => evaluate(bar, figures)),
  };
}

/**
 * Returns no result for a figure that was not measured: some need a tool or system that is not available
 * everywhere.
 */
function evaluate({ figure, is, limit }: Bar, figures: readonly Figure[]): BarResult[] {
  const found = figures.find(({ name }) => name === figure);
  if (found === undefined) return [];
  const { median } = spreadOf(found.rounds);
  return [{ figure, is, limit, median, isHeld: is === 'at least' ? median >= limit : median <= limit }];
}

export function isAllHeld({ cells }: Report): boolean {
  return cells.every((cell) => cell.bars.every(({ isHeld }) => isHeld));
}

/** Renders one cell for a terminal. */
export function toText(cell: MeasuredCell): string {
  const { header, rows } = tableOf(cell);
  const widths = header.map((_, i) => Math.max(...[header, ...rows].map((row) => row[i]?.length ?? 0)));
  const lines = [header, ...rows].map((row) =>
    `  ${row.map((text, i) => text.padEnd(widths[i] ?? 0)).join('  ')}`.trimEnd(),
  );
  const barLines = cell.bars.map((bar) => `  ${bar.isHeld ? 'held  ' : 'missed'} ${barText(bar)}`);
  return [`${cell.name}: ${cell.about} (${cell.seconds.toFixed(0)} s)`, ...lines, ...barLines, ''].join('\n');
}

/** Renders all cells for a page, the bars first. */
export function toMarkdown({ node, cpu, cores, rounds, load, cells }: Report): string {
  const barRows = cells.flatMap(({ name, bars }) =>
    bars.map((bar) => [
      name,
      bar.figure,
      limitText(bar),
      numberText(bar.median),
      bar.isHeld ? 'held' : 'missed',
    ]),
  );
  const environment = `Node ${node.slice(1)}, ${cores} cores (${cpu.trim()}), ${rounds} rounds; load average ${numberText(load)} at the start.`;
  return [
    environment,
    '',
    markdownTable(['cell', 'figure', 'bar', 'median', ''], barRows),
    ...cells.flatMap((cell) => {
      const { header, rows } = tableOf(cell);
      return ['', `### ${cell.name}`, '', `${cell.about}.`, '', markdownTable(header, rows)];
    }),
    '',
  ].join('\n');
}

function barText(bar: BarResult): string {
  return `${bar.figure}: ${numberText(bar.median)}, the bar is ${limitText(bar)}`;
}

function limitText({ is, limit }: BarResult): string {
  return `${is} ${limit}`;
}

function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  return [header, header.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

/** Returns a row per subject and a column per measure, from the names of the figures (`subject: measure`). */
function tableOf({ figures }: MeasuredCell) {
  const subjects = new Map<string, Map<string, string>>();
  const columns = new Set<string>();
  for (const figure of figures) {
    const [, subject = figure.name, column = ''] = /^(.*): (.*)$/.exec(figure.name) ?? [];
    columns.add(column);
    const row = subjects.get(subject) ?? new Map<string, string>();
    subjects.set(subject, row.set(column, figureText(figure)));
  }
  const header = ['median (min-max)', ...columns];
  const rows = [...subjects].map(([subject, row]) => [
    subject,
    ...[...columns].map((column) => row.get(column) ?? ''),
  ]);
  return { header, rows };
}

function figureText({ median, min, max, unit }: ReportedFigure): string {
  return `${numberText(median)}${unit === 'ratio' ? '' : ` ${unit}`} (${numberText(min)}-${numberText(max)})`;
}

/** Renders three significant digits. */
function numberText(value: number): string {
  if (!Number.isFinite(value)) return '-';
  return Math.abs(value) >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}
