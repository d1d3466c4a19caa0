import { printParseErrorCode, visit } from 'jsonc-parser';
import type { Diagnostic, Path, Position } from './diagnostics.ts';
import { controlCharacter, maxDepth, scalarProblem } from './scalars.ts';

/**
 * Parses JSON into the same plain values as `parseYaml`, but much faster. If the text is not JSON, returns a
 * problem whose message does not quote the text. Returns undefined if the text is JSON but `parseYaml` would
 * report a diagnostic, so that the caller uses `parseYaml` to get it.
 */
export function parseJson(
  text: string,
): { readonly value: unknown } | { readonly problem: Diagnostic } | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: firstSyntaxError(text) };
  }
  if (controlCharacter.test(text)) return undefined;
  const keys = countKeys(value, 1);
  // JSON.parse keeps only the last of several equal keys. So if the text has duplicate keys, it contains more
  // keys than the value.
  return keys === undefined || keys !== countWrittenKeys(text) ? undefined : { value };
}

/**
 * Counts the keys of all mappings in `value`. Returns undefined if a config must not contain the value: if it
 * contains a forbidden scalar or the key `__proto__`, or is nested too deeply.
 */
function countKeys(value: unknown, depth: number): number | undefined {
  if (typeof value !== 'object' || value === null) return scalarProblem(value) === undefined ? 0 : undefined;
  if (depth > maxDepth) return undefined;
  const isList = Array.isArray(value);
  let count = 0;
  for (const [key, item] of Object.entries(value)) {
    const inner = key === '__proto__' ? undefined : countKeys(item, depth + 1);
    if (inner === undefined) return undefined;
    count += isList ? inner : 1 + inner;
  }
  return count;
}

function countWrittenKeys(text: string): number {
  let count = 0;
  visit(text, { onObjectProperty: () => void count++ });
  return count;
}

/**
 * Returns the positions of the scalars at `paths` in a valid JSON text, in the order of `paths`. A position
 * is undefined if there is no scalar at the path.
 */
export function positionsInJson(text: string, paths: readonly Path[]): readonly (Position | undefined)[] {
  const keys = paths.map((path) => JSON.stringify(path));
  const missing = new Set(keys);
  const positions = new Map<string, Position>();
  visit(text, {
    onLiteralValue: (_value, _offset, _length, line, character, path) => {
      if (missing.size === 0) return;
      const key = JSON.stringify(path());
      if (missing.delete(key)) positions.set(key, { line: line + 1, column: character + 1 });
    },
  });
  return keys.map((key) => positions.get(key));
}

function firstSyntaxError(text: string): Diagnostic {
  // The YAML parser reports an empty text like this.
  if (text.trim() === '') return { line: 1, column: 1, path: '', text: 'the file is empty' };
  let first: Diagnostic | undefined;
  try {
    visit(
      text,
      {
        onError: (code, _offset, _length, line, character) => {
          first ??= toSyntaxError(line, character, errorTexts[printParseErrorCode(code)]);
        },
      },
      { disallowComments: true, allowTrailingComma: false },
    );
  } catch (error) {
    // The parser is recursive, so a deeply nested text can exhaust the stack.
    if (!(error instanceof RangeError)) throw error;
    first ??= toSyntaxError(0, 0, 'nested too deeply');
  }
  return first ?? toSyntaxError(0, 0, 'invalid syntax');
}

function toSyntaxError(line: number, character: number, reason: string): Diagnostic {
  return {
    line: line + 1,
    column: character + 1,
    path: '',
    text: `not JSON, but the file name ends in .json: ${reason}`,
  };
}

const errorTexts: Readonly<Record<ReturnType<typeof printParseErrorCode>, string>> = {
  InvalidSymbol: 'expected a value; put text and keys in double quotes',
  InvalidNumberFormat: 'invalid number',
  PropertyNameExpected: 'expected a key in double quotes (a comma before a closing bracket is not allowed)',
  ValueExpected: 'expected a value (a comma before a closing bracket is not allowed)',
  ColonExpected: 'expected a colon after the key',
  CommaExpected: 'expected a comma or a closing bracket',
  CloseBraceExpected: 'expected a comma or }',
  CloseBracketExpected: 'expected a comma or ]',
  EndOfFileExpected: 'expected the end of the file',
  InvalidCommentToken: 'comments are not allowed',
  UnexpectedEndOfComment: 'comments are not allowed',
  UnexpectedEndOfString: 'missing closing double quote',
  UnexpectedEndOfNumber: 'invalid number',
  InvalidUnicode: 'invalid \\u escape',
  InvalidEscapeCharacter: 'unknown escape after \\',
  InvalidCharacter: 'control characters must be escaped',
  '<unknown ParseErrorCode>': 'invalid syntax',
};
