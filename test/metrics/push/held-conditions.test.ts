import { expect, test } from 'vitest';
import type { Expectation } from '../../../src/model/expectation.ts';
import { news, pushLedger, setUpPushSeries } from '../../support/push-series.ts';
import { alwaysLive, noExpectation, pushTarget } from '../../support/samples.ts';

function setUp(expectation: Expectation) {
  const { series, conditionHold, lines } = setUpPushSeries();
  const reload = (other: Expectation) => series.update(pushTarget({ expectation: other }));
  const count = (low_fps: number, low_bitrate: number) =>
    series.setLedger(news, pushLedger({ degradedMs: { low_fps, no_video: 0, low_bitrate } }));
  series.add(pushTarget({ expectation }));
  count(0, 0);
  return {
    series,
    reload,
    count,
    /** A whole answer made of `version`. */
    seen: (version = series.tables.version()) => conditionHold.scrapeCompleted('curl', version, 0),
    degraded: async () => {
      const drawn = (await lines('livestream_push_degraded_seconds_total')).join('\n');
      return [...drawn.matchAll(/condition="(.*)"\} (.*)$/gm)].map(
        ([, condition, value]) => `${condition} ${value}`,
      );
    },
  };
}

const withoutFps: Expectation = { ...alwaysLive, minFramesPerSecond: undefined };

test('what is judged only since a reload is held where it appeared until it was seen, and the others are not', async () => {
  const { reload, count, seen, degraded } = setUp(withoutFps);
  count(0, 1000);

  reload(alwaysLive);
  count(5000, 2000);
  expect(await degraded()).toEqual(['low_fps 0', 'no_video 0', 'low_bitrate 2']);
  seen();

  expect(await degraded()).toEqual(['low_fps 5', 'no_video 0', 'low_bitrate 2']);
  count(6000, 3000);
  expect(await degraded()).toEqual(['low_fps 6', 'no_video 0', 'low_bitrate 3']);
});

test('an answer made before the reload lets nothing go, since the counter is not in it', async () => {
  const { series, reload, count, seen, degraded } = setUp(noExpectation);
  const before = series.tables.version();
  reload(alwaysLive);
  count(5000, 2000);

  seen(before);

  expect(await degraded()).toEqual(['low_fps 0', 'no_video 0', 'low_bitrate 0']);
});

test('two counters of a stream are held apart: each until it was seen itself', async () => {
  const { series, reload, count, seen, degraded } = setUp(noExpectation);
  reload({ ...noExpectation, minBitsPerSecond: 1_000_000 });
  const first = series.tables.version();
  reload(alwaysLive);
  count(5000, 2000);

  seen(first);

  expect(await degraded()).toEqual(['low_fps 0', 'no_video 0', 'low_bitrate 2']);
});

test('a limit that is taken away and comes back begins at what was counted by then, and has to be seen again', async () => {
  const { series, reload, count, seen, degraded } = setUp(withoutFps);
  reload(alwaysLive);
  const first = series.tables.version();
  count(5000, 0);

  reload(withoutFps);
  expect(await degraded()).toEqual(['no_video 0', 'low_bitrate 0']);
  reload(alwaysLive);
  count(7000, 0);

  seen(first);
  expect(await degraded()).toEqual(['low_fps 5', 'no_video 0', 'low_bitrate 0']);
  seen();
  expect(await degraded()).toEqual(['low_fps 7', 'no_video 0', 'low_bitrate 0']);
});

test('another limit for what was judged before holds nothing', async () => {
  const { reload, count, degraded } = setUp(alwaysLive);

  reload({ ...alwaysLive, minFramesPerSecond: 24 });
  count(5000, 0);

  expect(await degraded()).toEqual(['low_fps 5', 'no_video 0', 'low_bitrate 0']);
});

test('a stream that ended is not waited for, and one that comes back starts at its value', async () => {
  const { series, reload, count, seen, degraded } = setUp(withoutFps);
  reload(alwaysLive);
  series.remove(news);
  series.add(pushTarget());

  count(5000, 0);

  expect(await degraded()).toEqual(['low_fps 5', 'no_video 0', 'low_bitrate 0']);
  seen();
  expect(await degraded()).toHaveLength(3);
});

test('limits that come before the first answer was saved hold nothing: the counters are born with the others', async () => {
  const { series, lines } = setUpPushSeries();
  series.add(pushTarget({ expectation: noExpectation }));

  series.update(pushTarget());
  series.setLedger(news, pushLedger({ degradedMs: { low_fps: 5000, no_video: 0, low_bitrate: 0 } }));

  const [lowFps] = await lines('livestream_push_degraded_seconds_total');
  expect(lowFps).toMatch(/condition="low_fps"} 5$/);
});
