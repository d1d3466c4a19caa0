import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { streamKey } from '../../src/model/stream.ts';
import { ban, banDomain, idOf } from '../support/bans.ts';
import { noon } from '../support/samples.ts';

const minute = 60_000;

describe('a list of forbidden streams', () => {
  test('counts a ban once, at its begin', () => {
    const it = banDomain();

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
    const it = banDomain();
    const { watermark } = it.record().target;
    it.list(noon + 2 * minute, [ban()]);
    const before = it.record();

    it.list(noon + 3 * minute, [ban()]);

    expect(it.record()).toBe(before);
    expect(before.target.watermark).toBe(watermark);
  });

  test('shows a ban from before the start, but does not count it', () => {
    const it = banDomain();

    it.list(noon + minute, [ban({ forbiddenAt: noon - 60 * minute })]);

    expect([it.counts(), it.isForbidden()]).toEqual([{}, true]);
  });

  test('counts a resume once a ban is missing in two complete lists, at the time of the first', () => {
    const it = banDomain();
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
    const it = banDomain();
    it.list(noon + 2 * minute, [ban()]);
    it.list(noon + 3 * minute, []);
    it.list(noon + 4 * minute, [ban()]);
    it.list(noon + 5 * minute, []);
    it.list(noon + 6 * minute, [ban()]);

    expect([it.counts(), it.isForbidden()]).toEqual([{ forbid: 1 }, true]);
  });

  test('counts a resume during a downtime once', () => {
    const it = banDomain();
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
    const it = banDomain();
    it.list(noon + 2 * minute, [ban({ expiresAt })]);
    it.list(noon + 9 * minute + 30_000, []);
    it.list(noon + 10 * minute, []);

    expect([it.counts(), it.isForbidden()]).toEqual([{ forbid: 1 }, false]);
  });

  test('counts another ban of the stream', () => {
    const it = banDomain();
    it.list(noon + 2 * minute, [ban()]);
    it.list(noon + 3 * minute, []);
    it.list(noon + 4 * minute, []);
    it.list(noon + 5 * minute, [ban({ forbiddenAt: noon + 5 * minute - 1_000 })]);

    expect([it.counts(), it.isForbidden()]).toEqual([{ forbid: 2, resume: 1 }, true]);
  });

  test('shows 1 while it contains a stream, also after a resume', () => {
    const it = banDomain({ countedActions: [] });
    it.list(noon + 2 * minute, [ban()]);
    it.act(noon + 3 * minute, { action: 'resume', actedAt: noon + 3 * minute });
    expect(it.isForbidden()).toBe(false);

    it.list(noon + 4 * minute, [ban()]);

    expect(it.isForbidden()).toBe(true);
  });

  test('shows 0 after a forbid that the list does not contain any more', () => {
    const it = banDomain({ countedActions: [] });
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
    const it = banDomain();
    it.list(noon + 2 * minute, [ban({ domain: 'other.example.com' }), ban({ appName: 'other' })]);

    expect([it.counts(), it.record().streams.size]).toEqual([{}, 0]);
  });

  test('applies a ban without a domain to each known stream with its name', () => {
    const it = banDomain({ isOnlyDomain: false });
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
    const it = banDomain();
    const bare = ban({ appName: undefined });
    it.act(noon + 2 * minute, { action: 'forbid', actedAt: noon + minute, appName: 'show' });

    it.list(noon + 2 * minute, [bare]);
    it.list(noon + 3 * minute, [bare]);

    expect(it.counts()).toEqual({ forbid: 1 });
    expect([it.isForbidden('news', 'show'), it.record().streams.size]).toEqual([true, 1]);
  });

  test('applies a ban without a domain to the only domain', () => {
    const it = banDomain();
    it.list(noon + 2 * minute, [ban({ domain: undefined })]);

    expect([it.counts(), it.isForbidden()]).toEqual([{ forbid: 1 }, true]);
  });

  test('counts no action that another source counts', () => {
    const it = banDomain({ countedActions: ['resume'] });
    it.list(noon + 2 * minute, [ban()]);
    it.list(noon + 3 * minute, []);
    it.list(noon + 4 * minute, []);

    expect(it.counts()).toEqual({ resume: 1 });
  });
});

test('a ban that an incomplete list contains is not missing any more', () => {
  const it = banDomain();
  it.list(noon + 2 * minute, [ban()]);
  it.list(noon + 3 * minute, []);
  it.list(noon + 4 * minute, [ban()], false);

  it.list(noon + 5 * minute, []);

  expect([it.counts(), it.isForbidden()]).toEqual([{ forbid: 1 }, true]);
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
      const it = banDomain();
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
