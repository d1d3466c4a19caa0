import { describe, expect, test } from 'vitest';
import { createBirths } from '../../src/metrics/births.ts';
import type { ClientIpSettings } from '../../src/metrics/client-ip.ts';
import { createPushSeries, type PushSeries } from '../../src/metrics/push-series.ts';
import type { LivePush } from '../../src/model/live-push.ts';
import { newPushLedger, type PushLedger, type PushTotals } from '../../src/model/push-ledger.ts';
import type { PushSample } from '../../src/model/push-sample.ts';
import type { PushView } from '../../src/model/push-view.ts';
import { streamKey } from '../../src/model/stream.ts';
import { drawTables, linesOf } from '../support/exposition.ts';
import { alwaysLive, noExpectation, noon, pushSample, pushTarget, streamId } from '../support/samples.ts';

const news = streamKey(streamId());

function setUp(clientIp: ClientIpSettings = { show: 'full', on: 'gauges' }) {
  const released: string[] = [];
  const births = createBirths((streamKeys) => released.push(...streamKeys));
  const series: PushSeries = createPushSeries({
    clientIp,
    births,
    conditionBirths: createBirths((keys) => series.showSeen(keys)),
    version: () => series.tables.version(),
    elapsed: () => 0,
  });
  const lines = (...names: readonly string[]) => linesOf(series.tables, ...names);
  return { series, births, released, lines };
}

function livePush(followed: PushSample, ...others: readonly PushSample[]): LivePush {
  return { followed, others };
}

function pushView(live: LivePush | undefined, part: Partial<PushView> = {}): PushView {
  return { live, watermark: noon, answeredAt: noon, unknownAt: noon + 60_000, ...part };
}

function pushLedger(totals: Partial<PushTotals>, part: Partial<PushLedger> = {}): PushLedger {
  const begun = newPushLedger(noon);
  return { ...begun, totals: { ...begun.totals, ...totals }, leftZero: true, ...part };
}

