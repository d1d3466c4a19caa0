import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ControlLedger, forbiddenSince } from '../../src/model/control-ledger.ts';
import { streamKey } from '../../src/model/stream.ts';
import { withoutInactive } from '../../src/model/stream-eviction.ts';
import { ban, banDomain, idOf } from '../support/bans.ts';
import { noon } from '../support/samples.ts';

const minute = 60_000;

/** A list at Alibaba tells neither the beginnings nor the ends of bans. */
const unknownTimes = { forbiddenAt: undefined, expiresAt: undefined };

test('ignores the state of a stream if a newer action was counted during the request', () => {
  const it = banDomain();
  it.state(noon + minute, idOf('news'), true);
  it.act(noon + 5 * minute, { actedAt: noon + 4 * minute, action: 'resume' });

  it.state(noon + 3 * minute, idOf('news'), true);
  expect(it.isForbidden()).toBe(false);
  it.state(noon + 5 * minute, idOf('news'), true);
  expect(it.isForbidden()).toBe(true);
});

test('the state of a stream changes whether it is forbidden, and counts nothing', () => {
  const it = banDomain();
  it.act(noon + minute, { action: 'forbid', actedAt: noon + minute });
  it.state(noon + 2 * minute, idOf('news'), true);
  expect(it.isForbidden()).toBe(true);
  it.state(noon + 3 * minute, idOf('news'), false);
  it.state(noon + 3 * minute, idOf('other'), false);
  expect([it.isForbidden(), it.record().streams.size]).toEqual([false, 1]);
  it.state(noon + 4 * minute, idOf('other'), true);

  expect([it.isForbidden('other'), it.counts()]).toEqual([true, { forbid: 1 }]);
});

test('a stream whose state shows that it is still forbidden stays known, with the time of its forbid', () => {
  const it = banDomain();
  it.act(noon + 2 * minute, { action: 'forbid', actedAt: noon + minute });
  it.state(noon + 3 * minute, idOf('news'), true);

  const streams = withoutInactive(it.record().streams, noon + 8 * 24 * 60 * minute);

  const ledger = streams.get(streamKey(idOf('news')));
  expect(ledger && forbiddenSince(ledger)).toBe(noon + minute);
  // The next answers change nothing.
  const before = it.record();
  it.state(noon + 4 * minute, idOf('news'), true);
  expect(it.record()).toBe(before);
});

test('the state of a stream decides if a forbid and a resume have the same time', () => {
  const it = banDomain();
  it.act(noon + minute, { action: 'forbid', actedAt: noon + minute });
  it.act(noon + minute, { action: 'resume', actedAt: noon + minute });
  expect(it.isForbidden()).toBeUndefined();

  it.state(noon + 2 * minute, idOf('news'), false);

  expect(it.isForbidden()).toBe(false);
});

test.each([
  ['a list', (it: ReturnType<typeof banDomain>) => it.list(noon + minute, [ban({ forbiddenAt: undefined })])],
  ['a state', (it: ReturnType<typeof banDomain>) => it.state(noon + minute, idOf('news'), true)],
])('a ban that %s shows before its forbid begins at the forbid', (_, show) => {
  const it = banDomain({ countedActions: [] });
  const since = () => forbiddenSince(ledgerOf(it));
  show(it);
  expect(since()).toBe(noon + minute);

  it.act(noon + minute + 5_000, { action: 'forbid', actedAt: noon + minute - 9_000 });

  expect([it.isForbidden(), since()]).toEqual([true, noon + minute - 9_000]);
  // A resume after the list ends this ban.
  it.act(noon + minute + 6_000, { action: 'resume', actedAt: noon + minute + 4_000 });
  expect(it.isForbidden()).toBe(false);
});

