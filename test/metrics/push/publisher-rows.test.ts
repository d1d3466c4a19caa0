import { expect, test } from 'vitest';
import { livePush, news, newsLabels, pushView, setUpPushSeries } from '../../support/push-series.ts';
import { noon, pushSample, pushTarget } from '../../support/samples.ts';

const older = pushSample({ clientIp: '192.0.2.10', framesPerSecond: 25 });
const newer = pushSample({ clientIp: '192.0.2.77', framesPerSecond: 30, measuredAt: noon + 5000 });
const far = pushSample({ clientIp: '2001:db8:1:2::3', framesPerSecond: 50 });

test('adds a row per live publisher, and removes it with the publisher', async () => {
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

test('gives the row of the stream to a later publisher when the first one is gone', async () => {
  const { series, lines } = setUpPushSeries();
  series.add(pushTarget());
  series.setView(news, pushView(livePush(newer, older)));
  series.setView(news, pushView(livePush(older)));

  series.setView(news, pushView(livePush(older, far)));

  expect(await lines('livestream_push_fps')).toEqual([
    `livestream_push_fps{${newsLabels},client_ip="2001:db8:1:2::3"} 50`,
    `livestream_push_fps{${newsLabels},client_ip="192.0.2.10"} 25`,
  ]);
  series.remove(news);
  expect(await lines('livestream_push_fps')).toEqual([]);
});

test('replaces the sample of a single publisher', async () => {
  const { series, lines } = setUpPushSeries();
  series.add(pushTarget());
  series.setView(news, pushView(livePush(older)));

  series.setView(news, pushView(livePush({ ...older, framesPerSecond: 12.5 })));

  expect(await lines('livestream_push_fps')).toEqual([
    `livestream_push_fps{${newsLabels},client_ip="192.0.2.10"} 12.5`,
  ]);
});

test('exposes the newest sample of publishers with equal shown addresses', async () => {
  const { series, lines } = setUpPushSeries({ show: 'prefix', on: 'gauges' });
  series.add(pushTarget());

  series.setView(news, pushView(livePush(newer, older, far)));

  expect(await lines('livestream_push_fps')).toEqual([
    `livestream_push_fps{${newsLabels},client_ip="192.0.2.0/24"} 30`,
    `livestream_push_fps{${newsLabels},client_ip="2001:db8:1::/48"} 50`,
  ]);
});

test('exposes no address if client_ip is off', async () => {
  const { series, lines } = setUpPushSeries({ show: 'off', on: 'gauges' });
  series.add(pushTarget());

  series.setView(news, pushView(livePush(newer, older)));

  expect(await lines('livestream_push_fps', 'livestream_push_info')).toEqual([
    `livestream_push_fps{${newsLabels},client_ip=""} 30`,
    `livestream_push_info{${newsLabels},client_ip="",server_ip="198.51.100.1",push_domain="",resolution="",video_codec="",audio_codec=""} 1`,
  ]);
});

test('leaves the address of the gauges empty if only push_info shows it', async () => {
  const { series, lines } = setUpPushSeries({ show: 'full', on: 'info' });
  series.add(pushTarget());

  series.setView(news, pushView(livePush(newer, older)));

  expect(await lines('livestream_push_fps', 'livestream_push_info')).toEqual([
    `livestream_push_fps{${newsLabels},client_ip=""} 30`,
    `livestream_push_info{${newsLabels},client_ip="192.0.2.77",server_ip="198.51.100.1",push_domain="",resolution="",video_codec="",audio_codec=""} 1`,
  ]);
});

test('applies changed settings from the next view on', async () => {
  const { series, lines } = setUpPushSeries();
  series.add(pushTarget());
  series.setView(news, pushView(livePush(newer)));

  series.setClientIp({ show: 'prefix', on: 'gauges' });
  series.setView(news, pushView(livePush(newer)));

  expect(await lines('livestream_push_fps')).toEqual([
    `livestream_push_fps{${newsLabels},client_ip="192.0.2.0/24"} 30`,
  ]);
});

test('exposes one push_info series, even if the followed publisher changes', async () => {
  const { series, lines } = setUpPushSeries();
  series.add(pushTarget());
  series.setView(news, pushView(livePush(older, newer)));
  series.setView(news, pushView(livePush(newer)));

  const info = await lines('livestream_push_info');

  expect(info).toHaveLength(1);
  expect(info[0]).toContain('client_ip="192.0.2.77"');
});

test('keeps the ingest node on push_info while the nodes of a publisher alternate', async () => {
  const { series, lines } = setUpPushSeries();
  series.add(pushTarget());
  const nodeAfter = async (serverIp: string, measuredAt: number) => {
    series.setView(news, pushView(livePush({ ...older, serverIp, measuredAt })));
    const [info = ''] = await lines('livestream_push_info');
    return /server_ip="(.*?)"/.exec(info)?.[1];
  };
  const [first, second] = ['198.51.100.1', '198.51.100.2'];
  expect(await nodeAfter(first, noon)).toBe(first);

  for (let at = noon; at < noon + 600_000; at += 10_000) {
    expect(await nodeAfter(second, at + 5000)).toBe(first);
    expect(await nodeAfter(first, at + 10_000)).toBe(first);
  }

  expect(await nodeAfter(second, noon + 719_000)).toBe(first);
  expect(await nodeAfter(second, noon + 720_000)).toBe(second);
  expect(await nodeAfter(first, noon + 725_000)).toBe(second);
});

test('keeps the ingest node on push_info while it is unknown, until another publisher is shown', async () => {
  const { series, lines } = setUpPushSeries();
  series.add(pushTarget());
  const nodes: string[] = [];
  for (const sample of [older, { ...older, serverIp: undefined }, { ...newer, serverIp: undefined }]) {
    series.setView(news, pushView(livePush(sample)));
    const [info = ''] = await lines('livestream_push_info');
    nodes.push(/server_ip="(.*?)"/.exec(info)?.[1] ?? '');
  }

  expect(nodes).toEqual(['198.51.100.1', '198.51.100.1', '']);
});
