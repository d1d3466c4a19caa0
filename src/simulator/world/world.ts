import type { PushSample } from '../../model/push-sample.ts';
import { type EpochMs, secondMs } from '../../model/time.ts';
import type { AlibabaAnswer, ForcedAnswer, Scenario } from '../scenario/scenario.ts';
import { type ActionTruth, actionsBetween, countActions, type DatedAction } from './actions.ts';
import { chanceAt } from './chance.ts';
import { type ApiState, apiStateAt, type StreamState, storyMsAt, streamStateAt } from './story.ts';
import { type SimulatedStream, toStreams } from './streams.ts';

/** The push statistics are refreshed every five seconds (seed 000_9991dee4d576e584.txt). */
const periodMs = 5 * secondMs;

/** How much later than the first publisher's a second publisher's samples are, so that no two are of one moment. */
const secondPublisherLagMs = 2 * secondMs;

/** What the samples of a stretch of time add up to, in the integers of an exact count. */
export interface Truth {
  readonly samples: number;
  readonly observedMs: number;
  /** Thousandths of a frame. */
  readonly milliframes: number;
  readonly bytes: number;
}

/** What is true at any time, past and future. It has no state: asked again, it says the same. */
export interface World {
  readonly scenario: Scenario;
  readonly startedAt: EpochMs;
  readonly streams: readonly SimulatedStream[];
  /** Measured from `from` up to, not including, `to`, in the order of time. None for a stream it doesn't know. */
  samplesOf(stream: string, from: EpochMs, to: EpochMs): readonly PushSample[];
  /** When the provider has the sample to show. */
  visibleAt(stream: string, sample: PushSample): EpochMs;
  /** Whether the provider shows the sample twice in one answer. */
  isDoubled(stream: string, sample: PushSample): boolean;
  /** Of the same samples as `samplesOf`, visible or not. */
  truthOf(stream: string, from: EpochMs, to: EpochMs): Truth;
  apiAt(at: EpochMs): ApiState<ForcedAnswer>;
  /** Done from `from` up to, not including, `to`, in the order of time. None on a domain it doesn't know. */
  actionsOf(domain: string, from: EpochMs, to: EpochMs): readonly RecordedAction[];
  /** Of the same actions as `actionsOf`, visible or not: what was done to each stream, and how often. */
  truthOfActions(domain: string, from: EpochMs, to: EpochMs): readonly ActionTruth[];
  alibabaAt(at: EpochMs): ApiState<AlibabaAnswer>;
}

/** An action, and when its provider has it to show. */
export interface RecordedAction extends DatedAction {
  readonly visibleAt: EpochMs;
}

/** The world of a scenario whose story begins at `startedAt`. */
export function createWorld(scenario: Scenario, startedAt: EpochMs): World {
  const streams = toStreams(scenario);
  const byName = new Map(streams.map((stream) => [stream.name, stream]));
  const { late, doubledShare } = scenario.provider;
  const storyAt = (at: EpochMs) => storyMsAt(scenario, startedAt, at);
  const apiAt = (at: EpochMs) => apiStateAt(scenario.provider, storyAt(at));
  const alibabaAt = (at: EpochMs) => apiStateAt(scenario.alibaba, storyAt(at));

  function isAmong(share: number, stream: string, sample: PushSample, what: string): boolean {
    return share > 0 && chanceAt(byName.get(stream)?.seed ?? 0, sample.measuredAt, what) < share;
  }

  function samplesOf(name: string, from: EpochMs, to: EpochMs): PushSample[] {
    const stream = byName.get(name);
    if (stream === undefined) return [];
    const samples: PushSample[] = [];
    const takeAt = (at: EpochMs, isSecond: boolean) => {
      if (at < from || at >= to) return;
      const state = streamStateAt(stream, storyAt(at));
      const clientIp = isSecond ? state?.secondPublisher : state?.clientIp;
      if (state !== undefined && clientIp !== undefined) {
        samples.push(toSample(stream, state, clientIp, at, scenario.noise));
      }
    };
    for (let at = firstFrom(stream, from - secondPublisherLagMs); at < to; at += periodMs) {
      takeAt(at, false);
      takeAt(at + secondPublisherLagMs, true);
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
      const lateMs = isAmong(late.share, stream, sample, 'late') ? late.byMs : 0;
      return sample.measuredAt + apiAt(sample.measuredAt).delayMs + lateMs;
    },
    isDoubled: (stream, sample) => isAmong(doubledShare, stream, sample, 'doubled'),
    truthOf: (stream, from, to) => sumOf(samplesOf(stream, from, to)),
    apiAt,
    actionsOf,
    truthOfActions: (domain, from, to) => countActions(actionsOf(domain, from, to)),
    alibabaAt,
  };
}

/** Each stream is measured in a second of its own, since the provider's times are whole seconds. */
function firstFrom({ seed }: SimulatedStream, from: EpochMs): EpochMs {
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
  const about = (value: number, what: string, width: number) =>
    Math.round(value * (1 + width * (2 * chanceAt(seed, at, what) - 1)));
  return {
    measuredAt: at,
    periodMs,
    clientIp,
    serverIp,
    session: undefined,
    framesPerSecond: about(framesPerSecond, 'fps', noise),
    bitsPerSecond: about(bitsPerSecond, 'bps', 2 * noise),
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
