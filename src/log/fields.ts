/**
 * Fields of a log event, by snake_case name. A field with the value undefined does not appear in the log
 * line.
 */
export type Fields = Readonly<Record<string, unknown>>;

/** Text that replaces a secret. */
const hidden = '[redacted]';

/**
 * Maximum length of one text in a log line, in characters. Longer texts are truncated, because a provider's
 * response can have megabytes.
 */
const maxTextLength = 2_000;
/** Maximum nesting depth of a field's value. */
const maxDepth = 5;
/** Maximum number of items of an array, map or object in a field's value. */
const maxItems = 50;

/**
 * Names of the fields that the log itself adds. If the caller passes a field with one of these names, the
 * suffix `_` is added to the name.
 */
const reservedNames: ReadonlySet<string> = new Set(['ts', 'level', 'msg']);

/**
 * Returns the fields as plain JSON values without secrets. A value is redacted if the name of its field, at
 * any depth, is that of a secret. Parts of texts are redacted by pattern. Redaction is only the last line of
 * defense: callers must not pass secrets. An Error in the field NAME becomes the fields `NAME` (the message),
 * `NAME_kind`, `NAME_cause` and, if the error is internal, `NAME_stack`. Other properties of an Error are
 * dropped, because the error of a failed `new URL()` contains the whole URL.
 */
export function toPlainFields(fields: Fields, isErrorLevel: boolean): Record<string, unknown> {
  const plain: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    const key = reservedNames.has(name) ? `${name}_` : name;
    if (value === undefined) continue;
    if (value instanceof Error) Object.assign(plain, errorFields(key, value, isErrorLevel));
    else plain[key] = isSecretName(name) ? hidden : toPlain(value, 0);
  }
  return plain;
}

function errorFields(key: string, error: Error, isErrorLevel: boolean): Record<string, unknown> {
  const kind = 'kind' in error && typeof error.kind === 'string' ? error.kind : undefined;
  const isInternal = kind === 'internal' || (kind === undefined && isErrorLevel);
  const { cause } = error;
  return {
    [key]: withoutSecrets(error.message || error.name),
    ...(kind !== undefined && { [`${key}_kind`]: withoutSecrets(kind) }),
    ...(cause instanceof Error && { [`${key}_cause`]: withoutSecrets(cause.message || cause.name) }),
    ...(isInternal && error.stack !== undefined && { [`${key}_stack`]: withoutSecrets(error.stack) }),
  };
}

/**
 * Converts a value to plain JSON. Limits the depth, so that the conversion of a cyclic object ends, and the
 * number of items, so that the log line of a large object stays short.
 */
function toPlain(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return withoutSecrets(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'boolean' || value === null || value === undefined) return value;
  if (typeof value !== 'object') return withoutSecrets(String(value));
  if (value instanceof Error) return withoutSecrets(value.message || value.name);
  if (value instanceof Date) return Number.isFinite(value.getTime()) ? value.toISOString() : String(value);
  if (value instanceof URL) return withoutSecrets(value.href);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (depth >= maxDepth) return '[too deep]';
  if (value instanceof Map) return toPlain(Object.fromEntries([...value].slice(0, maxItems)), depth);
  if (value instanceof Set) return toPlain([...value], depth);
  if (Array.isArray(value)) return value.slice(0, maxItems).map((item) => toPlain(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, maxItems)
      .map(([key, item]) => [key, isSecretName(key) ? hidden : toPlain(item, depth + 1)]),
  );
}

/**
 * Pattern that marks a field name as the name of a secret. It is matched against the words of the name joined
 * without separators, and can match anywhere.
 */
const secretPart =
  /secret|password|passwd|token|authorization|signature|credential|cookie|apikey|accesskey|privatekey/;
/**
 * Words that mark a field name as the name of a secret only if they are whole words of the name: `keyframe`
 * and `assigned` are not secrets.
 */
const secretWords: ReadonlySet<string> = new Set(['key', 'keys', 'sign', 'sig', 'pwd', 'auth']);

function isSecretName(name: string): boolean {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  return words.some((word) => secretWords.has(word)) || secretPart.test(words.join(''));
}

/**
 * Truncates the text to `maxTextLength` and redacts these parts: query strings, the user and password in
 * URLs, the token after `Bearer` or `Basic`, and the value in `name=value` or `name: value` if the name is
 * that of a secret.
 */
export function withoutSecrets(text: string): string {
  return shortened(text)
    .replace(/\?[^\s"'<>=]*=[^\s"'<>]*/g, `?${hidden}`)
    .replace(/:\/\/[^\s/?#"'<>@]*@/g, `://${hidden}@`)
    .replace(/\b(Bearer|Basic)\s+[\w.~+/=-]+/gi, `$1 ${hidden}`)
    .replace(/([\w-]+)(["']?\s*[=:]\s*["']?)([^\s"'&,;<>]+)/g, (whole, name: string, between: string) =>
      isSecretName(name) ? `${name}${between}${hidden}` : whole,
    );
}

/** Truncates the text. Hides the start of a URL at its end, because the `@` after a password can be truncated. */
function shortened(text: string): string {
  if (text.length <= maxTextLength) return text;
  const start = text.slice(0, maxTextLength).replace(/:\/\/[^\s/?#"'<>@]*$/, `://${hidden}`);
  return `${start}… (${text.length} characters)`;
}
