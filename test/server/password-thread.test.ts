import { expect, test } from 'vitest';
import { createPasswordThread } from '../../src/server/password-thread.ts';

/** bcrypt hash of `wonderland`, with the lowest cost. */
const hash = '$2b$04$78i.BSYL0DyTfFuT5SXteO0kNQhM1/74LMRlnOd4VBJ8627LyG4Py';

test('compares passwords with hashes of all three names', async () => {
  const thread = createPasswordThread();

  for (const name of ['$2a', '$2b', '$2y']) {
    const other = hash.replace('$2b', name);
    expect(await thread.compare('wonderland', other)).toBe(true);
    expect(await thread.compare('Wonderland', other)).toBe(false);
  }
  await thread.close();
});

test('rejects comparisons beyond 32 that wait, and the others when it closes', async () => {
  const thread = createPasswordThread();
  const all = Array.from({ length: 40 }, (_, i) =>
    thread.compare(`wrong-${i}`, hash.replace('$04$', '$12$')),
  );

  expect(await Promise.all(all.slice(32))).toEqual(Array(8).fill(undefined));
  await thread.close();
  expect(await Promise.all(all.slice(1, 32))).toContain(undefined);
});

test('starts another thread after one has ended', async () => {
  const thread = createPasswordThread();
  expect(await thread.compare('wonderland', hash)).toBe(true);
  await thread.close();

  expect(await thread.compare('wonderland', hash)).toBe(true);
  await thread.close();
});
