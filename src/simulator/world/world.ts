import type { PushSample } from '../../model/push-sample.ts';
import { type EpochMs, secondMs } from '../../model/time.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { actionsBetween, countActions, type RecordedAction } from './actions.ts';
import { randomAt } from './random.ts';
import { apiStateAt, storyMsAt, streamStateAt } from './story.ts';
import { type SimulatedStream, toStreams } from './streams.ts';

/**
 * Time between two samples of a stream. Source: page of Get_LivePushStatHistory (seed
 * 000_9991dee4d576e584.txt).
 */
const periodMs = 5 * secondMs;

/**
 * Time by which a second publisher's samples are later than the first publisher's samples, so that no two
 * samples of a stream have the same time.
 */
const secondPublisherLagMs = 2 * secondMs;

/**
 * Ground truth of a stream in a time range: the totals of its samples. All totals are integers, so that tests
 * can compare them exactly with the exporter's counters.
 */
export type Truth = ReturnType<typeof sumOf>;

/**
 * Ground truth of a scenario at any time, past and future. The world has no state: its results depend only on
 * the scenario, the start time and the arguments.
 */
export type World = ReturnType<typeof createWorld>;

/** Creates the ground truth of a scenario whose story starts at `startedAt` (wall epoch ms). */
export function createWorld(scenario: Scenario, startedAt: EpochMs) {
  const streams = toStreams(scenario);
  const byName = new Map(streams.map((stream) => [stream.name, stream]));
  const { noise, provider } = scenario;
  const { late, doubledShare } = provider;
  const storyAt = (at: EpochMs) => storyMsAt(scenario, startedAt, at);
  const statcgiAt = (at: EpochMs) => apiStateAt(scenario.provider, storyAt(at));
  const alibabaAt = (at: EpochMs) => apiStateAt(scenario.alibaba, storyAt(at));

  /**
   * Reports whether a sample belongs to the pseudo-randomly selected fraction `share` of the stream's
   * samples. Each `purpose` has an independent selection.
   */
  function isSelected(share: number, stream: string, sample: PushSample, purpose: string): boolean {
    return share > 0 && randomAt(byName.get(stream)?.seed ?? 0, sample.measuredAt, purpose) < share;
  }

  /**
   * Returns the samples of a stream from `from` (included) to `to` (excluded), both in wall epoch ms, in time
   * order. Returns no samples if the scenario has no stream with the name.
   */
  function samplesOf(name: string, from: EpochMs, to: EpochMs): PushSample[] {
    const stream = byName.get(name);
    if (stream === undefined) return [];
    const samples: PushSample[] = [];
    const addSample = (at: EpochMs, isSecond: boolean) => {
      if (at < from || at >= to) return;
      const state = streamStateAt(stream, storyAt(at));
      const clientIp = isSecond ? state?.secondPublisher : state?.clientIp;
      if (state === undefined || clientIp === undefined) return;
      const withNoise = (value: number, purpose: string, width: number) =>
        Math.round(value * (1 + width * (2 * randomAt(stream.seed, at, purpose) - 1)));
      samples.push({
        measuredAt: at,
        periodMs,
        clientIp,
        serverIp: state.serverIp,
        session: undefined,
        framesPerSecond: withNoise(state.framesPerSecond, 'fps', noise),
        bitsPerSecond: withNoise(state.bitsPerSecond, 'bps', 2 * noise),
      });
    };
    for (let at = firstSampleAt(stream, from - secondPublisherLagMs); at < to; at += periodMs) {
      addSample(at, false);
      addSample(at + secondPublisherLagMs, true);
    }
    return samples;
  }

  /**
   * Returns the control actions of a domain from `from` (included) to `to` (excluded), both in wall epoch ms,
   * in time order. Returns no actions if the scenario has no domain with the name.
   */
  function actionsOf(name: string, from: EpochMs, to: EpochMs): readonly RecordedAction[] {
    const domain = scenario.domains.find((domain) => domain.name === name);
    if (domain === undefined) return [];
    const delayMsAt = (at: EpochMs) => alibabaAt(at).delayMs;
    return actionsBetween({ domain, scenario, startedAt, from, to, delayMsAt });
  }

  return {
    scenario,
    startedAt,
    streams,
    samplesOf,
    /** Returns the time (wall epoch ms) from which the simulated Tencent API returns the sample. */
    visibleAt: (stream: string, sample: PushSample): EpochMs => {
      const lateMs = isSelected(late.share, stream, sample, 'late') ? late.byMs : 0;
      return sample.measuredAt + statcgiAt(sample.measuredAt).delayMs + lateMs;
    },
    /** Reports whether a response contains the sample twice. */
    isDuplicated: (stream: string, sample: PushSample) => isSelected(doubledShare, stream, sample, 'doubled'),
    /**
     * Returns the totals of all samples of a stream from `from` (included) to `to` (excluded), including
     * samples that the API does not return yet.
     */
    truthOf: (stream: string, from: EpochMs, to: EpochMs) => sumOf(samplesOf(stream, from, to)),
    statcgiAt,
    actionsOf,
    /**
     * Returns the number of actions per app name, stream and action label in a domain, from `from` (included)
     * to `to` (excluded), including actions that the API does not return yet.
     */
    truthOfActions: (domain: string, from: EpochMs, to: EpochMs) => countActions(actionsOf(domain, from, to)),
    alibabaAt,
  };
}

/**
 * Returns the time (wall epoch ms) of the stream's first sample at or after `from`. The stream's seed selects
 * the offset of its samples within the 5 s period. The offset is in whole seconds, because the provider's
 * times are whole seconds.
 */
function firstSampleAt({ seed }: SimulatedStream, from: EpochMs): EpochMs {
  const phaseMs = (seed % (periodMs / secondMs)) * secondMs;
  return Math.ceil((from - phaseMs) / periodMs) * periodMs + phaseMs;
}

function sumOf(samples: readonly PushSample[]) {
  let observedMs = 0;
  /** Number of frames in units of 1/1000 frame. */
  let milliframes = 0;
  let bytes = 0;
  for (const { periodMs, framesPerSecond = 0, bitsPerSecond = 0 } of samples) {
    observedMs += periodMs;
    milliframes += Math.round(framesPerSecond * periodMs);
    bytes += Math.round((bitsPerSecond * periodMs) / 8_000);
  }
  return { samples: samples.length, observedMs, milliframes, bytes };
}
