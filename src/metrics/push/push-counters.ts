import { type Condition, conditions } from '../../model/expectation.ts';
import { type Media, measuredValues, media, type PushTotals } from '../../model/push-totals.ts';
import { familiesOf } from '../table/family.ts';
import type { StreamFamily } from './push-texts.ts';

/**
 * Counters of a stream from its totals, which are all 0 during the zero hold. Set these series only after the
 * push ledger, which contains the totals, was saved.
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

/**
 * Counter that not every stream has: the degraded time of a condition that can be evaluated, or the media
 * time that the provider reports. It can appear later than the other counters of its stream.
 */
export type OptionalCounter = Condition | Media;

export const optionalCounters: readonly OptionalCounter[] = [...conditions, ...media];

/**
 * Exposed values of the optional counters of a stream in ms; undefined if the stream does not have the
 * counter.
 */
export type ExposedCounters = (counter: OptionalCounter) => number | undefined;

/** Optional counters of a stream. They are set when the ledger or the expectation changes. */
export const optionalFamilies: readonly StreamFamily<ExposedCounters>[] = [
  {
    name: 'livestream_push_media_seconds',
    help: 'Total media time in seconds that the stream has received: video or audio. If it increases more slowly than livestream_push_observed_seconds_total, the push stalls. The series is absent until the provider has reported the value.',
    type: 'counter',
    text: 'stream',
    points: media.map((each) => ({ labels: { media: each }, value: secondsOf(each) })),
  },
  {
    name: 'livestream_push_degraded_seconds',
    help: 'Total push time in seconds with degraded quality, by condition: low_fps (frame rate above 0 but below livestream_push_min_fps), no_video (frame rate 0), low_bitrate (bit rate below livestream_push_min_bitrate_bps), video_stall (video frames, but less than half a second of video per second). Do not add the conditions, because one sample can meet several of them. The low_fps series is absent if expect.fps is not set, the low_bitrate series if expect.bitrate is not set, and the video_stall series until the provider has reported the media time of the video. With expect.video: false, only low_bitrate exists.',
    type: 'counter',
    text: 'stream',
    points: conditions.map((condition) => ({ labels: { condition }, value: secondsOf(condition) })),
  },
];

function secondsOf(counter: OptionalCounter) {
  return (exposed: ExposedCounters): number | undefined => {
    const ms = exposed(counter);
    return ms === undefined ? undefined : toSeconds(ms);
  };
}

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
