import {
  alertSeries,
  conditions,
  type Fleet,
  type Incident,
  kindsAt,
  type Labels,
  recorder,
  silentKinds,
  streamLabels,
  type Writer,
} from './fleet-history.ts';
import type { EncodedSeries } from './remote-write.ts';
import { streamRecordings } from './written-rules.ts';

/** Series of a stream, those that rules record, and its alerts. */
export function streamWriter(fleet: Fleet, stream: number): Writer {
  const id = streamLabels(stream, fleet.accounts);
  const stepSeconds = fleet.stepMs / 1000;
  const address = `192.0.2.${(stream % 250) + 1}`;
  const server = `198.51.100.${(stream % 20) + 1}`;
  const channel = ['news', 'sport', 'music'][stream % 3] ?? '';
  const begin = (fleet.endMs - fleet.lengthMs) / 1000;
  const totals = { observed: 0, frames: 0, bytes: 0, video: 0, bad: 0, missing: 0, sessions: 0 };
  const degraded = { low_fps: 0, no_video: 0, low_bitrate: 0, video_stall: 0 };
  let [sampleAt, answeredAt, wasUp, started] = [begin, begin, true, begin];
  const record = recorder(fleet);
  const metric = (name: string, labels: Labels = {}): Labels => ({
    __name__: `livestream_${name}`,
    ...id,
    ...labels,
  });
  const scrape = (time: number): [Labels, number][] => {
    const kinds = kindsAt(fleet, stream, time);
    const [isBlind, isUp] = [kinds.has('blind'), !silentKinds.some((kind) => kinds.has(kind))];
    const noise = 1 + 0.02 * Math.sin(time / 60_000 + stream);
    const fps = kinds.has('no_video') ? 0 : kinds.has('low_fps') ? 12 * noise : 25 * noise;
    const bitrate = kinds.has('low_bitrate') || kinds.has('no_video') ? 400_000 * noise : 2_500_000 * noise;
    if (!isBlind) {
      answeredAt = time / 1000;
      if (isUp) {
        sampleAt = time / 1000 - 8;
        if (!wasUp) {
          totals.sessions++;
          started = time / 1000;
        }
        totals.observed += stepSeconds;
        totals.frames += fps * stepSeconds;
        totals.bytes += (bitrate / 8) * stepSeconds;
        totals.video += kinds.has('video_stall') || kinds.has('no_video') ? 0 : stepSeconds;
        for (const condition of conditions) if (kinds.has(condition)) degraded[condition] += stepSeconds;
        if (conditions.some((condition) => kinds.has(condition))) totals.bad += stepSeconds;
      } else totals.missing += stepSeconds;
      wasUp = isUp;
    }
    const live: [Labels, number][] = [
      [metric('push_fps', { client_ip: address }), fps],
      [metric('push_bitrate_bps', { client_ip: address }), bitrate],
      [
        metric('push_info', {
          client_ip: address,
          server_ip: server,
          push_domain: id.domain ?? '',
          resolution: '1280x720',
          video_codec: 'H264',
          audio_codec: 'AAC',
        }),
        1,
      ],
      [metric('push_video_bitrate_bps'), bitrate * 0.95],
      [metric('push_audio_bitrate_bps'), 128_000],
      [metric('push_audio_fps'), 43],
      [metric('push_declared_fps'), 25],
      [metric('push_keyframe_interval_seconds'), 2],
    ];
    return [
      ...(isBlind ? [] : ([[metric('push_up'), Number(isUp)]] as [Labels, number][])),
      ...(isBlind || !isUp ? [] : live),
      [metric('push_start_timestamp_seconds'), started],
      [metric('push_sample_timestamp_seconds'), sampleAt],
      [metric('push_watermark_timestamp_seconds'), answeredAt],
      [metric('push_samples_total'), totals.observed / 5],
      [metric('push_observed_seconds_total'), totals.observed],
      [metric('push_measured_seconds_total', { value: 'fps' }), totals.observed],
      [metric('push_measured_seconds_total', { value: 'bitrate' }), totals.observed],
      [metric('push_frames_total'), Math.round(totals.frames)],
      [metric('push_bytes_total'), Math.round(totals.bytes)],
      [metric('push_media_seconds_total', { media: 'video' }), totals.video],
      [metric('push_media_seconds_total', { media: 'audio' }), totals.observed],
      ...conditions.map((condition): [Labels, number] => [
        metric('push_degraded_seconds_total', { condition }),
        degraded[condition],
      ]),
      [metric('push_bad_seconds_total'), totals.bad],
      [metric('push_missing_seconds_total'), totals.missing],
      [metric('push_backfilled_seconds_total'), 0],
      [metric('push_gap_seconds_total'), 0],
      [metric('push_sessions_total'), totals.sessions],
      [metric('push_client_changes_total'), 0],
      [metric('stream_info', { channel }), 1],
      [metric('push_expected'), 1],
      [metric('push_expected_fps'), 25],
      [metric('push_expected_bitrate_bps'), 2_500_000],
      [metric('push_min_fps'), 20],
      [metric('push_min_bitrate_bps'), 1_250_000],
      ...(kinds.has('forbidden')
        ? ([
            [metric('control_forbidden'), 1],
            [metric('control_last_action_timestamp_seconds', { action: 'forbid' }), sampleAt],
          ] as [Labels, number][])
        : []),
    ];
  };
  return (times) => [
    ...record(times, scrape),
    ...streamRecordings(fleet, stream, times),
    ...alertsOf(fleet, stream, id, times),
  ];
}

const critical = { severity: 'critical' };
const missing = { alertname: 'LivestreamPushMissing', ...critical };
const stalled = { alertname: 'LivestreamPushVideoStalled', ...critical };

/** Labels of the alerts of a stream. Those of an account are written with it. */
const alertLabels: Readonly<Record<Incident['kind'], readonly Labels[]>> = {
  low_fps: [{ alertname: 'LivestreamPushFpsLow' }],
  no_video: [stalled],
  low_bitrate: [{ alertname: 'LivestreamPushBitrateLow' }],
  video_stall: [stalled],
  flapping: [{ alertname: 'LivestreamPushFlapping' }],
  missing: [missing],
  break: [],
  forbidden: [{ alertname: 'LivestreamForbidden' }, missing],
  blind: [],
};

/** Alerts of a stream. Like its rule, an alert ends with the samples of the exporter. */
function alertsOf(fleet: Fleet, stream: number, id: Labels, times: readonly number[]): EncodedSeries[] {
  if (fleet.hasRules !== true) return [];
  return (fleet.incidents ?? [])
    .filter(({ is }) => is(stream))
    .flatMap(({ kind, fromMs, toMs }) =>
      alertLabels[kind].flatMap((labels) => alertSeries(fleet, times, { ...id, ...labels }, fromMs, toMs)),
    );
}