test.each([
  ['a list', (it: ReturnType<typeof banDomain>) => it.list(noon + 45_000, [ban(unknownTimes)])],
  ['a state', (it: ReturnType<typeof banDomain>) => it.state(noon + 45_000, idOf('news'), true)],
])('a resume that is older than %s does not end the ban, whose forbid appears later', (_, show) => {
  const forbid = { action: 'forbid', actedAt: noon };
  const resume = { action: 'resume', actedAt: noon + 20_000 };
  const known = (it: ReturnType<typeof banDomain>) => [it.isForbidden(), forbiddenSince(ledgerOf(it)) - noon];
  const after = banDomain({ countedActions: [] });
  show(after);
  after.act(noon + 50_000, forbid);
  expect(known(after)).toEqual([true, 0]);
  // The history shows the first forbid before the list, or after it.
  const before = banDomain({ countedActions: [] });
  before.act(noon + 10_000, forbid);
  show(before);
  expect(known(before)).toEqual([true, 0]);

  for (const it of [after, before]) {
    it.act(noon + 50_000, resume);
    expect(known(it)).toEqual([true, 45_000]);
    it.act(noon + 60_000, { action: 'forbid', actedAt: noon + 40_000 });
    expect(known(it)).toEqual([true, 40_000]);
    // The next list and the next state change nothing.
    const record = it.record();
    it.list(noon + 90_000, [ban(unknownTimes)]);
    it.state(noon + 90_000, idOf('news'), true);
    expect(it.record().streams).toBe(record.streams);
    it.act(noon + 100_000, { action: 'resume', actedAt: noon + 46_000 });
    expect(it.isForbidden()).toBe(false);
  }
});

test.each([
  ['a list', (it: ReturnType<typeof banDomain>) => it.list(noon + 3 * minute, [ban(unknownTimes)])],
  ['a state', (it: ReturnType<typeof banDomain>) => it.state(noon + 3 * minute, idOf('news'), true)],
])('%s shows a new ban again, so that an older resume does not end it', (_, show) => {
  const it = banDomain({ countedActions: [] });
  it.list(noon + 10_000, [ban(unknownTimes)]);
  it.act(noon + 2 * minute, { action: 'resume', actedAt: noon + minute });
  it.act(noon + 2 * minute, { action: 'forbid', actedAt: noon + 2 * minute });
  show(it);

  it.act(noon + 4 * minute, { action: 'resume', actedAt: noon + 2 * minute + 10_000 });

  expect([it.isForbidden(), forbiddenSince(ledgerOf(it))]).toEqual([true, noon + 3 * minute]);
});

test.each([
  ['a list', (it: ReturnType<typeof banDomain>) => it.list(noon + 3 * minute, [ban(unknownTimes)])],
  ['a state', (it: ReturnType<typeof banDomain>) => it.state(noon + 3 * minute, idOf('news'), true)],
])('a ban keeps the time of its known forbid if %s without its start shows it', (_, show) => {
  const it = banDomain({ countedActions: [] });
  it.act(noon + 2 * minute, { action: 'forbid', actedAt: noon + minute });

  show(it);

  expect([it.isForbidden(), forbiddenSince(ledgerOf(it))]).toEqual([true, noon + minute]);
});

test('a ban keeps its begin if a list without its start shows another expected end', () => {
  const it = banDomain({ countedActions: [] });
  it.list(noon + 2 * minute, [ban()]);

  it.list(noon + 3 * minute, [ban({ forbiddenAt: undefined, expiresAt: noon + 700 * minute })]);

  expect(forbiddenSince(ledgerOf(it))).toBe(noon + minute);
  expect(ledgerOf(it).ban?.expiresAt).toBe(noon + 700 * minute);
});

