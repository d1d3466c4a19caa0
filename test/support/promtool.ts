import { spawnSync } from 'node:child_process';

/** All that `promtool check metrics` says of a text, with its exit code; undefined: it has nothing to say. */
export function promtoolSays(text: string): string | undefined {
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
    input: text,
    encoding: 'utf8',
  });
  return status === 0 && stdout === '' && stderr === '' ? undefined : `${status}: ${stdout}${stderr}`;
}
