import type { Provider } from './capabilities.ts';

/**
 * Identity of one live stream: the five labels of its series, which also form the key of its ledger (totals).
 * Unknown parts are empty.
 */
export interface StreamId {
  readonly account: string;
  readonly provider: Provider;
  readonly domain: string;
  readonly appName: string;
  readonly stream: string;
}

/**
 * Returns the stream key, which is equal for two IDs only if all their parts are equal: JSON quoting prevents
 * collisions.
 */
export function streamKey({ account, provider, domain, appName, stream }: StreamId): string {
  return JSON.stringify([account, provider, domain, appName, stream]);
}
