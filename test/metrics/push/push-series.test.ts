import { expect, test } from 'vitest';
import { drawTables } from '../../support/exposition.ts';
import {
  livePush,
  news,
  newsLabels,
  pushLedger,
  pushView,
  setUpPushSeries,
} from '../../support/push-series.ts';
import { noExpectation, noon, pushSample, pushTarget } from '../../support/samples.ts';

test('a stream that was answered, saved and expected draws all that the contract names', async () => {
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

  expect(await drawTables(series.tables)).toMatchInlineSnapshot(`
    "# HELP livestream_push_fps Video frames per second of the push, from the newest sample of each live publisher.
    # TYPE livestream_push_fps gauge
    livestream_push_fps{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news",client_ip="192.0.2.10"} 24.97
    # HELP livestream_push_bitrate_bps Bits per second of the push, from the newest sample of each live publisher: the figure of the provider where it does not split audio from video.
    # TYPE livestream_push_bitrate_bps gauge
    livestream_push_bitrate_bps{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news",client_ip="192.0.2.10"} 1999800
    # HELP livestream_push_up 1: the last answer held a fresh sample. 0: an answer came without one. Absent: no answer came, so it is not known.
    # TYPE livestream_push_up gauge
    livestream_push_up{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 1
    # HELP livestream_push_info Who pushes to where, always 1: the publisher that is followed until it has no fresh sample. Empty where the provider does not tell.
    # TYPE livestream_push_info gauge
    livestream_push_info{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news",client_ip="192.0.2.10",server_ip="198.51.100.1",push_domain="",resolution="",video_codec="",audio_codec=""} 1
    # HELP livestream_push_watermark_timestamp_seconds The provider was asked with success for all push samples up to this time; an empty answer counts.
    # TYPE livestream_push_watermark_timestamp_seconds gauge
    livestream_push_watermark_timestamp_seconds{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 1772366400.5
    # HELP livestream_push_sample_timestamp_seconds The time that the provider gave the newest push sample.
    # TYPE livestream_push_sample_timestamp_seconds gauge
    livestream_push_sample_timestamp_seconds{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 1772366396
    # HELP livestream_push_samples_total Push samples counted, each once.
    # TYPE livestream_push_samples_total counter
    livestream_push_samples_total{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 3
    # HELP livestream_push_observed_seconds_total Push time that the counted samples speak for; two publishers at once both count.
    # TYPE livestream_push_observed_seconds_total counter
    livestream_push_observed_seconds_total{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 15
    # HELP livestream_push_frames_total Video frames pushed: frames per second times seconds, over every counted sample.
    # TYPE livestream_push_frames_total counter
    livestream_push_frames_total{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 374.5
    # HELP livestream_push_bytes_total Bytes pushed: bits per second / 8 times seconds, over every counted sample.
    # TYPE livestream_push_bytes_total counter
    livestream_push_bytes_total{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 3750000
    # HELP livestream_push_bad_seconds_total Push time in any condition.
    # TYPE livestream_push_bad_seconds_total counter
    livestream_push_bad_seconds_total{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 5
    # HELP livestream_push_missing_seconds_total Time in which the stream was due, the provider answered, and there was no sample.
    # TYPE livestream_push_missing_seconds_total counter
    livestream_push_missing_seconds_total{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 1.25
    # HELP livestream_push_backfilled_seconds_total The part of the observed time that was counted late: while it grows, the rate of the others shows a step.
    # TYPE livestream_push_backfilled_seconds_total counter
    livestream_push_backfilled_seconds_total{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 10
    # HELP livestream_push_gap_seconds_total Time that the provider could no longer be asked about.
    # TYPE livestream_push_gap_seconds_total counter
    livestream_push_gap_seconds_total{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 60
    # HELP livestream_push_sessions_total Pushes begun.
    # TYPE livestream_push_sessions_total counter
    livestream_push_sessions_total{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 2
    # HELP livestream_push_client_changes_total Changes of the address that the stream is pushed from.
    # TYPE livestream_push_client_changes_total counter
    livestream_push_client_changes_total{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 1
    # HELP livestream_push_degraded_seconds_total Push time in a condition, judged on each counted sample: low_fps (below the least allowed, above 0), no_video (0 frames per second), low_bitrate. Conditions overlap, so their sum means nothing.
    # TYPE livestream_push_degraded_seconds_total counter
    livestream_push_degraded_seconds_total{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news",condition="low_fps"} 5
    livestream_push_degraded_seconds_total{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news",condition="no_video"} 0
    livestream_push_degraded_seconds_total{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news",condition="low_bitrate"} 2.5
    # HELP livestream_stream_info The labels that the config gives the stream, always 1.
    # TYPE livestream_stream_info gauge
    livestream_stream_info{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news",channel="news",team="a \\"b\\""} 1
    # HELP livestream_push_expected Whether the stream is due now by its schedule: 1 or 0. Absent where the config does not say.
    # TYPE livestream_push_expected gauge
    livestream_push_expected{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 1
    # HELP livestream_push_expected_fps Video frames per second that the config expects.
    # TYPE livestream_push_expected_fps gauge
    livestream_push_expected_fps{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 25
    # HELP livestream_push_expected_bitrate_bps Bits per second that the config expects.
    # TYPE livestream_push_expected_bitrate_bps gauge
    livestream_push_expected_bitrate_bps{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 2000000
    # HELP livestream_push_min_fps A sample with fewer video frames per second counts as degraded.
    # TYPE livestream_push_min_fps gauge
    livestream_push_min_fps{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 20
    # HELP livestream_push_min_bitrate_bps A sample with fewer bits per second counts as degraded.
    # TYPE livestream_push_min_bitrate_bps gauge
    livestream_push_min_bitrate_bps{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 1000000
    "
  `);
});

