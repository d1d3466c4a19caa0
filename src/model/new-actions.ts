import { type ControlAction, controlActions } from './control-action.ts';
import { type Rows, withEnd } from './row-list.ts';
import { type Answered, newRows, type TargetLedger } from './target-ledger.ts';
import type { EpochMs } from './time.ts';

/** Target ledger of a domain. A busy domain has tens of thousands of counted actions. */
export type ActionLedger = TargetLedger<ControlAction, Rows<ControlAction>>;

/**
 * Finds the new actions of an answer (see `newRows`). Compares and copies only the known actions from the
 * first received one on: older ones have another time, so none of them is the same. Settled actions are only
 * forgotten.
 */
export function newActions(
  ledger: ActionLedger,
  answered: Omit<Answered<ControlAction>, 'holdFloor'>,
  actions: readonly ControlAction[],
) {
  const { seen } = ledger;
  let first = Infinity;
  for (const { actedAt } of actions) if (actedAt >= ledger.floor) first = Math.min(first, actedAt);
  const older = countOlder(seen, first);
  const end = { ...ledger, seen: seen.slice(older) };
  const { ledger: counted, added, skipped } = newRows(controlActions, end, answered, actions);
  const from = Math.min(older, countOlder(seen, counted.floor));
  return { ledger: { ...counted, seen: withEnd(seen, { from, to: older }, counted.seen) }, added, skipped };
}

/** Returns the number of actions before `time` (epoch ms) in sorted actions. */
export function countOlder(actions: Rows<ControlAction>, time: EpochMs): number {
  let from = 0;
  let to = actions.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((actions.at(middle)?.actedAt ?? time) < time) from = middle + 1;
    else to = middle;
  }
  return from;
}
