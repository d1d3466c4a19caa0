import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { StateDirectoryError } from '../../src/store/directory-error.ts';
import { lockState } from '../../src/store/lock.ts';
import { openStateStore } from '../../src/store/state-store.ts';
import { noon } from '../support/samples.ts';
import { change, openWithDamage, readState } from '../support/state.ts';
import { describeWithTool } from '../support/tools.ts';
import { save, savedPush } from './saved.ts';
import { recordsOf } from './versions.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'livestream-full-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

/** Maximum file size in bytes: none; less than a page; half of an empty file; an empty file and no write-ahead log. */
const maxSizes = [0, 1000, 8192, 20_000];

describeWithTool('prlimit', 'a start with a full disk', () => {
  test('leaves nothing that looks like a lost state if there was none', () => {
    for (const maxSize of maxSizes) {
      expect(() => withMaxFileSize(maxSize, () => openWithDamage(directory))).toThrow();

      expect(readState(directory)).toEqual({ records: [], damage: undefined });
      expect(readdirSync(directory)).toEqual(['state.db']);
      rmSync(join(directory, 'state.db'));
    }
  });

  test('leaves an existing state unchanged, whether it was closed or not', async () => {
    const records = recordsOf(1);
    const { store } = openWithDamage(directory);
    await store.save(records.map(change), noon);
    let refused = 0;
    for (const isClosed of [false, true]) {
      if (isClosed) store.close();
      for (const maxSize of maxSizes) {
        // The files that another process has left next to it can be large enough.
        const found = withMaxFileSize(maxSize, () => {
          try {
            return openWithDamage(directory);
          } catch (error) {
            return String(error);
          }
        });
        if (typeof found === 'string') {
          expect(found).toContain('the file is unchanged');
          refused++;
        } else found.store.close();
      }
    }

    expect(refused).toBeGreaterThan(maxSizes.length / 2);
    const { records: read, damage } = readState(directory);
    expect([damage, read.length]).toEqual([undefined, records.length]);
  });

  test('leaves a damaged state in its place until the new file is complete', () => {
    const file = join(directory, 'state.db');
    const damaged = 'not a database';
    for (const maxSize of maxSizes) {
      writeFileSync(file, damaged);
      const reports: unknown[] = [];
      expect(() =>
        withMaxFileSize(maxSize, () =>
          openStateStore(directory, noon, {
            lock: { renew: () => false },
            onDamage: ({ movedTo }) => reports.push(readFileSync(file, 'utf8'), movedTo),
            onRecreated: () => {},
          }),
        ),
      ).toThrow();

      const isReplaced = readFileSync(file, 'latin1') !== damaged;
      // The report comes before the replacement.
      expect(reports).toEqual(isReplaced ? [damaged, expect.stringContaining('.unusable-')] : []);
      if (!isReplaced) expect(readState(directory, noon + 1).damage?.isLossy).toBe(true);
      for (const name of readdirSync(directory)) rmSync(join(directory, name));
    }
  });

  test('leaves no file open when a deleted journal cannot be written again', async () => {
    const { store } = openWithDamage(directory);
    await store.save(recordsOf(1).map(change), noon);
    rmSync(join(directory, 'state.journal-000001'));
    const maintain = () => store.maintain({ at: noon, expireBefore: undefined, isUrgent: false });
    const openFiles = () => readdirSync('/proc/self/fd').length;
    const before = openFiles();

    for (const _ of [1, 2, 3]) expect(() => withMaxFileSize(1000, maintain)).toThrow('EFBIG');

    expect(openFiles()).toBe(before);
    maintain();
    store.close();
    expect(readState(directory).records).toHaveLength(recordsOf(1).length);
  });

  test('leaves no file open, and no copy, when a deleted state cannot be used after it was written again', async () => {
    const { store, recreations } = openWithDamage(directory);
    await store.save([change(savedPush('news'))], noon);
    rmSync(join(directory, 'state.db'));
    const maintain = (at: number) => store.maintain({ at, expireBefore: undefined, isUrgent: false });
    const openFiles = () => readdirSync('/proc/self/fd').length;
    const before = openFiles();

    // Enough for the state file, but not for the index of its write-ahead log.
    for (const i of [1, 2, 3]) expect(() => withMaxFileSize(30_000, () => maintain(noon + i))).toThrow();

    expect(openFiles()).toBe(before);
    maintain(noon + 4);
    expect(recreations).toEqual([{ why: 'state.db is missing', movedTo: undefined }]);
    expect(readdirSync(directory).filter((name) => name.includes('replaced'))).toEqual([]);
    store.close();
    expect(readState(directory)).toEqual({ records: [savedPush('news')], damage: undefined });
  });

  test('leaves a readable damaged state unchanged, and recovers it once the disk has space', async () => {
    await save(directory, recordsOf(1));
    const bytes = readFileSync(join(directory, 'state.db'));
    // The free space of a page of rows, which only a write uses.
    const page = bytes.indexOf('record push_stats') & -8192;
    bytes.writeUInt16BE(8190, page + 1);
    writeFileSync(join(directory, 'state.db'), bytes);

    for (const maxSize of maxSizes) {
      expect(() => withMaxFileSize(maxSize, () => openWithDamage(directory))).toThrow(
        'the file is unchanged',
      );
      expect(readFileSync(join(directory, 'state.db')).equals(bytes)).toBe(true);
    }

    const { records, damage } = readState(directory);
    expect([damage?.isLossy, records.length]).toEqual([false, recordsOf(1).length]);
    expect(damage?.problems).toEqual([expect.stringContaining('free space corruption')]);
  });

  test('names the cause if the directory accepts no lock file', () => {
    expect(() => withMaxFileSize(0, () => lockState(directory, { pid: 1, startedAt: 'now' }))).toThrow(
      StateDirectoryError,
    );

    lockState(directory, { pid: 2, startedAt: 'now' }).release();
  });
});

test('does not replay the write-ahead log of a deleted state', async () => {
  const { store } = openWithDamage(directory);
  await store.save(recordsOf(1).map(change), noon);
  rmSync(join(directory, 'state.db'));

  const { store: fresh, records, damage } = openWithDamage(directory);

  expect([damage?.problems, records]).toEqual([
    ['state.db is missing, and its journal is useless without it'],
    [],
  ]);
  fresh.close();
  store.close();
});

/** Limits the size of the files that this process writes. A larger write fails, as on a full disk. */
function withMaxFileSize<T>(bytes: number, work: () => T): T {
  const limit = (soft: string) =>
    execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${soft}:unlimited`]);
  limit(String(bytes));
  try {
    return work();
  } finally {
    limit('unlimited');
  }
}
