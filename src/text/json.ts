import { controlCharacter, maxBrackets, scalarProblem } from './scalars.ts';

/**
 * A JSON text as plain values, the same that `parseYaml` brings. undefined where it is no JSON, or where `parseYaml`
 * would object to anything in it: it says what, and where.
 */
export function parseJson(text: string): { readonly value: unknown } | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (controlCharacter.test(text)) return undefined;
  const keys = countKeys(value, 1);
  // Of a key that is there twice, JSON.parse keeps only the last.
  return keys === undefined || keys !== countWrittenKeys(text) ? undefined : { value };
}

/** How many keys the mappings in `value` have; undefined where something in it is not for a config. */
function countKeys(value: unknown, depth: number): number | undefined {
  if (typeof value !== 'object' || value === null) return scalarProblem(value) === undefined ? 0 : undefined;
  if (depth > maxBrackets) return undefined;
  let count = 0;
  if (Array.isArray(value)) {
    for (const item of value) {
      const within = countKeys(item, depth + 1);
      if (within === undefined) return undefined;
      count += within;
    }
    return count;
  }
  for (const [key, item] of Object.entries(value)) {
    const within = key === '__proto__' ? undefined : countKeys(item, depth + 1);
    if (within === undefined) return undefined;
    count += 1 + within;
  }
  return count;
}

/** How many keys are written in a text that is JSON: what is in quotes and before a colon. */
function countWrittenKeys(text: string): number {
  let count = 0;
  for (let open = text.indexOf('"'); open >= 0; ) {
    const after = closingQuote(text, open) + 1;
    colon.lastIndex = after;
    if (colon.test(text)) count++;
    open = text.indexOf('"', after);
  }
  return count;
}

const colon = /[ \t\r\n]*:/y;

/** The one that no odd number of backslashes stands before. */
export function closingQuote(text: string, open: number): number {
  for (let close = text.indexOf('"', open + 1); ; close = text.indexOf('"', close + 1)) {
    let slashes = 0;
    while (text[close - 1 - slashes] === '\\') slashes++;
    if (slashes % 2 === 0) return close;
  }
}
