import type { ControlAction } from './control-action.ts';
import type { StreamId } from './stream.ts';
import type { EpochMs } from './time.ts';

/** Total of one action label. */
export interface ActionTotal {
  readonly count: number;
  /** Time of the newest action; undefined before the first. */
  readonly lastAt: EpochMs | undefined;
  /** Whether the zero hold has released the counter: all known scrapers received it at 0. Saved first. */
  readonly leftZero: boolean;
}

/** Totals by action label; see `actionLabelOf`. */
export type ActionTotals = Readonly<Record<string, ActionTotal>>;

/** Control ledger of one stream. */
export interface ControlLedger {
  readonly stream: StreamId;
  readonly actions: ActionTotals;
}

/** Control ledger of one target: actions on all its streams, and time that could not be requested. */
export interface DomainLedger {
  readonly actions: ActionTotals;
  readonly gapMs: number;
}

/** Label of all actions without a label of their own. */
export const otherAction = 'other';

/**
 * Maximum number of action labels per account. It bounds the cardinality, because no document lists all
 * actions.
 */
const maxActionLabels = 30;

const noAction: ActionTotal = { count: 0, lastAt: undefined, leftZero: false };

/** Creates the ledger with its counters at 0, so that the first action of each kind is an increase. */
export function newDomainLedger(): DomainLedger {
  return { actions: { forbid: noAction, resume: noAction, [otherAction]: noAction }, gapMs: 0 };
}

export function newControlLedger(stream: StreamId): ControlLedger {
  return { stream, actions: {} };
}

/**
 * Returns the label of an action: the provider's word, or `other` if the account has the maximum number of
 * labels.
 */
export function actionLabelOf(action: string, known: ReadonlySet<string>): string {
  return known.has(action) || known.size < maxActionLabels ? action : otherAction;
}

/** Adds one action under its label. The result does not depend on the order of additions. */
export function addAction(totals: ActionTotals, label: string, { actedAt }: ControlAction): ActionTotals {
  const { count, lastAt, leftZero } = Object.hasOwn(totals, label) ? (totals[label] ?? noAction) : noAction;
  return {
    ...totals,
    [label]: { count: count + 1, lastAt: Math.max(lastAt ?? actedAt, actedAt), leftZero },
  };
}

/**
 * Reports whether the stream is blocked according to its history: after a forbid, until a resume or a newer
 * push sample. Returns undefined if unknown: without such an action, or if forbid and resume have the same
 * second.
 */
export function isForbidden(
  { actions }: ControlLedger,
  newestSampleAt: EpochMs | undefined,
): boolean | undefined {
  const forbiddenAt = actions.forbid?.lastAt;
  const resumedAt = actions.resume?.lastAt;
  if (forbiddenAt === undefined) return resumedAt === undefined ? undefined : false;
  if ((newestSampleAt ?? 0) > forbiddenAt) return false;
  if (resumedAt === undefined) return true;
  return resumedAt === forbiddenAt ? undefined : forbiddenAt > resumedAt;
}
