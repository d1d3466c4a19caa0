import type { Expectation } from '../../model/expectation.ts';
import type { PushMedia } from '../../model/push-media.ts';
import type { PushSample } from '../../model/push-sample.ts';
import type { PushView } from '../../model/push-view.ts';
import type { EpochMs } from '../../model/time.ts';
import { familiesOf } from '../table/family.ts';
import { optionalFamilies, totalsFamilies } from './push-counters.ts';
import type { StreamFamily } from './push-texts.ts';

export { streamTexts } from './push-texts.ts';

/** Expectation of a stream (from the config) that is exposed. */
export interface ExposedExpectation {
  readonly expectation: Expectation;
  /** Whether the stream is expected to be live now; undefined if the config does not say. */
  readonly isDue: boolean | undefined;
}

const { gauge } = familiesOf('stream');

/** Gauges that each live publisher of a stream has. */
export const publisherFamilies: readonly StreamFamily<PushSample>[] = [
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
    'Whether the stream is live: 1 if the last response of the provider contained a fresh sample of the stream (at most livestream_collector_effective_delay_seconds + stale_after old), 0 if that response contained no fresh sample. In large fleets, a list of live pushes can decide too: 1 if it contains the stream, 0 if two lists in a row no longer contain it. The series is absent while the state is unknown, because the provider has not responded recently, because its samples can be late, or because the newest rows of its last response could not be read.',
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
    'Timestamp of the newest push sample of the stream, in Unix seconds, as reported by the provider. The series keeps its last value after the push ends. A list of live pushes changes the value only if the provider reports the time of its values. The series is absent before the first sample.',
    toSeconds,
  ),
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
export const pushFamilies: readonly StreamFamily<never>[] = [
  ...publisherFamilies,
  ...viewFamilies,
  ...mediaFamilies,
  ...pushStartFamilies,
  ...pushEndFamilies,
  ...watermarkFamilies,
  ...sampleTimeFamilies,
  ...totalsFamilies,
  ...optionalFamilies,
  ...expectationFamilies,
];

function toSeconds(ms: number): number {
  return ms / 1000;
}
