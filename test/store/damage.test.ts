import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PushRecord } from '../../src/model/push-record.ts';
import { startOrResumePush } from '../../src/model/saved-record.ts';
import { openStateStore } from '../../src/store/state-store.ts';
import { settle } from '../support/manual-clock.ts';
import { noon, pushTarget, streamId } from '../support/samples.ts';

const streams = 60;

/** What may happen to a file while nobody looks. */
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

test('a damaged state file is opened all the same, says so, and what it still tells is true', {
  timeout: 60_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'livestream-damage-'));
  const file = join(folder, 'state.db');
  const { store } = openStateStore(folder, noon);
  const records = Array.from({ length: streams }, (_, i) => record(i));
  await store.save(
    records.map((saved) => ({ record: saved, saved: undefined })),
    noon,
    settle,
  );
  store.close();
  const whole = readFileSync(file);

  await fc.assert(
    fc.asyncProperty(damage, async (harm) => {
      writeFileSync(file, harmed(whole, harm));
      if (harm.what === 'cut') truncateSync(file, Math.floor(whole.length * harm.to));

      const opened = openStateStore(folder, noon);
      opened.reported();

      const { records: read, problems } = opened.saved;
      const isWhole = read.length === streams && problems.length === 0;
      for (const { targetKey, ...rest } of read) {
        const truth = records.find((saved) => saved.targetKey === targetKey);
        // Its watermark and its rows are true, and its totals are true or began anew, which is said.
        expect(rest).toMatchObject({ target: truth?.target });
        if (rest.question === 'push_stats' && rest.push.totals.samples !== truth?.push.totals.samples) {
          expect(rest.push.totals.samples).toBe(0);
          expect(problems).not.toEqual([]);
        }
      }
      const isSilent = opened.problem === undefined && problems.length === 0;
      expect([isWhole, isSilent]).toEqual([isSilent, isSilent]);
      // It goes on as a state, wherever in it is written.
      const next = Array.from({ length: 2 * streams }, (_, i) => record(i));
      await opened.store.save(
        next.map((saved) => ({ record: saved, saved: undefined })),
        noon,
        settle,
      );
      opened.store.close();
      rmSync(`${file}-wal`, { force: true });
    }),
    { numRuns: 100 },
  );
  rmSync(folder, { recursive: true });
});

type Damage = typeof damage extends fc.Arbitrary<infer T> ? T : never;

function harmed(whole: Buffer, harm: Damage): Uint8Array {
  switch (harm.what) {
    case 'flipped': {
      const copy = Buffer.from(whole);
      for (const place of harm.places) {
        const at = Math.floor(place * copy.length);
        copy[at] = (copy[at] ?? 0) ^ (1 << harm.bit);
      }
      return copy;
    }
    case 'cut':
      return whole;
    case 'emptied':
      return new Uint8Array();
    case 'replaced':
      return harm.by;
    default:
      return harm satisfies never;
  }
}

function record(i: number): PushRecord {
  const begun = startOrResumePush(
    undefined,
    pushTarget({ stream: streamId({ stream: `stream-${i}` }) }),
    noon,
  );
  return { ...begun, push: { ...begun.push, totals: { ...begun.push.totals, samples: 1000 + i } } };
}
