import { canEvaluate, conditions, type Expectation } from '../../model/expectation.ts';
import type { PushLedger, PushTotals } from '../../model/push-ledger.ts';
import type { PushSample } from '../../model/push-sample.ts';
import type { PushView } from '../../model/push-view.ts';
import type { EpochMs } from '../../model/time.ts';
import type { Family } from '../table/family.ts';

/** The label texts of a stream's row, and the names in each. stream_info also has the operator's own labels. */
export const streamTexts = {
  stream: ['account', 'provider', 'domain', 'app_name', 'stream'],
  pushInfo: [
    ...['account', 'provider', 'domain', 'app_name', 'stream'],
    ...['client_ip', 'server_ip', 'push_domain', 'resolution', 'video_codec', 'audio_codec'],
  ],
  streamInfo: ['account', 'provider', 'domain', 'app_name', 'stream'],
} as const;

/** The one label text of a publisher's row. */
export const publisherTexts = {
  publisher: ['account', 'provider', 'domain', 'app_name', 'stream', 'client_ip'],
} as const;

type StreamFamily<Source> = Family<Source, keyof typeof streamTexts>;
type PublisherFamily = Family<PushSample, keyof typeof publisherTexts>;

/** What the ledger of a stream shows. The totals are 0 until every scraper has seen them so. */
export type ShownLedger = Pick<PushLedger, 'totals' | 'newestAt'>;

/** The same of the conditions, of which the expectation says which can be judged. */
export interface ShownConditions {
  readonly degradedMs: PushTotals['degradedMs'];
  readonly expectation: Expectation;
}

/** What is expected of a stream. */
export interface ShownExpectation {
  readonly expectation: Expectation;
  /** By its schedule; undefined where the operator gave none. */
  readonly isDue: boolean | undefined;
}

/** Of each live publisher. */
export const publisherFamilies: readonly PublisherFamily[] = [
  {
    name: 'livestream_push_fps',
    help: 'Video frames per second of the push, from the newest sample of each live publisher.',
    type: 'gauge',
    text: 'publisher',
    points: [{ value: ({ framesPerSecond }) => framesPerSecond }],
  },
  {
    name: 'livestream_push_bitrate_bps',
    help: 'Bits per second of the push, from the newest sample of each live publisher: the figure of the provider where it does not split audio from video.',
    type: 'gauge',
    text: 'publisher',
    points: [{ value: ({ bitsPerSecond }) => bitsPerSecond }],
  },
];

/** Shown as soon as an answer came. */
export const viewFamilies: readonly StreamFamily<PushView>[] = [
  gauge(
    'livestream_push_up',
    '1: the last answer held a fresh sample. 0: an answer came without one. Absent: no answer came, so it is not known.',
    ({ live }) => (live === undefined ? 0 : 1),
  ),
  {
    name: 'livestream_push_info',
    help: 'Who pushes to where, always 1: the publisher that is followed until it has no fresh sample. Empty where the provider does not tell.',
    type: 'gauge',
    text: 'pushInfo',
    points: [{ value: ({ live }) => live && 1 }],
  },
];

/** Stays when the answers end. */
export const watermarkFamilies: readonly StreamFamily<EpochMs>[] = [
  gauge(
    'livestream_push_watermark_timestamp_seconds',
    'The provider was asked with success for all push samples up to this time; an empty answer counts.',
    toSeconds,
  ),
];

