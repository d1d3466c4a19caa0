import fc from 'fast-check';
import { expect, test } from 'vitest';
import { controlActions } from '../../src/model/control-action.ts';
import { type Rows, withEnd } from '../../src/model/row-list.ts';
import { diffActions, patchActions } from '../../src/store/action-diff.ts';
import { controlAction } from '../support/actions.ts';
import { noon } from '../support/samples.ts';

const action = fc
  .record({ second: fc.integer({ min: 0, max: 700 }), stream: fc.constantFrom('a', 'b', 'c') })
  .map(({ second, stream }) => controlAction({ actedAt: noon + second * 1000, stream }));

const known = withEnd(
  [],
  {},
  Array.from({ length: 1300 }, (_, i) =>
    controlAction({ actedAt: noon + Math.floor(i / 2) * 1000, stream: i % 2 === 0 ? 'a' : 'b' }),
  ),
);

/** Change of many sorted actions. */
const change = fc.record({
  dropped: fc.oneof(fc.nat(20), fc.nat(1300)),
  added: fc.array(action, { maxLength: 20 }),
  /** Index of an action that is completed; none if there is no such action. */
  completed: fc.oneof(fc.nat(1300), fc.constant(9999)),
  removed: fc.oneof(fc.nat(1300), fc.constant(9999)),
});

function apply(
  before: Rows<ReturnType<typeof controlAction>>,
  { dropped, added, completed, removed }: typeof change extends fc.Arbitrary<infer T> ? T : never,
) {
  const rest = before
    .slice(dropped)
    .map((each, i) => (i === completed ? { ...each, clientIp: '192.0.2.9' } : each))
    .filter((_, i) => i !== removed);
  const all = [...rest, ...added].sort(controlActions.compare);
  // As after an answer, the actions before the first new one are in shared chunks.
  let same = 0;
  while (same < all.length && all[same] === before.at(dropped + same)) same++;
  const from = Math.min(dropped, before.length);
  return withEnd(before, { from, to: from + same }, all.slice(same));
}

test('restores many actions from their change', () => {
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
      let before: Rows<ReturnType<typeof controlAction>> = known;
      let restored: Rows<ReturnType<typeof controlAction>> = withEnd([], {}, [...known]);
      for (const each of changes) {
        const after = apply(before, each);

        const diff = diffActions(before, after);
        restored = patchActions(restored, diff);

        expect([...restored]).toEqual([...after]);
        expect(diff.added.length).toBeLessThanOrEqual(each.added.length + 1);
        expect(diff.removed).toEqual(diff.removed.toSorted((a, b) => a - b));
        before = after;
      }
    }),
  );
});

test('describes a new action and forgotten ones without the actions that stay', () => {
  const added = controlAction({ actedAt: noon + 700_000 });

  expect(diffActions(known, withEnd(known, { from: 700 }, [added]))).toEqual({
    dropped: 700,
    removed: [],
    added: [added],
  });
  expect(diffActions(known, [])).toEqual({ dropped: 1300, removed: [], added: [] });
});
