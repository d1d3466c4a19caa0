import { controlActions } from '../model/control-action.ts';
import { dayMs, type EpochMs } from '../model/time.ts';
import type { DomainInput } from './inputs.ts';
import { orNull, toFailureView, toIso, toSeconds } from './json.ts';

/** A domain whose control history is collected. */
export type DomainView = Readonly<ReturnType<typeof toDomainView>>;
export type ControlActionView = Readonly<ReturnType<typeof toControlActionViews>[number]>;

/** Bounds the response; the metrics count all actions. */
const maxActions = 50;

export function toDomainView({ target, record, failure }: DomainInput, now: EpochMs) {
  const { account, provider, domain, appName } = target;
  // In a new record, the watermark equals the floor: the start of the first window, not the end of a successful one.
  const polled = record !== undefined && record.target.watermark > record.target.floor ? record : undefined;
  return {
    account,
    provider,
    domain,
    /** Empty: all applications of the domain. */
    app_name: appName ?? '',
    /** End of the last successful window; null before the first success. */
    watermark_at: orNull(polled?.target.watermark, toIso),
    watermark_age_seconds: orNull(polled?.target.watermark, (at) => toSeconds(now - at)),
    /** All actions between this time and the watermark are known. This is at most one day, and less if polling started later. */
    known_from_at: orNull(polled?.target.floor, toIso),
    /** Time that can no longer be requested. */
    gap_seconds: toSeconds(record?.domain.gapMs ?? 0),
    /** Failure of the newest run; null if it succeeded. */
    last_failure: orNull(failure, toFailureView),
  };
}

/**
 * Returns the newest actions of the last 24 hours, newest first. They come from the de-duplication state of the ledgers,
 * so they survive a restart. Identical actions appear as often as they were counted. The client address is left out,
 * because it belongs to the person who acted, not to the publisher.
 */
export function toControlActionViews(inputs: readonly DomainInput[], now: EpochMs) {
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
        /** Provider time. */
        at: toIso(actedAt),
        account,
        domain,
        /** Empty if the provider does not report it. */
        app_name: appName,
        stream,
        /** The provider's name of the action, in lower case. */
        action,
      }))
  );
}
