import { expect, test } from 'vitest';
import { lowBetween, playAlerts, silentBetween } from '../support/alert-run.ts';
import { alwaysLive, noExpectation, noon } from '../support/samples.ts';

test('fires when the second low sample is available, and ends after 30 s of good samples', async () => {
  const { changes } = await playAlerts({ streams: [{ sampleAt: lowBetween(60, 120) }], seconds: 200 });

  // The samples are available 3 s after their time, and polled every 5 s.
  expect(changes).toEqual([
    [70, 's0 FpsLow fires', 60],
    [150, 's0 FpsLow ends', 60],
  ]);
});

test('fires for stalled video, and not for a stream without video', async () => {
  const sampleAt = lowBetween(60, 120, 0);
  const audioOnly = { ...noExpectation, isAudioOnly: true };

  const { changes } = await playAlerts({
    streams: [{ sampleAt }, { sampleAt, target: { expectation: audioOnly } }],
    seconds: 200,
  });

  expect(changes).toEqual([
    [70, 's0 VideoStalled fires', 60],
    [150, 's0 VideoStalled ends', 60],
  ]);
});

test('fires for a missing stream when its last sample is stale, and ends with the next sample', async () => {
  const { changes } = await playAlerts({
    streams: [{ sampleAt: silentBetween(60, 300) }, {}],
    seconds: 400,
  });

  // The sample at 55 s is stale after 10 s + 30 s.
  expect(changes).toEqual([
    [100, 's0 Missing fires', 55],
    [305, 's0 Missing ends', 55],
  ]);
});

/** Returns the samples of a push with breaks of 60 s that begin at some seconds. */
function brokenAt(...begins: readonly number[]) {
  return (at: number) => (begins.some((begin) => at >= begin && at < begin + 60) ? undefined : {});
}

test('fires in the first break of a push, but not in those of the next ten minutes', async () => {
  const { changes } = await playAlerts({
    streams: [{ sampleAt: brokenAt(60, 200, 400, 1000, 1700) }, {}],
    seconds: 1900,
    // The samples are saved, so the exporter knows the breaks from before its restart.
    isDown: (at) => at >= 300 && at < 310,
  });

  expect(changes).toEqual([
    [100, 's0 Missing fires', 55],
    [125, 's0 Missing ends', 55],
    [1740, 's0 Missing fires', 1695],
    [1765, 's0 Missing ends', 1695],
  ]);
});

test('fires 30 s later if a push with breaks does not come back', async () => {
  const { changes } = await playAlerts({
    streams: [{ sampleAt: (at) => (at >= 200 ? undefined : brokenAt(60)(at)) }, {}],
    seconds: 400,
  });

  expect(changes.at(-1)).toEqual([270, 's0 Missing fires', 195]);
});

test('fires 30 s later in a further break of a stream whose samples cover a minute each', async () => {
  const isSilent = (at: number) => (at >= 600 && at < 800) || at >= 1000;
  const { changes, shown } = await playAlerts({
    streams: [{ sampleAt: (at) => (at % 60 === 0 && !isSilent(at) ? { periodMs: 60_000 } : undefined) }, {}],
    seconds: 1400,
  });

  const downs = shown[0]?.filter(([, up], i, all) => up === 'down' && all[i - 1]?.[1] !== 'down');
  const [first, second] = downs?.map(([at]) => at) ?? [];
  expect(changes.filter(([, change]) => change.endsWith('fires'))).toEqual([
    [first, 's0 Missing fires', 540],
    [(second ?? 0) + 30, 's0 Missing fires', 960],
  ]);
});

test('ends an alert about the samples of a push that has ended', async () => {
  const { changes } = await playAlerts({
    streams: [
      {
        sampleAt: (at) => (at >= 120 ? undefined : lowBetween(60, 120)(at)),
        target: { expectation: { ...alwaysLive, live: undefined } },
      },
      {},
    ],
    seconds: 300,
  });

  expect(changes).toEqual([
    [70, 's0 FpsLow fires', 60],
    [160, 's0 FpsLow ends', 60],
  ]);
});

