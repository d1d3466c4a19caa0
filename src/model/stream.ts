import type { Provider } from './operations.ts';

/**
 * Identity of one live stream: the five labels of its series. They also form the key of the stream's totals.
 * An unknown part is an empty text.
 */
export interface StreamId {
  readonly account: string;
  readonly provider: Provider;
  readonly domain: string;
  readonly appName: string;
  readonly stream: string;
}

/**
 * Returns the key of a stream. Two streams have equal keys only if all their parts are equal: JSON quoting
 * prevents collisions.
 */
export function streamKey({ account, provider, domain, appName, stream }: StreamId): string {
  return JSON.stringify([account, provider, domain, appName, stream]);
}
