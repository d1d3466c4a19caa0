import { compareTexts, type RowKind } from './target-ledger.ts';
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
  compare: (a, b) =>
    a.actedAt - b.actedAt ||
    compareTexts(a.domain, b.domain) ||
    compareTexts(a.appName, b.appName) ||
    compareTexts(a.stream, b.stream) ||
    compareTexts(a.action, b.action) ||
    compareTexts(a.clientIp, b.clientIp),
  agree: () => true,
  isMultiset: true,
};
