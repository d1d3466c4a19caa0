import { isDeepStrictEqual } from 'node:util';
import { hasPushSecret } from '../model/push-secrets.ts';
import { containsSecret, isAccessKeyId } from './secret-like.ts';
import { counted } from './units.ts';
import { visible } from './visible.ts';

/** Problem in a file that the operator wrote, with its position. */
export interface Diagnostic {
  /**
   * Line number, counted from 1; undefined if there is no position because the file cannot be read. Line and
   * column are either both set or both undefined.
   */
  readonly line: number | undefined;
  /** Column number, counted from 1; undefined if there is no position. */
  readonly column: number | undefined;
  /**
   * Key path of the wrong value, such as `streams.0.expect.fps`; empty if the problem concerns the whole
   * file.
   */
  readonly path: string;
  readonly text: string;
}

/** Position in a text. Line and column both count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/**
 * Key path of a value: the keys of mappings and the indexes in lists that lead from the root of the file to
 * the value.
 */
export type Path = readonly (string | number)[];

/** Problem whose key path is known, but whose line and column are not determined yet. */
export interface UnlocatedDiagnostic {
  readonly path: Path;
  /** Whether the problem is located at the last key of `path`, and not at the value of that key. */
  readonly atKey?: boolean;
  readonly text: string;
}

const maxLines = 100;

/**
 * Returns one line of text per diagnostic, such as `FILE:4:7: streams.0.expect.fps: expected a number`. If
 * there are more than 100 diagnostics, omits the rest and adds a line with their number.
 */
export function toDiagnosticLines(file: string, diagnostics: readonly Diagnostic[]): readonly string[] {
  const lines = diagnostics.slice(0, maxLines).map(({ line, column, path, text }) => {
    const position = line === undefined ? `${file}: ` : `${file}:${line}:${column}: `;
    return path === '' ? `${position}${text}` : `${position}${path}: ${text}`;
  });
  const more = diagnostics.length - lines.length;
  return more > 0 ? [...lines, `${file}: ${counted(more, 'more problem')}`] : lines;
}

/**
 * Sorts diagnostics by position and removes duplicates. Duplicates occur if several accounts use the same
 * wrong value.
 */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const sorted = diagnostics.toSorted(compareDiagnostics);
  return sorted.filter((diagnostic, i) => !isDeepStrictEqual(diagnostic, sorted[i - 1]));
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

/**
 * Formats a key path as text, such as `streams.0.expect.fps`. Quotes keys that are not plain identifiers, and
 * hides keys that are probably secrets: without a colon, a secret in `{...}` becomes a key, such as `key=...`.
 */
export function toPathText(path: Path): string {
  return path.map(toPartText).join('.');
}

function toPartText(part: string | number): string {
  if (typeof part === 'number') return String(part);
  if (containsSecret(part) || hasPushSecret(part)) return '(key not shown)';
  return /^[\w-]{1,64}$/.test(part) ? part : quoted(part);
}

const maxQuotedLength = 80;

/**
 * Quotes a name from a file for use in a message. The result is one line of at most 80 characters of the
 * name, without terminal escapes and invisible characters. A name that is probably a secret is not shown.
 */
export function quoted(name: string): string {
  if (containsSecret(name) || isAccessKeyId(name) || hasPushSecret(name)) return '(name not shown)';
  const text = name.length > maxQuotedLength ? `${name.slice(0, maxQuotedLength)}...` : name;
  return visible(JSON.stringify(text));
}
