import { expect, test } from 'vitest';
import { ProviderError } from '../../src/model/answer.ts';
import type { RunFailure } from '../../src/polling/poll-target.ts';
import type { PollerParts } from '../../src/polling/poller.ts';
import { type Named, named, setUpPoller } from '../support/poller.ts';

type Parts = PollerParts<Named>;

test('a bug in telling a failure is told instead, and the target keeps its turns', async () => {
  const told: RunFailure[] = [];
  const { poller, startAgain } = createParts({
    run: () => Promise.reject(new ProviderError('unavailable', 'no answer')),
    onFailure(_, failure) {
      if (failure.kind !== 'internal') throw new TypeError('this kind cannot be told');
      told.push(failure);
    },
  });

  await startAgain(3);

  expect(told).toEqual(
    Array(3).fill({
      kind: 'internal',
      message: 'this kind cannot be told',
      retryAfterMs: undefined,
      stack: expect.stringContaining('poller-bugs.test.ts'),
    }),
  );
  expect(poller.state()).toMatchObject({ failing: 1, lastSuccessAt: undefined, isMakingProgress: true });
});

test('where no failure can be told at all, the target is a failing one, and keeps its turns', async () => {
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

test('a bug in telling a success is a failure of the target, which keeps its turns', async () => {
  const told: RunFailure[] = [];
  const { poller, startAgain } = createParts({
    run: async () => ({ isBehind: false }),
    onSuccess() {
      throw new TypeError('this success cannot be told');
    },
    onFailure: (_, failure) => told.push(failure),
  });

  await startAgain(3);

  expect(told.map(({ kind, message }) => `${kind}: ${message}`)).toEqual(
    Array(3).fill('internal: this success cannot be told'),
  );
  expect(poller.state()).toMatchObject({ failing: 1, isMakingProgress: true });
});

/** One target with a turn each five seconds; `startAgain` starts what is due, every five seconds. */
function createParts(parts: Pick<Parts, 'run'> & Partial<Parts>) {
  const { poller, clock } = setUpPoller({ targets: [named('a')], ...parts });
  return {
    poller,
    async startAgain(times: number) {
      for (let i = 0; i < times; i++) {
        await poller.start(clock.now());
        await clock.advance(5000);
      }
    },
  };
}
