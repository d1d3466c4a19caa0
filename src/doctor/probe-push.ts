import type { Answer } from '../model/answer.ts';
import { ProviderError } from '../model/answer.ts';
import type { PushSample } from '../model/push-sample.ts';
import type { PushHistorySource } from '../model/questions.ts';
import type { DiscoveryTarget, PushTarget } from '../model/target.ts';
import { type Clock, type EpochMs, hourMs, minuteMs, secondMs } from '../model/time.ts';
import { type CheckTarget, isLive, type PushFacts, type Rate } from './facts.ts';
import { minuteRates } from './minute-rates.ts';
import { firstApp, otherApps } from './other-apps.ts';
import { measuredStream } from './probe-metrics.ts';
import type { Outcome, ProbeParts, ProbeRun } from './probe-parts.ts';
import { answeredResult, rateOf } from './result.ts';

/** Maximum number of streams whose history is requested until one has samples. */
const maxStreams = 3;

/**
 * Length in ms of the time range of a request. Delays up to this length are measured, and
 * distinguished from a stream that is not live.
 */
const windowMs = hourMs;

/** Maximum time in ms that a check waits for the next sample. The check also has other requests to send. */
const maxWaitMs = 30 * secondMs;

/** Maximum number of samples from which the unit of bit rates is derived. */
const maxRates = 20;

/**
 * Name of a stream for which history is requested if no live stream is known. The answer is empty, or the
 * provider does not know the stream, but it shows whether the key has the permission.
 */
const madeUpStream = 'livestream-exporter-doctor';

/** Streams of one application of a domain; at least one. */
export type Streams = readonly [PushTarget, ...PushTarget[]];

/** Returns the streams whose history can be requested, by application, those that are probably live first. */
export function streamsByApp({ targets, known: { online } }: ProbeRun): readonly Streams[] {
  const isListed = ({ stream }: PushTarget) =>
    online.get(`${stream.domain}/${stream.appName}`)?.has(stream.stream) === true;
  const discovered = targets.discovery.flatMap(({ account, provider, domain, appName, push }) => {
    const streams = [...(online.get(`${domain}/${appName}`)?.keys() ?? [])].slice(0, maxStreams);
    return streams.map(
      (stream): PushTarget => ({
        ...push,
        stream: { account, provider, domain, appName, stream },
      }),
    );
  });
  const isExpected = ({ expectation }: PushTarget) => expectation.live !== undefined;
  const rankOf = (target: PushTarget) => (isListed(target) ? 0 : isExpected(target) ? 1 : 2);
  const sorted = [...targets.push, ...discovered].toSorted((a, b) => rankOf(a) - rankOf(b));
  const groups = Map.groupBy(sorted, ({ stream }) => JSON.stringify([stream.domain, stream.appName]));
  return [...groups.values()].flatMap(([first, ...others]) =>
    first === undefined ? [] : [[first, ...others] as const],
  );
}

/**
 * Requests the history of streams of one application until one has samples. If a stream has none, tries other
 * applications. If the newest sample is late, waits for the next one: if it comes, the stream is live.
 */
export async function probePush(
  source: PushHistorySource,
  run: ProbeRun,
  [first, ...others]: Streams,
  signal: AbortSignal,
): Promise<Outcome> {
  const { clock, canRepeat, known } = run;
  const request = ({ stream }: PushTarget) =>
    source.listPushSamples(stream, windowUntil(clock.now(), windowMs), signal);
  let chosen: PushTarget = first;
  let answer = await request(first);
  let otherApp: { configured: string; found: string } | undefined;
  if (canRepeat(source.operation)) {
    if (answer.items.length === 0) otherApp = await findOtherApp(source, run, first, signal);
    for (const other of otherApp === undefined ? others.slice(0, maxStreams - 1) : []) {
      if (answer.items.length > 0) break;
      chosen = other;
      answer = await request(other);
    }
  }
  if (known.stream === undefined || (answer.items.length > 0 && !known.hasData)) known.stream = chosen.stream;
  known.hasData ||= answer.items.length > 0;
  const push = await factsOf(source, run, { target: chosen, samples: answer.items }, signal);
  if (isLive(push) && push.rates.length > 0) {
    known.measured ??= measuredStream(chosen.stream, newestOf(answer.items));
  }
  return { result: answeredResult(answer, { push, otherApp }), target: chosen.stream };
}

