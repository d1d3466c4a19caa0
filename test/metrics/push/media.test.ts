import { expect, test } from 'vitest';
import { livePush, news, newsLabels, pushView, setUpPushSeries } from '../../support/push-series.ts';
import { noon, pushMedia, pushSample, pushTarget } from '../../support/samples.ts';
import { inOneSlice } from '../../support/slices.ts';

const names = [
  'video_bitrate_bps',
  'audio_bitrate_bps',
  'audio_fps',
  'declared_fps',
  'keyframe_interval_seconds',
];
const gauges = names.map((name) => `livestream_push_${name}`);
const start = 'livestream_push_start_timestamp_seconds';

function setUp() {
  const { series, lines } = setUpPushSeries();
  series.add(pushTarget());
  /** Shows a sample with these media values; returns the values of the gauges by name. */
  const show = (media: ReturnType<typeof pushMedia> | undefined, part = {}) => {
    series.setView(news, pushView(livePush(pushSample({ media, ...part }))));
    return values();
  };
  const values = async () => {
    const found = await lines(...gauges, start);
    return Object.fromEntries(
      found.map((line) => {
        const [series = '', value] = line.split(' ');
        expect(series).toContain(`{${newsLabels}}`);
        return [series.slice(0, series.indexOf('{')).replace('livestream_push_', ''), Number(value)];
      }),
    );
  };
  return { series, lines, show, values };
}

test('shows the media values in base units', async () => {
  const { show } = setUp();

  expect(await show(pushMedia())).toEqual({
    video_bitrate_bps: 2_400_000,
    audio_bitrate_bps: 128_000,
    audio_fps: 43,
    declared_fps: 25,
    keyframe_interval_seconds: 2,
    start_timestamp_seconds: noon / 1000 - 3600,
  });
});

test('shows 0, but no unknown value', async () => {
  const { show } = setUp();

  expect(await show(undefined)).toEqual({});
  const unknown = { declaredFramesPerSecond: undefined, keyframeIntervalMs: undefined, beganAt: undefined };
  expect(await show(pushMedia({ ...unknown, videoBitsPerSecond: 0, audioFramesPerSecond: 0 }))).toEqual({
    video_bitrate_bps: 0,
    audio_bitrate_bps: 128_000,
    audio_fps: 0,
  });
});

test('removes the gauges when the push ends or the view expires, but keeps the begin of the push', async () => {
  const { series, show, values } = setUp();
  const kept = { start_timestamp_seconds: noon / 1000 - 3600 };
  await show(pushMedia());

  series.setView(news, pushView(undefined));
  expect(await values()).toEqual(kept);

  await show(pushMedia());
  await series.expire(noon + 60_000, inOneSlice);
  expect(await values()).toEqual(kept);

  expect(await show(pushMedia({ beganAt: noon }))).toMatchObject({ start_timestamp_seconds: noon / 1000 });
});

test('shows domain, resolution and codecs in push_info, and changes them with the sample', async () => {
  const { series, lines, show } = setUp();
  const shown = async () =>
    (await lines('livestream_push_info')).map((line) => /push_domain.*(?=})/.exec(line)?.[0]);
  await show(pushMedia());

  expect(await shown()).toEqual([
    'push_domain="push.example.com",resolution="1920x1080",video_codec="h264",audio_codec="aac"',
  ]);

  await show(pushMedia({ resolution: '640x360', audioCodec: undefined }));
  expect(await shown()).toEqual([
    'push_domain="push.example.com",resolution="640x360",video_codec="h264",audio_codec=""',
  ]);
  series.remove(news);
  expect(await shown()).toEqual([]);
});

test('changes the resolution in push_info while the address of the ingest node is held', async () => {
  const { lines, show } = setUp();
  await show(pushMedia(), { serverIp: '198.51.100.1' });
  await show(pushMedia({ resolution: '640x360' }), { serverIp: '198.51.100.2', measuredAt: noon + 5000 });

  const [line = ''] = await lines('livestream_push_info');
  expect(line).toContain('server_ip="198.51.100.1"');
  expect(line).toContain('resolution="640x360"');
});

test('shows the last end of a push with its reason, whatever the order of the answers', async () => {
  const end = 'livestream_push_last_end_timestamp_seconds';
  const { series, lines } = setUpPushSeries();
  series.add(pushTarget());
  expect(await lines(end)).toEqual([]);

  series.setEnd(news, { endedAt: noon, reason: 'normal' });
  series.setEnd(news, { endedAt: noon - 1_000, reason: 'error' });
  series.setEnd('unknown', { endedAt: noon, reason: 'error' });
  expect(await lines(end)).toEqual([`${end}{${newsLabels},reason="normal"} ${noon / 1_000}`]);

  series.setEnd(news, { endedAt: noon + 5_000, reason: 'timeout' });
  await series.expire(noon + 86_400_000, inOneSlice);
  expect(await lines(end)).toEqual([`${end}{${newsLabels},reason="timeout"} ${noon / 1_000 + 5}`]);

  series.remove(news);
  series.add(pushTarget());
  expect(await lines(end)).toEqual([]);
});
