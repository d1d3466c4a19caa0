export type Provider = 'tencent' | 'alibaba';

/**
 * Identity of a stream: the five labels that are the key of its ledger, state and series. Empty if unknown.
 */
export interface StreamId {
  readonly account: string;
  readonly provider: Provider;
  readonly domain: string;
  readonly appName: string;
  readonly stream: string;
}

/**
 * Returns the key of a stream. Equal for two IDs only if they are the same stream: JSON quotes each name, so
 * joins cannot collide.
 */
export function streamKey({ account, provider, domain, appName, stream }: StreamId): string {
  return JSON.stringify([account, provider, domain, appName, stream]);
}
