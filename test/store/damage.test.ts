import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PushRecord } from '../../src/model/push-record.ts';
import { startOrResumePush } from '../../src/model/saved-record.ts';
import { applicationId, fileVersion } from '../../src/store/file-format.ts';
import { noon, pushTarget, streamId } from '../support/samples.ts';
import { change, foldAll, openWithDamage } from '../support/state.ts';

const streams = 60;

/** Random damage to a closed file. */
const damage = fc.oneof(
  fc.record({
    what: fc.constant('flipped' as const),
    places: fc.array(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), {
      minLength: 1,
      maxLength: 20,
    }),
    bit: fc.integer({ min: 0, max: 7 }),
  }),
  fc.record({ what: fc.constant('cut' as const), to: fc.double({ min: 0, max: 1, noNaN: true }) }),
  fc.record({ what: fc.constant('emptied' as const) }),
  fc.record({ what: fc.constant('replaced' as const), by: fc.uint8Array({ maxLength: 9000 }) }),
);

test('opens a damaged state file, reports the damage, and returns only true records', {
  timeout: 60_000,
}, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'livestream-damage-'));
  const file = join(directory, 'state.db');
  const { store } = openWithDamage(directory);
  const records = Array.from({ length: streams }, (_, i) => record(i));
  await store.save(records.map(change), noon);
  foldAll(store);
  store.close();
  const intact = readFileSync(file);

  let run = 0;
  await fc.assert(
    fc.asyncProperty(damage, async (kind) => {
      writeFileSync(file, damaged(intact, kind));
      if (kind.what === 'cut') truncateSync(file, Math.floor(intact.length * kind.to));

      const isNewer = hasNewerVersion(file);
      const open = () => openWithDamage(directory, noon + run++);
      if (isNewer) {
        // A damaged version cannot be told from a newer one, so the file is left as it is.
        const bytes = readFileSync(file);
        expect(open).toThrow('a newer version of this program wrote it');
        expect(readFileSync(file)).toEqual(bytes);
        return;
      }
      const opened = open();

      for (const { targetKey, ...rest } of opened.records) {
        const truth = records.find((saved) => saved.targetKey === targetKey);
        // Watermark and rows are true. Totals are true, or start from 0, which is reported.
        expect(rest).toMatchObject({ target: truth?.target });
        if (rest.question === 'push_stats' && rest.push.totals.samples !== truth?.push.totals.samples) {
          expect(rest.push.totals.samples).toBe(0);
          expect(opened.damage?.isLossy).toBe(true);
        }
      }
      // A loss is never silent.
      if (opened.records.length < streams) expect(opened.damage?.isLossy).toBe(true);
      expect(opened.damage?.problems).not.toEqual([]);
      // The new file accepts writes to any page.
      const next = Array.from({ length: 2 * streams }, (_, i) => record(i));
      await opened.store.save(next.map(change), noon);
      opened.store.close();
      for (const name of readdirSync(directory)) rmSync(join(directory, name));
    }),
    { numRuns: 100 },
  );
  rmSync(directory, { recursive: true });
});

/**
 * Reports whether the header belongs to a state file of a newer version. Source:
 * https://www.sqlite.org/fileformat.html, "The Database Header".
 */
function hasNewerVersion(path: string): boolean {
  const header = Buffer.concat([readFileSync(path).subarray(0, 100), Buffer.alloc(100)]);
  const isOurs =
    header.subarray(0, 16).equals(Buffer.from('SQLite format 3\0')) &&
    header.readInt32BE(68) === applicationId;
  return isOurs && header.readInt32BE(60) > fileVersion;
}

type Damage = typeof damage extends fc.Arbitrary<infer T> ? T : never;

function damaged(intact: Buffer, kind: Damage): Uint8Array {
  switch (kind.what) {
    case 'flipped': {
      const copy = Buffer.from(intact);
      for (const place of kind.places) {
        const at = Math.floor(place * copy.length);
        copy[at] = (copy[at] ?? 0) ^ (1 << kind.bit);
      }
      return copy;
    }
    case 'cut':
      return intact;
    case 'emptied':
      return new Uint8Array();
    case 'replaced':
      return kind.by;
    default:
      return kind satisfies never;
  }
}

function record(i: number): PushRecord {
  const started = startOrResumePush(
    undefined,
    pushTarget({ stream: streamId({ stream: `stream-${i}` }) }),
    noon,
  );
  return { ...started, push: { ...started.push, totals: { ...started.push.totals, samples: 1000 + i } } };
}
