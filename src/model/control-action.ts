import { compareTexts, type RowKind } from './duplicates.ts';
import type { EpochMs } from './time.ts';

/**
 * Control action on a stream, such as a forbid or a resume, as recorded by a provider. Providers give actions
 * no ID.
 */
export interface ControlAction {
  /** Time of the action by the provider's clock (epoch ms). It is always a whole second. */
  readonly actedAt: EpochMs;
  /** Domain under which the provider lists the stream. */
  readonly domain: string;
  /** Application name of the stream; empty if the provider does not report it. */
  readonly appName: string;
  readonly stream: string;
  /**
   * Name that the provider gives the action, in lower case, such as `forbid`. Not documented: the full list
   * of names.
   */
  readonly action: string;
  /**
   * IP address of the client that performed the action; undefined if the provider reports none. It is not the
   * address of the publisher.
   */
  readonly clientIp: string | undefined;
}

/**
 * Row kind of control actions, which are a multiset: n equal rows in one answer are n actions. A provider can
 * list a stream with or without its application.
 */
export const controlActions: RowKind<ControlAction> = {
  at: ({ actedAt }) => actedAt,
  compare: (a, b) =>
    a.actedAt - b.actedAt ||
    compareTexts(a.domain, b.domain) ||
    compareTexts(a.stream, b.stream) ||
    compareTexts(a.action, b.action) ||
    compareTexts(a.appName, b.appName) ||
    compareTexts(a.clientIp, b.clientIp),
  isSameGroup: (a, b) =>
    a.actedAt === b.actedAt && a.domain === b.domain && a.stream === b.stream && a.action === b.action,
  optionalFields: ['appName', 'clientIp'],
  hasSameValues: () => true,
  isMultiset: true,
};
