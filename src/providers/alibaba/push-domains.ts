import type { ListedApp } from '../../model/questions.ts';
import type { StreamId } from '../../model/stream.ts';
import { type EpochMs, hourMs } from '../../model/time.ts';
import type { createDomainMappings } from './domain-mapping.ts';

/** Identity of a stream within an account. `domain` is its main streaming domain. */
export type StreamName = Pick<StreamId, 'domain' | 'appName' | 'stream'>;

export interface PushDomainsParts {
  /** Ingest domains of the config, by main streaming domain. They take precedence. */
  readonly configured: Readonly<Record<string, readonly string[]>>;
  readonly mappingOf: ReturnType<typeof createDomainMappings>;
  readonly now: () => EpochMs;
}

export type PushDomains = ReturnType<typeof createPushDomains>;

/** Domains where the samples of a stream can be. */
export interface SampleDomains {
  readonly domains: readonly [string, ...string[]];
  readonly warnings: readonly string[];
}

/** Ingest domains of the listed streams of each application, by name of the stream. */
type PushDomainsByApp = Map<string, Map<string, string>>;

/** Time in ms for which at least the ingest domain of a listed stream is remembered. */
const rememberedMs = hourMs;

/**
 * Creates the join of main streaming domains and ingest domains, so that one stream has one identity although
 * operations need domains of different kinds. The ingest domain of a stream comes from the config, from the
 * last list of live streams, or from the mapping of domains.
 */
export function createPushDomains({ configured, mappingOf, now }: PushDomainsParts) {
  // Two maps in turn: a stream that was not listed for a while is forgotten without a walk over all streams.
  let listed: PushDomainsByApp = new Map();
  let before: PushDomainsByApp = new Map();
  let startedAt = now();

  function rotate(): void {
    const ageMs = now() - startedAt;
    if (ageMs >= 0 && ageMs < rememberedMs) return;
    before = listed;
    listed = new Map();
    startedAt = now();
  }

  return {
    /**
     * Returns a function that remembers the ingest domain under which a stream of an application was listed.
     * Lists can have many streams, so the application is looked up only once.
     */
    ofListed(app: ListedApp): (stream: string, pushDomain: string) => void {
      if (configured[app.domain] !== undefined) return () => undefined;
      rotate();
      const key = keyOf(app);
      const own = listed.get(key) ?? new Map<string, string>();
      listed.set(key, own);
      return (stream, pushDomain) => own.set(stream, pushDomain);
    },
    /**
     * Returns the ingest domains of a main streaming domain. Rejects with a ProviderError if the mapping of
     * domains is necessary and cannot be requested.
     */
    async ingestDomainsOf(domain: string, signal: AbortSignal): Promise<readonly string[]> {
      return configured[domain] ?? (await mappingOf(domain, signal)).push;
    },
    /**
     * Returns the domains to request the samples of a stream from. Usually one. Rejects with a ProviderError
     * if the mapping of domains is necessary and cannot be requested.
     */
    async sampleDomainsOf(name: StreamName, signal: AbortSignal): Promise<SampleDomains> {
      const [first, ...others] = configured[name.domain] ?? [];
      if (first !== undefined) return { domains: [first, ...others], warnings: [] };
      const key = keyOf(name);
      const known = listed.get(key)?.get(name.stream) ?? before.get(key)?.get(name.stream);
      if (known !== undefined) return { domains: [known], warnings: [] };
      const { push, main } = await mappingOf(name.domain, signal);
      // In the config, an ingest domain was written where a main streaming domain is needed.
      if (push.includes(name.domain)) return { domains: [name.domain], warnings: [ingestWarning(main)] };
      // Without an ingest domain, streams are pushed to the main streaming domain itself.
      const [mapped = name.domain, ...more] = push;
      return { domains: [mapped, ...more], warnings: [] };
    },
  };
}

function ingestWarning(main: readonly string[]): string {
  const name = main.length === 0 ? '' : ` (${main.join(', ')})`;
  return `the domain of a stream is an ingest domain: write its main streaming domain${name} instead, so that push statistics and control actions of a stream have the same labels`;
}

function keyOf({ domain, appName }: ListedApp): string {
  return JSON.stringify([domain, appName]);
}
