import type { Diagnostic } from '../text/diagnostics.ts';
import { type Path, toPathText } from '../text/diagnostics.ts';
import type { Position } from '../text/json-positions.ts';
import { listAt, valueAt } from '../text/plain-value.ts';
import { resolveRelativeTo } from '../text/relative-path.ts';
import type { SecretRef } from './config.ts';
import { envName, filePath } from './schema/values.ts';

/** A secret that a config names. */
export interface SecretUse {
  /** Where it is. */
  readonly ref: SecretRef;
  /** The key that says so. */
  readonly position: Omit<Diagnostic, 'text'>;
  /** `token`: there is none where its environment variable is unset or empty. `proxy`: a URL, which may hold a password. */
  readonly kind: 'key' | 'token' | 'proxy';
}

interface Use {
  /** Below the account; without `_env` or `_file`. */
  readonly path: readonly string[];
  readonly kind: SecretUse['kind'];
}

const proxy: Use = { path: ['proxy_url'], kind: 'proxy' };
const uses = new Map<unknown, readonly Use[]>([
  ['tencent', [{ path: ['statcgi', 'key'], kind: 'key' }, proxy]],
  [
    'alibaba',
    [
      { path: ['access_key_id'], kind: 'key' },
      { path: ['access_key_secret'], kind: 'key' },
      { path: ['security_token'], kind: 'token' },
      proxy,
    ],
  ],
]);

/** All secrets that a config names, whatever else is wrong with it, in the order of its accounts. Paths are relative to `file`. */
export function findSecretRefs(
  raw: unknown,
  file: string,
  locate: (paths: readonly Path[]) => readonly (Position | undefined)[],
): readonly SecretUse[] {
  const found = findNamed(raw, file);
  const places = locate(found.map(({ path }) => path));
  return found.map(({ place, kind, path }, i) => {
    const { line, column } = places[i] ?? { line: undefined, column: undefined };
    return { ref: place, kind, position: { line, column, path: toPathText(path) } };
  });
}

function findNamed(raw: unknown, file: string) {
  return listAt(raw, ['accounts']).flatMap((account, index) =>
    (uses.get(valueAt(account, ['provider'])) ?? []).flatMap(({ path, kind }) => {
      const base = ['accounts', index, ...path.slice(0, -1)];
      const [stem = ''] = path.slice(-1);
      const places = (['env', 'file'] as const).flatMap((from) => {
        const keyPath = [...base, `${stem}_${from}`];
        const place = toPlace(from, valueAt(raw, keyPath), file);
        return place === undefined ? [] : [{ place, kind, path: keyPath }];
      });
      // Which of two is meant is not to be seen.
      return places.length === 1 ? places : [];
    }),
  );
}

/** undefined where none is named. */
function toPlace(from: SecretRef['from'], named: unknown, file: string): SecretRef | undefined {
  if (from === 'env') {
    const { data } = envName().safeParse(named);
    return data === undefined ? undefined : { from, name: data };
  }
  const { data } = filePath().safeParse(named);
  return data === undefined ? undefined : { from, path: resolveRelativeTo(file, data) };
}
