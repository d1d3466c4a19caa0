import { expect, test } from 'vitest';
import { secretFileWarnings } from '../../src/config/secret-permissions.ts';
import type { SecretUse } from '../../src/config/secret-refs.ts';

const position = { line: 3, column: 5, path: 'accounts.0.statcgi.key_file' };

test('warns about secret files that other users can read or change', async () => {
  const modes: Record<string, string | undefined> = { '/run/key': '0644', '/run/ca.pem': '0644' };
  const uses: readonly SecretUse[] = [
    { ref: { from: 'file', path: '/run/key' }, kind: 'key', position },
    { ref: { from: 'file', path: '/run/private' }, kind: 'key', position },
    { ref: { from: 'file', path: '/run/ca.pem' }, kind: 'certificates', position },
    { ref: { from: 'env', name: 'STAT_KEY' }, kind: 'key', position },
  ];

  expect(await secretFileWarnings(uses, async (path) => modes[path])).toEqual([
    {
      ...position,
      text: 'other users of this machine can read or change the file (/run/key, mode 0644); run chmod 600',
    },
  ]);
});
