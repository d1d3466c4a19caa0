import { canEvaluate, conditions, type Expectation } from '../../model/expectation.ts';
import type { PushLedger, PushTotals } from '../../model/push-ledger.ts';
import type { PushSample } from '../../model/push-sample.ts';
import type { PushView } from '../../model/push-view.ts';
import type { EpochMs } from '../../model/time.ts';
import { type Family, familiesOf } from '../table/family.ts';

/** Names of the identity labels of a stream. */
const stream = ['account', 'provider', 'domain', 'app_name', 'stream'] as const;

/**
 * Label names of the label texts of a stream row. A label text is the rendered labels of a row. The text
 * streamInfo additionally has the labels from the config.
 */
export const streamTexts = {
  stream,
  pushInfo: [
    ...stream,
    ...['client_ip', 'server_ip', 'push_domain', 'resolution', 'video_codec', 'audio_codec'],
  ],
  streamInfo: stream,
} as const;

/** Label names of the label text of a publisher row. */
export const publisherTexts = { publisher: [...stream, 'client_ip'] } as const;

type StreamFamily<Source> = Family<Source, keyof typeof streamTexts>;

/**
 * Part of a push ledger that is exposed. All totals are 0 during the zero hold, that is, until every known
 * scraper has received the counters at 0.
 */
export type ExposedLedger = Pick<PushLedger, 'totals' | 'newestAt'>;

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
    'Video frames per second, from the newest sample of each live publisher. Absent if unknown or not live.',
    ({ framesPerSecond }) => framesPerSecond,
  ),
  familiesOf('publisher').gauge(
    'livestream_push_bitrate_bps',
    'Bits per second, from the newest sample of each live publisher. Contains one combined value if the provider does not report video and audio separately. Absent if unknown or not live.',
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
    'Whether the stream is live: 1 if the last response contained a fresh sample, 0 if it contained none. Absent if unknown, because no response arrived for too long.',
    ({ live }) => (live === undefined ? 0 : 1),
  ),
  familiesOf('pushInfo').gauge(
    'livestream_push_info',
    'Information about the current publisher, always 1. Another publisher becomes current only when this one has no fresh sample. A label is empty if the provider does not report it.',
    ({ live }) => live && 1,
  ),
];

/**
 * Watermark of a stream: the end of the last successful request window. Unlike the gauges, it stays when the
 * view expires.
 */
export const watermarkFamilies: readonly StreamFamily<EpochMs>[] = [
  gauge(
    'livestream_push_watermark_timestamp_seconds',
    'Time up to which push samples are known: end of the time range of the last successful request, even if the response was empty.',
    toSeconds,
  ),
];

/**
 * Series of the totals of a stream. Set these series only after the push ledger, which contains the totals,
 * was saved.
 */
export const ledgerFamilies: readonly StreamFamily<ExposedLedger>[] = [
  gauge(
    'livestream_push_sample_timestamp_seconds',
    'Timestamp of the newest push sample, as reported by the provider.',
    ({ newestAt }) => (newestAt === undefined ? undefined : toSeconds(newestAt)),
  ),
  counter('livestream_push_samples', 'Total number of distinct push samples.', ({ samples }) => samples),
  counter(
    'livestream_push_observed_seconds',
    'Total push time covered by the counted samples. Simultaneous publishers both count.',
    ({ observedMs }) => toSeconds(observedMs),
  ),
  counter(
    'livestream_push_frames',
    'Total number of video frames pushed: frames per second times seconds, over every counted sample.',
    ({ milliframes }) => milliframes / 1000,
  ),
  counter(
    'livestream_push_bytes',
    'Total number of bytes pushed: for each counted sample, its bit rate divided by 8, multiplied by its duration.',
    ({ bytes }) => bytes,
  ),
  counter(
    'livestream_push_bad_seconds',
    'Total push time with at least one of low_fps, no_video and low_bitrate. Overlapping conditions count once.',
    ({ badMs }) => toSeconds(badMs),
  ),
  counter(
    'livestream_push_missing_seconds',
    'Total time without a sample although the stream was expected live and the provider responded.',
    ({ missingMs }) => toSeconds(missingMs),
  ),
  counter(
    'livestream_push_backfilled_seconds',
    'Total observed time of samples that were stale when they were counted, for example after an outage. While it grows, the other counters catch up, and their rates are too high.',
    ({ backfilledMs }) => toSeconds(backfilledMs),
  ),
  counter(
    'livestream_push_gap_seconds',
    'Total time whose samples can no longer be requested from the provider.',
    ({ gapMs }) => toSeconds(gapMs),
  ),
  counter('livestream_push_sessions', 'Total number of pushes started.', ({ sessions }) => sessions),
  counter(
    'livestream_push_client_changes',
    'Total number of changes of the publisher address.',
    ({ clientChanges }) => clientChanges,
  ),
];

/** Counters of degraded time, one per condition. They are set when the ledger or the expectation changes. */
export const conditionFamilies: readonly StreamFamily<ExposedConditions>[] = [
  {
    name: 'livestream_push_degraded_seconds',
    help: 'Total push time with degraded quality, by condition: low_fps (below the minimum, above 0), no_video (0 frames per second), low_bitrate (below the minimum). Conditions overlap: do not sum them. low_fps and low_bitrate are absent if the stream has no minimum for them.',
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
    'Information about the stream, always 1: the labels from the config.',
    () => 1,
  ),
  gauge(
    'livestream_push_expected',
    'Whether the schedule expects the stream to be live now: 1 or 0. Absent if the config does not specify it.',
    ({ isDue }) => (isDue === undefined ? undefined : Number(isDue)),
  ),
  gauge(
    'livestream_push_expected_fps',
    'Expected video frames per second, from the config. Absent if not set.',
    ({ expectation }) => expectation.framesPerSecond,
  ),
  gauge(
    'livestream_push_expected_bitrate_bps',
    'Expected bits per second, from the config. Absent if not set.',
    ({ expectation }) => expectation.bitsPerSecond,
  ),
  gauge(
    'livestream_push_min_fps',
    'Minimum video frames per second: a sample below it counts as degraded. Absent if not set.',
    ({ expectation }) => expectation.minFramesPerSecond,
  ),
  gauge(
    'livestream_push_min_bitrate_bps',
    'Minimum bits per second: a sample below it counts as degraded. Absent if not set.',
    ({ expectation }) => expectation.minBitsPerSecond,
  ),
];

/** All push families. Tests compare docs, dashboards and rules with this list. */
export const pushFamilies: readonly Family<never, keyof typeof streamTexts | keyof typeof publisherTexts>[] =
  [
    ...publisherFamilies,
    ...viewFamilies,
    ...watermarkFamilies,
    ...ledgerFamilies,
    ...conditionFamilies,
    ...expectationFamilies,
  ];

/** Creates the family of a counter whose value is computed from the totals of a push ledger. */
function counter(
  name: string,
  help: string,
  value: (totals: PushTotals) => number,
): StreamFamily<ExposedLedger> {
  return familiesOf('stream').counter(name, help, ({ totals }) => value(totals));
}

function toSeconds(ms: number): number {
  return ms / 1000;
}
