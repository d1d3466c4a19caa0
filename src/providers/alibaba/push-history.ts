import type { Call } from '../../calls/call.ts';
import { type Answer, ProviderError } from '../../model/answer.ts';
import { capabilityOf } from '../../model/capabilities.ts';
import type { PushSample } from '../../model/push-sample.ts';
import type { PushHistorySource } from '../../model/questions.ts';
import type { EpochMs, Window } from '../../model/time.ts';
import type { PushDomains, StreamName } from './push-domains.ts';
import { readRateAnswer } from './rate-rows.ts';
import { toTimeRange } from './times.ts';
import { type BitrateUnit, bitsPerUnitOf, hasWrongUnit, unitWarning } from './units.ts';

const operation = 'DescribeLiveCenterStreamRateData';
const { spanMs, retentionMs, periodMs } = capabilityOf(operation);

export interface PushHistoryParts {
  readonly pushDomains: PushDomains;
  readonly units: Readonly<Record<string, BitrateUnit>>;
  readonly now: () => EpochMs;
}

/**
 * Creates the source of push samples, which calls DescribeLiveCenterStreamRateData. The documentation says that the
 * operation needs an ingest domain; another description passes the main streaming domain. So the ingest domains are
 * requested first, and as long as none has returned a row, also the main streaming domain. The kind of domain that
 * returned rows is remembered.
 */
export function createAlibabaPushHistory(
  call: Call,
  { pushDomains, units, now }: PushHistoryParts,
): PushHistorySource {
  const context = `alibaba ${operation}`;
  const bitsPerUnit = bitsPerUnitOf(operation, units);
  /** Main streaming domains for which it is known whether the operation needs an ingest domain (true). */
  const needsIngest = new Map<string, boolean>();

  async function ask(
    { appName, stream }: StreamName,
    domain: string,
    window: Window,
    signal: AbortSignal,
  ): Promise<Answer<PushSample>> {
    const query = { DomainName: domain, AppName: appName, StreamName: stream };
    const response = await call(operation, { ...query, ...toTimeRange(window, now(), spanMs) }, signal);
    return readRateAnswer(response, { context, window, periodMs, bitsPerUnit, pushDomain: domain });
  }

  /** Requests the samples from each of `domains`. */
  async function askAll(
    name: StreamName,
    domains: readonly [string, ...string[]],
    window: Window,
    signal: AbortSignal,
  ): Promise<Answer<PushSample>> {
    const [first, ...others] = domains;
    let answer = await ask(name, first, window, signal);
    for (const domain of others) answer = join(answer, await ask(name, domain, window, signal));
    return answer;
  }

  /** Requests the samples from the main streaming domain; undefined if the provider refuses it. */
  async function askMain(name: StreamName, window: Window, signal: AbortSignal) {
    try {
      return await ask(name, name.domain, window, signal);
    } catch (error) {
      // A policy of the account can permit the operation only for ingest domains.
      if (error instanceof ProviderError && (error.kind === 'refused' || error.kind === 'auth'))
        return undefined;
      throw error;
    }
  }

  async function list(name: StreamName, window: Window, signal: AbortSignal): Promise<Answer<PushSample>> {
    const { domain } = name;
    if (needsIngest.get(domain) === false) return ask(name, domain, window, signal);
    const { domains, warnings } = await pushDomains.placesOf(name, signal);
    const withWarnings = (answer: Answer<PushSample>) => ({
      ...answer,
      warnings: [...answer.warnings, ...warnings],
    });
    const isDecided = needsIngest.has(domain) || domains.includes(domain);
    let answer: Answer<PushSample> | undefined;
    let refusal: unknown;
    try {
      answer = await askAll(name, domains, window, signal);
    } catch (error) {
      if (isDecided || !(error instanceof ProviderError) || error.kind !== 'refused') throw error;
      refusal = error;
    }
    if (answer !== undefined && answer.items.length > 0) needsIngest.set(domain, true);
    if (answer !== undefined && (isDecided || answer.items.length > 0)) return withWarnings(answer);

    const fromMain = await askMain(name, window, signal);
    // An empty answer for the wrong domain does not show that the stream is not pushed, if the right one was refused.
    if (answer === undefined && (fromMain === undefined || fromMain.items.length === 0)) throw refusal;
    if (fromMain === undefined) needsIngest.set(domain, true);
    else if (fromMain.items.length > 0) needsIngest.set(domain, false);
    return withWarnings(fromMain ?? answer ?? noSamples);
  }

  return {
    operation,
    limits: { spanMs, retentionMs, periodMs },
    async listPushSamples(name, window, signal) {
      const answer = await list(name, window, signal);
      if (!hasWrongUnit(answer.items)) return answer;
      return { ...answer, warnings: [...answer.warnings, unitWarning(operation)] };
    },
  };
}

const noSamples: Answer<PushSample> = { items: [], malformed: 0, warnings: [] };

/**
 * Joins the answers for two ingest domains. The live centre receives a stream only once at a time, so samples of the
 * same time are the same sample.
 */
function join(a: Answer<PushSample>, b: Answer<PushSample>): Answer<PushSample> {
  const times = new Set(a.items.map(({ measuredAt }) => measuredAt));
  const isUnknown = [a, b].some(
    ({ malformed, malformedUpTo }) => malformed > 0 && malformedUpTo === undefined,
  );
  const upTo = Math.max(a.malformedUpTo ?? 0, b.malformedUpTo ?? 0);
  return {
    items: [...a.items, ...b.items.filter(({ measuredAt }) => !times.has(measuredAt))],
    malformed: a.malformed + b.malformed,
    malformedUpTo: isUnknown || upTo === 0 ? undefined : upTo,
    warnings: [...new Set([...a.warnings, ...b.warnings])],
  };
}
