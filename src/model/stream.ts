import type { Provider } from './capabilities.ts';

/**
 * Identity of one live stream: the five labels of its series, which also key its ledger. Unknown parts are
 * empty.
 */
export interface StreamId {
  readonly account: string;
  readonly provider: Provider;
  readonly domain: string;
  readonly appName: string;
  readonly stream: string;
}

/** Returns a key that is equal for two IDs only if all parts are equal: JSON quoting prevents collisions. */
export function streamKey({ account, provider, domain, appName, stream }: StreamId): string {
  return JSON.stringify([account, provider, domain, appName, stream]);
}