test('OpenMetrics names counters without _total in their heads, and draws the same lines', async () => {
  const { series } = setUpPushSeries();
  series.add(pushTarget({ expectation: noExpectation }), pushLedger({ samples: 3 }));

  const [text, openMetrics] = [
    await drawTables(series.tables),
    await drawTables(series.tables, 'openmetrics'),
  ];

  expect(text).toContain('# TYPE livestream_push_samples_total counter\nlivestream_push_samples_total{');
  expect(openMetrics).toContain('# TYPE livestream_push_samples counter\nlivestream_push_samples_total{');
  const values = (drawn: string) => drawn.split('\n').filter((line) => !line.startsWith('#'));
  expect(values(openMetrics)).toEqual(values(text));
});

test('new labels and limits replace the old ones at once', async () => {
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

test('a new schedule is shown by its own slots at once, and no old one for a while longer', async () => {
  const { series, lines } = setUpPushSeries();
  const withSlot = (fromMinute: number, toMinute: number) =>
    pushTarget({
      expectation: {
        ...noExpectation,
        live: [{ days: [0, 1, 2, 3, 4, 5, 6], fromMinute, toMinute, timeZone: 'UTC' }],
      },
    });
  const shown = async () => (await lines('livestream_push_expected')).map((line) => line.split(' ').at(-1));
  const aroundNoon = withSlot(11 * 60, 13 * 60);
  series.add(aroundNoon);
  series.expire(noon);
  expect(await shown()).toEqual(['1']);

  series.update(withSlot(0, 60));
  expect(await shown()).toEqual(['0']);

  series.update(pushTarget({ expectation: { ...noExpectation, live: false } }));
  series.update(aroundNoon);
  expect(await shown()).toEqual(['1']);

  series.remove(news);
  series.add(withSlot(0, 60));
  expect(await shown()).toEqual(['0']);
});

test('by its schedule a stream is due in its slots only, and the sweep shows it', async () => {
  const { series, lines } = setUpPushSeries();
  // noon is a Sunday.
  const live = [{ days: [0], fromMinute: 12 * 60, toMinute: 13 * 60, timeZone: 'UTC' }];
  series.add(pushTarget({ expectation: { ...noExpectation, live } }));
  const due = async (at: number) => {
    series.expire(at);
    return (await lines('livestream_push_expected')).map((line) => line.split(' ').at(-1));
  };

  expect(await lines('livestream_push_expected')).toEqual([]);
  expect(await due(noon - 1000)).toEqual(['0']);
  expect(await due(noon)).toEqual(['1']);
  expect(await due(noon + 3_600_000)).toEqual(['0']);
});

test('an ended stream leaves nothing, and what is told of it later is dropped', async () => {
  const { series } = setUpPushSeries();
  series.add(pushTarget());
  series.setView(news, pushView(livePush(pushSample())));

  series.remove(news);
  series.setView(news, pushView(livePush(pushSample())));
  series.setLedger(news, pushLedger({ samples: 3 }));
  series.update(pushTarget());
  series.remove(news);

  expect(await drawTables(series.tables)).toBe('');
});
