import { controlActions } from '../model/control-action.ts';
import { dayMs, type EpochMs } from '../model/time.ts';
import { type FailureView, toFailureView } from './failure-view.ts';
import type { DomainInput } from './inputs.ts';
import { orNull, toIso, toSeconds } from './json.ts';

/** A domain whose control history is collected. */
export interface DomainView {
  readonly account: string;
  readonly provider: string;
  readonly domain: string;
  /** Empty: all applications of the domain. */
  readonly app_name: string;
  /** End of the last successful window; null before the first success. */
  readonly watermark_at: string | null;
  readonly watermark_age_seconds: number | null;
  /** From here to the watermark, all actions are known: at most one day, less if polling started later. */
  readonly known_from_at: string | null;
  /** Time that can no longer be requested. */
  readonly gap_seconds: number;
  /** Failure of the newest run; null if it succeeded. */
  readonly last_failure: FailureView | null;
}

/** A control action without the client address, which belongs to the operator of the action, not to the publisher. */
export interface ControlActionView {
  /** Provider time. */
  readonly at: string;
  readonly account: string;
  readonly domain: string;
  /** Empty if the provider does not report it. */
  readonly app_name: string;
  readonly stream: string;
  /** The provider's name of the action, in lower case. */
  readonly action: string;
}

/** Bounds the response; the metrics count all actions. */
const maxActions = 50;

export function toDomainView({ target, record, failure }: DomainInput, now: EpochMs): DomainView {
  const { account, provider, domain, appName } = target;
  // In a new record, the watermark equals the floor: the start of the first window, not the end of a successful one.
  const polled = record !== undefined && record.target.watermark > record.target.floor ? record : undefined;
  return {
    account,
    provider,
    domain,
    app_name: appName ?? '',
    watermark_at: orNull(polled?.target.watermark, toIso),
    watermark_age_seconds: orNull(polled?.target.watermark, (at) => toSeconds(now - at)),
    known_from_at: orNull(polled?.target.floor, toIso),
    gap_seconds: toSeconds(record?.domain.gapMs ?? 0),
    last_failure: orNull(failure, toFailureView),
  };
}

/**
 * Returns the newest actions of the last 24 hours, newest first. They come from the de-duplication state of the ledgers,
 * so they survive a restart. Identical actions appear as often as they were counted.
 */
export function toControlActionViews(
  inputs: readonly DomainInput[],
  now: EpochMs,
): readonly ControlActionView[] {
  return (
    inputs
      // A ledger keeps its rows sorted by time, so the tail contains the newest.
      .flatMap(({ target: { account }, record }) =>
        (record?.target.seen.slice(-maxActions) ?? []).map((row) => ({ account, row })),
      )
      .filter(({ row }) => row.actedAt > now - dayMs)
      .sort((a, b) => controlActions.compare(b.row, a.row))
      .slice(0, maxActions)
      .map(({ account, row: { actedAt, domain, appName, stream, action } }) => ({
        at: toIso(actedAt),
        account,
        domain,
        app_name: appName,
        stream,
        action,
      }))
  );
}
