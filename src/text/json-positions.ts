import type { Path } from './diagnostics.ts';
import { closingQuote } from './json.ts';

/** Counted from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Where the values at `paths` stand in a JSON text that has all of them. Reads no further than the last. */
export function positionsInJson(text: string, paths: readonly Path[]): readonly (Position | undefined)[] {
  const wanted = new Set(paths.map(toKey));
  const ways = new Set(paths.flatMap((path) => path.map((_, depth) => toKey(path.slice(0, depth)))));
  const offsets = new Map<string, number>();
  let at = 0;

  function visit(path: Path): void {
    skipSpace();
    const key = toKey(path);
    if (wanted.has(key)) offsets.set(key, at);
    const close = text[at] === '{' ? '}' : ']';
    if (!ways.has(key) || !/[[{]/.test(text.charAt(at))) {
      skipValue();
      return;
    }
    at++;
    for (let index = 0; ; index++) {
      skipSpace();
      if (text[at] === close || offsets.size === wanted.size) break;
      visit([...path, close === '}' ? readKey() : index]);
      skipSpace();
      if (text[at] === ',') at++;
    }
    at++;
  }

  function readKey(): string {
    const end = closingQuote(text, at) + 1;
    // The cast: what is in quotes.
    const key = JSON.parse(text.slice(at, end)) as string;
    at = text.indexOf(':', end) + 1;
    return key;
  }

  function skipSpace(): void {
    const space = /[ \t\r\n]*/y;
    space.lastIndex = at;
    at += space.exec(text)?.[0].length ?? 0;
  }

  function skipValue(): void {
    const mark = /["[\]{},]/g;
    mark.lastIndex = at;
    for (let depth = 0; ; ) {
      const { 0: found, index } = mark.exec(text) ?? { 0: ',', index: text.length };
      if (depth === 0 && /[,\]}]/.test(found)) {
        at = index;
        return;
      }
      if (found === '"') mark.lastIndex = closingQuote(text, index) + 1;
      else if (found !== ',') depth += /[[{]/.test(found) ? 1 : -1;
    }
  }

  if (paths.length > 0) visit([]);
  return toPlaces(
    text,
    paths.map((path) => offsets.get(toKey(path))),
  );
}

function toKey(path: Path): string {
  return JSON.stringify(path);
}

/** Of the character at `offset`. */
export function positionAt(text: string, offset: number): Position {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

function toPlaces(text: string, offsets: readonly (number | undefined)[]): readonly (Position | undefined)[] {
  const places = new Map<number, Position>();
  let line = 1;
  let begin = 0;
  for (const offset of offsets.filter((one) => one !== undefined).toSorted((a, b) => a - b)) {
    for (let end = text.indexOf('\n', begin); end >= 0 && end < offset; end = text.indexOf('\n', begin)) {
      line++;
      begin = end + 1;
    }
    places.set(offset, { line, column: offset - begin + 1 });
  }
  return offsets.map((offset) => (offset === undefined ? undefined : places.get(offset)));
}
