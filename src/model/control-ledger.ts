import type { ControlAction } from './control-action.ts';
import { createMapGroups } from './map-groups.ts';
import type { StreamId } from './stream.ts';
import type { EpochMs } from './time.ts';

/** Number of all actions with one action label, and the time of the newest of them. */
export interface ActionTotal {
  readonly count: number;
  /** Time of the newest action (epoch ms by the provider's clock); undefined before the first action. */
  readonly lastAt: EpochMs | undefined;
  /**
   * Whether the counter has left its zero hold. The zero hold keeps a new counter at 0 until every known
   * scraper has received the 0. The release is saved before the new value is exposed.
   */
  readonly leftZero: boolean;
}

/** Totals of control actions, by action label (see `actionLabelOf`). */
export type ActionTotals = Readonly<Record<string, ActionTotal>>;

/** Control ledger of one stream: the totals of the control actions on the stream. */
export interface ControlLedger {
  readonly stream: StreamId;
  readonly actions: ActionTotals;
  /**
   * State according to a list of forbidden streams, or to a request for the state of the stream; absent
   * before the first one.
   */
  readonly ban?: BanState | undefined;
}

/** Control ledgers of the streams of a domain, by stream key. */
export type StreamLedgers = ReadonlyMap<string, ControlLedger>;

/** Whether a stream is forbidden, apart from its recorded actions. */
export interface BanState {
  readonly isForbidden: boolean;
  /**
   * Start of the ban, or the first time without one (epoch ms). For a ban whose start is unknown, the time at
   * which it was found.
   */
  readonly since: EpochMs;
  /**
   * Time at which a list or a state showed the ban, if that is later than `since` (epoch ms). Only a later
   * action takes precedence. An earlier version of the exporter ignores and drops this time.
   */
  readonly foundAt?: EpochMs;
  /** Time at which the ban ends by itself (epoch ms); undefined if it does not, or if the time is unknown. */
  readonly expiresAt: EpochMs | undefined;
}

/**
 * Control ledger of one target (a domain): the totals of the actions on all streams of the domain, and the
 * gaps.
 */
export interface DomainLedger {
  readonly actions: ActionTotals;
  /** Total length in ms of the gaps, which are time ranges that were not and will not be requested. */
  readonly gapMs: number;
}

/** Label of the actions that have no action label of their own. */
export const otherAction = 'other';

/**
 * Maximum number of action labels per account. The limit bounds the number of series, because no document
 * lists all possible actions.
 */
const maxActionLabels = 30;

const noAction: ActionTotal = { count: 0, lastAt: undefined, leftZero: false };

/**
 * Creates the ledger of a new target. Its counters exist from the start with the value 0, so that
 * `increase()` sees the first forbid, resume or other action.
 */
export function newDomainLedger(): DomainLedger {
  return { actions: { forbid: noAction, resume: noAction, [otherAction]: noAction }, gapMs: 0 };
}

export function newControlLedger(stream: StreamId): ControlLedger {
  return { stream, actions: {} };
}

/**
 * Returns the label of an action: the name that the provider gives the action, or `other` if the account
 * already has the maximum number of labels. `known` contains the labels of the account.
 */
export function actionLabelOf(action: string, known: ReadonlySet<string>): string {
  return known.has(action) || known.size < maxActionLabels ? action : otherAction;
}

/**
 * Returns the totals after adding one action with the label `label`. The order in which actions are added
 * does not change the result.
 */
export function addAction(totals: ActionTotals, label: string, { actedAt }: ControlAction): ActionTotals {
  const { count, lastAt, leftZero } = Object.hasOwn(totals, label) ? (totals[label] ?? noAction) : noAction;
  return {
    ...totals,
    [label]: { count: count + 1, lastAt: Math.max(lastAt ?? actedAt, actedAt), leftZero },
  };
}

/** Returns a ban that began at `since`, and that a list or a state showed at `foundAt`. */
export function banSince(since: EpochMs, foundAt: EpochMs, expiresAt: BanState['expiresAt']): BanState {
  return { isForbidden: true, since, ...(foundAt > since && { foundAt }), expiresAt };
}

