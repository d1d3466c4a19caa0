import type { ControlAction } from './control-action.ts';
import type { StreamId } from './stream.ts';
import type { EpochMs } from './time.ts';

/** What was counted of one action. */
export interface ActionTotal {
  readonly count: number;
  /** The newest action's own time; undefined before the first. */
  readonly lastAt: EpochMs | undefined;
  /** The counter was shown at 0 to every scraper that there was, and may leave it. Saved before it is acted on. */
  readonly leftZero: boolean;
}

/** By the spelling that is the label; see `spellingOf`. */
export type ActionTotals = Readonly<Record<string, ActionTotal>>;

/** Of one stream: what was done to it. */
export interface ControlLedger {
  readonly stream: StreamId;
  readonly actions: ActionTotals;
}

/** Of one control target: what was done to all its streams, and what could not be asked about. */
export interface DomainLedger {
  readonly actions: ActionTotals;
  readonly gapMs: number;
}

/** The label of every action that has none of its own. */
export const otherAction = 'other';

/** So many spellings get a label of their own at one account: no document bounds them. */
const maxSpellings = 30;

const noAction: ActionTotal = { count: 0, lastAt: undefined, leftZero: false };

/** Its counters are there from the start, so that the first action of each kind is an increase. */
export function newDomainLedger(): DomainLedger {
  return { actions: { forbid: noAction, resume: noAction, [otherAction]: noAction }, gapMs: 0 };
}

export function newControlLedger(stream: StreamId): ControlLedger {
  return { stream, actions: {} };
}

/** The label for an action: the provider's word while there is room among those that the account has. */
export function actionLabelOf(action: string, known: ReadonlySet<string>): string {
  return known.has(action) || known.size < maxSpellings ? action : otherAction;
}

/** One more action under its label. The order of adding changes nothing. */
export function addAction(totals: ActionTotals, spelling: string, { actedAt }: ControlAction): ActionTotals {
  const { count, lastAt, leftZero } = Object.hasOwn(totals, spelling)
    ? (totals[spelling] ?? noAction)
    : noAction;
  return {
    ...totals,
    [spelling]: { count: count + 1, lastAt: Math.max(lastAt ?? actedAt, actedAt), leftZero },
  };
}

/**
 * Whether the stream is blocked, from history alone: after a forbid until a resume, or until somebody pushes. undefined
 * where history does not tell, as when both are of one second.
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