test('reports no missing stream that the config does not expect', async () => {
  const { changes } = await playAlerts({
    streams: [
      { sampleAt: silentBetween(60, 300), target: { expectation: { ...alwaysLive, live: false } } },
      { sampleAt: silentBetween(60, 300), target: { expectation: noExpectation } },
      {},
    ],
    seconds: 400,
  });

  expect(changes).toEqual([]);
});

test('neither raises nor ends an alert while requests fail', async () => {
  const { changes } = await playAlerts({
    streams: [
      { sampleAt: lowBetween(60, 600) },
      { sampleAt: silentBetween(60, 600) },
      { sampleAt: lowBetween(200, 400) },
      { sampleAt: silentBetween(200, 400) },
      {},
    ],
    seconds: 700,
    fails: (at) => at >= 120 && at <= 500,
  });

  expect(changes).toEqual([
    [70, 's0 FpsLow fires', 60],
    [100, 's1 Missing fires', 55],
    [605, 's1 Missing ends', 55],
    [630, 's0 FpsLow ends', 60],
  ]);
});

test('neither raises nor ends an alert while the account lags', async () => {
  // From 200 s to 500 s, the provider returns nothing new.
  const visibleAt = (at: number) => (at >= 200 && at < 500 ? 503 : at + 3);

  const { changes } = await playAlerts({
    streams: [
      { visibleAt, sampleAt: lowBetween(60, 700) },
      { visibleAt, sampleAt: lowBetween(300, 400) },
      { visibleAt },
    ],
    seconds: 800,
  });

  expect(changes).toEqual([
    [70, 's0 FpsLow fires', 60],
    [730, 's0 FpsLow ends', 60],
  ]);
});

test('begins and ends with the expected hours', async () => {
  const minute = (second: number) => Math.floor((noon / 1000 + second) / 60) % 1440;
  const slot = { days: [0], fromMinute: minute(120), toMinute: minute(300), timeZone: 'UTC' };

  const { changes } = await playAlerts({
    streams: [{ sampleAt: () => undefined, target: { expectation: { ...alwaysLive, live: [slot] } } }, {}],
    seconds: 400,
  });

  // A stream that is silent at the beginning gets as long as a sample is fresh.
  expect(changes).toEqual([
    [160, 's0 Missing fires', 120],
    [300, 's0 Missing ends', 120],
  ]);
});

test('starts anew with the next expected hours, even if nobody answered in between', async () => {
  const minute = (second: number) => Math.floor((noon / 1000 + second) / 60) % 1440;
  const slot = { days: [0], fromMinute: minute(120), toMinute: minute(300), timeZone: 'UTC' };
  const later = { ...slot, fromMinute: minute(600), toMinute: minute(900) };

  const { changes } = await playAlerts({
    streams: [
      { sampleAt: () => undefined, target: { expectation: { ...alwaysLive, live: [slot, later] } } },
      {},
    ],
    seconds: 800,
    fails: (at) => at >= 280 && at < 700,
  });

  expect(changes).toEqual([
    [160, 's0 Missing fires', 120],
    [300, 's0 Missing ends', 120],
    [700, 's0 Missing fires', 600],
  ]);
});

test('does not report a stream as missing because nobody answered at the beginning of its hours', async () => {
  const minute = (second: number) => Math.floor((noon / 1000 + second) / 60) % 1440;
  const slot = { days: [0], fromMinute: minute(120), toMinute: minute(600), timeZone: 'UTC' };

  const { changes } = await playAlerts({
    streams: [
      { sampleAt: silentBetween(-999, 130), target: { expectation: { ...alwaysLive, live: [slot] } } },
      {},
    ],
    seconds: 400,
    fails: (at) => at >= 100 && at < 300,
  });

  expect(changes).toEqual([]);
});

test('two exporters with other starts and intervals post the same alerts', async () => {
  const streams = [
    { sampleAt: lowBetween(60, 900), target: { labels: { channel: 'sport' } } },
    { sampleAt: lowBetween(200, 900, 0) },
    { sampleAt: silentBetween(100, 900) },
    {},
  ];

  const first = await playAlerts({ streams, seconds: 800 });
  const second = await playAlerts({
    streams,
    seconds: 800,
    interval: 7,
    phase: 3,
    isDown: (at) => at < 40 || (at > 300 && at < 320),
  });

  expect(first.firing).toHaveLength(3);
  expect(second.firing).toEqual(first.firing);
});
