import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countBans, type MissingBans, withState } from '../../src/model/bans.ts';
import { isForbidden } from '../../src/model/control-ledger.ts';
import {
  type ControlRecord,
  countActions,
  newControlRecord,
  nextControlStep,
} from '../../src/model/control-record.ts';
import type { BanAction, ForbiddenStream } from '../../src/model/questions.ts';
import { type StreamId, streamKey } from '../../src/model/stream.ts';
import { controlAction, controlLimits, controlTarget, noActionLabels } from '../support/actions.ts';
import { noon } from '../support/samples.ts';

const minute = 60_000;
const target = controlTarget({ domain: 'push.example.com', appNames: ['live', 'show'] });
const counted: readonly BanAction[] = ['forbid', 'resume'];

function ban(part: Partial<ForbiddenStream> = {}): ForbiddenStream {
  return {
    stream: 'news',
    domain: 'push.example.com',
    appName: 'live',
    forbiddenAt: noon + minute,
    expiresAt: noon + 600 * minute,
    ...part,
  };
}

function idOf(stream: string, appName = 'live'): StreamId {
  return { account: 'aliyun', provider: 'alibaba', domain: 'push.example.com', appName, stream };
}

/** Domain whose lists are counted. The record was created at noon. */
function domain(settings: { countedActions?: readonly BanAction[]; isOnlyDomain?: boolean } = {}) {
  let record: ControlRecord = newControlRecord(target, noon);
  let missing: MissingBans = new Map();
  return {
    list(now: number, bans: readonly ForbiddenStream[], isComplete = true) {
      const result = countBans(
        record,
        bans,
        target,
        { now, countedActions: counted, isComplete, isOnlyDomain: true, ...noActionLabels, ...settings },
        missing,
      );
      ({ record, missing } = result);
      return result;
    },
    /** Forgets what is in memory only. */
    restart() {
      missing = new Map();
    },
    act(now: number, part: Parameters<typeof controlAction>[0]) {
      const step = nextControlStep(record, target, controlLimits, now);
      const rows = [controlAction({ domain: 'push.example.com', stream: 'news', ...part })];
      ({ record } = countActions(record, step, target, { now, ...noActionLabels }, rows));
    },
    state(now: number, stream: StreamId, isForbiddenNow: boolean) {
      record = withState(record, stream, isForbiddenNow, now);
    },
    record: () => record,
    counts: () =>
      Object.fromEntries(
        Object.entries(record.domain.actions).flatMap(([name, { count }]) =>
          count > 0 ? [[name, count]] : [],
        ),
      ),
    isForbidden(stream = 'news', appName = 'live') {
      const ledger = record.streams.get(streamKey(idOf(stream, appName)));
      return ledger && isForbidden(ledger, undefined);
    },
  };
}

