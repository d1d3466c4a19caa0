/**
 * Kind of domain that an operation needs: a main streaming domain, under which the provider lists streams, an
 * ingest domain, to which streams are pushed, or any of them.
 */
export type DomainKind = 'streaming' | 'ingest' | 'any';

/** Facts about an operation on which its requests and the advice for its errors depend. */
export interface AlibabaOperation {
  /**
   * HTTP method of requests with signature v3. The provider rejects another one if an operation accepts only
   * GET.
   */
  readonly method: 'GET' | 'POST';
  readonly domain: DomainKind;
  /** Whether the exporter works without the permission for the operation. */
  readonly isOptional?: true;
  /** Maximum size of a response in bytes, if it has no pages and can exceed the normal maximum. */
  readonly maxBodyBytes?: number;
}

/**
 * Maximum size of a response with all streams of a domain: about 25,000 streams in JSON. It is read in slices of the
 * event loop, once per minute and domain.
 */
const domainListBytes = 4 * 1024 * 1024;

/**
 * Operations that differ from `defaultOperation`. Source: the API metadata of 2026-04 and the official SDKs
 * of 2026-08, according to which most operations accept GET and POST, and the lists and the control history
 * need a main streaming domain.
 */
const operations: ReadonlyMap<string, AlibabaOperation> = new Map([
  ['DescribeLiveCenterStreamRateData', { method: 'POST', domain: 'ingest' }],
  ['DescribeLiveDomainMapping', { method: 'GET', domain: 'any' }],
  [
    'DescribeLiveDomainFrameRateAndBitRateData',
    { method: 'POST', domain: 'ingest', maxBodyBytes: domainListBytes },
  ],
  ['DescribeLiveStreamPushMetricDetailData', { method: 'POST', domain: 'any' }],
  ['DescribeLiveStreamsBlockList', { method: 'POST', domain: 'streaming', isOptional: true }],
]);

const defaultOperation: AlibabaOperation = { method: 'POST', domain: 'streaming' };

export function operationOf(name: string): AlibabaOperation {
  return operations.get(name) ?? defaultOperation;
}
