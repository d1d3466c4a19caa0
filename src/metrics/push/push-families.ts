import { canEvaluate, conditions, type Expectation } from '../../model/expectation.ts';
import type { PushMedia } from '../../model/push-media.ts';
import type { PushSample } from '../../model/push-sample.ts';
import { measuredValues, type PushTotals } from '../../model/push-totals.ts';
import type { PushView } from '../../model/push-view.ts';
import type { EpochMs } from '../../model/time.ts';
import { type Family, familiesOf } from '../table/family.ts';

/** Names of the identity labels of a stream. */
const stream = ['account', 'provider', 'domain', 'app_name', 'stream'] as const;

/**
 * For each kind of label text, the names of the labels in it. A label text is the string of rendered labels
 * (`a="x",b="y"`) of one stream. The text `streamInfo` also contains the labels from the config.
 */
export const streamTexts = {
  stream,
  pushInfo: [
    ...stream,
    ...['client_ip', 'server_ip', 'push_domain', 'resolution', 'video_codec', 'audio_codec'],
  ],
  streamInfo: stream,
  pushEnd: [...stream, 'reason'],
} as const;

/** Label names of the label text of a publisher row. */
export const publisherTexts = { publisher: [...stream, 'client_ip'] } as const;

type StreamFamily<Source> = Family<Source, keyof typeof streamTexts>;

/**
 * Degraded time in ms by condition that is exposed. The expectation determines which conditions can be
 * evaluated and thus have a series.
 */
export interface ExposedConditions {
  readonly degradedMs: PushTotals['degradedMs'];
  readonly expectation: Expectation;
}

/** Expectation of a stream (from the config) that is exposed. */
export interface ExposedExpectation {
  readonly expectation: Expectation;
  /** Whether the stream is expected to be live now; undefined if the config does not say. */
  readonly isDue: boolean | undefined;
}

const { gauge } = familiesOf('stream');

/** Gauges that each live publisher of a stream has. */
export const publisherFamilies: readonly Family<PushSample, keyof typeof publisherTexts>[] = [
  familiesOf('publisher').gauge(
    'livestream_push_fps',
    'Video frames per second of a publisher that pushes the stream now, from its newest sample. The series exists only while livestream_push_up is 1 and the provider reports the frame rate.',
    ({ framesPerSecond }) => framesPerSecond,
  ),
  familiesOf('publisher').gauge(
    'livestream_push_bitrate_bps',
    'Bit rate in bits per second (video and audio together) of a publisher that pushes the stream now, from its newest sample. The series exists only while livestream_push_up is 1 and the provider reports the bit rate.',
    ({ bitsPerSecond }) => bitsPerSecond,
  ),
];

/**
 * Gauges of a stream from its view, which is the state of the stream in the newest answer of the provider.
 * The gauges are removed when the view expires.
 */
export const viewFamilies: readonly StreamFamily<PushView>[] = [
  gauge(
    'livestream_push_up',
    'Whether the stream is live: 1 if the last response of the provider contained a fresh sample of the stream (at most livestream_collector_effective_delay_seconds + stale_after old), 0 if that response contained no fresh sample. The series is absent while the state is unknown, because the provider has not responded recently, because its samples can be late, or because the newest rows of its last response could not be read.',
    ({ live, isUnknown }) => (live !== undefined ? 1 : isUnknown ? undefined : 0),
  ),
  familiesOf('pushInfo').gauge(
    'livestream_push_info',
    'Information about the current publisher of the stream, in labels; the value is always 1. If several publishers push the stream, the current publisher changes only when the previous one no longer has a fresh sample. server_ip changes only after 2 minutes (at least 12 samples) without the previous ingest node. A label is empty if the provider does not report its value. The series exists only while livestream_push_up is 1.',
    ({ live }) => live && 1,
  ),
];

/**
 * Gauges of a stream that only some providers report, from the newest sample of the followed publisher. They are removed
 * when the view expires.
 */