/** Returns the target of a check that only access to the operation is for. */
export function madeUpTarget({ domain, appName }: DiscoveryTarget): CheckTarget {
  return { domain, appName, isMadeUp: true };
}

/** Checks access to the history with a stream that does not exist. */
export async function probeAccess(
  source: PushHistorySource,
  clock: Clock,
  { account, provider, domain, appName }: DiscoveryTarget,
  signal: AbortSignal,
): Promise<Outcome> {
  const stream = { account, provider, domain, appName, stream: madeUpStream };
  const none: Answer<PushSample> = { items: [], malformed: 0, warnings: [] };
  const answer = await source
    .listPushSamples(stream, windowUntil(clock.now(), minuteMs), signal)
    .catch((error: unknown) => {
      if (error instanceof ProviderError && error.reason === 'stream_not_found') return none;
      throw error;
    });
  return { result: answeredResult(answer) };
}

function windowUntil(now: EpochMs, lengthMs: number) {
  return { from: now - lengthMs, to: now };
}

/** Returns another application under which the stream has samples; undefined if there is none. */
async function findOtherApp(
  source: PushHistorySource,
  { targets, clock }: ProbeParts,
  { stream }: PushTarget,
  signal: AbortSignal,
): Promise<{ configured: string; found: string } | undefined> {
  const ofDomain = [...targets.push.map((each) => each.stream), ...targets.discovery]
    .filter(({ domain }) => domain === stream.domain)
    .map(({ appName }) => appName);
  const found = await firstApp(otherApps(stream.appName, ofDomain), async (appName) => {
    const answer = await source.listPushSamples(
      { ...stream, appName },
      windowUntil(clock.now(), windowMs),
      signal,
    );
    return answer.items.length > 0;
  });
  return found === undefined ? undefined : { configured: stream.appName, found };
}

async function factsOf(
  source: PushHistorySource,
  { clock, offsetMs, canRepeat, known }: ProbeRun,
  { target, samples }: { readonly target: PushTarget; readonly samples: readonly PushSample[] },
  signal: AbortSignal,
): Promise<PushFacts> {
  const { stream, expectedDelayMs, expectation } = target;
  const newest = newestOf(samples);
  const newestAt = newest?.measuredAt;
  // A row can cover more time than normal. Until it has passed, there is no newer row.
  const periodMs = Math.max(source.limits.periodMs, newest?.periodMs ?? 0);
  const providerNow = () => clock.now() - (offsetMs() ?? 0);
  const ageMs = newestAt === undefined ? undefined : Math.max(0, providerNow() - newestAt - periodMs);
  const startedAt = known.online.get(`${stream.domain}/${stream.appName}`)?.get(stream.stream);
  return {
    ageMs,
    isAdvancing: await isAdvancing(),
    expectedDelayMs,
    listedForMs: startedAt === undefined ? undefined : providerNow() - startedAt,
    rates: newestRates(samples),
    minutes: minuteRates(samples, source.limits.periodMs),
    expectedBps: expectation.bitsPerSecond,
  };

  /** Waits for the next sample if the newest one is late, and reports whether it came. */
  async function isAdvancing(): Promise<boolean | undefined> {
    if (newestAt === undefined || ageMs === undefined || ageMs <= expectedDelayMs) return undefined;
    const waitMs = 2 * periodMs + secondMs;
    if (!canRepeat(source.operation) || waitMs > maxWaitMs) return undefined;
    await clock.sleep(waitMs, signal);
    const window = { from: newestAt, to: clock.now() };
    const { items } = await source.listPushSamples(stream, window, signal);
    return (newestOf(items)?.measuredAt ?? newestAt) > newestAt;
  }
}

function newestOf(samples: readonly PushSample[]): PushSample | undefined {
  return samples.reduce<PushSample | undefined>(
    (newest, sample) => (newest === undefined || sample.measuredAt > newest.measuredAt ? sample : newest),
    undefined,
  );
}

function newestRates(samples: readonly PushSample[]): readonly Rate[] {
  return samples
    .toSorted((a, b) => b.measuredAt - a.measuredAt)
    .slice(0, maxRates)
    .flatMap((sample) => rateOf(sample) ?? []);
}
