import { expect, test } from 'vitest';
import { renderTables } from '../../support/exposition.ts';
import {
  livePush,
  news,
  newsLabels,
  pushLedger,
  pushView,
  setUpPushSeries,
} from '../../support/push-series.ts';
import { noExpectation, noon, pushSample, pushTarget } from '../../support/samples.ts';

test('renders every push metric of the contract for a live, saved and expected stream', async () => {
  const { series } = setUpPushSeries();
  series.add(pushTarget({ labels: { channel: 'news', team: 'a "b"' } }));
  series.setLedger(
    news,
    pushLedger(
      {
        samples: 3,
        observedMs: 15_000,
        milliframes: 374_500,
        bytes: 3_750_000,
        degradedMs: { low_fps: 5000, no_video: 0, low_bitrate: 2500 },
        badMs: 5000,
        missingMs: 1250,
        backfilledMs: 10_000,
        gapMs: 60_000,
        sessions: 2,
        clientChanges: 1,
      },
      { newestAt: noon - 4000 },
    ),
  );
  series.setView(
    news,
    pushView(livePush(pushSample({ framesPerSecond: 24.97, bitsPerSecond: 1_999_800 })), {
      watermark: noon + 500,
    }),
  );

  expect(await renderTables(series.tables)).toMatchInlineSnapshot(`
    "# HELP livestream_push_fps Video frames per second, from the newest sample of each live publisher. Absent if unknown or not live.
    # TYPE livestream_push_fps gauge
    livestream_push_fps{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news",client_ip="192.0.2.10"} 24.97
    # HELP livestream_push_bitrate_bps Bits per second, from the newest sample of each live publisher. Contains one combined value if the provider does not report video and audio separately. Absent if unknown or not live.
    # TYPE livestream_push_bitrate_bps gauge
    livestream_push_bitrate_bps{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news",client_ip="192.0.2.10"} 1999800
    # HELP livestream_push_up Whether the stream is live: 1 if the last response contained a fresh sample, 0 if it contained none. Absent if unknown, because no response arrived for too long.
    # TYPE livestream_push_up gauge
    livestream_push_up{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 1
    # HELP livestream_push_info Information about the current publisher, always 1. Another publisher becomes current only when this one has no fresh sample. A label is empty if the provider does not report it.
    # TYPE livestream_push_info gauge
    livestream_push_info{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news",client_ip="192.0.2.10",server_ip="198.51.100.1",push_domain="",resolution="",video_codec="",audio_codec=""} 1
    # HELP livestream_push_watermark_timestamp_seconds Time up to which push samples are known: end of the time range of the last successful request, even if the response was empty.
    # TYPE livestream_push_watermark_timestamp_seconds gauge
    livestream_push_watermark_timestamp_seconds{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 1772366400.5
    # HELP livestream_push_sample_timestamp_seconds Timestamp of the newest push sample, as reported by the provider.
    # TYPE livestream_push_sample_timestamp_seconds gauge
    livestream_push_sample_timestamp_seconds{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 1772366396
    # HELP livestream_push_samples_total Total number of distinct push samples.
    # TYPE livestream_push_samples_total counter
    livestream_push_samples_total{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 3
    # HELP livestream_push_observed_seconds_total Total push time covered by the counted samples. Simultaneous publishers both count.
    # TYPE livestream_push_observed_seconds_total counter
    livestream_push_observed_seconds_total{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 15
    # HELP livestream_push_frames_total Total number of video frames pushed: frames per second times seconds, over every counted sample.
    # TYPE livestream_push_frames_total counter
    livestream_push_frames_total{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 374.5
    # HELP livestream_push_bytes_total Total number of bytes pushed: for each counted sample, its bit rate divided by 8, multiplied by its duration.
    # TYPE livestream_push_bytes_total counter
    livestream_push_bytes_total{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 3750000
    # HELP livestream_push_bad_seconds_total Total push time with at least one of low_fps, no_video and low_bitrate. Overlapping conditions count once.
    # TYPE livestream_push_bad_seconds_total counter
    livestream_push_bad_seconds_total{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 5
    # HELP livestream_push_missing_seconds_total Total time without a sample although the stream was expected live and the provider responded.
    # TYPE livestream_push_missing_seconds_total counter
    livestream_push_missing_seconds_total{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 1.25
    # HELP livestream_push_backfilled_seconds_total Total observed time of samples that were stale when they were counted, for example after an outage. While it grows, the other counters catch up, and their rates are too high.
    # TYPE livestream_push_backfilled_seconds_total counter
    livestream_push_backfilled_seconds_total{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 10
    # HELP livestream_push_gap_seconds_total Total time whose samples can no longer be requested from the provider.
    # TYPE livestream_push_gap_seconds_total counter
    livestream_push_gap_seconds_total{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 60
    # HELP livestream_push_sessions_total Total number of pushes started.
    # TYPE livestream_push_sessions_total counter
    livestream_push_sessions_total{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 2
    # HELP livestream_push_client_changes_total Total number of changes of the publisher address.
    # TYPE livestream_push_client_changes_total counter
    livestream_push_client_changes_total{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 1
    # HELP livestream_push_degraded_seconds_total Total push time with degraded quality, by condition: low_fps (below the minimum, above 0), no_video (0 frames per second), low_bitrate (below the minimum). Conditions overlap: do not sum them. low_fps and low_bitrate are absent if the stream has no minimum for them.
    # TYPE livestream_push_degraded_seconds_total counter
    livestream_push_degraded_seconds_total{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news",condition="low_fps"} 5
    livestream_push_degraded_seconds_total{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news",condition="no_video"} 0
    livestream_push_degraded_seconds_total{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news",condition="low_bitrate"} 2.5
    # HELP livestream_stream_info Information about the stream, always 1: the labels from the config.
    # TYPE livestream_stream_info gauge
    livestream_stream_info{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news",channel="news",team="a \\"b\\""} 1
    # HELP livestream_push_expected Whether the schedule expects the stream to be live now: 1 or 0. Absent if the config does not specify it.
    # TYPE livestream_push_expected gauge
    livestream_push_expected{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 1
    # HELP livestream_push_expected_fps Expected video frames per second, from the config. Absent if not set.
    # TYPE livestream_push_expected_fps gauge
    livestream_push_expected_fps{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 25
    # HELP livestream_push_expected_bitrate_bps Expected bits per second, from the config. Absent if not set.
    # TYPE livestream_push_expected_bitrate_bps gauge
    livestream_push_expected_bitrate_bps{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 2000000
    # HELP livestream_push_min_fps Minimum video frames per second: a sample below it counts as degraded. Absent if not set.
    # TYPE livestream_push_min_fps gauge
    livestream_push_min_fps{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 20
    # HELP livestream_push_min_bitrate_bps Minimum bits per second: a sample below it counts as degraded. Absent if not set.
    # TYPE livestream_push_min_bitrate_bps gauge
    livestream_push_min_bitrate_bps{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 1000000
    "
  `);
});