/**
 * Returns the ban of a stream after an action that was not counted before. A list without start times can show
 * a ban before its forbid appears: then the ban begins at the time of the list, and at that of the forbid once
 * it appears. An old forbid does not begin a ban: bans expire without an action. A resume between the begin
 * and the list ended an earlier ban: then the forbid that began this one does not appear yet.
 */
export function banAfterAction(
  { actions, ban }: ControlLedger,
  { action, actedAt }: ControlAction,
): BanState | undefined {
  if (ban?.isForbidden !== true) return ban;
  const foundAt = shownAt(ban);
  if (actedAt > foundAt) return ban;
  if (action === 'resume') return actedAt < ban.since ? ban : banSince(foundAt, foundAt, ban.expiresAt);
  const isBegin = action === 'forbid' && actedAt > lastSwitchedAt(actions);
  return isBegin ? banSince(actedAt, foundAt, ban.expiresAt) : ban;
}

/** Returns the time up to which the state takes precedence over actions (epoch ms). */
function shownAt({ since, foundAt = since }: BanState): EpochMs {
  return foundAt;
}

/** Returns the time of the newest forbid or resume (epoch ms); 0 without one. */
function lastSwitchedAt({ forbid, resume }: ActionTotals): EpochMs {
  return Math.max(forbid?.lastAt ?? 0, resume?.lastAt ?? 0);
}

/** Reports whether a list or a state shows the stream as forbidden, and no action is newer. */
export function isBanShown({ actions, ban }: ControlLedger): boolean {
  return ban?.isForbidden === true && lastSwitchedAt(actions) <= shownAt(ban);
}

/**
 * Reports whether the stream is forbidden, according to `ban`, or to the recorded actions if one of them is
 * newer. After a forbid, the stream is forbidden until a resume, or until a push sample that is newer than
 * the forbid. Returns undefined if this is unknown: if nothing is known about the stream, or if the newest
 * forbid and the newest resume happened in the same second.
 */
export function isForbidden(
  { actions, ban }: ControlLedger,
  newestSampleAt: EpochMs | undefined,
): boolean | undefined {
  const forbiddenAt = actions.forbid?.lastAt;
  const resumedAt = actions.resume?.lastAt;
  if (ban !== undefined && lastSwitchedAt(actions) <= shownAt(ban)) {
    return ban.isForbidden && (newestSampleAt ?? 0) <= shownAt(ban);
  }
  if (forbiddenAt === undefined) return resumedAt === undefined ? undefined : false;
  if ((newestSampleAt ?? 0) > forbiddenAt) return false;
  if (resumedAt === undefined) return true;
  return resumedAt === forbiddenAt ? undefined : forbiddenAt > resumedAt;
}

/**
 * Returns the time since which a stream is forbidden, for which `isForbidden` is true (epoch ms): the start
 * of its ban, or the time of its newest forbid.
 */
export function forbiddenSince({ actions, ban }: ControlLedger): EpochMs {
  const forbiddenAt = actions.forbid?.lastAt ?? 0;
  return ban !== undefined && ban.since > forbiddenAt ? ban.since : forbiddenAt;
}

const byState = createMapGroups((ledger: ControlLedger) =>
  isForbidden(ledger, undefined) === true ? 'forbidden' : undefined,
);

/** Returns the streams of a domain that are forbidden according to their ledgers, with their keys. */
export function forbiddenStreams(streams: StreamLedgers) {
  return byState(streams, 'forbidden');
}

const byName = createMapGroups(({ stream }: ControlLedger) => stream.stream);

/** Returns the streams of a domain with a name, in any application, with their keys. */
export function streamsOfName(streams: StreamLedgers, name: string) {
  return byName(streams, name);
}

/** Returns the newest time at which something is known about the stream (epoch ms). */
export function lastKnownAt({ actions, ban }: ControlLedger): EpochMs {
  let newest = ban === undefined ? 0 : shownAt(ban);
  for (const action in actions) newest = Math.max(newest, actions[action]?.lastAt ?? 0);
  return newest;
}
