import type { Call } from '../../calls/call.ts';
import { capabilityOf } from '../../model/operations.ts';
import type { ListAnswer, ListedApp, ListedPush, LivePushStatsSource } from '../../model/questions.ts';
import { abortableSlices, type InSlices } from '../../model/slices.ts';
import { type EpochMs, minuteMs } from '../../model/time.ts';
import { type DomainRow, readDomainRates } from './domain-rate-rows.ts';
import type { PushDomains } from './push-domains.ts';
import { toAlibabaTime } from './times.ts';
import type { UnitCheck } from './unit-check.ts';
import { type BitrateUnit, bitsPerUnitOf, hasWrongUnit, unitWarning } from './units.ts';

const operation = 'DescribeLiveDomainFrameRateAndBitRateData';
const { intervalMs, ageMs = 0 } = capabilityOf(operation);
const { periodMs } = capabilityOf('DescribeLiveCenterStreamRateData');

export interface LivePushesParts {
  readonly pushDomains: Pick<PushDomains, 'ingestDomainsOf'>;
  readonly units: Readonly<Record<string, BitrateUnit>>;
  readonly unitCheck: UnitCheck;
  readonly now: () => EpochMs;
  readonly inSlices: InSlices;
}

/** Pushes to one ingest domain at one time. */
interface DomainList {
  /** Pushes by application. */
  readonly byApp: ReadonlyMap<string, readonly DomainRow[]>;
  readonly malformed: number;
  readonly isComplete: boolean;
  readonly warnings: readonly string[];
}

/**
 * Creates the source of live pushes, which calls DescribeLiveDomainFrameRateAndBitRateData: one request
 * returns all streams of an ingest domain at a time. The provider needs some minutes for its values, so the
 * requested time is the whole minute that was between 5 and 6 minutes ago. All applications share the list of
 * a domain.
 *
 * The operation also answers for times in the past, so its values could be counted. They are not, because
 * nobody has measured whether they are complete and how late: the history of each stream is the only source
 * of counters.
 */
export function createAlibabaLivePushes(call: Call, parts: LivePushesParts): LivePushStatsSource {
  const { pushDomains, units, unitCheck, now, inSlices } = parts;
  const context = `alibaba ${operation}`;
  const bitsPerUnit = bitsPerUnitOf(operation, units);
  /** The list of each ingest domain in the last minute. */
  const lists = new Map<string, { readonly measuredAt: EpochMs; readonly list: Promise<DomainList> }>();
  /** Ingest domains of which a list had a push. */
  const withPushes = new Set<string>();

  /** Returns the list of an ingest domain, which is requested once per minute. */
  async function listOf(domain: string, measuredAt: EpochMs, signal: AbortSignal): Promise<DomainList> {
    const known = lists.get(domain);
    // Unreadable rows are counted only once.
    if (known?.measuredAt === measuredAt) return { ...(await known.list), malformed: 0 };
    // A domain without a list in this minute was possibly removed.
    for (const [other, each] of lists) if (each.measuredAt < measuredAt) lists.delete(other);
    const own = { measuredAt, list: requestList(domain, measuredAt, signal) };
    lists.set(domain, own);
    own.list.catch(() => {
      if (lists.get(domain) === own) lists.delete(domain);
    });
    return own.list;
  }

  async function requestList(domain: string, measuredAt: EpochMs, signal: AbortSignal): Promise<DomainList> {
    const query = { DomainName: domain, QueryTime: toAlibabaTime(measuredAt) };
    const response = await call(operation, query, signal);
    const { items, malformed, warnings } = await readDomainRates(response, {
      context,
      measuredAt,
      periodMs,
      bitsPerUnit,
      pushDomain: domain,
      inSlices: abortableSlices(inSlices, signal),
    });
    if (items.length > 0) withPushes.add(domain);
    return {
      byApp: Map.groupBy(items, ({ appName }) => appName),
      malformed,
      // If there is no push any more, the values of this minute are possibly late.
      isComplete: malformed === 0 && (items.length > 0 || !withPushes.has(domain)),
      warnings: hasWrongUnit(items.values().map(({ sample }) => sample))
        ? [...warnings, unitWarning(operation)]
        : warnings,
    };
  }

  /** Returns the ingest domains of a domain. Without any, streams are pushed to the domain itself. */
  async function domainsOf({ domain }: ListedApp, signal: AbortSignal): Promise<readonly string[]> {
    const own = await pushDomains.ingestDomainsOf(domain, signal);
    return own.length === 0 || own.includes(domain)
      ? [domain, ...own.filter((each) => each !== domain)]
      : own;
  }

  return {
    operation,
    limits: { intervalMs, ageMs },
    async listLivePushes(app, signal): Promise<ListAnswer<ListedPush>> {
      const measuredAt = Math.floor((now() - (ageMs - minuteMs)) / minuteMs) * minuteMs;
      const domains = await domainsOf(app, signal);
      const answers = await Promise.all(domains.map((domain) => listOf(domain, measuredAt, signal)));
      const items = answers.flatMap(({ byApp }) => byApp.get(app.appName) ?? []);
      const otherUnit = unitCheck.warningOf(app, items, { operation, bitsPerUnit });
      const warnings = answers.flatMap((each) => each.warnings);
      return {
        items,
        malformed: answers.reduce((sum, each) => sum + each.malformed, 0),
        isComplete: answers.every((each) => each.isComplete),
        measuredAt,
        warnings: [...new Set(otherUnit === undefined ? warnings : [...warnings, otherUnit])],
      };
    },
  };
}
