import { expect, test } from 'vitest';
import type { Expectation } from '../../../src/model/expectation.ts';
import { settle } from '../../support/manual-clock.ts';
import { news, pushLedger, setUpPushSeries } from '../../support/push-series.ts';
import { alwaysLive, noExpectation, pushTarget } from '../../support/samples.ts';

function setUp(expectation: Expectation) {
  const { series, scrape, lines } = setUpPushSeries();
  const reload = (changed: Expectation) => series.update(pushTarget({ expectation: changed }));
  const count = (low_fps: number, low_bitrate: number) =>
    series.setLedger(news, pushLedger({ degradedMs: { low_fps, no_video: 0, low_bitrate } }));
  series.add(pushTarget({ expectation }));
  count(0, 0);
  return {
    series,
    reload,
    count,
    /** Completes a response of `version`, and waits for the release, which is done in slices. */
    async completeScrape(version?: number) {
      scrape(version);
      await settle();
    },
    degraded: async () => {
      const rendered = (await lines('livestream_push_degraded_seconds_total')).join('\n');
      return [...rendered.matchAll(/condition="(.*)"\} (.*)$/gm)].map(
        ([, condition, value]) => `${condition} ${value}`,
      );
    },
  };
}

const withoutFps: Expectation = { ...alwaysLive, minFramesPerSecond: undefined };

test('holds a condition that a reload adds at its current value, and no other condition', async () => {
  const { reload, count, completeScrape, degraded } = setUp(withoutFps);
  count(0, 1000);

  reload(alwaysLive);
  count(5000, 2000);
  expect(await degraded()).toEqual(['low_fps 0', 'no_video 0', 'low_bitrate 2']);
  await completeScrape();

  expect(await degraded()).toEqual(['low_fps 5', 'no_video 0', 'low_bitrate 2']);
  count(6000, 3000);
  expect(await degraded()).toEqual(['low_fps 6', 'no_video 0', 'low_bitrate 3']);
});

test('does not release a condition with a response rendered before the reload', async () => {
  const { series, reload, count, completeScrape, degraded } = setUp(noExpectation);
  const before = series.tables.version();
  reload(alwaysLive);
  count(5000, 2000);

  await completeScrape(before);

  expect(await degraded()).toEqual(['low_fps 0', 'no_video 0', 'low_bitrate 0']);
});

test('holds two conditions of a stream independently', async () => {
  const { series, reload, count, completeScrape, degraded } = setUp(noExpectation);
  reload({ ...noExpectation, minBitsPerSecond: 1_000_000 });
  const first = series.tables.version();
  reload(alwaysLive);
  count(5000, 2000);

  await completeScrape(first);

  expect(await degraded()).toEqual(['low_fps 0', 'no_video 0', 'low_bitrate 2']);
});

test('holds a condition again at its new value when a reload removes and adds its limit', async () => {
  const { series, reload, count, completeScrape, degraded } = setUp(withoutFps);
  reload(alwaysLive);
  const first = series.tables.version();
  count(5000, 0);

  reload(withoutFps);
  expect(await degraded()).toEqual(['no_video 0', 'low_bitrate 0']);
  reload(alwaysLive);
  count(7000, 0);

  await completeScrape(first);
  expect(await degraded()).toEqual(['low_fps 5', 'no_video 0', 'low_bitrate 0']);
  await completeScrape();
  expect(await degraded()).toEqual(['low_fps 7', 'no_video 0', 'low_bitrate 0']);
});

test('does not release a condition that a reload removes and adds before its slice', async () => {
  const { reload, count, completeScrape, degraded } = setUp(withoutFps);
  reload(alwaysLive);
  count(5000, 0);

  const released = completeScrape();
  reload(withoutFps);
  reload(alwaysLive);
  count(7000, 0);
  await released;

  expect(await degraded()).toEqual(['low_fps 5', 'no_video 0', 'low_bitrate 0']);
});

test('does not hold a condition when only its limit changes', async () => {
  const { reload, count, degraded } = setUp(alwaysLive);

  reload({ ...alwaysLive, minFramesPerSecond: 24 });
  count(5000, 0);

  expect(await degraded()).toEqual(['low_fps 5', 'no_video 0', 'low_bitrate 0']);
});

test('drops the hold with the stream: a stream that is added again starts at its value', async () => {
  const { series, reload, count, completeScrape, degraded } = setUp(withoutFps);
  reload(alwaysLive);
  series.remove(news);
  series.add(pushTarget());

  count(5000, 0);

  expect(await degraded()).toEqual(['low_fps 5', 'no_video 0', 'low_bitrate 0']);
  await completeScrape();
  expect(await degraded()).toHaveLength(3);
});

test('does not hold conditions that are added before the first ledger was saved', async () => {
  const { series, lines } = setUpPushSeries();
  series.add(pushTarget({ expectation: noExpectation }));

  series.update(pushTarget());
  series.setLedger(news, pushLedger({ degradedMs: { low_fps: 5000, no_video: 0, low_bitrate: 0 } }));

  const [lowFps] = await lines('livestream_push_degraded_seconds_total');
  expect(lowFps).toMatch(/condition="low_fps"} 5$/);
});
