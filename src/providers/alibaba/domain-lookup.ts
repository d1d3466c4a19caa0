import type { DomainMappingSource } from '../../model/questions.ts';
import { type createDomainMappings, operation } from './domain-mapping.ts';

/**
 * Creates the source of domains that belong together. `configured` are the ingest domains of the config, by
 * main streaming domain; for these, the other sources request no mapping.
 */
export function createDomainLookup(
  mappingOf: ReturnType<typeof createDomainMappings>,
  configured: Readonly<Record<string, readonly string[]>>,
): DomainMappingSource {
  return {
    operation,
    isNeededFor: (domain) => configured[domain] === undefined,
    listDomains: mappingOf,
  };
}
