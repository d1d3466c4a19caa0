import type { ControlAction } from '../../model/control-action.ts';
import type { PushSample } from '../../model/push-sample.ts';
import { type EpochMs, hourMs, secondMs } from '../../model/time.ts';
import type { Scenario } from '../scenario/scenario.ts';
import {
  actionsBetween,
  type BlockedStream,
  blockedStreams,
  countActions,
  type RecordedAction,
} from './actions.ts';
import { type Ban, bansOf, type EndedPush, endedPushes } from './pushes.ts';
import { randomAt } from './random.ts';
import { apiStateAt, pushBeginAt, storyMsAt, streamStateAt } from './story.ts';
import { type SimulatedStream, toStreams } from './streams.ts';

/**
 * Time in ms between two samples of a stream. Source: Get_LivePushStatHistory,
 * cloud.tencent.com/document/product/267/9579 (saved copy 000_9991dee4d576e584.txt).
 */
const periodMs = 5 * secondMs;

/**
 * Time in ms by which the samples of a second publisher are later than those of the first, so that no two
 * samples of a stream have the same time.
 */
const secondPublisherLagMs = 2 * secondMs;

/** Maximum time in ms from the appearance of a sample until its row is always complete. */
const maxUnfinishedMs = 15 * secondMs;

/** Sample of a simulated stream. */
export interface SimulatedSample extends PushSample {
  /** Time in ms between two keyframes; undefined if no event sets it. */
  readonly keyframeIntervalMs: number | undefined;
}

/**
 * Ground truth of a stream in a time range: the totals of its samples. All totals are integers, so that tests
 * can compare them with the exporter's counters exactly.
 */
export type Truth = ReturnType<typeof sumOf>;

/**
 * Ground truth of a scenario at any time, past or future. It has no state: every result depends only on the
 * scenario, the start time and the arguments.
 */
export type World = ReturnType<typeof createWorld>;

