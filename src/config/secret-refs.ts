import { dirname, isAbsolute, join } from 'node:path';
import { type Diagnostic, type Path, type Position, toPathText } from '../text/diagnostics.ts';
import { listAt, valueAt } from '../text/plain-value.ts';
import type { AlertmanagerSecretName, SecretRef } from './config.ts';
import type { SecretKind } from './schema/account-parts.ts';
import { accountKindOf } from './schema/accounts.ts';
import { filePath } from './schema/names.ts';
import { envName } from './schema/values.ts';

/** Reference to a secret in a config, and its position in the file. */
export interface SecretUse {
  readonly ref: SecretRef;
  /** Position of the value of the key that refers to the secret, such as `key_env`. */
  readonly position: Omit<Diagnostic, 'text'>;
  readonly kind: SecretKind;
}

/**
 * Returns the references to secrets of all accounts, in the order of the config, then those of the
 * Alertmanagers, even if the config has other errors. A relative path of a secret file is relative to the
 * directory of `file`.
 */
export function findSecretRefs(
  raw: unknown,
  file: string,
  locate: (paths: readonly Path[]) => readonly (Position | undefined)[],
): readonly SecretUse[] {
  const ofAccounts = listAt(raw, ['accounts']).flatMap((account, index) =>
    secretRefsOf(account, file).map(({ path, ...ref }) => ({ ...ref, path: ['accounts', index, ...path] })),
  );
  const ofAlertmanagers = alertmanagerRefs(valueAt(raw, ['alertmanager']), file).map(({ path, ...ref }) => ({
    ...ref,
    path: ['alertmanager', ...path],
  }));
  const found = [...ofAccounts, ...ofAlertmanagers];
  const positions = locate(found.map(({ path }) => path));
  return found.map(({ ref, kind, path }, i) => {
    const { line, column } = positions[i] ?? { line: undefined, column: undefined };
    return { ref, kind, position: { line, column, path: toPathText(path) } };
  });
}

/**
 * Returns the references to secrets of one account, each with its key path relative to the account. `account`
 * can be the plain value from the file or the output of the schema.
 */
export function secretRefsOf(account: unknown, file: string) {
  const secrets = accountKindOf(valueAt(account, ['provider']))?.secrets ?? [];
  return secrets.flatMap(({ name, path: stem, kind, variable }) => {
    const fromPath = [...stem.slice(0, -1), 'credentials', 'from'];
    if (variable !== undefined && valueAt(account, fromPath) === 'env') {
      return [{ name, ref: { from: 'env', name: variable } as const, kind, path: fromPath }];
    }
    const refs = (['env', 'file'] as const).flatMap((from) => {
      const path = [...stem.slice(0, -1), `${stem.at(-1)}_${from}`];
      const ref = toRef(from, valueAt(account, path), file);
      return ref === undefined ? [] : [{ name, ref, kind, path }];
    });
    // If both keys of a secret are given, return no reference, because it is unknown which key the operator
    // means.
    return refs.length === 1 ? refs : [];
  });
}

/**
 * Returns the files that the section `alertmanager` names, each with its key path relative to the section.
 * `section` can be the plain value from the file or the output of the schema.
 */
export function alertmanagerRefs(section: unknown, file: string) {
  return alertmanagerFiles.flatMap(({ name, path, kind }) => {
    const ref = toRef('file', valueAt(section, path), file);
    return ref === undefined ? [] : [{ name, path, kind, ref }];
  });
}

const alertmanagerFiles: readonly {
  readonly name: AlertmanagerSecretName;
  readonly path: readonly string[];
  readonly kind: SecretKind;
}[] = [
  { name: 'password', path: ['basic_auth', 'password_file'], kind: 'password' },
  { name: 'bearerToken', path: ['bearer_token_file'], kind: 'bearer' },
  { name: 'certificates', path: ['ca_file'], kind: 'certificates' },
];

/** Schemas of the values of a reference. There is one for all accounts, because creating a schema is slow. */
const refValue = { env: envName(), file: filePath() } as const;

/**
 * Converts the value of a key that ends in `_env` or `_file` to a reference. Returns undefined if the value
 * is invalid.
 */
function toRef(from: SecretRef['from'], value: unknown, file: string): SecretRef | undefined {
  const { data } = refValue[from].safeParse(value);
  if (data === undefined) return undefined;
  if (from === 'env') return { from, name: data };
  return { from, path: isAbsolute(data) ? data : join(dirname(file), data) };
}