export const mediaFamilies: readonly StreamFamily<PushMedia>[] = [
  gauge(
    'livestream_push_video_bitrate_bps',
    'Bit rate of the video in bits per second, from the newest sample of the current publisher (in the labels of livestream_push_info). The series exists only while livestream_push_up is 1 and the provider reports the value.',
    ({ videoBitsPerSecond }) => videoBitsPerSecond,
  ),
  gauge(
    'livestream_push_audio_bitrate_bps',
    'Bit rate of the audio in bits per second, from the newest sample of the current publisher (in the labels of livestream_push_info). The series exists only while livestream_push_up is 1 and the provider reports the value.',
    ({ audioBitsPerSecond }) => audioBitsPerSecond,
  ),
  gauge(
    'livestream_push_audio_fps',
    'Audio frames per second, from the newest sample of the current publisher (in the labels of livestream_push_info). The series exists only while livestream_push_up is 1 and the provider reports the value.',
    ({ audioFramesPerSecond }) => audioFramesPerSecond,
  ),
  gauge(
    'livestream_push_declared_fps',
    'Video frames per second that the encoder declares in the metadata of the stream, from the newest sample of the current publisher (in the labels of livestream_push_info). The series exists only while livestream_push_up is 1 and the provider reports the value.',
    ({ declaredFramesPerSecond }) => declaredFramesPerSecond,
  ),
  gauge(
    'livestream_push_keyframe_interval_seconds',
    'Time in seconds between two keyframes of the video, from the newest sample of the current publisher (in the labels of livestream_push_info). The series exists only while livestream_push_up is 1 and the provider reports the value.',
    ({ keyframeIntervalMs }) => keyframeIntervalMs && toSeconds(keyframeIntervalMs),
  ),
];

/** End of the last push. It does not depend on the view. */
export const pushEndFamilies: readonly StreamFamily<EpochMs>[] = [
  familiesOf('pushEnd').gauge(
    'livestream_push_last_end_timestamp_seconds',
    'Timestamp at which the last push of the stream ended, in Unix seconds, as recorded by the provider, with the reason: normal (the publisher stopped, or a newer push replaced it), error (network, protocol, authentication or the provider), timeout (no data from the publisher), forbidden (a forbid or a drop cut the push), or unknown. The series exists only for streams of domains whose control history the provider derives from the ends of pushes, and is absent until an end is found.',
    toSeconds,
  ),
];

/** Start of the push, which stays when the view expires. */
export const pushStartFamilies: readonly StreamFamily<EpochMs>[] = [
  gauge(
    'livestream_push_start_timestamp_seconds',
    'Timestamp at which the push of the current publisher began, in Unix seconds, as reported by the provider. The series keeps its last value after the push ends, until the exporter restarts. The series is absent if the provider does not report the value.',
    toSeconds,
  ),
];

/**
 * Watermark of a stream: the end of the last successful request window. Unlike the gauges, it stays when the
 * view expires.
 */
export const watermarkFamilies: readonly StreamFamily<EpochMs>[] = [
  gauge(
    'livestream_push_watermark_timestamp_seconds',
    'Timestamp up to which the exporter has requested the push samples of the stream, in Unix seconds: the end of the time range of the last successful request, even if the response was empty. The series is absent before the first successful request.',
    toSeconds,
  ),
];

/**
 * Time of the newest sample. It is set with the view, because it must appear in the same scrape as the other gauges of
 * the sample. Unlike these, it stays when the view expires, and after a restart it comes from the ledger.
 */
export const sampleTimeFamilies: readonly StreamFamily<EpochMs>[] = [
  gauge(
    'livestream_push_sample_timestamp_seconds',
    'Timestamp of the newest push sample of the stream, in Unix seconds, as reported by the provider. The series keeps its last value after the push ends. The series is absent before the first sample.',
    toSeconds,
  ),
];

/**
 * Counters of a stream from its totals, which are all 0 during the zero hold. Set these series only after the push
 * ledger, which contains the totals, was saved.
 */
export const totalsFamilies: readonly StreamFamily<PushTotals>[] = [
  counter(
    'livestream_push_samples',
    'Total number of push samples of the stream, each counted once.',
    ({ samples }) => samples,
  ),
  counter(
    'livestream_push_observed_seconds',
    'Total push time in seconds that the counted samples cover. If two publishers push the stream at the same time, this time counts twice.',
    ({ observedMs }) => toSeconds(observedMs),
  ),
  {
    name: 'livestream_push_measured_seconds',
    help: 'Total push time in seconds that the counted samples with this value cover: fps (frame rate) or bitrate (bit rate). The counter is the denominator of exact means, because a sample without the value must not lower the mean.',
    type: 'counter',
    text: 'stream',
    points: measuredValues.map((value) => ({
      labels: { value },
      value: ({ measuredMs }) => toSeconds(measuredMs[value]),
    })),
  },
  counter(
    'livestream_push_frames',
    'Total number of video frames pushed: for each counted sample, the frames per second multiplied by the seconds that the sample covers.',
    ({ milliframes }) => milliframes / 1000,
  ),
  counter(
    'livestream_push_bytes',
    'Total number of bytes pushed: for each counted sample, the bits per second divided by 8, multiplied by the seconds that the sample covers.',
    ({ bytes }) => bytes,
  ),
  counter(
    'livestream_push_bad_seconds',
    'Total push time in seconds that met at least one condition of livestream_push_degraded_seconds_total. Time that met several conditions counts once.',
    ({ badMs }) => toSeconds(badMs),
  ),
  counter(
    'livestream_push_missing_seconds',
    'Total time in seconds without a sample, although the config expected the stream to be live and the provider responded. Time counts after 16 minutes plus livestream_collector_effective_delay_seconds, if no request has found a sample until then. Samples that appear even later do not decrease the value. The value stays 0 if expect.live is not set for the stream.',
    ({ missingMs }) => toSeconds(missingMs),
  ),
  counter(
    'livestream_push_backfilled_seconds',
    'Total push time in seconds of samples that were already stale (older than livestream_collector_effective_delay_seconds + stale_after) when the exporter counted them, for example after an outage, or because the provider returned them late. While this counter increases, the rates of the other push counters are too high, because those counters then also count older samples.',
    ({ backfilledMs }) => toSeconds(backfilledMs),
  ),
  counter(
    'livestream_push_gap_seconds',
    'Total time in seconds whose push samples are not counted, because the provider no longer retains them or because the stream was not in the config.',
    ({ gapMs }) => toSeconds(gapMs),
  ),
  counter(
    'livestream_push_sessions',
    'Total number of times that a push of the stream started. A push that was already running at the first poll does not count.',
    ({ sessions }) => sessions,
  ),
  counter(
    'livestream_push_client_changes',
    'Total number of times that the IP address of the publisher changed, for example after a failover to another encoder.',
    ({ clientChanges }) => clientChanges,
  ),
];

