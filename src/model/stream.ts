export type Provider = 'tencent' | 'alibaba';

/** One live feed, by the five labels that are the key of its ledger, its state and its row. Empty where unknown. */
export interface StreamId {
  readonly account: string;
  readonly provider: Provider;
  readonly domain: string;
  readonly appName: string;
  readonly stream: string;
}

/** Equal for two ids exactly when they are the same stream: JSON keeps any name apart from its neighbours. */
export function streamKey({ account, provider, domain, appName, stream }: StreamId): string {
  return JSON.stringify([account, provider, domain, appName, stream]);
}
