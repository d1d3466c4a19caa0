import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { getPriority, platform } from 'node:os';
import { expect, test } from 'vitest';
import { createPasswordThread } from '../../src/server/password-thread.ts';
import { describeWithTool } from '../support/tools.ts';

/** bcrypt hash of `wonderland`, with the lowest cost. */
const hash = '$2b$04$78i.BSYL0DyTfFuT5SXteO0kNQhM1/74LMRlnOd4VBJ8627LyG4Py';

const fail = (error: unknown) => expect(error).toBeUndefined();

test('reports the error of a thread that fails, and starts another one for the next comparison', async () => {
  const errors: unknown[] = [];
  const script = new URL('data:text/javascript,throw new Error("no memory")');
  const thread = createPasswordThread((error) => errors.push(error), script);

  expect(await thread.compare('wonderland', hash)).toBeUndefined();
  expect(await thread.compare('wonderland', hash)).toBeUndefined();
  expect(errors).toEqual([new Error('no memory'), new Error('no memory')]);
});

test('compares passwords with hashes of all three names', async () => {
  const thread = createPasswordThread(fail);

  for (const name of ['$2a', '$2b', '$2y']) {
    const other = hash.replace('$2b', name);
    expect(await thread.compare('wonderland', other)).toBe(true);
    expect(await thread.compare('Wonderland', other)).toBe(false);
  }
  await thread.close();
});

test('ends all comparisons without a result when it closes', async () => {
  const thread = createPasswordThread(fail);
  const all = [1, 2, 3].map((i) => thread.compare(`wrong-${i}`, hash.replace('$04$', '$12$')));
  await thread.close();

  expect((await Promise.all(all)).at(-1)).toBeUndefined();
});

test.runIf(platform() === 'linux')('has a lower priority than the rest of the process', async () => {
  const thread = createPasswordThread(fail);
  await thread.compare('wonderland', hash);
  const priorities = readdirSync('/proc/self/task').map((id) => getPriority(Number(id)));
  await thread.close();

  expect(priorities.filter((priority) => priority === getPriority() + 5)).toHaveLength(1);
});

test('starts another thread after one has ended', async () => {
  const thread = createPasswordThread(fail);
  expect(await thread.compare('wonderland', hash)).toBe(true);
  await thread.close();

  expect(await thread.compare('wonderland', hash)).toBe(true);
  await thread.close();
});

describeWithTool('strace', 'a system that does not let a thread change its priority', () => {
  test('still compares passwords', () => {
    const script = `
      import { createPasswordThread } from ${JSON.stringify(new URL('../../src/server/password-thread.ts', import.meta.url))};
      const thread = createPasswordThread(console.error);
      process.stdout.write(String(await thread.compare('wonderland', ${JSON.stringify(hash)})));
      await thread.close();`;
    const refused = ['-f', '-qq', '-o', '/dev/null', '-e', 'inject=setpriority:error=EPERM'];
    const { stdout } = spawnSync(
      'strace',
      [...refused, process.execPath, '--input-type=module', '--eval', script],
      { encoding: 'utf8' },
    );

    expect(stdout).toBe('true');
  });
});
