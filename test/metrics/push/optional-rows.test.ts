import { expect, test } from 'vitest';
import { createOptionalRows } from '../../../src/metrics/push/optional-rows.ts';
import { streamTexts } from '../../../src/metrics/push/push-texts.ts';
import { createSeriesTable } from '../../../src/metrics/table/series-table.ts';
import type { Expectation } from '../../../src/model/expectation.ts';
import { settle } from '../../support/manual-clock.ts';
import { news, pushLedger, setUpPushSeries } from '../../support/push-series.ts';
import { alwaysLive, noExpectation, pushTarget, streamId } from '../../support/samples.ts';

function setUp(expectation: Expectation) {
  const { series, scrape, lines } = setUpPushSeries();
  const reload = (changed: Expectation) => series.update(pushTarget({ expectation: changed }));
  const count = (low_fps: number, low_bitrate: number) =>
    series.setLedger(news, pushLedger({ degradedMs: { low_fps, no_video: 0, low_bitrate, video_stall: 0 } }));
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

test('does not release a condition into the row of another stream', async () => {
  const { series, reload, count, completeScrape, degraded } = setUp(withoutFps);
  reload(alwaysLive);
  count(5000, 0);

  const released = completeScrape();
  series.remove(news);
  const other = pushTarget({ stream: streamId({ stream: 'other' }), expectation: noExpectation });
  series.add(
    other,
    pushLedger({ degradedMs: { low_fps: 3000, no_video: 0, low_bitrate: 0, video_stall: 0 } }),
  );
  await released;

  expect(await degraded()).toEqual(['no_video 0']);
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
  series.setLedger(
    news,
    pushLedger({ degradedMs: { low_fps: 5000, no_video: 0, low_bitrate: 0, video_stall: 0 } }),
  );

  const [lowFps] = await lines('livestream_push_degraded_seconds_total');
  expect(lowFps).toMatch(/condition="low_fps"} 5$/);
});

/** Values of the media counters, and of the video stall. */
async function setUpMedia(leftZero = true) {
  const { series, scrape, lines } = setUpPushSeries();
  series.add(pushTarget());
  const count = (video: number | undefined, video_stall = 0, part = { leftZero }) =>
    series.setLedger(
      news,
      pushLedger(
        {
          mediaMs: { video, audio: undefined },
          degradedMs: { low_fps: 0, no_video: 0, low_bitrate: 0, video_stall },
        },
        part,
      ),
    );
  const values = async () => {
    const found = await lines(
      'livestream_push_media_seconds_total',
      'livestream_push_degraded_seconds_total',
    );
    return found.flatMap(
      (line) =>
        /(?:media|condition)="(video|audio|video_stall)"\} (.*)$/.exec(line)?.slice(1).join(' ') ?? [],
    );
  };
  return {
    series,
    count,
    values,
    async completeScrape() {
      scrape();
      await settle();
    },
  };
}

test('has no series of media times that the provider has never reported', async () => {
  const { count, values } = await setUpMedia();

  count(undefined);

  expect(await values()).toEqual([]);
});

test('holds media time that the provider starts to report at 0, and the stall condition with it', async () => {
  const { count, values, completeScrape } = await setUpMedia();
  count(undefined);

  count(5032, 5000);
  expect(await values()).toEqual(['video 0', 'video_stall 0']);
  count(9832, 5000);
  await completeScrape();

  expect(await values()).toEqual(['video 9.832', 'video_stall 5']);
});

test('exposes restored media time at its value', async () => {
  const { count, values } = await setUpMedia();

  count(5032, 5000);

  expect(await values()).toEqual(['video 5.032', 'video_stall 5']);
});

test('exposes 0 media time while the counters of the stream are held at 0', async () => {
  const { count, values, completeScrape } = await setUpMedia(false);
  count(undefined);
  count(5032, 5000);
  await completeScrape();
  expect(await values()).toEqual(['video 0', 'video_stall 0']);

  count(5032, 5000, { leftZero: true });
  expect(await values()).toEqual(['video 5.032', 'video_stall 5']);
});

test('has no condition of the video while the config expects none, but the media time', async () => {
  const { series, count, values, completeScrape } = await setUpMedia();
  count(5032, 5000);

  series.update(pushTarget({ expectation: { ...noExpectation, isAudioOnly: true } }));
  expect(await values()).toEqual(['video 5.032']);

  series.update(pushTarget());
  count(5032, 10_000);
  expect(await values()).toEqual(['video 5.032', 'video_stall 5']);
  await completeScrape();
  expect(await values()).toEqual(['video 5.032', 'video_stall 10']);
});

test('leaves the row of a removed stream alone that another stream has got before a release', async () => {
  const { series, count, values, completeScrape } = await setUpMedia();
  count(undefined);
  count(5032, 5000);

  const released = completeScrape();
  series.remove(news);
  series.add(pushTarget());
  await released;

  expect(await values()).toEqual([]);
});

test('reports the error of a release, for which nobody waits', async () => {
  const errors: unknown[] = [];
  let release = () => {};
  createOptionalRows({
    table: createSeriesTable(streamTexts),
    zeroHold: {
      addQueue(onRelease) {
        release = () => onRelease([]);
        return { hold: () => {}, remove: () => {} };
      },
    },
    inSlices: () => Promise.reject(new Error('a bug')),
    onError: (error) => errors.push(error),
  });

  release();
  await settle();

  expect(errors).toEqual([new Error('a bug')]);
});