/** Shown once the ledger is saved. */
export const ledgerFamilies: readonly StreamFamily<ShownLedger>[] = [
  gauge(
    'livestream_push_sample_timestamp_seconds',
    'The time that the provider gave the newest push sample.',
    ({ newestAt }) => (newestAt === undefined ? undefined : toSeconds(newestAt)),
  ),
  counter('livestream_push_samples', 'Push samples counted, each once.', ({ samples }) => samples),
  counter(
    'livestream_push_observed_seconds',
    'Push time that the counted samples speak for; two publishers at once both count.',
    ({ observedMs }) => toSeconds(observedMs),
  ),
  counter(
    'livestream_push_frames',
    'Video frames pushed: frames per second times seconds, over every counted sample.',
    ({ milliframes }) => milliframes / 1000,
  ),
  counter(
    'livestream_push_bytes',
    'Bytes pushed: bits per second / 8 times seconds, over every counted sample.',
    ({ bytes }) => bytes,
  ),
  counter('livestream_push_bad_seconds', 'Push time in any condition.', ({ badMs }) => toSeconds(badMs)),
  counter(
    'livestream_push_missing_seconds',
    'Time in which the stream was due, the provider answered, and there was no sample.',
    ({ missingMs }) => toSeconds(missingMs),
  ),
  counter(
    'livestream_push_backfilled_seconds',
    'The part of the observed time that was counted late: while it grows, the rate of the others shows a step.',
    ({ backfilledMs }) => toSeconds(backfilledMs),
  ),
  counter(
    'livestream_push_gap_seconds',
    'Time that the provider could no longer be asked about.',
    ({ gapMs }) => toSeconds(gapMs),
  ),
  counter('livestream_push_sessions', 'Pushes begun.', ({ sessions }) => sessions),
  counter(
    'livestream_push_client_changes',
    'Changes of the address that the stream is pushed from.',
    ({ clientChanges }) => clientChanges,
  ),
];

/** Shown with the ledger, and anew when the config expects something else. */
export const conditionFamilies: readonly StreamFamily<ShownConditions>[] = [
  {
    name: 'livestream_push_degraded_seconds',
    help: 'Push time in a condition, judged on each counted sample: low_fps (below the least allowed, above 0), no_video (0 frames per second), low_bitrate. Conditions overlap, so their sum means nothing.',
    type: 'counter',
    text: 'stream',
    points: conditions.map((condition) => ({
      labels: { condition },
      value: ({ degradedMs, expectation }) =>
        canEvaluate(condition, expectation) ? toSeconds(degradedMs[condition]) : undefined,
    })),
  },
];

/** Known from the config. */
export const expectationFamilies: readonly StreamFamily<ShownExpectation>[] = [
  {
    name: 'livestream_stream_info',
    help: 'The labels that the config gives the stream, always 1.',
    type: 'gauge',
    text: 'streamInfo',
    points: [{ value: () => 1 }],
  },
  gauge(
    'livestream_push_expected',
    'Whether the stream is due now by its schedule: 1 or 0. Absent where the config does not say.',
    ({ isDue }) => (isDue === undefined ? undefined : Number(isDue)),
  ),
  gauge(
    'livestream_push_expected_fps',
    'Video frames per second that the config expects.',
    ({ expectation }) => expectation.framesPerSecond,
  ),
  gauge(
    'livestream_push_expected_bitrate_bps',
    'Bits per second that the config expects.',
    ({ expectation }) => expectation.bitsPerSecond,
  ),
  gauge(
    'livestream_push_min_fps',
    'A sample with fewer video frames per second counts as degraded.',
    ({ expectation }) => expectation.minFramesPerSecond,
  ),
  gauge(
    'livestream_push_min_bitrate_bps',
    'A sample with fewer bits per second counts as degraded.',
    ({ expectation }) => expectation.minBitsPerSecond,
  ),
];

/** All of them, as a list to hold docs, dashboards and rules against. */
export const pushFamilies: readonly Family<never, keyof typeof streamTexts | keyof typeof publisherTexts>[] =
  [
    ...publisherFamilies,
    ...viewFamilies,
    ...watermarkFamilies,
    ...ledgerFamilies,
    ...conditionFamilies,
    ...expectationFamilies,
  ];

function gauge<Source>(
  name: string,
  help: string,
  value: (source: Source) => number | undefined,
): StreamFamily<Source> {
  return { name, help, type: 'gauge', text: 'stream', points: [{ value }] };
}

function counter(
  name: string,
  help: string,
  value: (totals: PushTotals) => number,
): StreamFamily<ShownLedger> {
  return { name, help, type: 'counter', text: 'stream', points: [{ value: ({ totals }) => value(totals) }] };
}

function toSeconds(ms: number): number {
  return ms / 1000;
}
