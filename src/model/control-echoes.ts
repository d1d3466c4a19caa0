import type { ControlAction } from './control-action.ts';
import { type ActionLedger, countOlder } from './new-actions.ts';
import type { EpochMs } from './time.ts';

/**
 * Returns the actions without those that describe the same action as another one: an equal action on the same
 * stream within `sameActionMs`, which was counted or is in `actions` too. Rows so close to the floor that the
 * other one can be forgotten are left out, unless they are known.
 */
export function withoutEchoes(
  { seen, floor }: ActionLedger,
  actions: readonly ControlAction[],
  sameActionMs: number,
): readonly ControlAction[] {
  if (actions.length === 0) return actions;
  const keyOf = ({ domain, appName, stream, action }: ControlAction) =>
    JSON.stringify([domain, appName, stream, action]);
  const times = new Map<string, EpochMs[]>();
  const known = new Set<string>();
  const add = (key: string, at: EpochMs) => {
    const ofKey = times.get(key);
    if (ofKey === undefined) times.set(key, [at]);
    else ofKey.push(at);
  };
  const names = new Set(actions.map(({ stream }) => stream));
  const first = actions.reduce((at, { actedAt }) => Math.min(at, actedAt), Infinity);
  for (const row of seen.slice(countOlder(seen, first - sameActionMs))) {
    if (!names.has(row.stream)) continue;
    const key = keyOf(row);
    add(key, row.actedAt);
    known.add(`${row.actedAt} ${key}`);
  }
  return actions
    .toSorted((a, b) => a.actedAt - b.actedAt)
    .filter((row) => {
      const key = keyOf(row);
      const at = row.actedAt;
      // A known row must stay, so that it is recognized as a duplicate, but only once.
      if (known.delete(`${at} ${key}`) || at < floor) return true;
      if (at < floor + sameActionMs) return false;
      if (times.get(key)?.some((other) => Math.abs(other - at) <= sameActionMs)) return false;
      add(key, at);
      return true;
    });
}
