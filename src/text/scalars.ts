/** What no text and no number of a config may be: no text goes over a line, and no number is beyond counting. Never shows the value: it may be secret. */
export function scalarProblem(value: unknown): string | undefined {
  if (typeof value === 'number') return numberProblem(value);
  if (typeof value !== 'string') return undefined;
  if (/\p{Cc}/u.test(value)) return 'expected one line of text without control characters';
  if (!value.isWellFormed()) return 'expected text; this has half a character in it';
  if (/^[a-z][a-z0-9+.-]*:[\\/]{2}[^\\/?#]*@/i.test(value)) {
    return 'a URL with a user or password in it: no secret belongs in this file';
  }
  return undefined;
}

function numberProblem(value: number): string | undefined {
  if (!Number.isFinite(value)) return 'expected a finite number';
  return Math.abs(value) > Number.MAX_SAFE_INTEGER ? 'too large a number' : undefined;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: YAML allows none of these; it does allow tabs and line ends.
export const controlCharacter = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/;

/** Brackets within brackets, and no config needs so many. */
export const maxBrackets = 50;
