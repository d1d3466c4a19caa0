import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type PlayedStream, playAlerts, silentBetween } from '../support/alert-run.ts';

/** Returns whether an exporter is down that is killed every `life` seconds, and starts again after `pause` seconds. */
const killedEvery =
  (life: number, pause = 1) =>
  (second: number) =>
    second % (life + pause) >= life;

test.each([
  [20, 1],
  [20, 4],
  [10, 1],
  [7, 13],
])(
  'an exporter that is killed every %i s, for %i s, reports a missing stream in time',
  async (life, pause) => {
    const streams = [{ sampleAt: silentBetween(60, 9999) }, {}];
    const whole = await playAlerts({ streams, seconds: 300 });
    expect(whole.changes).toEqual([[100, 's0 Missing fires', 55]]);

    const { changes, shown } = await playAlerts({ streams, seconds: 300, isDown: killedEvery(life, pause) });

    const [first] = changes;
    expect(first?.slice(1)).toEqual(['s0 Missing fires', 55]);
    // One poll later at most, unless the exporter is down then.
    expect(first?.[0]).toBeLessThanOrEqual(105 + pause);
    expect(shown[0]?.filter(([second, up]) => second > 105 + pause && up !== 'down')).toEqual([]);
  },
);

test('an exporter that is killed all the time reports a stream that was never pushed', async () => {
  const streams = [{ sampleAt: () => undefined }, {}];

  const { shown } = await playAlerts({ streams, seconds: 120, isDown: killedEvery(6, 4) });

  // The first answer of all leaves the state open.
  expect(shown[0]?.map(([, up]) => up).slice(0, 3)).toEqual(['unknown', 'down', 'down']);
});

test.each([1, 2])('never reports %i streams as missing whose samples are 90 s late', async (count) => {
  const late: PlayedStream = { visibleAt: (at) => at + 90 };
  const streams = Array.from({ length: count }, () => late);

  const { changes, shown } = await playAlerts({ streams, seconds: 400, isDown: killedEvery(20) });

  expect(changes).toEqual([]);
  for (const states of shown) expect(states.filter(([, up]) => up === 'down')).toEqual([]);
});

/** Seconds in which the exporter is down, and the second of its last start. */
const kills = fc
  .array(fc.record({ life: fc.integer({ min: 1, max: 40 }), pause: fc.integer({ min: 1, max: 40 }) }), {
    minLength: 1,
    maxLength: 20,
  })
  .map((times) => {
    const down = new Set<number>();
    let end = 0;
    for (const { life, pause } of times) {
      for (let second = end + life; second < end + life + pause; second++) down.add(second);
      end += life + pause;
    }
    return { isDown: (second: number) => down.has(second), end };
  });
const intervals = fc.constantFrom(5, 7, 30);

test('a kill makes no late stream missing', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      kills,
      fc.constantFrom(5, 30, 45, 90, 200, 600, 1100),
      intervals,
      async ({ isDown, end }, delay, interval) => {
        const streams = [{ visibleAt: (second: number) => second + delay }];

        const { shown } = await playAlerts({ streams, interval, seconds: end + 120, isDown });

        expect(shown[0]?.filter(([, up]) => up === 'down')).toEqual([]);
      },
    ),
    { numRuns: 60 },
  );
});

test('a kill makes no stream missing while the account lags', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      kills,
      fc.record({ from: fc.integer({ min: 0, max: 300 }), length: fc.integer({ min: 30, max: 600 }) }),
      intervals,
      async ({ isDown, end }, { from, length }, interval) => {
        const to = from + length;
        const late: PlayedStream = { visibleAt: (at) => (at >= from && at < to ? to : at) + 3 };

        const { shown } = await playAlerts({ streams: [late, late], interval, seconds: end + 120, isDown });

        for (const states of shown) expect(states.filter(([, up]) => up === 'down')).toEqual([]);
      },
    ),
    { numRuns: 60 },
  );
});