test('bans begin at their newest forbids, for any delays of the history and any lists without start times', () => {
  const step = fc.record({
    /** Seconds since the action before. */
    waitSeconds: fc.integer({ min: 1, max: 90 }),
    action: fc.constantFrom('forbid', 'resume'),
    /** Seconds until the history contains the action. */
    delaySeconds: fc.integer({ min: 0, max: 120 }),
    isListed: fc.boolean(),
    isStateKnown: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
      const it = banDomain({ countedActions: [] });
      let at = noon;
      const actions = steps.map(({ waitSeconds, action, ...poll }) => {
        at += waitSeconds * 1_000;
        return { at, action, ...poll };
      });
      const polls = actions.flatMap(({ at, action, delaySeconds, isListed, isStateKnown }) => [
        { now: at + 500, poll: () => isListed && it.list(at + 500, bansAfter(action)) },
        { now: at + 600, poll: () => isStateKnown && it.state(at + 600, idOf('news'), action === 'forbid') },
        {
          now: at + 700 + delaySeconds * 1_000,
          poll: () => it.act(at + 700 + delaySeconds * 1_000, { action, actedAt: at }),
        },
      ]);
      for (const { poll } of polls.toSorted((a, b) => a.now - b.now)) poll();
      const last = actions.at(-1);
      const isForbiddenNow = last?.action === 'forbid';
      for (let n = 0; n < 3; n++) it.list(at + (3 + n) * minute, bansAfter(last?.action));

      expect(it.isForbidden()).toBe(isForbiddenNow);
      if (isForbiddenNow) expect(forbiddenSince(ledgerOf(it))).toBe(last.at);
    }),
    { numRuns: 500 },
  );
});

test('a list that shows a ban is right about all older actions, in whatever order the history shows them', () => {
  const step = fc.record({
    /** Seconds since the action before. */
    waitSeconds: fc.integer({ min: 1, max: 90 }),
    /** Seconds until the history contains the action. */
    delaySeconds: fc.integer({ min: 0, max: 400 }),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 8 }), fc.boolean(), (steps, isState) => {
      const it = banDomain({ countedActions: [] });
      let at = noon;
      const actions = steps.map(({ waitSeconds, delaySeconds }, i) => {
        at += waitSeconds * 1_000;
        // The last action is a forbid.
        const action = (steps.length - i) % 2 === 1 ? 'forbid' : 'resume';
        return { at, action, shownAt: at + 300 + delaySeconds * 1_000 };
      });
      const shownAt = at + 500;
      const show = (now: number) =>
        isState ? it.state(now, idOf('news'), true) : it.list(now, [ban(unknownTimes)]);
      const act = (action: (typeof actions)[number]) =>
        it.act(action.shownAt, { action: action.action, actedAt: action.at });
      const byShown = actions.toSorted((a, b) => a.shownAt - b.shownAt);

      for (const action of byShown.filter((each) => each.shownAt < shownAt)) act(action);
      show(shownAt);
      expect(it.isForbidden()).toBe(true);
      for (const action of byShown.filter((each) => each.shownAt >= shownAt)) {
        act(action);
        expect(it.isForbidden()).toBe(true);
        show(action.shownAt + 100);
      }

      expect(forbiddenSince(ledgerOf(it))).toBe(at);
    }),
    { numRuns: 500 },
  );
});

function bansAfter(action: string | undefined) {
  return action === 'forbid' ? [ban(unknownTimes)] : [];
}

test('a ban does not begin at a forbid that was known before, nor before a resume', () => {
  const it = banDomain({ countedActions: [] });
  it.act(noon + minute, { action: 'forbid', actedAt: noon + minute });
  // It expires, which is no action.
  it.state(noon + 5 * minute, idOf('news'), false);
  it.state(noon + 9 * minute, idOf('news'), true);
  it.act(noon + 9 * minute, { action: 'resume', actedAt: noon + 4 * minute });
  it.act(noon + 9 * minute, { action: 'forbid', actedAt: noon + 3 * minute });

  expect([it.isForbidden(), forbiddenSince(ledgerOf(it))]).toEqual([true, noon + 9 * minute]);
});

test('the forbid that a list with start times counts does not change the begin of its ban', () => {
  const it = banDomain();
  it.list(noon + 3 * minute, [ban({ forbiddenAt: noon + 2 * minute })]);
  it.act(noon + 3 * minute, { action: 'forbid', actedAt: noon + minute });

  expect(forbiddenSince(ledgerOf(it))).toBe(noon + 2 * minute);
});

function ledgerOf(it: ReturnType<typeof banDomain>): ControlLedger {
  const ledger = it.record().streams.get(streamKey(idOf('news')));
  if (ledger === undefined) throw new Error('the record has no ledger of the stream');
  return ledger;
}
