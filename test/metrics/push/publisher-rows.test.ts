import { expect, test } from 'vitest';
import { livePush, news, newsLabels, pushView, setUpPushSeries } from '../../support/push-series.ts';
import { noon, pushSample, pushTarget } from '../../support/samples.ts';

const older = pushSample({ clientIp: '192.0.2.10', framesPerSecond: 25 });
const newer = pushSample({ clientIp: '192.0.2.77', framesPerSecond: 30, measuredAt: noon + 5000 });
const far = pushSample({ clientIp: '2001:db8:1:2::3', framesPerSecond: 50 });

test('each live publisher has a row of its own, that ends with it', async () => {
  const { series, lines } = setUpPushSeries();
  series.add(pushTarget());
  series.setView(news, pushView(livePush(newer, older)));
  expect(await lines('livestream_push_fps')).toEqual([
    `livestream_push_fps{${newsLabels},client_ip="192.0.2.77"} 30`,
    `livestream_push_fps{${newsLabels},client_ip="192.0.2.10"} 25`,
  ]);

  series.setView(news, pushView(livePush(older)));

  expect(await lines('livestream_push_fps')).toEqual([
    `livestream_push_fps{${newsLabels},client_ip="192.0.2.10"} 25`,
  ]);
});

test('the next sample of the one publisher takes the place of the one before', async () => {
  const { series, lines } = setUpPushSeries();
  series.add(pushTarget());
  series.setView(news, pushView(livePush(older)));

  series.setView(news, pushView(livePush({ ...older, framesPerSecond: 12.5 })));

  expect(await lines('livestream_push_fps')).toEqual([
    `livestream_push_fps{${newsLabels},client_ip="192.0.2.10"} 12.5`,
  ]);
});

test('two that look alike share a row, and the newest sample is shown', async () => {
  const { series, lines } = setUpPushSeries({ show: 'prefix', on: 'gauges' });
  series.add(pushTarget());

  series.setView(news, pushView(livePush(newer, older, far)));

  expect(await lines('livestream_push_fps')).toEqual([
    `livestream_push_fps{${newsLabels},client_ip="192.0.2.0/24"} 30`,
    `livestream_push_fps{${newsLabels},client_ip="2001:db8:1::/48"} 50`,
  ]);
});

test('switched off, no address is shown anywhere', async () => {
  const { series, lines } = setUpPushSeries({ show: 'off', on: 'gauges' });
  series.add(pushTarget());

  series.setView(news, pushView(livePush(newer, older)));

  expect(await lines('livestream_push_fps', 'livestream_push_info')).toEqual([
    `livestream_push_fps{${newsLabels},client_ip=""} 30`,
    `livestream_push_info{${newsLabels},client_ip="",server_ip="198.51.100.1",push_domain="",resolution="",video_codec="",audio_codec=""} 1`,
  ]);
});

test('on info alone, the gauges carry an empty address', async () => {
  const { series, lines } = setUpPushSeries({ show: 'full', on: 'info' });
  series.add(pushTarget());

  series.setView(news, pushView(livePush(newer, older)));

  expect(await lines('livestream_push_fps', 'livestream_push_info')).toEqual([
    `livestream_push_fps{${newsLabels},client_ip=""} 30`,
    `livestream_push_info{${newsLabels},client_ip="192.0.2.77",server_ip="198.51.100.1",push_domain="",resolution="",video_codec="",audio_codec=""} 1`,
  ]);
});

test('other settings hold from the next answer on', async () => {
  const { series, lines } = setUpPushSeries();
  series.add(pushTarget());
  series.setView(news, pushView(livePush(newer)));

  series.setClientIp({ show: 'prefix', on: 'gauges' });
  series.setView(news, pushView(livePush(newer)));

  expect(await lines('livestream_push_fps')).toEqual([
    `livestream_push_fps{${newsLabels},client_ip="192.0.2.0/24"} 30`,
  ]);
});

test('info shows the followed publisher, one series even when it changes', async () => {
  const { series, lines } = setUpPushSeries();
  series.add(pushTarget());
  series.setView(news, pushView(livePush(older, newer)));
  series.setView(news, pushView(livePush(newer)));

  const info = await lines('livestream_push_info');

  expect(info).toHaveLength(1);
  expect(info[0]).toContain('client_ip="192.0.2.77"');
});
