import { expect, test } from 'vitest';
import { livePush, news, newsLabels, pushView, setUpPushSeries } from '../../support/push-series.ts';
import { noon, pushSample, pushTarget } from '../../support/samples.ts';

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

  series.expire(noon + 29_999);
  expect(await lines('livestream_push_up')).toEqual([`livestream_push_up{${newsLabels}} 1`]);

  series.expire(noon + 30_000);
  expect(await lines(...gauges)).toEqual([
    `livestream_push_watermark_timestamp_seconds{${newsLabels}} 1772366400`,
  ]);
});

test('expires a view that is over a minute ahead of a clock that was set back', async () => {
  const { series, lines } = setUpPushSeries();
  series.add(pushTarget());
  series.setView(news, pushView(livePush(pushSample())));

  series.expire(noon - 60_000);
  expect(await lines('livestream_push_up', 'livestream_push_fps')).toHaveLength(2);
  series.expire(noon - 60_001);
  expect(await lines('livestream_push_up', 'livestream_push_fps')).toEqual([]);
});

test('exposes the gauges again with the next view', async () => {
  const { series, lines } = setUpPushSeries();
  series.add(pushTarget());
  series.setView(news, pushView(undefined, { expiresAt: noon }));
  series.expire(noon);

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