/** Creates the ground truth of a scenario whose story starts at `startedAt` (wall clock, epoch ms). */
export function createWorld(scenario: Scenario, startedAt: EpochMs) {
  const streams = toStreams(scenario);
  const byName = new Map(streams.map((stream) => [stream.name, stream]));
  const { noise, provider } = scenario;
  const { late, doubledShare, partialShare, unfinishedShare } = provider;
  const storyAt = (at: EpochMs) => storyMsAt(scenario, startedAt, at);
  const tencentAt = (at: EpochMs) => apiStateAt(scenario.provider, storyAt(at));
  const alibabaAt = (at: EpochMs) => apiStateAt(scenario.alibaba, storyAt(at));

  /**
   * Reports whether a sample belongs to the fraction `share` of the samples of the stream that is selected
   * pseudo-randomly. The selections for different purposes are independent.
   */
  function isSelected(share: number, stream: string, sample: PushSample, purpose: string): boolean {
    return share > 0 && randomAt(byName.get(stream)?.seed ?? 0, sample.measuredAt, purpose) < share;
  }

  /**
   * Returns the samples of a stream from `from` (included) to `to` (excluded), both wall clock times in epoch
   * ms, in time order; an empty list if the scenario has no such stream.
   */
  function samplesOf(name: string, from: EpochMs, to: EpochMs): SimulatedSample[] {
    const stream = byName.get(name);
    if (stream === undefined) return [];
    const samples: SimulatedSample[] = [];
    const addSample = (at: EpochMs, isSecond: boolean) => {
      if (at < from || at >= to) return;
      const state = streamStateAt(stream, storyAt(at));
      const clientIp = isSecond ? state?.secondPublisher : state?.clientIp;
      if (state === undefined || clientIp === undefined) return;
      const withNoise = (value: number, purpose: string, width: number) =>
        Math.max(0, Math.round(value * (1 + width * (2 * randomAt(stream.seed, at, purpose) - 1))));
      // Half of the partial samples lack the frame rate, the others the bit rate.
      const drawn = partialShare > 0 ? randomAt(stream.seed, at, 'partial') : 1;
      const lacksRate = drawn < partialShare / 2;
      const lacksBitrate = !lacksRate && drawn < partialShare;
      samples.push({
        measuredAt: at,
        periodMs,
        clientIp,
        serverIp: state.serverIp,
        session: undefined,
        framesPerSecond: lacksRate ? undefined : withNoise(state.framesPerSecond, 'fps', noise),
        bitsPerSecond: lacksBitrate ? undefined : withNoise(state.bitsPerSecond, 'bps', 2 * noise),
        ...(state.videoTime !== undefined && { videoMs: Math.round(periodMs * state.videoTime) }),
        keyframeIntervalMs: state.keyframeIntervalMs,
      });
    };
    for (let at = firstSampleAt(stream, from - secondPublisherLagMs); at < to; at += periodMs) {
      addSample(at, false);
      addSample(at + secondPublisherLagMs, true);
    }
    return samples;
  }

  /**
   * Returns the recorded control actions of a domain from `from` (included) to `to` (excluded), both wall
   * clock times in epoch ms, in time order; an empty list if the scenario has no such domain.
   */
  function actionsOf(name: string, from: EpochMs, to: EpochMs): readonly RecordedAction[] {
    const domain = scenario.domains.find((domain) => domain.name === name);
    if (domain === undefined) return [];
    const delayMsAt = (at: EpochMs) => alibabaAt(at).delayMs;
    return actionsBetween({ domain, scenario, startedAt, from, to, delayMsAt });
  }

  /** Returns the streams of a domain that are forbidden at `at` (wall clock), newest ban first. */
  function blockedAt(name: string, at: EpochMs): readonly BlockedStream[] {
    const domain = scenario.domains.find((domain) => domain.name === name);
    return domain === undefined ? [] : blockedStreams(domain, { scenario, startedAt }, at);
  }

  /**
   * Returns the control actions on the streams of a Tencent domain that API 3.0 shows: drops, and forbids of
   * live streams; at the international site all forbids, and the resumes.
   */
  function cutsOf(name: string, from: EpochMs, to: EpochMs): readonly ControlAction[] {
    const story = { scenario, startedAt };
    const hasList = scenario.account.site === 'international';
    return streams
      .filter(({ domain }) => domain === name)
      .flatMap((stream) => {
        const toAction = (action: string, actedAt: EpochMs): ControlAction => {
          const { domain, appName, name: streamName } = stream;
          return { actedAt, domain, appName, stream: streamName, action, clientIp: undefined };
        };
        const ends = endedPushes(stream, story, from, to).flatMap(({ cut, endedAt }) =>
          cut === undefined || (hasList && cut === 'forbid') ? [] : [toAction(cut, endedAt)],
        );
        if (!hasList) return ends;
        const bans = bansOf(stream, story, from, to).flatMap(({ forbiddenAt, endsAt, isResumed }) => [
          toAction('forbid', forbiddenAt),
          ...(isResumed ? [toAction('resume', endsAt)] : []),
        ]);
        return [...ends, ...bans.filter(({ actedAt }) => actedAt >= from && actedAt < to)];
      })
      .toSorted((a, b) => a.actedAt - b.actedAt);
  }

  /** Returns the time (wall clock, epoch ms) from which the simulated Tencent API returns the sample. */
  function visibleAt(stream: string, sample: PushSample): EpochMs {
    const { measuredAt } = sample;
    const lateMs = isSelected(late.share, stream, sample, 'late') ? late.byMs : 0;
    const { delayMs, heldUntilMs } = tencentAt(measuredAt);
    const normally = measuredAt + delayMs + lateMs;
    if (heldUntilMs === undefined) return normally;
    return Math.max(normally, measuredAt + (heldUntilMs - storyAt(measuredAt)) / scenario.speed);
  }

  return {
    scenario,
    startedAt,
    streams,
    samplesOf,
    /**
     * Returns the begin of the push of a stream that is live at `at` (both wall clock, epoch ms); undefined
     * while it is not pushed. A push that runs since before the story began an hour before the story.
     */
    pushBeginAt(stream: SimulatedStream, at: EpochMs): EpochMs | undefined {
      const begin = pushBeginAt(stream, storyAt(at));
      if (begin === undefined) return undefined;
      return begin === -Infinity
        ? Math.min(startedAt, at) - hourMs
        : Math.ceil(at - (storyAt(at) - begin) / scenario.speed);
    },
    /** Returns the pushes of a stream that ended from `from` (included) to `to` (excluded), in time order. */
    endedPushesOf: (stream: SimulatedStream, from: EpochMs, to: EpochMs): EndedPush[] =>
      endedPushes(stream, { scenario, startedAt }, from, to),
    /** Returns the bans at `at` (wall clock, epoch ms), newest first. */
    bansAt: (at: EpochMs): Ban[] =>
      streams
        .flatMap((stream) => bansOf(stream, { scenario, startedAt }, at, at + 1))
        .toSorted((a, b) => b.forbiddenAt - a.forbiddenAt),
    visibleAt,
    /** Reports whether each response that contains the sample contains it twice. */
    isDuplicated: (stream: string, sample: PushSample) => isSelected(doubledShare, stream, sample, 'doubled'),
    /**
     * Reports whether a response at `now` contains no time for the sample, which is the newest one of the
     * response. Soon after a sample has appeared, its row is always complete.
     */
    isUnfinished: (stream: string, sample: PushSample, now: EpochMs) =>
      unfinishedShare > 0 &&
      now < visibleAt(stream, sample) + maxUnfinishedMs &&
      randomAt(byName.get(stream)?.seed ?? 0, now, 'unfinished') < unfinishedShare,
    /**
     * Returns the totals of all samples of a stream from `from` (included) to `to` (excluded), including
     * samples that the API does not return yet.
     */
    truthOf: (stream: string, from: EpochMs, to: EpochMs) => sumOf(samplesOf(stream, from, to)),
    tencentAt,
    actionsOf,
    blockedAt,
    /**
     * Returns the number of actions in a domain, for each combination of app name, stream and action label,
     * from `from` (included) to `to` (excluded), including actions that the API does not return yet.
     */
    truthOfActions: (domain: string, from: EpochMs, to: EpochMs) =>
      countActions([...actionsOf(domain, from, to), ...cutsOf(domain, from, to)]),
    alibabaAt,
  };
}

/**
 * Returns the time (wall clock, epoch ms) of the first sample of the stream at or after `from`. The seed of
 * the stream determines the offset of its samples within the period of 5 s. The offset is in whole seconds,
 * as are the provider's times.
 */
function firstSampleAt({ seed }: SimulatedStream, from: EpochMs): EpochMs {
  const phaseMs = (seed % (periodMs / secondMs)) * secondMs;
  return Math.ceil((from - phaseMs) / periodMs) * periodMs + phaseMs;
}

function sumOf(samples: readonly PushSample[]) {
  let observedMs = 0;
  /** Number of frames in thousandths of a frame. */
  let milliframes = 0;
  let bytes = 0;
  for (const { periodMs, framesPerSecond = 0, bitsPerSecond = 0 } of samples) {
    observedMs += periodMs;
    milliframes += Math.round(framesPerSecond * periodMs);
    bytes += Math.round((bitsPerSecond * periodMs) / 8_000);
  }
  return { samples: samples.length, observedMs, milliframes, bytes };
}
