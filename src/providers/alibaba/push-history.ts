import type { Call } from '../../calls/call.ts';
import { type Answer, type FailureKind, ProviderError } from '../../model/answer.ts';
import type { FailureReason } from '../../model/failure-reason.ts';
import { capabilityOf } from '../../model/operations.ts';
import type { PushSample } from '../../model/push-sample.ts';
import type { PushHistorySource } from '../../model/questions.ts';
import type { EpochMs, Window } from '../../model/time.ts';
import type { PushDomains, StreamName } from './push-domains.ts';
import { readRateAnswer } from './rate-rows.ts';
import { toTimeRange } from './times.ts';
import type { UnitCheck } from './unit-check.ts';
import { type BitrateUnit, bitsPerUnitOf, hasWrongUnit, unitWarning } from './units.ts';

const operation = 'DescribeLiveCenterStreamRateData';
const { spanMs, retentionMs, periodMs } = capabilityOf(operation);

/** Maximum number of streams that are remembered. A forgotten stream takes one more request. */
const maxRemembered = 100_000;

export interface PushHistoryParts {
  readonly pushDomains: PushDomains;
  readonly units: Readonly<Record<string, BitrateUnit>>;
  readonly unitCheck: UnitCheck;
  readonly now: () => EpochMs;
}

/**
 * Creates the source of push samples, which calls DescribeLiveCenterStreamRateData. The documentation says
 * that the operation needs an ingest domain; another description passes the main streaming domain. So the
 * ingest domains are requested first, and as long as none of them has returned a row, also the main streaming
 * domain.
 */
export function createAlibabaPushHistory(
  call: Call,
  { pushDomains, units, unitCheck, now }: PushHistoryParts,
): PushHistorySource {
  const context = `alibaba ${operation}`;
  const bitsPerUnit = bitsPerUnitOf(operation, units);
  /** Kind of domain that the operation needs, by main streaming domain. */
  const kinds = new Map<string, 'ingest' | 'main'>();
  /**
   * Keys of the streams whose rows the main streaming domain returned last. Other streams can have rows at
   * the ingest domain all the same, because some streams can be pushed to the main streaming domain itself.
   */
  const foundAtMain = new Set<string>();

  async function listAt(
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
  async function listAll(
    name: StreamName,
    domains: readonly [string, ...string[]],
    window: Window,
    signal: AbortSignal,
  ): Promise<Answer<PushSample>> {
    const [first, ...others] = domains;
    let answer = await listAt(name, first, window, signal);
    for (const domain of others) answer = join(answer, await listAt(name, domain, window, signal));
    return answer;
  }

  /**
   * Requests the samples from the ingest domains, and, if they have none, from the main streaming domain.
   * Learns from rows and refusals which of them the operation needs. If the ingest domain is refused, an
   * empty answer for the main streaming domain does not show that the stream is not pushed.
   */
  async function find(
    name: StreamName,
    domains: readonly [string, ...string[]],
    window: Window,
    signal: AbortSignal,
  ): Promise<Answer<PushSample>> {
    const { domain } = name;
    const key = keyOf(name);
    // A policy of the account can permit the operation only for ingest domains.
    const listMain = () => unlessRefused(listAt(name, domain, window, signal), ['refused', 'auth']);
    const wasAtMain = foundAtMain.has(key);
    const early = wasAtMain ? await listMain() : undefined;
    if (early !== undefined && hasItems(early)) return early;
    const fromIngest = await unlessRefused(listAll(name, domains, window, signal), ['refused']);
    if (hasItems(fromIngest)) {
      kinds.set(domain, 'ingest');
      foundAtMain.delete(key);
      return fromIngest;
    }
    const fromMain = early ?? (await listMain());
    if (hasItems(fromMain)) {
      if (fromIngest instanceof ProviderError) kinds.set(domain, 'main');
      else remember(key);
      return fromMain;
    }
    // The domain returned rows before, so its refusal is a failure and does not show the kind of domain.
    if (wasAtMain && fromMain instanceof ProviderError) throw fromMain;
    if (fromIngest instanceof ProviderError) throw fromIngest;
    if (fromMain instanceof ProviderError) kinds.set(domain, 'ingest');
    return fromIngest;
  }

  function remember(key: string): void {
    if (foundAtMain.size >= maxRemembered) foundAtMain.clear();
    foundAtMain.add(key);
  }

  async function list(name: StreamName, window: Window, signal: AbortSignal): Promise<Answer<PushSample>> {
    const { domain } = name;
    if (kinds.get(domain) === 'main') return listAt(name, domain, window, signal);
    const { domains, warnings } = await pushDomains.sampleDomainsOf(name, signal);
    const isKnown = domains.includes(domain) || (kinds.has(domain) && !foundAtMain.has(keyOf(name)));
    const answer = await (isKnown ? listAll : find)(name, domains, window, signal);
    return warnings.length === 0 ? answer : { ...answer, warnings: [...answer.warnings, ...warnings] };
  }

  return {
    operation,
    limits: { spanMs, retentionMs, periodMs },
    async listPushSamples(name, window, signal) {
      const answer = await list(name, window, signal);
      unitCheck.remember(name, answer.items);
      if (!hasWrongUnit(answer.items)) return answer;
      return { ...answer, warnings: [...answer.warnings, unitWarning(operation)] };
    },
  };
}

function keyOf({ domain, appName, stream }: StreamName): string {
  return JSON.stringify([domain, appName, stream]);
}

/**
 * Reasons of failures with which the provider can refuse a domain of the wrong kind. A code of unknown meaning
 * (undefined) can do so too. Other failures, such as an expired key or a page of a gateway, show nothing about a domain.
 */
const refusalReasons: ReadonlySet<FailureReason | undefined> = new Set([
  'domain_kind',
  'domain_not_found',
  'permission',
  undefined,
]);

/**
 * Returns an answer, or the failure if it is of one of `kinds` and shows that the provider refuses the domain. Rejects
 * with any other failure.
 */
function unlessRefused(
  answer: Promise<Answer<PushSample>>,
  kinds: readonly FailureKind[],
): Promise<Answer<PushSample> | ProviderError> {
  return answer.catch((error: unknown) => {
    if (error instanceof ProviderError && kinds.includes(error.kind) && refusalReasons.has(error.reason)) {
      return error;
    }
    throw error;
  });
}

function hasItems(answer: Answer<PushSample> | ProviderError): answer is Answer<PushSample> {
  return !(answer instanceof ProviderError) && answer.items.length > 0;
}

/**
 * Joins the answers for two ingest domains. The live centre receives a stream only once at a time, so samples
 * of the same time are the same sample.
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
