import type { PushSample } from '../../model/push-sample.ts';
import { type EpochMs, secondMs } from '../../model/time.ts';
import type { AlibabaAnswer, ForcedAnswer, Scenario } from '../scenario/scenario.ts';
import { type ActionTruth, actionsBetween, countActions, type DatedAction } from './actions.ts';
import { randomAt } from './random.ts';
import { type ApiState, apiStateAt, type StreamState, storyMsAt, streamStateAt } from './story.ts';
import { type SimulatedStream, toStreams } from './streams.ts';

/** Period of the push statistics. Source: page of the operation (seed 000_9991dee4d576e584.txt). */
const periodMs = 5 * secondMs;

/** Offset of the second publisher's samples from the first publisher's, so that no two have the same time. */
const secondPublisherLagMs = 2 * secondMs;

/** Totals of the samples in a time range, as integers, so that they can be compared exactly. */
export interface Truth {
  readonly samples: number;
  readonly observedMs: number;
  /** Frames in units of 1/1000. */
  readonly milliframes: number;
  readonly bytes: number;
}

/**
 * Ground truth at any time, past and future. It is a pure function of scenario, start and time: it has no
 * state.
 */
export interface World {
  readonly scenario: Scenario;
  readonly startedAt: EpochMs;
  readonly streams: readonly SimulatedStream[];
  /**
   * Returns the samples from `from` (included) to `to` (excluded) in time order; none for an unknown stream.
   */
  samplesOf(stream: string, from: EpochMs, to: EpochMs): readonly PushSample[];
  /** Returns the time from which the provider returns the sample. */
  visibleAt(stream: string, sample: PushSample): EpochMs;
  /** Reports whether a response contains the sample twice. */
  isDuplicated(stream: string, sample: PushSample): boolean;
  /** Returns the totals of the samples that `samplesOf` returns, whether visible or not. */
  truthOf(stream: string, from: EpochMs, to: EpochMs): Truth;
  statcgiAt(at: EpochMs): ApiState<ForcedAnswer>;
  /**
   * Returns the actions from `from` (included) to `to` (excluded) in time order; none for an unknown domain.
   */
  actionsOf(domain: string, from: EpochMs, to: EpochMs): readonly RecordedAction[];
  /**
   * Returns the number of actions per stream and action label, for the same actions as `actionsOf`, including
   * those that are not visible yet.
   */
  truthOfActions(domain: string, from: EpochMs, to: EpochMs): readonly ActionTruth[];
  alibabaAt(at: EpochMs): ApiState<AlibabaAnswer>;
}

/** An action, and the time from which the provider returns it. */
export interface RecordedAction extends DatedAction {
  readonly visibleAt: EpochMs;
}

/** Creates the world of a scenario whose story starts at `startedAt`. */
export function createWorld(scenario: Scenario, startedAt: EpochMs): World {
  const streams = toStreams(scenario);
  const byName = new Map(streams.map((stream) => [stream.name, stream]));
  const { late, doubledShare } = scenario.provider;
  const storyAt = (at: EpochMs) => storyMsAt(scenario, startedAt, at);
  const statcgiAt = (at: EpochMs) => apiStateAt(scenario.provider, storyAt(at));
  const alibabaAt = (at: EpochMs) => apiStateAt(scenario.alibaba, storyAt(at));

  /** Selects the fraction `share` of the samples, pseudo-randomly. */
  function isSelected(share: number, stream: string, sample: PushSample, purpose: string): boolean {
    return share > 0 && randomAt(byName.get(stream)?.seed ?? 0, sample.measuredAt, purpose) < share;
  }

  function samplesOf(name: string, from: EpochMs, to: EpochMs): PushSample[] {
    const stream = byName.get(name);
    if (stream === undefined) return [];
    const samples: PushSample[] = [];
    const addSample = (at: EpochMs, isSecond: boolean) => {
      if (at < from || at >= to) return;
      const state = streamStateAt(stream, storyAt(at));
      const clientIp = isSecond ? state?.secondPublisher : state?.clientIp;
      if (state !== undefined && clientIp !== undefined) {
        samples.push(toSample(stream, state, clientIp, at, scenario.noise));
      }
    };
    for (let at = firstSampleAt(stream, from - secondPublisherLagMs); at < to; at += periodMs) {
      addSample(at, false);
      addSample(at + secondPublisherLagMs, true);
    }
    return samples;
  }

  function actionsOf(name: string, from: EpochMs, to: EpochMs): RecordedAction[] {
    const domain = scenario.domains.find((domain) => domain.name === name);
    if (domain === undefined) return [];
    return actionsBetween({ domain, scenario, startedAt, from, to }).map((action) => ({
      ...action,
      visibleAt: action.actedAt + alibabaAt(action.actedAt).delayMs + action.lateMs,
    }));
  }

  return {
    scenario,
    startedAt,
    streams,
    samplesOf,
    visibleAt: (stream, sample) => {
      const lateMs = isSelected(late.share, stream, sample, 'late') ? late.byMs : 0;
      return sample.measuredAt + statcgiAt(sample.measuredAt).delayMs + lateMs;
    },
    isDuplicated: (stream, sample) => isSelected(doubledShare, stream, sample, 'doubled'),
    truthOf: (stream, from, to) => sumOf(samplesOf(stream, from, to)),
    statcgiAt,
    actionsOf,
    truthOfActions: (domain, from, to) => countActions(actionsOf(domain, from, to)),
    alibabaAt,
  };
}

/**
 * Returns the time of the first sample at or after `from`. The seed selects the phase of a stream within the period, in
 * whole seconds, because the provider's times are whole seconds.
 */
function firstSampleAt({ seed }: SimulatedStream, from: EpochMs): EpochMs {
  const phaseMs = (seed % (periodMs / secondMs)) * secondMs;
  return Math.ceil((from - phaseMs) / periodMs) * periodMs + phaseMs;
}

function toSample(
  { seed }: SimulatedStream,
  { framesPerSecond, bitsPerSecond, serverIp }: StreamState,
  clientIp: string,
  at: EpochMs,
  noise: number,
): PushSample {
  const withNoise = (value: number, purpose: string, width: number) =>
    Math.round(value * (1 + width * (2 * randomAt(seed, at, purpose) - 1)));
  return {
    measuredAt: at,
    periodMs,
    clientIp,
    serverIp,
    session: undefined,
    framesPerSecond: withNoise(framesPerSecond, 'fps', noise),
    bitsPerSecond: withNoise(bitsPerSecond, 'bps', 2 * noise),
  };
}

function sumOf(samples: readonly PushSample[]): Truth {
  let observedMs = 0;
  let milliframes = 0;
  let bytes = 0;
  for (const { periodMs, framesPerSecond = 0, bitsPerSecond = 0 } of samples) {
    observedMs += periodMs;
    milliframes += Math.round(framesPerSecond * periodMs);
    bytes += Math.round((bitsPerSecond * periodMs) / 8_000);
  }
  return { samples: samples.length, observedMs, milliframes, bytes };
}
