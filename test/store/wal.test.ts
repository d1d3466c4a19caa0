import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SavedRecord } from '../../src/model/saved-record.ts';
import { openStateStore } from '../../src/store/state-store.ts';
import { settle } from '../support/manual-clock.ts';
import { noon } from '../support/samples.ts';
import { recordsOf, versionsIn } from './versions.ts';

const streams = 7;
/** One save each, of one stream after the other. */
const saves = 60;
const frameBytes = 24 + 8192;
const share = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });

let folder: string;
/** As they lie there after a kill -9. */
let file: Buffer;
let wal: Buffer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'livestream-wal-'));
  const { store } = openStateStore(folder, noon);
  for (let version = 1; version <= saves; version++) {
    const record = recordsOf(version)[version % streams];
    if (record !== undefined) await store.save([{ record, saved: undefined }], noon, settle);
  }
  file = readFileSync(join(folder, 'state.db'));
  wal = readFileSync(join(folder, 'state.db-wal'));
  store.close();
});

afterAll(() => rmSync(folder, { recursive: true }));

test('a log of saves that a kill -9 left is read in whole', () => {
  expect(opened(wal)).toEqual({ problem: undefined, records: recordsAfter(saves) });
});

test('a byte of it that was flipped since is said, and totals begin anew; in the last two saves it may hide those', {
  timeout: 60_000,
}, () => {
  let told = 0;
  fc.assert(
    fc.property(share, fc.integer({ min: 0, max: 7 }), (place, bit) => {
      const harmed = Buffer.from(wal);
      const at = Math.floor(place * harmed.length);
      harmed[at] = (harmed[at] ?? 0) ^ (1 << bit);

      const { problem, records } = opened(harmed);

      if (problem === undefined) {
        expect([saves, saves - 1, saves - 2].map(recordsAfter)).toContainEqual(records);
      } else {
        expect(problem).toMatch(/can't be used \(what was saved last is damaged\); it was moved to/);
        expect(records).toEqual([]);
        told++;
      }
    }),
    { numRuns: 200 },
  );
  expect(told).toBeGreaterThan(150);
});

test('a header that is damaged is said, wherever it is', () => {
  for (let at = 0; at < 32; at++) {
    const harmed = Buffer.from(wal);
    harmed[at] = (harmed[at] ?? 0) ^ 1;

    expect(opened(harmed).problem).toContain('what was saved last is damaged');
  }
});

test.each([32, 512, 4096, 3 * frameBytes])('a beginning of %i bytes that are zeros now is said', (bytes) => {
  const harmed = Buffer.from(wal).fill(0, 0, bytes);

  expect(opened(harmed).problem).toContain('what was saved last is damaged');
});

test('cut short, as by a disk that lost its end, it is read up to a save', { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(share, (place) => {
      const { problem, records } = opened(wal.subarray(0, Math.floor(place * wal.length)));

      expect(problem).toBeUndefined();
      expect(records).toEqual(recordsAfter(Math.max(0, ...records.flatMap(versionsIn))));
    }),
    { numRuns: 100 },
  );
});

test('what saves that the disk refused left at its end is no damage', () => {
  const frames = Array.from({ length: (wal.length - 32) / frameBytes }, (_, i) =>
    wal.subarray(32 + i * frameBytes, 32 + (i + 1) * frameBytes),
  );
  const isEnd = (frame: Buffer) => frame.readUInt32BE(4) !== 0;
  const left = [30, 20, 10].flatMap((from) => {
    const end = frames.findIndex((frame, i) => i > from && isEnd(frame));
    return frames.slice(end - 1, end + 1);
  });
  expect(left.filter(isEnd).length).toBeGreaterThanOrEqual(3);

  expect(opened(Buffer.concat([wal, ...left]))).toEqual({ problem: undefined, records: recordsAfter(saves) });
});

/** What a store says of this log beside the file. */
function opened(log: Buffer) {
  for (const suffix of ['-wal', '-shm']) rmSync(join(folder, `state.db${suffix}`), { force: true });
  writeFileSync(join(folder, 'state.db'), file);
  writeFileSync(join(folder, 'state.db-wal'), log);
  const { store, saved, problem, reported } = openStateStore(folder, noon);
  store.close();
  reported();
  expect(saved.problems).toEqual([]);
  return { problem, records: inOrder(saved.records) };
}

/** What is saved after so many saves. */
function recordsAfter(count: number): readonly SavedRecord[] {
  const newest = new Map<number, SavedRecord>();
  for (let version = 1; version <= count; version++) {
    const record = recordsOf(version)[version % streams];
    if (record !== undefined) newest.set(version % streams, record);
  }
  return inOrder([...newest.values()]);
}

function inOrder(records: readonly SavedRecord[]): readonly SavedRecord[] {
  return records.toSorted((a, b) => (a.targetKey < b.targetKey ? -1 : 1));
}
