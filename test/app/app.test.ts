import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startSimulator } from '../../src/simulator/server.ts';
import { round, startTestApp } from '../support/app.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { noon } from '../support/samples.ts';
import { scenarioOf } from '../support/scenarios.ts';

const scenario = scenarioOf(`
name: app
noise: 0%
account: {app_id: 1234, key: the-key}
provider: {delay: 3s}
streams:
  - {name: news, fps: 25, bitrate: 2Mbit}
  - {name: sport, start: never}
`);
const env = { STAT_KEY: 'the-key' };

test('exposes gauges at once, and counters after the zero hold and a flush', async () => {
  const clock = createManualClock(noon);
  await using simulator = await startSimulator({ scenario, clock });
  await using daemon = await startTestApp(config(simulator.endpoint), env, clock);

  await round(daemon, clock);
  const hold = await daemon.scrape();
  await round(daemon, clock);
  const grown = await daemon.scrape();

  expect(linesOf(hold, 'samples_total')).toEqual(['news 0', 'sport 0']);
  expect(linesOf(hold, 'fps')).toEqual(['news 25']);
  expect(linesOf(grown, 'samples_total')).toEqual(['news 14', 'sport 0']);
  expect(streamText(grown)).toMatchInlineSnapshot(`
    "# HELP livestream_push_fps Video frames per second of a publisher that pushes the stream now, from its newest sample. The series exists only while livestream_push_up is 1 and the provider reports the frame rate.
    # TYPE livestream_push_fps gauge
    livestream_push_fps{account="t",provider="tencent",domain="push.example.com",app_name="live",stream="news",client_ip="192.0.2.1"} 25
    # HELP livestream_push_bitrate_bps Bit rate in bits per second (video and audio together) of a publisher that pushes the stream now, from its newest sample. The series exists only while livestream_push_up is 1 and the provider reports the bit rate.
    # TYPE livestream_push_bitrate_bps gauge
    livestream_push_bitrate_bps{account="t",provider="tencent",domain="push.example.com",app_name="live",stream="news",client_ip="192.0.2.1"} 2000000
    # HELP livestream_push_up Whether the stream is live: 1 if the last response of the provider contained a fresh sample of the stream (at most livestream_collector_effective_delay_seconds + stale_after old), 0 if that response contained no fresh sample. In large fleets, a list of live pushes can decide too: 1 if it contains the stream, 0 if two lists in a row no longer contain it. The series is absent while the state is unknown, because the provider has not responded recently, because its samples can be late, or because the newest rows of its last response could not be read.
    # TYPE livestream_push_up gauge
    livestream_push_up{account="t",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 1
    livestream_push_up{account="t",provider="tencent",domain="",app_name="",stream="sport"} 0
    # HELP livestream_push_info Information about the current publisher of the stream, in labels; the value is always 1. If several publishers push the stream, the current publisher changes only when the previous one no longer has a fresh sample. server_ip changes only after 2 minutes (at least 12 samples) without the previous ingest node. A label is empty if the provider does not report its value. The series exists only while livestream_push_up is 1.
    # TYPE livestream_push_info gauge
    livestream_push_info{account="t",provider="tencent",domain="push.example.com",app_name="live",stream="news",client_ip="192.0.2.1",server_ip="198.51.100.1",push_domain="",resolution="",video_codec="",audio_codec=""} 1
    # HELP livestream_push_watermark_timestamp_seconds Timestamp up to which the exporter has requested the push samples of the stream, in Unix seconds: the end of the time range of the last successful request, even if the response was empty. The series is absent before the first successful request.
    # TYPE livestream_push_watermark_timestamp_seconds gauge
    livestream_push_watermark_timestamp_seconds{account="t",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 1772366405
    livestream_push_watermark_timestamp_seconds{account="t",provider="tencent",domain="",app_name="",stream="sport"} 1772366407
    # HELP livestream_push_sample_timestamp_seconds Timestamp of the newest push sample of the stream, in Unix seconds, as reported by the provider. The series keeps its last value after the push ends. A list of live pushes changes the value only if the provider reports the time of its values. The series is absent before the first sample.
    # TYPE livestream_push_sample_timestamp_seconds gauge
    livestream_push_sample_timestamp_seconds{account="t",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 1772366398
    # HELP livestream_push_samples_total Total number of push samples of the stream, each counted once.
    # TYPE livestream_push_samples_total counter
    livestream_push_samples_total{account="t",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 14
    livestream_push_samples_total{account="t",provider="tencent",domain="",app_name="",stream="sport"} 0
    # HELP livestream_push_observed_seconds_total Total push time in seconds that the counted samples cover. If two publishers push the stream at the same time, this time counts twice.
    # TYPE livestream_push_observed_seconds_total counter
    livestream_push_observed_seconds_total{account="t",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 70
    livestream_push_observed_seconds_total{account="t",provider="tencent",domain="",app_name="",stream="sport"} 0
    # HELP livestream_push_measured_seconds_total Total push time in seconds that the counted samples with this value cover: fps (frame rate) or bitrate (bit rate). The counter is the denominator of exact means, because a sample without the value must not lower the mean.
    # TYPE livestream_push_measured_seconds_total counter
    livestream_push_measured_seconds_total{account="t",provider="tencent",domain="push.example.com",app_name="live",stream="news",value="fps"} 70
    livestream_push_measured_seconds_total{account="t",provider="tencent",domain="",app_name="",stream="sport",value="fps"} 0
    livestream_push_measured_seconds_total{account="t",provider="tencent",domain="push.example.com",app_name="live",stream="news",value="bitrate"} 70
    livestream_push_measured_seconds_total{account="t",provider="tencent",domain="",app_name="",stream="sport",value="bitrate"} 0
    # HELP livestream_push_frames_total Total number of video frames pushed: for each counted sample, the frames per second multiplied by the seconds that the sample covers.
    # TYPE livestream_push_frames_total counter
    livestream_push_frames_total{account="t",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 1750
    livestream_push_frames_total{account="t",provider="tencent",domain="",app_name="",stream="sport"} 0
    # HELP livestream_push_bytes_total Total number of bytes pushed: for each counted sample, the bits per second divided by 8, multiplied by the seconds that the sample covers.
    # TYPE livestream_push_bytes_total counter
    livestream_push_bytes_total{account="t",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 17500000
    livestream_push_bytes_total{account="t",provider="tencent",domain="",app_name="",stream="sport"} 0
    # HELP livestream_push_bad_seconds_total Total push time in seconds that met at least one condition of livestream_push_degraded_seconds_total. Time that met several conditions counts once.
    # TYPE livestream_push_bad_seconds_total counter
    livestream_push_bad_seconds_total{account="t",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 0
    livestream_push_bad_seconds_total{account="t",provider="tencent",domain="",app_name="",stream="sport"} 0
    # HELP livestream_push_missing_seconds_total Total time in seconds without a sample, although the config expected the stream to be live and the provider responded. Time counts after 16 minutes plus livestream_collector_effective_delay_seconds, if no request has found a sample until then. Samples that appear even later do not decrease the value. The value stays 0 if expect.live is not set for the stream.
    # TYPE livestream_push_missing_seconds_total counter
    livestream_push_missing_seconds_total{account="t",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 0
    livestream_push_missing_seconds_total{account="t",provider="tencent",domain="",app_name="",stream="sport"} 0
    # HELP livestream_push_backfilled_seconds_total Total push time in seconds of samples that were already stale (older than livestream_collector_effective_delay_seconds + stale_after) when the exporter counted them, for example after an outage, or because the provider returned them late. While this counter increases, the rates of the other push counters are too high, because those counters then also count older samples.
    # TYPE livestream_push_backfilled_seconds_total counter
    livestream_push_backfilled_seconds_total{account="t",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 30
    livestream_push_backfilled_seconds_total{account="t",provider="tencent",domain="",app_name="",stream="sport"} 0
    # HELP livestream_push_gap_seconds_total Total time in seconds whose push samples are not counted, because the provider no longer retains them or because the stream was not in the config.
    # TYPE livestream_push_gap_seconds_total counter
    livestream_push_gap_seconds_total{account="t",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 0
    livestream_push_gap_seconds_total{account="t",provider="tencent",domain="",app_name="",stream="sport"} 0
    # HELP livestream_push_sessions_total Total number of times that a push of the stream started. A push that was already running at the first poll does not count.
    # TYPE livestream_push_sessions_total counter
    livestream_push_sessions_total{account="t",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 0
    livestream_push_sessions_total{account="t",provider="tencent",domain="",app_name="",stream="sport"} 0
    # HELP livestream_push_client_changes_total Total number of times that the IP address of the publisher changed, for example after a failover to another encoder.
    # TYPE livestream_push_client_changes_total counter
    livestream_push_client_changes_total{account="t",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 0
    livestream_push_client_changes_total{account="t",provider="tencent",domain="",app_name="",stream="sport"} 0
    # HELP livestream_push_degraded_seconds_total Total push time in seconds with degraded quality, by condition: low_fps (frame rate above 0 but below livestream_push_min_fps), no_video (frame rate 0), low_bitrate (bit rate below livestream_push_min_bitrate_bps), video_stall (video frames, but less than half a second of video per second). Do not add the conditions, because one sample can meet several of them. The low_fps series is absent if expect.fps is not set, the low_bitrate series if expect.bitrate is not set, and the video_stall series until the provider has reported the media time of the video. With expect.video: false, only low_bitrate exists.
    # TYPE livestream_push_degraded_seconds_total counter
    livestream_push_degraded_seconds_total{account="t",provider="tencent",domain="push.example.com",app_name="live",stream="news",condition="low_fps"} 0
    livestream_push_degraded_seconds_total{account="t",provider="tencent",domain="push.example.com",app_name="live",stream="news",condition="no_video"} 0
    livestream_push_degraded_seconds_total{account="t",provider="tencent",domain="",app_name="",stream="sport",condition="no_video"} 0
    livestream_push_degraded_seconds_total{account="t",provider="tencent",domain="push.example.com",app_name="live",stream="news",condition="low_bitrate"} 0
    # HELP livestream_stream_info Information about the stream, in labels from the config; the value is always 1.
    # TYPE livestream_stream_info gauge
    livestream_stream_info{account="t",provider="tencent",domain="push.example.com",app_name="live",stream="news",channel="one"} 1
    livestream_stream_info{account="t",provider="tencent",domain="",app_name="",stream="sport"} 1
    # HELP livestream_push_expected Whether the config expects the stream to be live now: 1 if yes, 0 if no. The series is absent if expect.live is not set for the stream.
    # TYPE livestream_push_expected gauge
    livestream_push_expected{account="t",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 1
    livestream_push_expected{account="t",provider="tencent",domain="",app_name="",stream="sport"} 1
    # HELP livestream_push_expected_fps Expected video frames per second, from expect.fps in the config. The series is absent if expect.fps is not set for the stream.
    # TYPE livestream_push_expected_fps gauge
    livestream_push_expected_fps{account="t",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 25
    # HELP livestream_push_expected_bitrate_bps Expected bit rate in bits per second, from expect.bitrate in the config. The series is absent if expect.bitrate is not set for the stream.
    # TYPE livestream_push_expected_bitrate_bps gauge
    livestream_push_expected_bitrate_bps{account="t",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 2000000
    # HELP livestream_push_min_fps Minimum video frames per second: a sample with a lower frame rate counts as degraded. The series is absent if expect.fps is not set for the stream.
    # TYPE livestream_push_min_fps gauge
    livestream_push_min_fps{account="t",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 20
    # HELP livestream_push_min_bitrate_bps Minimum bit rate in bits per second: a sample with a lower bit rate counts as degraded. The series is absent if expect.bitrate is not set for the stream.
    # TYPE livestream_push_min_bitrate_bps gauge
    livestream_push_min_bitrate_bps{account="t",provider="tencent",domain="push.example.com",app_name="live",stream="news"} 1000000"
  `);
});