describe('a list of forbidden streams', () => {
  test('counts a ban once, at its begin', () => {
    const it = domain();

    const { newStreams } = it.list(noon + 2 * minute, [ban()]);
    it.list(noon + 3 * minute, [ban()]);
    it.restart();
    it.list(noon + 4 * minute, [ban(), ban()]);

    expect(newStreams).toEqual([streamKey(idOf('news'))]);
    expect(it.counts()).toEqual({ forbid: 1 });
    expect(it.record().domain.actions.forbid?.lastAt).toBe(noon + minute);
    expect(it.isForbidden()).toBe(true);
  });

  test('does not change the record if nothing changes, and not the watermark', () => {
    const it = domain();
    const { watermark } = it.record().target;
    it.list(noon + 2 * minute, [ban()]);
    const before = it.record();

    it.list(noon + 3 * minute, [ban()]);

    expect(it.record()).toBe(before);
    expect(before.target.watermark).toBe(watermark);
  });

  test('shows a ban from before the start, but does not count it', () => {
    const it = domain();

    it.list(noon + minute, [ban({ forbiddenAt: noon - 60 * minute })]);

    expect([it.counts(), it.isForbidden()]).toEqual([{}, true]);
  });

  test('counts a resume once a ban is missing in two complete lists, at the time of the first', () => {
    const it = domain();
    it.list(noon + 2 * minute, [ban()]);

    it.list(noon + 3 * minute + 500, []);
    expect([it.counts(), it.isForbidden()]).toEqual([{ forbid: 1 }, true]);
    it.list(noon + 3 * minute + 9_000, []);
    expect(it.isForbidden()).toBe(true);
    it.list(noon + 4 * minute, [], false);
    expect(it.isForbidden()).toBe(true);
    it.list(noon + 4 * minute + 500, []);

    expect([it.counts(), it.isForbidden()]).toEqual([{ forbid: 1, resume: 1 }, false]);
    expect(it.record().domain.actions.resume?.lastAt).toBe(noon + 3 * minute);
    it.list(noon + 5 * minute, []);
    expect(it.counts()).toEqual({ forbid: 1, resume: 1 });
  });

  test('counts no resume if a ban is missing in one list only', () => {
    const it = domain();
    it.list(noon + 2 * minute, [ban()]);
    it.list(noon + 3 * minute, []);
    it.list(noon + 4 * minute, [ban()]);
    it.list(noon + 5 * minute, []);
    it.list(noon + 6 * minute, [ban()]);

    expect([it.counts(), it.isForbidden()]).toEqual([{ forbid: 1 }, true]);
  });

  test('counts a resume during a downtime once', () => {
    const it = domain();
    it.list(noon + 2 * minute, [ban()]);
    it.restart();
    it.list(noon + 60 * minute, []);
    it.restart();
    it.list(noon + 61 * minute, []);
    it.list(noon + 62 * minute, []);
    it.restart();
    it.list(noon + 63 * minute, []);

    expect(it.counts()).toEqual({ forbid: 1, resume: 1 });
  });

  test.each([
    ['expires', noon + 10 * minute],
    ['has an unknown end', undefined],
  ])('counts no resume if a ban %s', (_, expiresAt) => {
    const it = domain();
    it.list(noon + 2 * minute, [ban({ expiresAt })]);
    it.list(noon + 9 * minute + 30_000, []);
    it.list(noon + 10 * minute, []);

    expect([it.counts(), it.isForbidden()]).toEqual([{ forbid: 1 }, false]);
  });

  test('counts another ban of the stream', () => {
    const it = domain();
    it.list(noon + 2 * minute, [ban()]);
    it.list(noon + 3 * minute, []);
    it.list(noon + 4 * minute, []);
    it.list(noon + 5 * minute, [ban({ forbiddenAt: noon + 5 * minute - 1_000 })]);

    expect([it.counts(), it.isForbidden()]).toEqual([{ forbid: 2, resume: 1 }, true]);
  });

  test('shows 1 while it contains a stream, also after a resume', () => {
    const it = domain({ countedActions: [] });
    it.list(noon + 2 * minute, [ban()]);
    it.act(noon + 3 * minute, { action: 'resume', actedAt: noon + 3 * minute });
    expect(it.isForbidden()).toBe(false);

    it.list(noon + 4 * minute, [ban()]);

    expect(it.isForbidden()).toBe(true);
  });

  test('shows 0 after a forbid that the list does not contain any more', () => {
    const it = domain({ countedActions: [] });
    it.act(noon + minute, { action: 'forbid', actedAt: noon + minute });
    it.list(noon + 2 * minute, []);
    // A newer forbid, which the list does not contain yet.
    it.act(noon + 3 * minute, { action: 'forbid', actedAt: noon + 3 * minute });
    it.list(noon + 3 * minute, []);
    expect(it.isForbidden()).toBe(true);
    it.list(noon + 4 * minute, []);

    expect([it.counts(), it.isForbidden()]).toEqual([{ forbid: 2 }, false]);
  });

  test('ignores bans of other domains and applications', () => {
    const it = domain();
    it.list(noon + 2 * minute, [ban({ domain: 'other.example.com' }), ban({ appName: 'other' })]);

    expect([it.counts(), it.record().streams.size]).toEqual([{}, 0]);
  });

  test('applies a ban without a domain to each known stream with its name', () => {
    const it = domain({ isOnlyDomain: false });
    const anywhere = ban({ domain: undefined, appName: undefined, forbiddenAt: noon + 3 * minute });
    it.list(noon + 2 * minute, [anywhere]);
    expect(it.record().streams.size).toBe(0);
    it.act(noon + 2 * minute, { action: 'drop', actedAt: noon + minute });
    it.act(noon + 2 * minute, { action: 'drop', actedAt: noon + minute, appName: 'show' });

    it.list(noon + 4 * minute, [anywhere]);

    expect(it.counts()).toEqual({ drop: 2, forbid: 2 });
    expect([it.isForbidden(), it.isForbidden('news', 'show')]).toEqual([true, true]);
  });

  test('applies a ban without an application to each known stream with its name', () => {
    const it = domain();
    const bare = ban({ appName: undefined });
    it.act(noon + 2 * minute, { action: 'forbid', actedAt: noon + minute, appName: 'show' });

    it.list(noon + 2 * minute, [bare]);
    it.list(noon + 3 * minute, [bare]);

    expect(it.counts()).toEqual({ forbid: 1 });
    expect([it.isForbidden('news', 'show'), it.record().streams.size]).toEqual([true, 1]);
  });

  test('applies a ban without a domain to the only domain', () => {
    const it = domain();
    it.list(noon + 2 * minute, [ban({ domain: undefined })]);

    expect([it.counts(), it.isForbidden()]).toEqual([{ forbid: 1 }, true]);
  });

  test('counts no action that another source counts', () => {
    const it = domain({ countedActions: ['resume'] });
    it.list(noon + 2 * minute, [ban()]);
    it.list(noon + 3 * minute, []);
    it.list(noon + 4 * minute, []);

    expect(it.counts()).toEqual({ resume: 1 });
  });
});

