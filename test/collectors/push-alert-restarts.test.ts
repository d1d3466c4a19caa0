import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lowBetween, playAlerts, silentBetween } from '../support/alert-run.ts';
import { alwaysLive } from '../support/samples.ts';

test('raises nothing about the time in which the exporter was down', async () => {
  const { changes } = await playAlerts({
    streams: [
      { sampleAt: lowBetween(200, 1000) },
      { sampleAt: lowBetween(200, 1000, 0) },
      { sampleAt: silentBetween(200, 1000) },
      {},
    ],
    seconds: 1400,
    isDown: (at) => at >= 100 && at < 1200,
  });

  expect(changes).toEqual([]);
});

test('raises nothing while a catch-up shows the past in parts', async () => {
  const { changes } = await playAlerts({
    streams: [
      { sampleAt: lowBetween(200, 800) },
      { sampleAt: lowBetween(200, 800, 0) },
      { sampleAt: silentBetween(200, 800) },
      {},
    ],
    seconds: 1400,
    span: 300,
    isDown: (at) => at >= 100 && at < 1200,
  });

  expect(changes).toEqual([]);
});

test('does not raise the alert of an ended push again after a restart', async () => {
  const { changes } = await playAlerts({
    streams: [
      {
        sampleAt: (at) => (at >= 120 ? undefined : lowBetween(60, 120)(at)),
        target: { expectation: { ...alwaysLive, live: undefined } },
      },
      {},
    ],
    seconds: 400,
    isDown: (at) => at >= 300 && at < 305,
  });

  expect(changes).toEqual([
    [70, 's0 FpsLow fires', 60],
    [160, 's0 FpsLow ends', 60],
  ]);
});

test('raises an alert that began while the exporter was down, from its true start', async () => {
  const { changes } = await playAlerts({
    streams: [{ sampleAt: lowBetween(200, 9999) }],
    seconds: 1400,
    isDown: (at) => at >= 100 && at < 1200,
  });

  expect(changes).toEqual([[1200, 's0 FpsLow fires', 200]]);
});

test('does not continue an alert that ended while the exporter was down', async () => {
  const { changes } = await playAlerts({
    streams: [{ sampleAt: silentBetween(100, 600) }, {}],
    seconds: 1200,
    isDown: (at) => (at >= 200 && at < 900) || (at >= 1000 && at < 1005),
  });

  expect(changes).toEqual([[140, 's0 Missing fires', 95]]);
});

test('starts anew if nothing was posted for a while', async () => {
  const { changes } = await playAlerts({
    streams: [{ sampleAt: (at) => silentBetween(at < 350 ? 100 : 400, at < 350 ? 300 : 700)(at) }, {}],
    seconds: 800,
    isOff: (at) => at >= 200 && at < 500,
  });

  expect(changes).toEqual([
    [140, 's0 Missing fires', 95],
    // The push had a break less than ten minutes before, so this one must last.
    [530, 's0 Missing fires', 395],
    [705, 's0 Missing ends', 395],
  ]);
});

const restarts = fc.array(
  fc.record({ at: fc.integer({ min: 10, max: 900 }), down: fc.integer({ min: 1, max: 20 }) }),
  {
    maxLength: 6,
  },
);

test('a kill neither ends nor doubles an alert, and keeps its start', { timeout: 60_000 }, async () => {
  const streams = [
    { sampleAt: lowBetween(60, 500) },
    { sampleAt: lowBetween(100, 600, 0) },
    { sampleAt: silentBetween(200, 700) },
    { sampleAt: (at: number) => (at % 10 === 0 ? { framesPerSecond: 10 } : {}) },
    {},
  ];
  const seconds = 1000;
  const whole = await playAlerts({ streams, seconds });
  const episodes = (changes: typeof whole.changes) =>
    new Set(changes.map(([, change, since]) => `${change} ${since}`));

  await fc.assert(
    fc.asyncProperty(restarts, async (kills) => {
      const isDown = (at: number) => kills.some((kill) => at >= kill.at && at < kill.at + kill.down);
      const { changes, firing } = await playAlerts({ streams, seconds, isDown });

      // After a start, the exporter posts again what fires: the same alert.
      expect(episodes(changes)).toEqual(episodes(whole.changes));
      for (const each of new Set(changes.map(([, change]) => change)).values()) {
        if (each.endsWith('ends')) expect(changes.filter(([, change]) => change === each)).toHaveLength(1);
      }
      expect(firing).toEqual(whole.firing);
    }),
    { numRuns: 40 },
  );
});
