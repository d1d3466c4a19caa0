/**
 * Returns the reason why a config must not contain a scalar; undefined if it may contain the scalar. A string
 * must be one line of well-formed Unicode. A number must be exact. The reason never quotes the value, because
 * the value can be a secret.
 */
export function scalarProblem(value: unknown): string | undefined {
  if (typeof value === 'number') return numberProblem(value);
  if (typeof value !== 'string') return undefined;
  if (/\p{Cc}/u.test(value)) return 'control characters and line breaks are not allowed';
  if (!value.isWellFormed()) return 'not valid Unicode: half of a surrogate pair';
  if (/^[a-z][a-z0-9+.-]*:[\\/]{2}[^\\/?#]*@/i.test(value)) {
    return 'the URL contains a user or password; secrets are not allowed in this file';
  }
  return undefined;
}

function numberProblem(value: number): string | undefined {
  if (!Number.isFinite(value)) return 'expected a finite number';
  return Math.abs(value) > Number.MAX_SAFE_INTEGER ? 'number too large' : undefined;
}

/** Pattern that matches a control character that YAML does not allow. YAML allows tabs and line ends. */
export const controlCharacter = /[\p{Cc}--[\t\n\r\u0080-\u009f]]/v;

/** Maximum nesting depth of lists and mappings in a file. */
export const maxDepth = 50;
