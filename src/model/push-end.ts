import type { EpochMs } from './time.ts';

/**
 * Why a push ended. The list is closed, because each reason is a value of a metric label. `normal`: the
 * publisher stopped, or a newer push replaced it. `error`: network, protocol, authentication or the provider.
 * `timeout`: the publisher sent no data. `forbidden`: a control action cut the push. `unknown`: the provider
 * does not say, or gives a reason that the exporter does not know.
 */
export const endReasons = ['normal', 'error', 'timeout', 'forbidden', 'unknown'] as const;

export type EndReason = (typeof endReasons)[number];

/** End of one push of a stream. All times are by the provider's clock (epoch ms). */
export interface PushEnd {
  readonly domain: string;
  readonly appName: string;
  readonly stream: string;
  /** Start of the push; undefined if the provider does not report it. */
  readonly startedAt: EpochMs | undefined;
  readonly endedAt: EpochMs;
  readonly reason: EndReason;
}
