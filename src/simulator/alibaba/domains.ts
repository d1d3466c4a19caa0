import type { SimulatedStream } from '../world/streams.ts';
import type { World } from '../world/world.ts';

/**
 * Kind of a domain at Alibaba Cloud: main streaming domain or ingest domain. A domain can be both (centre
 * ingest).
 */
export type DomainKind = 'streaming' | 'ingest';

/** Creates the join of the main streaming domains of a scenario and their ingest domains. */
export function createDomains({ scenario, streams }: World) {
  const pushDomains = new Map(scenario.domains.map(({ name, pushDomains }) => [name, pushDomains]));
  for (const { domain } of streams) if (!pushDomains.has(domain)) pushDomains.set(domain, []);

  /** Returns the main streaming domains to which `domain` belongs. */
  function mainDomainsOf(domain: string): readonly string[] {
    return [...pushDomains].flatMap(([main, own]) => (main === domain || own.includes(domain) ? [main] : []));
  }

  return {
    /** Returns the kinds of a domain; an empty list if it does not belong to the account. */
    kindsOf(domain: string): readonly DomainKind[] {
      const own = pushDomains.get(domain);
      const isIngest = own?.length === 0 || [...pushDomains.values()].some((each) => each.includes(domain));
      return [...(own === undefined ? [] : ['streaming' as const]), ...(isIngest ? ['ingest' as const] : [])];
    },
    /** Returns the domain to which a stream is pushed. */
    pushDomainOf({ domain, seed }: Pick<SimulatedStream, 'domain' | 'seed'>): string {
      const own = pushDomains.get(domain) ?? [];
      return own[seed % own.length] ?? domain;
    },
    /** Returns the domains that belong together with `domain`, in the form of the API. */
    modelsOf(domain: string): readonly { readonly DomainName: string; readonly Type: string }[] {
      return mainDomainsOf(domain).flatMap((main) => [
        { DomainName: main, Type: 'vhost' },
        ...(pushDomains.get(main) ?? []).map((name) => ({ DomainName: name, Type: 'publish' })),
      ]);
    },
  };
}
