import type { PushSample } from '../../model/push-sample.ts';
import { type EpochMs, secondMs } from '../../model/time.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { actionsBetween, countActions, type RecordedAction } from './actions.ts';
import { randomAt } from './random.ts';
import { apiStateAt, storyMsAt, streamStateAt } from './story.ts';
import { type SimulatedStream, toStreams } from './streams.ts';

/** Period of the push statistics. Source: page of the operation (seed 000_9991dee4d576e584.txt). */
const periodMs = 5 * secondMs;

/** Offset of the second publisher's samples from the first publisher's, so that no two have the same time. */
const secondPublisherLagMs = 2 * secondMs;

/** Totals of the samples in a time range, as integers, so that they can be compared exactly. */
export type Truth = ReturnType<typeof sumOf>;

/** Ground truth at any time, past and future. It is a pure function of scenario, start and time: it has no state. */
export type World = ReturnType<typeof createWorld>;

/** Creates the world of a scenario whose story starts at `startedAt`. */
export function createWorld(scenario: Scenario, startedAt: EpochMs) {
  const streams = toStreams(scenario);
  const byName = new Map(streams.map((stream) => [stream.name, stream]));
  const { noise, provider } = scenario;
  const { late, doubledShare } = provider;
  const storyAt = (at: EpochMs) => storyMsAt(scenario, startedAt, at);
  const statcgiAt = (at: EpochMs) => apiStateAt(scenario.provider, storyAt(at));
  const alibabaAt = (at: EpochMs) => apiStateAt(scenario.alibaba, storyAt(at));

  /** Selects the fraction `share` of the samples, pseudo-randomly. */
  function isSelected(share: number, stream: string, sample: PushSample, purpose: string): boolean {
    return share > 0 && randomAt(byName.get(stream)?.seed ?? 0, sample.measuredAt, purpose) < share;
  }

  /** Returns the samples from `from` (included) to `to` (excluded) in time order; none for an unknown stream. */
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

  /** Returns the actions from `from` (included) to `to` (excluded) in time order; none for an unknown domain. */
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
    /** Returns the time from which the provider returns the sample. */
    visibleAt: (stream: string, sample: PushSample): EpochMs => {
      const lateMs = isSelected(late.share, stream, sample, 'late') ? late.byMs : 0;
      return sample.measuredAt + statcgiAt(sample.measuredAt).delayMs + lateMs;
    },
    /** Reports whether a response contains the sample twice. */
    isDuplicated: (stream: string, sample: PushSample) => isSelected(doubledShare, stream, sample, 'doubled'),
    /** Returns the totals of the samples that `samplesOf` returns, whether visible or not. */
    truthOf: (stream: string, from: EpochMs, to: EpochMs) => sumOf(samplesOf(stream, from, to)),
    statcgiAt,
    actionsOf,
    /**
     * Returns the number of actions per stream and action label, for the same actions as `actionsOf`, including
     * those that are not visible yet.
     */
    truthOfActions: (domain: string, from: EpochMs, to: EpochMs) => countActions(actionsOf(domain, from, to)),
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

function sumOf(samples: readonly PushSample[]) {
  let observedMs = 0;
  /** Frames in units of 1/1000. */
  let milliframes = 0;
  let bytes = 0;
  for (const { periodMs, framesPerSecond = 0, bitsPerSecond = 0 } of samples) {
    observedMs += periodMs;
    milliframes += Math.round(framesPerSecond * periodMs);
    bytes += Math.round((bitsPerSecond * periodMs) / 8_000);
  }
  return { samples: samples.length, observedMs, milliframes, bytes };
}
