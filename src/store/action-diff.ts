import { type ControlAction, controlActions } from '../model/control-action.ts';
import { countOlder } from '../model/new-actions.ts';
import { countSame, type Rows, withEnd } from '../model/row-list.ts';
import { diffRows, patchRows, type RowDiff } from './row-diff.ts';

/**
 * Compares two sorted lists of counted actions, as `diffRows`. Most of their actions are in shared parts of
 * the lists, which are not compared one by one.
 */
export function diffActions(before: Rows<ControlAction>, after: Rows<ControlAction>): RowDiff<ControlAction> {
  const first = after.at(0);
  const dropped = first === undefined ? before.length : countOlder(before, first.actedAt);
  const same = countSame(before, dropped, after, 0);
  const known = dropped + same;
  const rest = diffRows(controlActions, before.slice(known), after.slice(same));
  const removed = [...Array(rest.dropped).keys(), ...rest.removed].map((index) => known + index);
  return { dropped, removed, added: rest.added };
}

/** Returns the actions after the difference. Only the actions from the first difference on are copied. */
export function patchActions(
  before: Rows<ControlAction>,
  { dropped, removed, added }: RowDiff<ControlAction>,
): Rows<ControlAction> {
  const [removedFrom = before.length] = removed;
  const addedFrom = added[0] === undefined ? before.length : countOlder(before, added[0].actedAt);
  const known = Math.max(dropped, Math.min(removedFrom, addedFrom));
  const rest = { dropped: 0, removed: removed.map((index) => index - known), added };
  const end = patchRows(controlActions, before.slice(known), rest);
  return withEnd(before, { from: dropped, to: known }, end);
}
