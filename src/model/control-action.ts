import { compareTexts, type RowKind } from './duplicates.ts';
import type { EpochMs } from './time.ts';

/** Control action on a stream that a provider recorded, such as a forbid or a resume. A record has no ID. */
export interface ControlAction {
  /** Time of the action by the provider's clock, in whole seconds. */
  readonly actedAt: EpochMs;
  /** Domain under which the provider lists the stream. */
  readonly domain: string;
  /** Application name; empty if the provider does not report one. */
  readonly appName: string;
  readonly stream: string;
  /** The provider's word in lower case, such as `forbid`. Not documented: the full list. */
  readonly action: string;
  /** Address of the actor as the provider reports it; not the publisher. */
  readonly clientIp: string | undefined;
}

/** Actions are a multiset: n equal rows of one answer are n actions. */
export const controlActions: RowKind<ControlAction> = {
  at: ({ actedAt }) => actedAt,
  compare: (a, b) =>
    a.actedAt - b.actedAt ||
    compareTexts(a.domain, b.domain) ||
    compareTexts(a.appName, b.appName) ||
    compareTexts(a.stream, b.stream) ||
    compareTexts(a.action, b.action) ||
    compareTexts(a.clientIp, b.clientIp),
  hasSameValues: () => true,
  isMultiset: true,
};