test('renders the same lines in OpenMetrics, with counter heads without _total', async () => {
  const { series } = setUpPushSeries();
  series.add(pushTarget({ expectation: noExpectation }), pushLedger({ samples: 3 }));

  const [text, openMetrics] = [
    await renderTables(series.tables),
    await renderTables(series.tables, 'openmetrics'),
  ];

  expect(text).toContain('# TYPE livestream_push_samples_total counter\nlivestream_push_samples_total{');
  expect(openMetrics).toContain('# TYPE livestream_push_samples counter\nlivestream_push_samples_total{');
  const values = (rendered: string) => rendered.split('\n').filter((line) => !line.startsWith('#'));
  expect(values(openMetrics)).toEqual(values(text));
});

test('replaces labels and limits immediately', async () => {
  const { series, lines } = setUpPushSeries();
  series.add(pushTarget({ labels: { channel: 'old' } }));

  series.update(
    pushTarget({ labels: { team: 'a' }, expectation: { ...noExpectation, minFramesPerSecond: 12.5 } }),
  );

  expect(
    await lines('livestream_stream_info', 'livestream_push_expected', 'livestream_push_min_fps'),
  ).toEqual([
    `livestream_stream_info{${newsLabels},team="a"} 1`,
    `livestream_push_min_fps{${newsLabels}} 12.5`,
  ]);
});

test('evaluates a changed schedule immediately', async () => {
  const { series, lines } = setUpPushSeries();
  const withSlot = (fromMinute: number, toMinute: number) =>
    pushTarget({
      expectation: {
        ...noExpectation,
        live: [{ days: [0, 1, 2, 3, 4, 5, 6], fromMinute, toMinute, timeZone: 'UTC' }],
      },
    });
  const expected = async () =>
    (await lines('livestream_push_expected')).map((line) => line.split(' ').at(-1));
  const aroundNoon = withSlot(11 * 60, 13 * 60);
  series.add(aroundNoon);
  series.expire(noon);
  expect(await expected()).toEqual(['1']);

  series.update(withSlot(0, 60));
  expect(await expected()).toEqual(['0']);

  series.update(pushTarget({ expectation: { ...noExpectation, live: false } }));
  series.update(aroundNoon);
  expect(await expected()).toEqual(['1']);

  series.remove(news);
  series.add(withSlot(0, 60));
  expect(await expected()).toEqual(['0']);
});

test('updates livestream_push_expected once a second from the slots of the schedule', async () => {
  const { series, lines } = setUpPushSeries();
  // noon is a Sunday.
  const live = [{ days: [0], fromMinute: 12 * 60, toMinute: 13 * 60, timeZone: 'UTC' }];
  series.add(pushTarget({ expectation: { ...noExpectation, live } }));
  const expectedAt = async (at: number) => {
    series.expire(at);
    return (await lines('livestream_push_expected')).map((line) => line.split(' ').at(-1));
  };

  expect(await lines('livestream_push_expected')).toEqual([]);
  expect(await expectedAt(noon - 1000)).toEqual(['0']);
  expect(await expectedAt(noon)).toEqual(['1']);
  expect(await expectedAt(noon + 3_600_000)).toEqual(['0']);
});

test('removes all series of a stream, and ignores later updates of it', async () => {
  const { series } = setUpPushSeries();
  series.add(pushTarget());
  series.setView(news, pushView(livePush(pushSample())));

  series.remove(news);
  series.setView(news, pushView(livePush(pushSample())));
  series.setLedger(news, pushLedger({ samples: 3 }));
  series.update(pushTarget());
  series.remove(news);

  expect(await renderTables(series.tables)).toBe('');
});
