import type { Diagnostic, Path, UnlocatedDiagnostic } from '../text/diagnostics.ts';
import { findJsonSyntaxError, parseJson, positionsInJson } from '../text/json.ts';
import { parsePartially } from '../text/partial-parse.ts';
import { valueAt } from '../text/plain-value.ts';
import { scalarProblem } from '../text/scalars.ts';
import { readTextFile } from '../text/text-file.ts';
import { parseYaml } from '../text/yaml.ts';
import { messageOf, toDiagnostics } from '../text/zod-issues.ts';
import type { Config } from './config.ts';
import { crossCheck } from './cross-check.ts';
import { toConfig } from './resolve.ts';
import { accountKindOf } from './schema/accounts.ts';
import { type ConfigInput, ConfigSchema, laterKeys, toJsonSchema } from './schema/config.ts';
import { findSecretRefs, type SecretUse } from './secret-refs.ts';

/** A valid Config or all problems of the file, and the secrets that it references. */
export type Loaded = ({ readonly config: Config } | { readonly problems: readonly Diagnostic[] }) & {
  readonly named: readonly SecretUse[];
};

const maxFileBytes = 64 * 1024 * 1024;

/** Loads the config in `file`. A file that cannot be read is reported as a problem. */
export async function readConfigFile(file: string): Promise<Loaded> {
  const read = await readTextFile(file, maxFileBytes);
  if ('problem' in read) {
    return { problems: [{ line: undefined, column: undefined, path: '', text: read.problem }], named: [] };
  }
  return loadConfig(read.text, file);
}

/** Loads a config from its text. The text is JSON if the name of `file` ends in .json; paths are relative to `file`. */
export function loadConfig(text: string, file: string): Loaded {
  return (file.endsWith('.json') ? loadJson(text, file) : undefined) ?? loadYaml(text, file);
}

/**
 * Fast path for a large valid JSON config: it takes a thirtieth of the time and a fifth of the memory of YAML. Returns
 * undefined if the config has any error except a syntax error. JSON is a subset of YAML, which has the positions.
 */
function loadJson(text: string, file: string): Loaded | undefined {
  const json = parseJson(text);
  if (json === undefined) {
    // YAML would accept a trailing comma or a comment.
    const syntaxError = findJsonSyntaxError(text);
    return syntaxError && { problems: [syntaxError], named: [] };
  }
  const { input, diagnostics } = check(json.value);
  if (input === undefined || diagnostics.length > 0) return undefined;
  const named = findSecretRefs(json.value, file, (paths) => positionsInJson(text, paths));
  return { config: toConfig(input, file), named };
}

function loadYaml(text: string, file: string): Loaded {
  const yaml = parseYaml(text, scalarProblem);
  if ('problems' in yaml) return { ...yaml, named: [] };
  const { input, diagnostics } = check(yaml.value);
  const problems = yaml.locate(diagnostics);
  const named = findSecretRefs(yaml.value, file, (paths) => paths.map(yaml.positionOf));
  return input !== undefined && problems.length === 0
    ? { config: toConfig(input, file), named }
    : { problems, named };
}

interface Checked {
  /** Undefined if the schema rejects the config. */
  readonly input: ConfigInput | undefined;
  readonly diagnostics: readonly UnlocatedDiagnostic[];
}

function check(raw: unknown): Checked {
  const { data, error } = ConfigSchema.safeParse(raw, { error: messageOf });
  const issues = toDiagnostics(error?.issues ?? [], raw, { jsonSchema: toJsonSchema, explainKey });
  const readable = data ?? parsePartially(ConfigSchema, raw);
  const contradictions = readable === undefined ? [] : crossCheck(raw, readable);
  return { input: data, diagnostics: [...issues, ...contradictions] };
}

/** Explains a key that the contract reserves for a later version. */
function explainKey(path: Path, raw: unknown) {
  const provider = path[0] === 'accounts' ? valueAt(raw, [...path.slice(0, 2), 'provider']) : undefined;
  const kind = accountKindOf(provider);
  const [keys, from] = kind === undefined ? [laterKeys, 0] : [kind.laterKeys, 2];
  const key = path
    .slice(from)
    .map((part) => (typeof part === 'number' ? '*' : part))
    .join('.');
  return keys.has(key) ? { text: 'not supported yet', meant: keys.get(key) } : undefined;
}
