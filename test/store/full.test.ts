import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SavedRecord } from '../../src/model/saved-record.ts';
import { lockState, StateFolderError } from '../../src/store/lock.ts';
import { openStateStore, type RecordChange } from '../../src/store/state-store.ts';
import { settle } from '../support/manual-clock.ts';
import { noon } from '../support/samples.ts';
import { describeWithTool } from '../support/tools.ts';
import { recordsOf } from './versions.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'livestream-full-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Bytes that the system takes of each file: none; less than a page; the pages of an empty file; part of what is beside it. */
const rooms = [0, 1000, 8192, 20_000];

describeWithTool('prlimit', 'a start without room', () => {
  test('where no state was, none seems lost at the next start', () => {
    for (const room of rooms) {
      expect(() => withRoom(room, () => openStateStore(folder, noon))).toThrow();

      const { store, saved, problem } = openStateStore(folder, noon);
      store.close();
      expect([problem, saved]).toEqual([undefined, { records: [], problems: [] }]);
      expect(readdirSync(folder)).toEqual(['state.db']);
      rmSync(join(folder, 'state.db'));
    }
  });

  test('the state that is there is left as it is, closed or not', async () => {
    const records = recordsOf(1);
    const { store } = openStateStore(folder, noon);
    await store.save(changesOf(records), noon, settle);
    let refused = 0;
    for (const isClosed of [false, true]) {
      if (isClosed) store.close();
      for (const room of rooms) {
        // With what another process left beside it there may be room enough.
        const found = withRoom(room, () => {
          try {
            return openStateStore(folder, noon);
          } catch (error) {
            return String(error);
          }
        });
        if (typeof found === 'string') {
          expect(found).toContain("can't be used now and is left as it is");
          refused++;
        } else found.store.close();
      }
    }

    expect(refused).toBeGreaterThan(rooms.length / 2);
    const { store: again, saved, problem } = openStateStore(folder, noon);
    again.close();
    expect([problem, saved.problems, saved.records.length]).toEqual([undefined, [], records.length]);
  });

  test('a damaged state that was moved aside before the room was out is told by the next start', () => {
    const damaged = 'no database at all';
    let isMoved = 0;
    for (const room of rooms) {
      writeFileSync(join(folder, 'state.db'), damaged);
      expect(() => withRoom(room, () => openStateStore(folder, noon))).toThrow();
      if (readFileSync(join(folder, 'state.db'), 'latin1') !== damaged) isMoved++;

      const { store, problem, reported } = openStateStore(folder, noon);
      store.close();
      expect(problem).toContain('all totals start from 0');
      reported();
      for (const file of readdirSync(folder)) rmSync(join(folder, file));
    }
    expect(isMoved).toBeGreaterThan(0);
  });

  test('a damaged state that can be read is left as it is, and is written anew by a start with room', async () => {
    const { store } = openStateStore(folder, noon);
    await store.save(changesOf(recordsOf(1)), noon, settle);
    store.close();
    const bytes = readFileSync(join(folder, 'state.db'));
    // The free room of a page of rows, which only a write looks at.
    const page = bytes.indexOf('target push_stats') & -8192;
    bytes.writeUInt16BE(8190, page + 1);
    writeFileSync(join(folder, 'state.db'), bytes);

    for (const room of rooms) {
      expect(() => withRoom(room, () => openStateStore(folder, noon))).toThrow();
      expect(readFileSync(join(folder, 'state.db')).equals(bytes)).toBe(true);
    }

    const { store: again, saved, problem, repaired } = openStateStore(folder, noon);
    again.close();
    expect([problem, saved.problems, saved.records.length]).toEqual([undefined, [], recordsOf(1).length]);
    expect(repaired).toContain('free space corruption');
    expect(readdirSync(folder)).toEqual(['state.db']);
  });

  test('a folder that takes no lock is told, with what to do', () => {
    expect(() => withRoom(0, () => lockState(folder, { pid: 1, startedAt: 'now' }))).toThrow(
      StateFolderError,
    );

    lockState(folder, { pid: 2, startedAt: 'now' })();
  });
});

test('what stays beside a state that was taken away is not read into the new one', async () => {
  const { store } = openStateStore(folder, noon);
  await store.save(changesOf(recordsOf(1)), noon, settle);
  rmSync(join(folder, 'state.db'));

  const { store: fresh, saved, problem } = openStateStore(folder, noon);

  expect([problem, saved]).toEqual([undefined, { records: [], problems: [] }]);
  fresh.close();
  store.close();
});

function changesOf(records: readonly SavedRecord[]): readonly RecordChange[] {
  return records.map((record) => ({ record, saved: undefined }));
}

/** Does the work while this process may write no file beyond so many bytes: the system refuses, as on a full disk. */
function withRoom<T>(bytes: number, work: () => T): T {
  const limit = (soft: string) =>
    execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${soft}:unlimited`]);
  limit(String(bytes));
  try {
    return work();
  } finally {
    limit('unlimited');
  }
}
