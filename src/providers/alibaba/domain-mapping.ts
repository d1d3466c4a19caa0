import type { Call } from '../../calls/call.ts';
import type { DomainMapping } from '../../model/questions.ts';
import { dayMs, type EpochMs, hourMs, minuteMs, secondMs } from '../../model/time.ts';
import { unexpectedShape } from '../kit/json.ts';
import { readFields, readWholeText } from '../kit/values.ts';
import { recordsOf } from './rows.ts';

export const operation = 'DescribeLiveDomainMapping';

/** Time in ms after which a mapping is requested again. */
const maxAgeMs = hourMs;
/** Time in ms after which a mapping that could not be refreshed is requested again. */
const retryMs = minuteMs;
/**
 * Time in ms for which all targets of a domain get the same failure, so that each does not request it again.
 */
const failureMs = 10 * secondMs;
/** Time in ms after which a mapping that nobody has requested again is forgotten: its domain was removed. */
const unusedMs = dayMs;

interface Known {
  readonly mapping: DomainMapping | undefined;
  /** The failure if there is no mapping. */
  readonly failure?: unknown;
  /** Time of the answer or failure. */
  readonly at: EpochMs;
  readonly dueAt: EpochMs;
}

/**
 * Creates the function that returns the domains which belong to a domain, with DescribeLiveDomainMapping:
 * once an hour, and with one request for all targets of the domain. A known mapping is returned at once while
 * a new one is requested, and stays in use if that fails. Rejects with a ProviderError if no mapping is
 * known.
 */
export function createDomainMappings(call: Call, { now }: { readonly now: () => EpochMs }) {
  const known = new Map<string, Known>();
  /** Requests in progress. All targets of the account have the same signal, so they can share them. */
  const requests = new Map<string, Promise<DomainMapping>>();

  function request(domain: string, signal: AbortSignal): Promise<DomainMapping> {
    const running = requests.get(domain) ?? requestMapping(domain, signal);
    requests.set(domain, running);
    return running;
  }

  async function requestMapping(domain: string, signal: AbortSignal): Promise<DomainMapping> {
    try {
      const mapping = readMapping(await call(operation, { DomainName: domain }, signal));
      for (const [other, { dueAt }] of known) if (now() - dueAt >= unusedMs) known.delete(other);
      known.set(domain, { mapping, at: now(), dueAt: now() + maxAgeMs });
      return mapping;
    } catch (failure) {
      const old = known.get(domain)?.mapping;
      if (!signal.aborted) {
        const waitMs = old === undefined ? failureMs : retryMs;
        known.set(domain, { mapping: old, failure, at: now(), dueAt: now() + waitMs });
      }
      throw failure;
    } finally {
      requests.delete(domain);
    }
  }

  return async (domain: string, signal: AbortSignal): Promise<DomainMapping> => {
    const found = known.get(domain);
    // A clock that was set back must keep neither a mapping nor a failure for longer.
    const isDue = found === undefined || now() >= found.dueAt || now() < found.at;
    if (found?.mapping !== undefined) {
      // The failure is known when the next request is due; until then, the old mapping is good enough.
      if (isDue) void request(domain, signal).catch(() => undefined);
      return found.mapping;
    }
    if (!isDue) throw found.failure;
    return request(domain, signal);
  };
}

/**
 * Pattern of a name that can be a domain: it becomes a label, and a part of warnings and requests. Source of the
 * length: RFC 1035, 2.3.4.
 */
const domainName = /^[^\s\p{C}]{1,253}$/u;

/**
 * Reads a response. Source: SDK models of 2026-08: `Type` is `vhost` (main streaming domain), `publish`
 * (ingest domain) or `play` (sub-streaming domain). An unreadable row is a failure: without it, streams would
 * be searched in too few domains.
 */
function readMapping(response: unknown): DomainMapping {
  const context = `alibaba ${operation}`;
  const rows = recordsOf(response, 'LiveDomainModels', 'LiveDomainModel');
  const models = rows?.map((row) => {
    const fields = readFields(row);
    return {
      name: domainName.exec(readWholeText(fields?.DomainName) ?? '')?.[0].toLowerCase(),
      type: readWholeText(fields?.Type)?.toLowerCase(),
    };
  });
  if (models?.every(({ name, type }) => name && type) !== true) {
    throw unexpectedShape(context, 'LiveDomainModels');
  }
  const namesOf = (wanted: string) =>
    [...new Set(models.flatMap(({ name, type }) => (type === wanted ? (name ?? []) : [])))].toSorted();
  return { push: namesOf('publish'), main: namesOf('vhost') };
}
