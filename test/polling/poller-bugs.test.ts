import { expect, test } from 'vitest';
import { ProviderError } from '../../src/model/answer.ts';
import type { PollerParts } from '../../src/polling/poller.ts';
import type { RunFailure } from '../../src/polling/run-failure.ts';
import { type Named, named, setUpPoller } from '../support/poller.ts';

type Parts = PollerParts<Named>;

test('reports an error of the failure report instead, and keeps polling', async () => {
  const reported: RunFailure[] = [];
  const { poller, startAgain } = createParts({
    run: () => Promise.reject(new ProviderError('unavailable', 'no answer')),
    onFailure(_, failure) {
      if (failure.kind !== 'internal') throw new TypeError('this kind cannot be reported');
      reported.push(failure);
    },
  });

  await startAgain(3);

  expect(reported).toEqual(
    Array(3).fill({
      kind: 'internal',
      message: 'this kind cannot be reported',
      retryAfterMs: undefined,
      stack: expect.stringContaining('poller-bugs.test.ts'),
    }),
  );
  expect(poller.state()).toMatchObject({ failing: 1, lastSuccessAt: undefined, isMakingProgress: true });
});

test('counts a target as failing if no failure can be reported, and keeps polling', async () => {
  let runs = 0;
  const { poller, startAgain } = createParts({
    async run() {
      runs++;
      throw new ProviderError('unavailable', 'no answer');
    },
    onFailure() {
      throw new Error('a bug');
    },
  });

  await startAgain(3);

  expect(runs).toBe(3);
  expect(poller.state()).toMatchObject({ failing: 1, isMakingProgress: true });
});

test('reports an error of the success report as a failure, and keeps polling', async () => {
  const reported: RunFailure[] = [];
  const { poller, startAgain } = createParts({
    run: async () => ({ isBehind: false }),
    onSuccess() {
      throw new TypeError('this success cannot be reported');
    },
    onFailure: (_, failure) => reported.push(failure),
  });

  await startAgain(3);

  expect(reported.map(({ kind, message }) => `${kind}: ${message}`)).toEqual(
    Array(3).fill('internal: this success cannot be reported'),
  );
  expect(poller.state()).toMatchObject({ failing: 1, isMakingProgress: true });
});

test('polls a target whose priority cannot be determined', async () => {
  const bugs: unknown[] = [];
  let runs = 0;
  const { poller, startAgain } = createParts({
    async run() {
      runs++;
      return { isBehind: false };
    },
    hasPriority() {
      throw new TypeError('a bug');
    },
    onBug: (error) => bugs.push(error),
  });

  await startAgain(3);

  expect(runs).toBe(3);
  expect(bugs).toContainEqual(new TypeError('a bug'));
  expect(poller.state()).toMatchObject({ failing: 0, isMakingProgress: true });
});

test('continues its loop after an error outside a run', async () => {
  const bugs: unknown[] = [];
  const stop = new AbortController();
  let runs = 0;
  let calls = 0;
  const { poller, clock } = createParts({
    async run() {
      runs++;
      return { isBehind: false };
    },
    waiting() {
      if (calls++ === 1) throw new TypeError('a bug');
      return 0;
    },
    onBug: (error) => bugs.push(error),
    signal: stop.signal,
  });
  const loop = poller.loop();

  await clock.advance(20_000);
  stop.abort();
  await loop;

  expect(bugs).toEqual([new TypeError('a bug')]);
  expect(runs).toBeGreaterThanOrEqual(4);
});

/** One target with an interval of 5 s. `startAgain` starts what is due every 5 s. */
function createParts(parts: Pick<Parts, 'run'> & Partial<Parts>) {
  const { poller, clock } = setUpPoller({ targets: [named('a')], ...parts });
  return {
    poller,
    clock,
    async startAgain(times: number) {
      for (let i = 0; i < times; i++) {
        await poller.start(clock.now());
        await clock.advance(5000);
      }
    },
  };
}
