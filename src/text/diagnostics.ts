/** A problem in a file of the operator, with its position. */
export interface Diagnostic {
  /** Line and column count from 1. Both are undefined if the problem has no position: the file cannot be read. */
  readonly line: number | undefined;
  readonly column: number | undefined;
  /** Key path such as `streams.0.expect.fps`; empty for the whole file. */
  readonly path: string;
  readonly text: string;
}

/** A position in a text. Both numbers count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Key path from the root: keys of mappings and indexes of lists. */
export type Path = readonly (string | number)[];

/** A diagnostic whose path is known, but whose position in the text is not looked up yet. */
export interface UnlocatedDiagnostic {
  readonly path: Path;
  /** Whether the position is that of the key instead of its value. */
  readonly atKey?: boolean;
  readonly text: string;
}

const maxLines = 100;

/**
 * Returns one line per diagnostic, such as `FILE:4:7: streams.0.expect.fps: expected a number`. After 100 lines it
 * returns only the number of the remaining ones.
 */
export function toDiagnosticLines(file: string, diagnostics: readonly Diagnostic[]): readonly string[] {
  const lines = diagnostics.slice(0, maxLines).map(({ line, column, path, text }) => {
    const position = line === undefined ? `${file}: ` : `${file}:${line}:${column}: `;
    return path === '' ? `${position}${text}` : `${position}${path}: ${text}`;
  });
  const more = diagnostics.length - lines.length;
  return more > 0 ? [...lines, `${file}: ${more} more problem${more === 1 ? '' : 's'}`] : lines;
}

/** Sorts by position and removes duplicates: several accounts can share one wrong value. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return diagnostics.toSorted(compareDiagnostics).filter((diagnostic, i, sorted) => {
    const previous = sorted[i - 1];
    return previous === undefined || compareDiagnostics(previous, diagnostic) !== 0;
  });
}

function compareDiagnostics(a: Diagnostic, b: Diagnostic): number {
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

/** Returns a path such as `streams.0.expect.fps`. Quotes a key that is not a plain identifier. */
export function toPathText(path: Path): string {
  return path
    .map((part) => (typeof part === 'number' || /^[\w-]{1,64}$/.test(part) ? String(part) : quoted(part)))
    .join('.');
}

const maxQuotedLength = 80;

/** Quotes a name for a message: on one line, truncated, without terminal escapes and invisible characters. */
export function quoted(name: string): string {
  const text = name.length > maxQuotedLength ? `${name.slice(0, maxQuotedLength)}...` : name;
  return JSON.stringify(text)
    .toWellFormed()
    .replace(
      /[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu,
      (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
}
