import { type Diagnostic, type Path, type Position, toPathText } from '../text/diagnostics.ts';
import { listAt, valueAt } from '../text/plain-value.ts';
import { resolveRelativeTo } from '../text/relative-path.ts';
import type { SecretRef } from './config.ts';
import type { SecretKind } from './schema/account-parts.ts';
import { accountKindOf } from './schema/accounts.ts';
import { envName, filePath } from './schema/values.ts';

/** A secret reference in a config. */
export interface SecretUse {
  readonly ref: SecretRef;
  /** Position of the key. */
  readonly position: Omit<Diagnostic, 'text'>;
  readonly kind: SecretKind;
}

/**
 * Returns the secret references of all accounts in order, also if the config has other errors. File paths are relative
 * to `file`.
 */
export function findSecretRefs(
  raw: unknown,
  file: string,
  locate: (paths: readonly Path[]) => readonly (Position | undefined)[],
): readonly SecretUse[] {
  const found = listAt(raw, ['accounts']).flatMap((account, index) =>
    (accountKindOf(valueAt(account, ['provider']))?.secrets ?? []).flatMap(({ path, kind }) => {
      const base = ['accounts', index, ...path.slice(0, -1)];
      const refs = (['env', 'file'] as const).flatMap((from) => {
        const keyPath = [...base, `${path.at(-1)}_${from}`];
        const ref = toRef(from, valueAt(raw, keyPath), file);
        return ref === undefined ? [] : [{ ref, kind, path: keyPath }];
      });
      // Two references of one secret are ambiguous.
      return refs.length === 1 ? refs : [];
    }),
  );
  const positions = locate(found.map(({ path }) => path));
  return found.map(({ ref, kind, path }, i) => {
    const { line, column } = positions[i] ?? { line: undefined, column: undefined };
    return { ref, kind, position: { line, column, path: toPathText(path) } };
  });
}

/** Returns undefined if the value is not a valid reference. */
function toRef(from: SecretRef['from'], value: unknown, file: string): SecretRef | undefined {
  const { data } = (from === 'env' ? envName() : filePath()).safeParse(value);
  if (data === undefined) return undefined;
  return from === 'env' ? { from, name: data } : { from, path: resolveRelativeTo(file, data) };
}
