/** What is wrong in a config, and where. */
export interface Diagnostic {
  /** Both undefined where there is no such place: of a file that is not there. */
  readonly line: number | undefined;
  readonly column: number | undefined;
  /** As in `streams.0.expect.fps`; empty for the whole file. */
  readonly path: string;
  readonly text: string;
}

/** Where something is in a config: keys of mappings and indexes of lists, from the root. */
export type Path = readonly (string | number)[];

/** A problem whose place in the text is not looked up yet. */
export interface UnlocatedDiagnostic {
  readonly path: Path;
  /** At the key itself rather than at what it holds. */
  readonly atKey?: boolean;
  readonly text: string;
}

const maxLines = 100;

/** One line per problem, by place, as in `FILE:4:7: streams.0.expect.fps: expected a number`; after a hundred only how many more. */
export function toDiagnosticLines(file: string, problems: readonly Diagnostic[]): readonly string[] {
  const lines = problems.slice(0, maxLines).map(({ line, column, path, text }) => {
    const place = line === undefined ? `${file}: ` : `${file}:${line}:${column}: `;
    return path === '' ? `${place}${text}` : `${place}${path}: ${text}`;
  });
  const more = problems.length - lines.length;
  return more > 0 ? [...lines, `${file}: ${more} more problem${more === 1 ? '' : 's'}`] : lines;
}

/** By place, and each only once: what many accounts share is wrong only once. */
export function sortDiagnostics(problems: readonly Diagnostic[]): readonly Diagnostic[] {
  return problems.toSorted(byPlace).filter((problem, i, all) => {
    const before = all[i - 1];
    return before === undefined || byPlace(before, problem) !== 0;
  });
}

function byPlace(a: Diagnostic, b: Diagnostic): number {
  return (
    (a.line ?? 0) - (b.line ?? 0) ||
    (a.column ?? 0) - (b.column ?? 0) ||
    compare(a.path, b.path) ||
    compare(a.text, b.text)
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** As in `streams.0.expect.fps`. A key that could be mistaken for something else is shown in quotes. */
export function toPathText(path: Path): string {
  return path
    .map((part) => (typeof part === 'number' || /^[\w-]{1,64}$/.test(part) ? String(part) : quoted(part)))
    .join('.');
}

const maxShown = 80;

/** A name from the config for a message: in quotes, on one line, and not long. Nothing in it steers a terminal. */
export function quoted(name: string): string {
  const text = name.length > maxShown ? `${name.slice(0, maxShown)}...` : name;
  return JSON.stringify(text)
    .toWellFormed()
    .replace(
      /[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu,
      (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
}