/** Counters of degraded time, one per condition. They are set when the ledger or the expectation changes. */
export const conditionFamilies: readonly StreamFamily<ExposedConditions>[] = [
  {
    name: 'livestream_push_degraded_seconds',
    help: 'Total push time in seconds with degraded quality, by condition: low_fps (frame rate above 0 but below livestream_push_min_fps), no_video (frame rate 0), low_bitrate (bit rate below livestream_push_min_bitrate_bps). Do not add the conditions, because one sample can meet several of them. The low_fps series is absent if expect.fps is not set, and the low_bitrate series is absent if expect.bitrate is not set.',
    type: 'counter',
    text: 'stream',
    points: conditions.map((condition) => ({
      labels: { condition },
      value: ({ degradedMs, expectation }) =>
        canEvaluate(condition, expectation) ? toSeconds(degradedMs[condition]) : undefined,
    })),
  },
];

/** Gauges of a stream that come from the config. */
export const expectationFamilies: readonly StreamFamily<ExposedExpectation>[] = [
  familiesOf('streamInfo').gauge(
    'livestream_stream_info',
    'Information about the stream, in labels from the config; the value is always 1.',
    () => 1,
  ),
  gauge(
    'livestream_push_expected',
    'Whether the config expects the stream to be live now: 1 if yes, 0 if no. The series is absent if expect.live is not set for the stream.',
    ({ isDue }) => (isDue === undefined ? undefined : Number(isDue)),
  ),
  gauge(
    'livestream_push_expected_fps',
    'Expected video frames per second, from expect.fps in the config. The series is absent if expect.fps is not set for the stream.',
    ({ expectation }) => expectation.framesPerSecond,
  ),
  gauge(
    'livestream_push_expected_bitrate_bps',
    'Expected bit rate in bits per second, from expect.bitrate in the config. The series is absent if expect.bitrate is not set for the stream.',
    ({ expectation }) => expectation.bitsPerSecond,
  ),
  gauge(
    'livestream_push_min_fps',
    'Minimum video frames per second: a sample with a lower frame rate counts as degraded. The series is absent if expect.fps is not set for the stream.',
    ({ expectation }) => expectation.minFramesPerSecond,
  ),
  gauge(
    'livestream_push_min_bitrate_bps',
    'Minimum bit rate in bits per second: a sample with a lower bit rate counts as degraded. The series is absent if expect.bitrate is not set for the stream.',
    ({ expectation }) => expectation.minBitsPerSecond,
  ),
];

/** All push families. Tests compare docs, dashboards and rules with this list. */
export const pushFamilies: readonly Family<never, keyof typeof streamTexts | keyof typeof publisherTexts>[] =
  [
    ...publisherFamilies,
    ...viewFamilies,
    ...mediaFamilies,
    ...pushStartFamilies,
    ...pushEndFamilies,
    ...watermarkFamilies,
    ...sampleTimeFamilies,
    ...totalsFamilies,
    ...conditionFamilies,
    ...expectationFamilies,
  ];

/** Creates the family of a counter whose value is computed from the totals of a push ledger. */
function counter(
  name: string,
  help: string,
  value: (totals: PushTotals) => number,
): StreamFamily<PushTotals> {
  return familiesOf('stream').counter(name, help, value);
}

function toSeconds(ms: number): number {
  return ms / 1000;
}
