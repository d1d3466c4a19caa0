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

test('before the first answer nothing is said of the push', async () => {
  const { series, lines } = setUpPushSeries();
  series.add(pushTarget());

  expect(await lines(...gauges)).toEqual([]);
});

test('an answer without a fresh sample is 0, and ends frame rate, bit rate and info, but not the watermark', async () => {
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

test('when the answers end it is unknown: the sweep ends all but the watermark', async () => {
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

test('a wall clock that is set back does not keep it known: the sweep ends an answer from an hour ahead', async () => {
  const { series, lines } = setUpPushSeries();
  series.add(pushTarget());
  series.setView(news, pushView(livePush(pushSample())));

  series.expire(noon - 60_000);
  expect(await lines('livestream_push_up', 'livestream_push_fps')).toHaveLength(2);
  series.expire(noon - 60_001);
  expect(await lines('livestream_push_up', 'livestream_push_fps')).toEqual([]);
});

test('the next answer makes it known again', async () => {
  const { series, lines } = setUpPushSeries();
  series.add(pushTarget());
  series.setView(news, pushView(undefined, { expiresAt: noon }));
  series.expire(noon);

  series.setView(news, pushView(livePush(pushSample())));

  expect(await lines(...gauges)).toHaveLength(5);
});

test('a value that the provider did not tell is not drawn, and a zero is', async () => {
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
