import { expect, test } from 'vitest';
import { createSlices } from '../../../src/model/slices.ts';
import { streamKey } from '../../../src/model/stream.ts';
import { livePush, news, newsLabels, pushView, setUpPushSeries } from '../../support/push-series.ts';
import { noon, pushSample, pushTarget, streamId } from '../../support/samples.ts';
import { inOneSlice } from '../../support/slices.ts';

const gauges = [
  'livestream_push_up',
  'livestream_push_fps',
  'livestream_push_bitrate_bps',
  'livestream_push_info',
  'livestream_push_watermark_timestamp_seconds',
];

test('exposes no gauge before the first view', async () => {
  const { series, lines } = setUpPushSeries();
  series.add(pushTarget());

  expect(await lines(...gauges)).toEqual([]);
});

test('exposes 0 without a fresh sample, and removes frame rate, bit rate and info, but not the watermark', async () => {
  const { series, lines } = setUpPushSeries();
  series.add(pushTarget());
  series.setView(news, pushView(livePush(pushSample())));
  expect(await lines(...gauges)).toHaveLength(5);

  series.setView(news, pushView(undefined, { watermark: noon + 5000 }));

  expect(await lines(...gauges)).toEqual([
    `livestream_push_up{${newsLabels}} 0`,
    `livestream_push_watermark_timestamp_seconds{${newsLabels}} 1772366405`,
  ]);
});

test('exposes neither 0 nor 1 if the newest rows were unreadable', async () => {
  const { series, lines } = setUpPushSeries();
  series.add(pushTarget());
  series.setView(news, pushView(livePush(pushSample())));

  series.setView(news, pushView(undefined, { isUnknown: true, watermark: noon + 5000 }));

  expect(await lines(...gauges)).toEqual([
    `livestream_push_watermark_timestamp_seconds{${newsLabels}} 1772366405`,
  ]);
});

test('removes all gauges but the watermark when the view expires', async () => {
  const { series, lines } = setUpPushSeries();
  series.add(pushTarget());
  series.setView(news, pushView(livePush(pushSample()), { expiresAt: noon + 30_000 }));

  await series.expire(noon + 29_999, inOneSlice);
  expect(await lines('livestream_push_up')).toEqual([`livestream_push_up{${newsLabels}} 1`]);

  await series.expire(noon + 30_000, inOneSlice);
  expect(await lines(...gauges)).toEqual([
    `livestream_push_watermark_timestamp_seconds{${newsLabels}} 1772366400`,
  ]);
});

test('expires a view that is over a minute ahead of a clock that was set back', async () => {
  const { series, lines } = setUpPushSeries();
  series.add(pushTarget());
  series.setView(news, pushView(livePush(pushSample())));

  await series.expire(noon - 60_000, inOneSlice);
  expect(await lines('livestream_push_up', 'livestream_push_fps')).toHaveLength(2);
  await series.expire(noon - 60_001, inOneSlice);
  expect(await lines('livestream_push_up', 'livestream_push_fps')).toEqual([]);
});

test('exposes the gauges again with the next view', async () => {
  const { series, lines } = setUpPushSeries();
  series.add(pushTarget());
  series.setView(news, pushView(undefined, { expiresAt: noon }));
  await series.expire(noon, inOneSlice);

  series.setView(news, pushView(livePush(pushSample())));

  expect(await lines(...gauges)).toHaveLength(5);
});

test('exposes a frame rate of zero, and omits an unknown bit rate', async () => {
  const { series, lines } = setUpPushSeries();
  series.add(pushTarget());
  series.setView(
    news,
    pushView(livePush(pushSample({ framesPerSecond: 0, bitsPerSecond: undefined, clientIp: undefined }))),
  );

  expect(await lines('livestream_push_fps', 'livestream_push_bitrate_bps')).toEqual([
    `livestream_push_fps{${newsLabels},client_ip=""} 0`,
  ]);
});

test('ends the gauges of many streams in slices', async () => {
  const { series, lines } = setUpPushSeries();
  const streams = Array.from({ length: 1000 }, (_, i) => streamId({ stream: `s${i}` }));
  for (const stream of streams) {
    series.add(pushTarget({ stream }));
    series.setView(streamKey(stream), pushView(livePush(pushSample())));
  }
  let reads = 0;
  let yields = 0;
  const inSlices = createSlices({
    sliceMs: 2,
    elapsed: () => reads++,
    yieldNow: async () => void yields++,
  });

  await series.expire(noon + 60_000, inSlices);

  expect(yields).toBeGreaterThan(20);
  expect(await lines('livestream_push_up', 'livestream_push_fps')).toEqual([]);
});