test('ignores the state of a stream if a newer action was counted during the request', () => {
  const it = domain();
  it.state(noon + minute, idOf('news'), true);
  it.act(noon + 5 * minute, { actedAt: noon + 4 * minute, action: 'resume' });

  it.state(noon + 3 * minute, idOf('news'), true);
  expect(it.isForbidden()).toBe(false);
  it.state(noon + 5 * minute, idOf('news'), true);
  expect(it.isForbidden()).toBe(true);
});

test('a ban that an incomplete list contains is not missing any more', () => {
  const it = domain();
  it.list(noon + 2 * minute, [ban()]);
  it.list(noon + 3 * minute, []);
  it.list(noon + 4 * minute, [ban()], false);

  it.list(noon + 5 * minute, []);

  expect([it.counts(), it.isForbidden()]).toEqual([{ forbid: 1 }, true]);
});

test('the state of a stream changes whether it is forbidden, and counts nothing', () => {
  const it = domain();
  it.act(noon + minute, { action: 'forbid', actedAt: noon + minute });
  it.state(noon + 2 * minute, idOf('news'), true);
  expect(it.record().streams.get(streamKey(idOf('news')))?.ban).toBeUndefined();
  it.state(noon + 3 * minute, idOf('news'), false);
  it.state(noon + 3 * minute, idOf('other'), false);
  expect([it.isForbidden(), it.record().streams.size]).toEqual([false, 1]);
  it.state(noon + 4 * minute, idOf('other'), true);

  expect([it.isForbidden('other'), it.counts()]).toEqual([true, { forbid: 1 }]);
});

test('the state of a stream decides if a forbid and a resume have the same time', () => {
  const it = domain();
  it.act(noon + minute, { action: 'forbid', actedAt: noon + minute });
  it.act(noon + minute, { action: 'resume', actedAt: noon + minute });
  expect(it.isForbidden()).toBeUndefined();

  it.state(noon + 2 * minute, idOf('news'), false);

  expect(it.isForbidden()).toBe(false);
});

test('counts each ban and resume once, for any polls, restarts and lists with missing rows', () => {
  /** Bans of two streams, one after the other: minutes until a ban, and until its resume. */
  const story = fc.array(fc.tuple(fc.integer({ min: 12, max: 40 }), fc.integer({ min: 12, max: 40 })), {
    maxLength: 6,
  });
  const poll = fc.record({
    waitMs: fc.integer({ min: 11_000, max: 50_000 }),
    isRestart: fc.boolean(),
    isComplete: fc.boolean(),
    isGlitch: fc.boolean(),
  });
  fc.assert(
    fc.property(story, story, fc.array(poll, { minLength: 1, maxLength: 40 }), (a, b, polls) => {
      const bans = [
        ['a', a],
        ['b', b],
      ].flatMap(([stream, parts]) => {
        let at = noon;
        return (parts as typeof a).map(([until, length]) => {
          const from = at + until * minute;
          at = from + length * minute;
          return { stream: stream as string, from, to: at };
        });
      });
      const end = Math.max(noon, ...bans.map(({ to }) => to)) + 5 * minute;
      const it = domain();
      let wasGlitch: boolean = true;
      for (let now = noon, n = 0; now < end; n++) {
        const { waitMs, isRestart, isComplete, isGlitch } = polls[n % polls.length] ?? {
          waitMs: 30_000,
          isRestart: false,
          isComplete: true,
          isGlitch: false,
        };
        now += waitMs;
        // A list lacks a ban by mistake at most once in a row, and between restarts there are two complete
        // lists.
        const lacks: boolean = isGlitch && !wasGlitch && isComplete;
        if (isRestart && n % 7 === 0) it.restart();
        const current = bans.filter(({ from, to }) => from <= now && now < to);
        const rows = current.map(({ stream, from }) =>
          ban({ stream, forbiddenAt: from, expiresAt: from + 9e8 }),
        );
        it.list(now, lacks ? rows.slice(1) : rows, isComplete || n % 4 === 0);
        wasGlitch = lacks || !isComplete;
      }
      for (let n = 0; n < 3; n++) it.list(end + n * minute, []);

      const total = bans.length;
      expect(it.counts()).toEqual(total === 0 ? {} : { forbid: total, resume: total });
    }),
    { numRuns: 300 },
  );
});