test('counts samples of the downtime once after a restart', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'livestream-restart-'));
  const clock = createManualClock(noon);
  await using simulator = await startSimulator({ scenario, clock });
  const start = () => startTestApp(config(simulator.endpoint), env, clock, { folder });
  {
    await using first = await start();
    await round(first, clock);
    await first.scrape();
    await round(first, clock);
  }
  await clock.advance(600_000);

  await using second = await start();
  const restored = await second.scrape();
  await round(second, clock);

  expect(linesOf(restored, 'samples_total')).toEqual(['news 14', 'sport 0']);
  // Ten minutes of a sample each five seconds, and those of the two rounds.
  expect(linesOf(await second.scrape(), 'samples_total')).toEqual(['news 135', 'sport 0']);
  expect(linesOf(await second.scrape(), 'observed_seconds_total')).toEqual(['news 675', 'sport 0']);
  rmSync(folder, { recursive: true });
});

test('expires gauges of a provider that stops responding, and keeps counters', async () => {
  const clock = createManualClock(noon);
  const dying = scenarioOf(`
name: dying
noise: 0%
account: {app_id: 1234, key: the-key}
provider: {story: [{at: 20s, answer: "503"}]}
streams: [{name: news, fps: 25, bitrate: 2Mbit}, {name: sport, start: never}]
`);
  await using simulator = await startSimulator({ scenario: dying, clock });
  await using daemon = await startTestApp(config(simulator.endpoint), env, clock);
  for (let i = 0; i < 3; i++) {
    await round(daemon, clock);
    await daemon.scrape();
  }

  // Each failing run is tried again after a pause: the clock has to move while it waits.
  for (let i = 0; i < 12; i++) await round(daemon, clock);

  const text = await daemon.scrape();
  expect(linesOf(text, 'up')).toEqual([]);
  expect(linesOf(text, 'fps')).toEqual([]);
  expect(linesOf(text, 'samples_total')).not.toEqual([]);
  expect(text).toMatch(/livestream_api_request_failures_total\{.*kind="unavailable"\} [1-9]/);
  expect(text).toMatch(/livestream_collector_targets_failing\{.*\} 2/);
  // One line for all targets that start to fail, not one per target or run.
  expect(daemon.log.filter((line) => line.includes('level=warn'))).toEqual([
    expect.stringContaining('failing=2 target="news, sport"'),
  ]);
});

/** "stream value" of each line of the family. */
function linesOf(text: string, family: string): string[] {
  return [
    ...text.matchAll(new RegExp(`^livestream_push_${family}\\{.*stream="([^"]*)".*\\} (.*)$`, 'gm')),
  ].map(([, stream, value]) => `${stream} ${value}`);
}

/** The lines about streams. */
function streamText(text: string): string {
  return text
    .split('\n')
    .filter((line) => /^(# (HELP|TYPE) )?livestream_(push|stream)_/.test(line))
    .join('\n');
}

function config(endpoint: string): string {
  return `
accounts: [{name: t, provider: tencent, statcgi: {app_id: 1234, key_env: STAT_KEY, endpoint: "${endpoint}"}}]
streams:
  - {account: t, stream: news, domain: push.example.com, app_name: live, expect: {fps: 25, bitrate: 2Mbit, live: true}, labels: {channel: one}}
  - {account: t, stream: sport, expect: {live: true}}
`;
}
