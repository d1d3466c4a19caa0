import type { AlibabaBehavior } from '../scenario/scenario.ts';
import { toList } from './envelope.ts';

/** Returns the name of a forbidden stream in the form that the scenario sets. */
export function toBanName(
  { domain, appName, stream }: Readonly<Record<'domain' | 'appName' | 'stream', string>>,
  pushDomains: readonly string[],
  { banName }: AlibabaBehavior,
): string {
  if (banName === 'bare') return stream;
  return `${(banName === 'ingest' && pushDomains[0]) || domain}/${appName}/${stream}`;
}

/**
 * Returns the fields of a response of DescribeLiveStreamsBlockList with one page of `total` names. Source:
 * the SDK models of 2026-08.
 */
export function toBanFields(
  names: readonly string[],
  total: number,
  { domain, page, pageSize }: { readonly domain: string; readonly page: number; readonly pageSize: number },
  behavior: AlibabaBehavior,
) {
  return {
    DomainName: domain,
    PageNum: page,
    PageSize: pageSize,
    TotalNum: total,
    TotalPage: Math.ceil(total / pageSize),
    StreamUrls: toList(names, behavior, 'StreamUrl'),
  };
}
