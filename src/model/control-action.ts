import type { RowKind } from './target-ledger.ts';
import type { EpochMs } from './time.ts';

/** An act upon a stream that a provider recorded, such as forbidding or resuming it. The records have no id. */
export interface ControlAction {
  /** The action's own time, by the provider, in whole seconds. */
  readonly actedAt: EpochMs;
  /** The domain under which the provider lists the stream. */
  readonly domain: string;
  /** Empty where the provider does not tell. */
  readonly appName: string;
  readonly stream: string;
  /** The provider's word in small letters, such as `forbid`. No document lists them all. */
  readonly action: string;
  /** Who acted, as the provider saw it: not the publisher. */
  readonly clientIp: string | undefined;
}

/** Equal actions in one second are as many actions as one answer tells. */
export const controlActions: RowKind<ControlAction> = {
  at: ({ actedAt }) => actedAt,
  key: ({ actedAt, domain, appName, stream, action, clientIp }) =>
    JSON.stringify([actedAt, domain, appName, stream, action, clientIp]),
  print: () => '',
  equalRowsCount: true,
};
