import { expect, test } from 'vitest';
import type { SecretRef } from '../../src/config/config.ts';
import { createSecretFiles } from '../../src/config/secret-files.ts';
import { secretKey } from '../../src/config/secrets.ts';
import { createManualClock, settle } from '../support/manual-clock.ts';

const refs = {
  id: { from: 'file', path: 'id' },
  secret: { from: 'file', path: 'secret' },
  region: { from: 'env', name: 'REGION' },
} as const satisfies Record<string, SecretRef>;

test('reads secrets again in the background when their files changed, at most every 5 s', async () => {
  const { secrets, files, clock, reads, reports } = setUp();
  await clock.advance(5_000);
  expect(secrets.get('id')).toBe('id-1');
  await settle();
  expect(reads.splice(0)).toEqual(['id', 'secret']);

  files.set('id', 'id-2').set('secret', 'secret-2');
  await clock.advance(4_999);
  expect(secrets.get('id')).toBe('id-1');
  await settle();
  expect(reads).toEqual([]);
  await clock.advance(1);
  secrets.get('id');
  await settle();

  expect([secrets.get('id'), secrets.get('secret'), secrets.get('region')]).toEqual([
    'id-2',
    'secret-2',
    'r',
  ]);
  expect(reports).toEqual([undefined]);
  await clock.advance(60_000);
  reads.splice(0);
  secrets.get('id');
  await settle();
  expect(reads).toEqual([]);
});

test('reads secrets again on demand, at most once a second', async () => {
  const { secrets, files, clock } = setUp();
  const before = secrets.version();

  await secrets.renew();
  expect(secrets.version()).toBe(before);
  files.set('secret', 'secret-2');
  await secrets.renew();
  expect(secrets.get('secret')).toBe('secret-1');
  await clock.advance(1_000);
  await Promise.all([secrets.renew(), secrets.renew()]);

  expect(secrets.get('secret')).toBe('secret-2');
  expect(secrets.version()).not.toBe(before);
});

test('keeps all old secrets while one of the new ones is unusable, and reports the reason once', async () => {
  const { secrets, files, clock, reports } = setUp();
  const renew = async () => {
    await clock.advance(1_000);
    await secrets.renew();
  };

  files.set('id', 'id-2').set('secret', '');
  await renew();
  files.set('secret', ' ');
  await renew();
  files.delete('secret');
  await renew();
  await renew();
  expect([secrets.get('id'), secrets.get('secret')]).toEqual(['id-1', 'secret-1']);
  files.set('secret', 'secret-2');
  await renew();

  expect([secrets.get('id'), secrets.get('secret')]).toEqual(['id-2', 'secret-2']);
  expect(reports).toEqual([
    'empty (file secret)',
    'starts or ends with a blank; remove it (file secret)',
    'file not found (file secret)',
    undefined,
  ]);
});

test('reads a file again that could not be read, although it did not change', async () => {
  const { secrets, files, unreadable, clock, reports } = setUp();
  files.set('id', 'id-2').set('secret', 'secret-2');
  unreadable.add('secret');
  await secrets.renew();
  expect(secrets.get('id')).toBe('id-1');

  unreadable.clear();
  await clock.advance(5_000);
  secrets.get('id');
  await settle();

  expect([secrets.get('id'), secrets.get('secret')]).toEqual(['id-2', 'secret-2']);
  expect(reports).toEqual(['too many open files (file secret)', undefined]);
});

test('uses no mixture of old and new files if they are replaced while it reads them', async () => {
  const { secrets, files, onRead } = setUp();
  onRead((path) => {
    if (path === 'id') files.set('id', 'id-2').set('secret', 'secret-2');
  });
  files.set('id', 'id-1b').set('secret', 'secret-1b');

  await secrets.renew();

  expect([secrets.get('id'), secrets.get('secret')]).toEqual(['id-2', 'secret-2']);
});

test('keeps the old secrets if the files change each time that it reads them', async () => {
  const { secrets, files, onRead, reads } = setUp();
  onRead(() => files.set('id', `id-${reads.length}`));
  files.set('secret', 'secret-2');

  await secrets.renew();

  expect([secrets.get('id'), secrets.get('secret')]).toEqual(['id-1', 'secret-1']);
  expect(reads.length).toBeLessThan(10);
});

test('checks nothing if no secret is in a file', async () => {
  const { clock, reads } = setUp();
  const secrets = createSecretFiles(
    { region: refs.region },
    new Map([[secretKey(refs.region), 'r']]),
    { elapsed: clock.elapsed, onRead: () => {} },
    {
      stampOf: () => Promise.reject(new Error('no file')),
      readFile: () => Promise.reject(new Error('no file')),
    },
  );
  await clock.advance(60_000);

  expect(secrets.get('region')).toBe('r');
  await secrets.renew();
  expect(reads).toEqual([]);
});

test('does not read a pipe again', async () => {
  const { secrets, clock, reads, pipes } = setUp();
  pipes.add('id').add('secret');
  await clock.advance(5_000);

  await secrets.renew();

  expect(secrets.get('id')).toBe('id-1');
  expect(reads).toEqual([]);
});

function setUp() {
  const clock = createManualClock();
  const files = new Map([
    ['id', 'id-1'],
    ['secret', 'secret-1'],
  ]);
  const pipes = new Set<string>();
  const unreadable = new Set<string>();
  let afterRead: (path: string) => void = () => {};
  const reads: string[] = [];
  const reports: (string | undefined)[] = [];
  const secrets = createSecretFiles(
    refs,
    new Map([
      [secretKey(refs.id), 'id-1'],
      [secretKey(refs.secret), 'secret-1'],
      [secretKey(refs.region), 'r'],
    ]),
    { elapsed: clock.elapsed, onRead: (problem) => reports.push(problem) },
    {
      stampOf: async (path) => (pipes.has(path) ? 'pipe' : files.get(path)),
      readFile: async (path) => {
        reads.push(path);
        if (unreadable.has(path)) return { problem: 'too many open files' };
        const text = files.get(path);
        afterRead(path);
        return text === undefined ? { problem: 'file not found' } : { text: `${text}\n` };
      },
    },
  );
  return {
    clock,
    files,
    pipes,
    unreadable,
    reads,
    reports,
    secrets,
    /** Calls `listener` after the content of a file was read. */
    onRead(listener: (path: string) => void) {
      afterRead = listener;
    },
  };
}
