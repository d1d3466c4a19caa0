import fc from 'fast-check';
import { expect, test } from 'vitest';
import { controlActions } from '../../src/model/control-action.ts';
import { type ActionLedger, newActions } from '../../src/model/new-actions.ts';
import { withEnd } from '../../src/model/row-list.ts';
import { newRows, newTargetLedger, type TargetLedger } from '../../src/model/target-ledger.ts';
import { controlAction } from '../support/actions.ts';
import { noon } from '../support/samples.ts';

const action = fc
  .record({
    second: fc.oneof(fc.integer({ min: 550, max: 700 }), fc.integer({ min: -50, max: 800 })),
    stream: fc.constantFrom('news', 'sport'),
    appName: fc.constantFrom('live', 'live', ''),
    clientIp: fc.constantFrom('192.0.2.1', '192.0.2.1', undefined),
  })
  .map(({ second, ...part }) => controlAction({ actedAt: noon + second * 1000, ...part }));

const poll = fc.record({
  rows: fc.array(action, { maxLength: 30 }),
  /** Part of the known actions that the answer repeats, counted from the end. */
  repeated: fc.oneof(fc.nat(40), fc.constant(2000)),
  to: fc.integer({ min: 550, max: 800 }),
  lookbackSeconds: fc.constantFrom(600, 600, 300, 20),
  /** Whether what follows from the answer is thrown away, as if a reload had changed the operation meanwhile. */
  isDiscarded: fc.boolean(),
});

/** Two actions per second for ten minutes, and what a plain array of them is. */
const known = Array.from({ length: 1200 }, (_, i) =>
  controlAction({
    actedAt: noon + Math.floor(i / 2) * 1000,
    stream: i % 2 === 0 ? 'news' : 'sport',
    appName: 'live',
    clientIp: i % 7 === 0 ? undefined : '192.0.2.1',
  }),
);
const start = { ...newTargetLedger(noon + 600_000, 600_000), watermark: noon + 600_000 };

test('counts the same new actions as newRows does with an array, also after discarded answers', () => {
  fc.assert(
    fc.property(fc.array(poll, { maxLength: 8 }), (polls) => {
      let ledger: ActionLedger = { ...start, seen: withEnd([], {}, known) };
      let expected: TargetLedger<(typeof known)[number]> = { ...start, seen: known };
      for (const { rows, repeated, to, lookbackSeconds, isDiscarded } of polls) {
        const answered = {
          window: { from: ledger.floor, to: noon + to * 1000 },
          now: noon + 700_000,
          lookbackMs: lookbackSeconds * 1000,
        };
        const received = [...expected.seen.slice(-repeated), ...rows];

        const counted = newActions(ledger, answered, received);
        const { ledger: after, added, skipped } = newRows(controlActions, expected, answered, received);

        expect(counted.added).toEqual(added);
        expect(counted.skipped).toEqual(skipped);
        expect({ ...counted.ledger, seen: [...counted.ledger.seen] }).toEqual(after);
        if (!isDiscarded) [ledger, expected] = [counted.ledger, after];
        expect([...ledger.seen]).toEqual(expected.seen);
      }
    }),
  );
});