test('a stream that was answered, saved and expected draws all that the contract names', async () => {
  const { series } = setUp();
  series.begin(pushTarget({ labels: { channel: 'news', team: 'a "b"' } }));
  series.showLedger(
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
  series.showView(
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
  const { series } = setUp();
  series.begin(pushTarget({ expectation: noExpectation }), pushLedger({ samples: 3 }));

  const [text, openMetrics] = [
    await drawTables(series.tables),
    await drawTables(series.tables, 'openmetrics'),
  ];

  expect(text).toContain('# TYPE livestream_push_samples_total counter\nlivestream_push_samples_total{');
  expect(openMetrics).toContain('# TYPE livestream_push_samples counter\nlivestream_push_samples_total{');
  const values = (drawn: string) => drawn.split('\n').filter((line) => !line.startsWith('#'));
  expect(values(openMetrics)).toEqual(values(text));
});

describe('up, silent and unknown', () => {
  const gauges = [
    'livestream_push_up',
    'livestream_push_fps',
    'livestream_push_bitrate_bps',
    'livestream_push_info',
    'livestream_push_watermark_timestamp_seconds',
  ];
  const id = 'account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news"';

  test('before the first answer nothing is said of the push', async () => {
    const { series, lines } = setUp();
    series.begin(pushTarget());

    expect(await lines(...gauges)).toEqual([]);
  });

  test('an answer without a fresh sample is 0, and ends frame rate, bit rate and info, but not the watermark', async () => {
    const { series, lines } = setUp();
    series.begin(pushTarget());
    series.showView(news, pushView(livePush(pushSample())));
    expect(await lines(...gauges)).toHaveLength(5);

    series.showView(news, pushView(undefined, { watermark: noon + 5000 }));

    expect(await lines(...gauges)).toEqual([
      `livestream_push_up{${id}} 0`,
      `livestream_push_watermark_timestamp_seconds{${id}} 1772366405`,
    ]);
  });

  test('when the answers end it is unknown: the sweep ends all but the watermark', async () => {
    const { series, lines } = setUp();
    series.begin(pushTarget());
    series.showView(news, pushView(livePush(pushSample()), { unknownAt: noon + 30_000 }));

    series.sweep(noon + 29_999);
    expect(await lines('livestream_push_up')).toEqual([`livestream_push_up{${id}} 1`]);

    series.sweep(noon + 30_000);
    expect(await lines(...gauges)).toEqual([`livestream_push_watermark_timestamp_seconds{${id}} 1772366400`]);
  });

  test('a wall clock that is set back does not keep it known: the sweep ends an answer from an hour ahead', async () => {
    const { series, lines } = setUp();
    series.begin(pushTarget());
    series.showView(news, pushView(livePush(pushSample())));

    series.sweep(noon - 60_000);
    expect(await lines('livestream_push_up', 'livestream_push_fps')).toHaveLength(2);
    series.sweep(noon - 60_001);
    expect(await lines('livestream_push_up', 'livestream_push_fps')).toEqual([]);
  });

  test('the next answer makes it known again', async () => {
    const { series, lines } = setUp();
    series.begin(pushTarget());
    series.showView(news, pushView(undefined, { unknownAt: noon }));
    series.sweep(noon);

    series.showView(news, pushView(livePush(pushSample())));

    expect(await lines(...gauges)).toHaveLength(5);
  });

  test('a value that the provider did not tell is not drawn, and a zero is', async () => {
    const { series, lines } = setUp();
    series.begin(pushTarget());
    series.showView(
      news,
      pushView(livePush(pushSample({ framesPerSecond: 0, bitsPerSecond: undefined, clientIp: undefined }))),
    );

    expect(await lines('livestream_push_fps', 'livestream_push_bitrate_bps')).toEqual([
      `livestream_push_fps{${id},client_ip=""} 0`,
    ]);
  });

  test('an ended stream leaves nothing, and what is told of it later is dropped', async () => {
    const { series } = setUp();
    series.begin(pushTarget());
    series.showView(news, pushView(livePush(pushSample())));

    series.end(news);
    series.showView(news, pushView(livePush(pushSample())));
    series.showLedger(news, pushLedger({ samples: 3 }));
    series.retarget(pushTarget());
    series.end(news);

    expect(await drawTables(series.tables)).toBe('');
  });
});

describe('publishers', () => {
  const id = 'account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news"';
  const older = pushSample({ clientIp: '192.0.2.10', framesPerSecond: 25 });
  const newer = pushSample({ clientIp: '192.0.2.77', framesPerSecond: 30, measuredAt: noon + 5000 });
  const far = pushSample({ clientIp: '2001:db8:1:2::3', framesPerSecond: 50 });

  test('each live publisher has a row of its own, that ends with it', async () => {
    const { series, lines } = setUp();
    series.begin(pushTarget());
    series.showView(news, pushView(livePush(newer, older)));
    expect(await lines('livestream_push_fps')).toEqual([
      `livestream_push_fps{${id},client_ip="192.0.2.77"} 30`,
      `livestream_push_fps{${id},client_ip="192.0.2.10"} 25`,
    ]);

    series.showView(news, pushView(livePush(older)));

    expect(await lines('livestream_push_fps')).toEqual([
      `livestream_push_fps{${id},client_ip="192.0.2.10"} 25`,
    ]);
  });

  test('two that look alike share a row, and the newest sample is shown', async () => {
    const { series, lines } = setUp({ show: 'prefix', on: 'gauges' });
    series.begin(pushTarget());

    series.showView(news, pushView(livePush(newer, older, far)));

    expect(await lines('livestream_push_fps')).toEqual([
      `livestream_push_fps{${id},client_ip="192.0.2.0/24"} 30`,
      `livestream_push_fps{${id},client_ip="2001:db8:1::/48"} 50`,
    ]);
  });

  test('switched off, no address is shown anywhere', async () => {
    const { series, lines } = setUp({ show: 'off', on: 'gauges' });
    series.begin(pushTarget());

    series.showView(news, pushView(livePush(newer, older)));

    expect(await lines('livestream_push_fps', 'livestream_push_info')).toEqual([
      `livestream_push_fps{${id},client_ip=""} 30`,
      `livestream_push_info{${id},client_ip="",server_ip="198.51.100.1",push_domain="",resolution="",video_codec="",audio_codec=""} 1`,
    ]);
  });

  test('on info alone, the gauges carry an empty address', async () => {
    const { series, lines } = setUp({ show: 'full', on: 'info' });
    series.begin(pushTarget());

    series.showView(news, pushView(livePush(newer, older)));

    expect(await lines('livestream_push_fps', 'livestream_push_info')).toEqual([
      `livestream_push_fps{${id},client_ip=""} 30`,
      `livestream_push_info{${id},client_ip="192.0.2.77",server_ip="198.51.100.1",push_domain="",resolution="",video_codec="",audio_codec=""} 1`,
    ]);
  });

  test('other settings hold from the next answer on', async () => {
    const { series, lines } = setUp();
    series.begin(pushTarget());
    series.showView(news, pushView(livePush(newer)));

    series.showAddresses({ show: 'prefix', on: 'gauges' });
    series.showView(news, pushView(livePush(newer)));

    expect(await lines('livestream_push_fps')).toEqual([
      `livestream_push_fps{${id},client_ip="192.0.2.0/24"} 30`,
    ]);
  });

  test('info shows the followed publisher, one series even when it changes', async () => {
    const { series, lines } = setUp();
    series.begin(pushTarget());
    series.showView(news, pushView(livePush(older, newer)));
    series.showView(news, pushView(livePush(newer)));

    const info = await lines('livestream_push_info');

    expect(info).toHaveLength(1);
    expect(info[0]).toContain('client_ip="192.0.2.77"');
  });
});

describe('counters', () => {
  const samples = async (lines: (...names: readonly string[]) => Promise<readonly string[]>) =>
    (await lines('livestream_push_samples_total')).map((line) => line.split(' ').at(-1));

  test('a ledger that has not left 0 is shown at 0 whatever its totals, until it is shown as having left it', async () => {
    const { series, births, released, lines } = setUp();
    series.begin(pushTarget());
    series.showLedger(news, pushLedger({ samples: 12 }, { leftZero: false, newestAt: noon }));
    expect(await samples(lines)).toEqual(['0']);
    expect(await lines('livestream_push_sample_timestamp_seconds')).toHaveLength(1);

    births.answered('curl', series.tables.version(), 0);
    expect(released).toEqual([news]);
    series.showLedger(news, pushLedger({ samples: 13 }, { leftZero: false }));
    expect(await samples(lines)).toEqual(['0']);

    series.showLedger(news, pushLedger({ samples: 13 }, { leftZero: true }));
    expect(await samples(lines)).toEqual(['13']);
    births.answered('curl', series.tables.version(), 0);
    expect(released).toEqual([news]);
  });

  test('a restored ledger that has left 0 starts at its value, one that has not is born again', async () => {
    const { series, births, released, lines } = setUp();
    series.begin(pushTarget(), pushLedger({ samples: 7 }, { leftZero: true }));
    const sport = pushTarget({ stream: streamId({ stream: 'sport' }) });
    series.begin(sport, pushLedger({ samples: 8 }, { leftZero: false }));

    expect(await samples(lines)).toEqual(['7', '0']);
    births.answered('curl', series.tables.version(), 0);
    expect(released).toEqual([streamKey(sport.stream)]);
  });

  test('an answer made before the birth does not release, since the stream is not in it', () => {
    const { series, births, released } = setUp();
    series.begin(pushTarget());
    const before = series.tables.version();
    series.showLedger(news, pushLedger({ samples: 12 }, { leftZero: false }));

    births.answered('curl', before, 0);

    expect(released).toEqual([]);
  });

  test('a condition that can not be judged has no series, and gets one with the limit', async () => {
    const { series, lines } = setUp();
    const name = 'livestream_push_degraded_seconds_total';
    series.begin(pushTarget({ expectation: noExpectation }), pushLedger({}));
    expect((await lines(name)).map((line) => /condition="(\w+)"/.exec(line)?.[1])).toEqual(['no_video']);

    series.retarget(pushTarget({ expectation: alwaysLive }));
    expect((await lines(name)).map((line) => /condition="(\w+)"/.exec(line)?.[1])).toEqual([
      'low_fps',
      'no_video',
      'low_bitrate',
    ]);

    series.retarget(pushTarget({ expectation: { ...alwaysLive, minFramesPerSecond: undefined } }));
    expect(await lines(name)).toHaveLength(2);
  });
});

describe('expectations', () => {
  test('new labels and limits replace the old ones at once', async () => {
    const { series, lines } = setUp();
    series.begin(pushTarget({ labels: { channel: 'old' } }));

    series.retarget(
      pushTarget({ labels: { team: 'a' }, expectation: { ...noExpectation, minFramesPerSecond: 12.5 } }),
    );

    const id = 'account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news"';
    expect(
      await lines('livestream_stream_info', 'livestream_push_expected', 'livestream_push_min_fps'),
    ).toEqual([`livestream_stream_info{${id},team="a"} 1`, `livestream_push_min_fps{${id}} 12.5`]);
  });

  test('by its schedule a stream is due in its slots only, and the sweep shows it', async () => {
    const { series, lines } = setUp();
    // noon is a Sunday.
    const live = [{ days: [0], fromMinute: 12 * 60, toMinute: 13 * 60, timeZone: 'UTC' }];
    series.begin(pushTarget({ expectation: { ...noExpectation, live } }));
    const due = async (at: number) => {
      series.sweep(at);
      return (await lines('livestream_push_expected')).map((line) => line.split(' ').at(-1));
    };

    expect(await lines('livestream_push_expected')).toEqual([]);
    expect(await due(noon - 1000)).toEqual(['0']);
    expect(await due(noon)).toEqual(['1']);
    expect(await due(noon + 3_600_000)).toEqual(['0']);
  });
});
