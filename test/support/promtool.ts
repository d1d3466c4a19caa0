import { spawnSync } from 'node:child_process';

/** Returns the exit code and output of `promtool check metrics` for a text; undefined if it has no complaints. */
export function promtoolSays(text: string): string | undefined {
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
    input: text,
    encoding: 'utf8',
  });
  return status === 0 && stdout === '' && stderr === '' ? undefined : `${status}: ${stdout}${stderr}`;
}
