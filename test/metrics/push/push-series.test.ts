import { expect, test } from 'vitest';
import type { PushView } from '../../../src/model/push-view.ts';
import { renderTables } from '../../support/exposition.ts';
import {
  livePush,
  news,
  newsLabels,
  pushLedger,
  pushView,
  setUpPushSeries,
} from '../../support/push-series.ts';
import { noExpectation, noon, pushMedia, pushSample, pushTarget } from '../../support/samples.ts';
import { inOneSlice } from '../../support/slices.ts';

test('renders every push metric of the contract for a live, saved and expected stream', async () => {
  const { series } = setUpPushSeries();
  series.add(pushTarget({ labels: { channel: 'news', team: 'a "b"' } }));
  series.setLedger(
    news,
    pushLedger(
      {
        samples: 3,
        observedMs: 15_000,
        measuredMs: { fps: 14_980, bitrate: 15_000 },
        milliframes: 374_500,
        bytes: 3_750_000,
        degradedMs: { low_fps: 5000, no_video: 0, low_bitrate: 2500, video_stall: 0 },
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
    pushView(
      livePush(pushSample({ measuredAt: noon - 4000, framesPerSecond: 24.97, bitsPerSecond: 1_999_800 })),
      {
        watermark: noon + 500,
      },
    ),
  );

  expect(await renderTables(series.tables)).toMatchInlineSnapshot(`
    "# HELP livestream_push_fps Video frames per second of a publisher that pushes the stream now, from its newest sample. The series exists only while livestream_push_up is 1 and the provider reports the frame rate.
    # TYPE livestream_push_fps gauge
    livestream_push_fps{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news",client_ip="192.0.2.10"} 24.97
    # HELP livestream_push_bitrate_bps Bit rate in bits per second (video and audio together) of a publisher that pushes the stream now, from its newest sample. The series exists only while livestream_push_up is 1 and the provider reports the bit rate.
    # TYPE livestream_push_bitrate_bps gauge
    livestream_push_bitrate_bps{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news",client_ip="192.0.2.10"} 1999800
    # HELP livestream_push_up Whether the stream is live: 1 if the last response of the provider contained a fresh sample of the stream (at most livestream_collector_effective_delay_seconds + stale_after old), 0 if that response contained no fresh sample. In large fleets, a list of live pushes can decide too: 1 if it contains the stream, 0 if two lists in a row no longer contain it. The series is absent while the state is unknown, because the provider has not responded recently, because its samples can be late, or because the newest rows of its last response could not be read.
    # TYPE livestream_push_up gauge
    livestream_push_up{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 1
    # HELP livestream_push_info Information about the current publisher of the stream, in labels; the value is always 1. If several publishers push the stream, the current publisher changes only when the previous one no longer has a fresh sample. server_ip changes only after 2 minutes (at least 12 samples) without the previous ingest node. A label is empty if the provider does not report its value. The series exists only while livestream_push_up is 1.
    # TYPE livestream_push_info gauge
    livestream_push_info{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news",client_ip="192.0.2.10",server_ip="198.51.100.1",push_domain="",resolution="",video_codec="",audio_codec=""} 1
    # HELP livestream_push_watermark_timestamp_seconds Timestamp up to which the exporter has requested the push samples of the stream, in Unix seconds: the end of the time range of the last successful request, even if the response was empty. The series is absent before the first successful request.
    # TYPE livestream_push_watermark_timestamp_seconds gauge
    livestream_push_watermark_timestamp_seconds{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 1772366400.5
    # HELP livestream_push_sample_timestamp_seconds Timestamp of the newest push sample of the stream, in Unix seconds, as reported by the provider. The series keeps its last value after the push ends. A list of live pushes changes the value only if the provider reports the time of its values. The series is absent before the first sample.
    # TYPE livestream_push_sample_timestamp_seconds gauge
    livestream_push_sample_timestamp_seconds{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 1772366396
    # HELP livestream_push_samples_total Total number of push samples of the stream, each counted once.
    # TYPE livestream_push_samples_total counter
    livestream_push_samples_total{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 3
    # HELP livestream_push_observed_seconds_total Total push time in seconds that the counted samples cover. If two publishers push the stream at the same time, this time counts twice.
    # TYPE livestream_push_observed_seconds_total counter
    livestream_push_observed_seconds_total{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 15
    # HELP livestream_push_measured_seconds_total Total push time in seconds that the counted samples with this value cover: fps (frame rate) or bitrate (bit rate). The counter is the denominator of exact means, because a sample without the value must not lower the mean.
    # TYPE livestream_push_measured_seconds_total counter
    livestream_push_measured_seconds_total{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news",value="fps"} 14.98
    livestream_push_measured_seconds_total{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news",value="bitrate"} 15
    # HELP livestream_push_frames_total Total number of video frames pushed: for each counted sample, the frames per second multiplied by the seconds that the sample covers.
    # TYPE livestream_push_frames_total counter
    livestream_push_frames_total{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 374.5
    # HELP livestream_push_bytes_total Total number of bytes pushed: for each counted sample, the bits per second divided by 8, multiplied by the seconds that the sample covers.
    # TYPE livestream_push_bytes_total counter
    livestream_push_bytes_total{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 3750000
    # HELP livestream_push_bad_seconds_total Total push time in seconds that met at least one condition of livestream_push_degraded_seconds_total. Time that met several conditions counts once.
    # TYPE livestream_push_bad_seconds_total counter
    livestream_push_bad_seconds_total{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 5
    # HELP livestream_push_missing_seconds_total Total time in seconds without a sample, although the config expected the stream to be live and the provider responded. Time counts after 16 minutes plus livestream_collector_effective_delay_seconds, if no request has found a sample until then. Samples that appear even later do not decrease the value. The value stays 0 if expect.live is not set for the stream.
    # TYPE livestream_push_missing_seconds_total counter
    livestream_push_missing_seconds_total{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 1.25
    # HELP livestream_push_backfilled_seconds_total Total push time in seconds of samples that were already stale (older than livestream_collector_effective_delay_seconds + stale_after) when the exporter counted them, for example after an outage, or because the provider returned them late. While this counter increases, the rates of the other push counters are too high, because those counters then also count older samples.
    # TYPE livestream_push_backfilled_seconds_total counter
    livestream_push_backfilled_seconds_total{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 10
    # HELP livestream_push_gap_seconds_total Total time in seconds whose push samples are not counted, because the provider no longer retains them or because the stream was not in the config.
    # TYPE livestream_push_gap_seconds_total counter
    livestream_push_gap_seconds_total{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 60
    # HELP livestream_push_sessions_total Total number of times that a push of the stream started. A push that was already running at the first poll does not count.
    # TYPE livestream_push_sessions_total counter
    livestream_push_sessions_total{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 2
    # HELP livestream_push_client_changes_total Total number of times that the IP address of the publisher changed, for example after a failover to another encoder.
    # TYPE livestream_push_client_changes_total counter
    livestream_push_client_changes_total{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 1
    # HELP livestream_push_degraded_seconds_total Total push time in seconds with degraded quality, by condition: low_fps (frame rate above 0 but below livestream_push_min_fps), no_video (frame rate 0), low_bitrate (bit rate below livestream_push_min_bitrate_bps), video_stall (video frames, but less than half a second of video per second). Do not add the conditions, because one sample can meet several of them. The low_fps series is absent if expect.fps is not set, the low_bitrate series if expect.bitrate is not set, and the video_stall series until the provider has reported the media time of the video. With expect.video: false, only low_bitrate exists.
    # TYPE livestream_push_degraded_seconds_total counter
    livestream_push_degraded_seconds_total{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news",condition="low_fps"} 5
    livestream_push_degraded_seconds_total{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news",condition="no_video"} 0
    livestream_push_degraded_seconds_total{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news",condition="low_bitrate"} 2.5
    # HELP livestream_stream_info Information about the stream, in labels from the config; the value is always 1.
    # TYPE livestream_stream_info gauge
    livestream_stream_info{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news",channel="news",team="a \\"b\\""} 1
    # HELP livestream_push_expected Whether the config expects the stream to be live now: 1 if yes, 0 if no. The series is absent if expect.live is not set for the stream.
    # TYPE livestream_push_expected gauge
    livestream_push_expected{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 1
    # HELP livestream_push_expected_fps Expected video frames per second, from expect.fps in the config. The series is absent if expect.fps is not set for the stream.
    # TYPE livestream_push_expected_fps gauge
    livestream_push_expected_fps{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 25
    # HELP livestream_push_expected_bitrate_bps Expected bit rate in bits per second, from expect.bitrate in the config. The series is absent if expect.bitrate is not set for the stream.
    # TYPE livestream_push_expected_bitrate_bps gauge
    livestream_push_expected_bitrate_bps{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 2000000
    # HELP livestream_push_min_fps Minimum video frames per second: a sample with a lower frame rate counts as degraded. The series is absent if expect.fps is not set for the stream.
    # TYPE livestream_push_min_fps gauge
    livestream_push_min_fps{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 20
    # HELP livestream_push_min_bitrate_bps Minimum bit rate in bits per second: a sample with a lower bit rate counts as degraded. The series is absent if expect.bitrate is not set for the stream.
    # TYPE livestream_push_min_bitrate_bps gauge
    livestream_push_min_bitrate_bps{account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 1000000
    "
  `);
});

test('exposes the time of a sample with its gauges, before the ledger is saved', async () => {
  const { series, lines } = setUpPushSeries();
  series.add(pushTarget(), pushLedger({}, { newestAt: noon }));
  const shown = async () =>
    (await lines('livestream_push_fps', 'livestream_push_sample_timestamp_seconds')).map((line) =>
      Number(line.split(' ').at(-1)),
    );

  series.setView(news, pushView(livePush(pushSample({ measuredAt: noon + 5000, framesPerSecond: 12 }))));
  expect(await shown()).toEqual([12, noon / 1000 + 5]);

  // A record from before the answer.
  series.setLedger(news, pushLedger({}, { newestAt: noon }));
  expect(await shown()).toEqual([12, noon / 1000 + 5]);
});

test('keeps the time of the newest sample when the view expires, and takes it from the ledger if none is fresh', async () => {
  const { series, lines } = setUpPushSeries();
  series.add(pushTarget());
  const shown = async () =>
    (await lines('livestream_push_sample_timestamp_seconds')).map((line) => Number(line.split(' ').at(-1)));
  expect(await shown()).toEqual([]);

  const older = pushSample({ measuredAt: noon - 5000 });
  series.setView(news, pushView(livePush(older, pushSample({ clientIp: '192.0.2.77' }))));
  await series.expire(noon + 3_600_000, inOneSlice);
  expect(await shown()).toEqual([noon / 1000]);

  series.setView(news, pushView(undefined));
  series.setLedger(news, pushLedger({}, { newestAt: noon + 7000 }));
  expect(await shown()).toEqual([noon / 1000 + 7]);
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
  await series.expire(noon, inOneSlice);
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
    await series.expire(at, inOneSlice);
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

test('shows the time of the samples of a list that has times, but no watermark', async () => {
  const { series, lines } = setUpPushSeries();
  series.add(pushTarget());

  series.setView(news, pushView(livePush(pushSample()), { isListed: true, hasTimes: true }));

  const times = ['livestream_push_sample_timestamp_seconds', 'livestream_push_watermark_timestamp_seconds'];
  expect(await lines(...times)).toEqual([
    `livestream_push_sample_timestamp_seconds{${newsLabels}} ${noon / 1000}`,
  ]);
});

test('shows the values of a list of live pushes without times', async () => {
  const { series, lines } = setUpPushSeries();
  const times = [
    'livestream_push_sample_timestamp_seconds',
    'livestream_push_watermark_timestamp_seconds',
    'livestream_push_start_timestamp_seconds',
  ];
  const listed = (part: Partial<PushView>) =>
    pushView(livePush(pushSample({ framesPerSecond: 24, media: pushMedia() })), { isListed: true, ...part });
  series.add(pushTarget());

  series.setView(news, listed({ watermark: undefined }));
  const began = `livestream_push_start_timestamp_seconds{${newsLabels}} ${noon / 1000 - 3600}`;
  expect(await lines(...times)).toEqual([began]);
  expect(await lines('livestream_push_up')).toEqual([`livestream_push_up{${newsLabels}} 1`]);

  series.setView(news, pushView(livePush(pushSample({ measuredAt: noon - 5000 }))));
  series.setView(news, listed({ watermark: noon - 60_000, answeredAt: noon + 60_000 }));

  expect((await lines(...times)).toSorted()).toEqual([
    `livestream_push_sample_timestamp_seconds{${newsLabels}} ${noon / 1000 - 5}`,
    began,
    `livestream_push_watermark_timestamp_seconds{${newsLabels}} ${noon / 1000}`,
  ]);
});
