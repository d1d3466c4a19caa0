import { type ControlAction, controlActions } from '../model/control-action.ts';
import { dayMs, type EpochMs } from '../model/time.ts';
import type { BanSource, DomainInput } from './inputs.ts';
import { orNull, toFailureView, toIso, toSeconds } from './json.ts';

/** View of one domain whose control history the exporter collects. */
export type DomainView = Readonly<ReturnType<typeof toDomainView>>;
export type ControlActionView = Readonly<ReturnType<typeof toControlActionView>>;

/** Maximum number of actions in the response. The counters on /metrics include all actions. */
const maxActions = 50;

/** `banSource` is undefined while it is unknown. */
export function toDomainView(
  { target, record, failure }: DomainInput,
  banSource: BanSource | undefined,
  now: EpochMs,
) {
  const { account, provider, domain, appName = '', appNames = [appName] } = target;
  // The watermark of a new record equals the floor, which is the start of the first window. It becomes the
  // end of a window only when the first request succeeds, so a watermark above the floor shows a success.
  const polled = record !== undefined && record.target.watermark > record.target.floor ? record : undefined;
  return {
    account,
    provider,
    domain,
    /**
     * Application whose actions are collected, or several, separated by commas; empty if the actions of all
     * applications of the domain are collected.
     */
    app_name: appNames.join(', '),
    /** Watermark: the end of the last successful request window; null before the first success. */
    watermark_at: orNull(polled?.target.watermark, toIso),
    watermark_age_seconds: orNull(polled?.target.watermark, (at) => toSeconds(now - at)),
    /**
     * Start of the time range, up to the watermark, in which all actions are known. The range covers at most
     * one day, and less if polling started later.
     */
    known_from_at: orNull(polled?.target.floor, toIso),
    /**
     * Total length of the time ranges that were not and will not be requested, for example because the
     * provider no longer retains them.
     */
    gap_seconds: toSeconds(record?.domain.gapMs ?? 0),
    /**
     * Source of `livestream_control_forbidden`: `list` (the list of forbidden streams), `states` (the states
     * of single streams), or `actions` (only the newest action, so that the end of a ban that expires is
     * unknown); null before the first answer.
     */
    forbidden_from: banSource ?? null,
    /** Failure of the last run; null if the last run succeeded. */
    last_failure: orNull(failure, toFailureView),
  };
}

type Action = { readonly account: string; readonly row: ControlAction };

/** Number of candidates at which older ones are dropped. It is so large that this happens rarely. */
const maxCandidates = 20 * maxActions;

/**
 * Creates the selection of the newest actions of the last 24 hours. The actions come from the rows that the
 * records keep for de-duplication, so they survive a restart. An action that was counted n times appears n
 * times. The client address of an action is omitted, because it belongs to the person who acted and not to
 * the publisher.
 */
export function createNewestActions(now: EpochMs) {
  let candidates: Action[] = [];
  const dropOlder = () => {
    candidates = candidates.sort((a, b) => controlActions.compare(b.row, a.row)).slice(0, maxActions);
  };
  return {
    /** Adds the actions of one domain. */
    add({ target: { account }, record }: Pick<DomainInput, 'target' | 'record'>): void {
      // The rows of a record are sorted by time, so its newest rows are at the end.
      for (const row of record?.target.seen.slice(-maxActions) ?? []) {
        if (row.actedAt > now - dayMs) candidates.push({ account, row });
      }
      if (candidates.length > maxCandidates) dropOlder();
    },
    /** Returns the newest actions, newest first. */
    views() {
      dropOlder();
      return candidates.map(toControlActionView);
    },
  };
}

function toControlActionView({ account, row: { actedAt, domain, appName, stream, action } }: Action) {
  return {
    /** Time of the action by the provider's clock. */
    at: toIso(actedAt),
    account,
    domain,
    /** Application of the stream; empty if the provider does not report it. */
    app_name: appName,
    stream,
    /** Name of the action as reported by the provider, in lower case. */
    action,
  };
}
