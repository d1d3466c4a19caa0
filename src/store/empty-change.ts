import type { EmptyRanges } from '../model/empty-ranges.ts';
import type { Window } from '../model/time.ts';
import { diffNumber, type NumberDiff, patchNumber } from './number-diff.ts';

/**
 * Ranges dropped at the start, ranges kept after them, then the other ranges: start (counted from the end of
 * the range before) and length. The last part are the ends of the rechecks.
 */
export type EmptyChange = readonly [
  dropped: number,
  kept: number,
  ranges: readonly (readonly [start: NumberDiff, length: NumberDiff])[],
  recheckedTo: readonly number[] | 0,
];

/** Returns the change of empty ranges; 0 if they are unchanged, null if there are none any more. */
export function diffEmpty(
  before: EmptyRanges | undefined,
  after: EmptyRanges | undefined,
): EmptyChange | 0 | null {
  if (after === before) return 0;
  if (after === undefined) return null;
  const known = before?.ranges ?? [];
  const first = after.ranges[0]?.from;
  const index = known.findIndex(({ from }) => from === first);
  const dropped = index === -1 ? known.length : index;
  let kept = 0;
  while (isSameRange(known[dropped + kept], after.ranges[kept])) kept++;
  let end = kept === 0 ? 0 : (known[dropped + kept - 1]?.to ?? 0);
  const ranges = after.ranges.slice(kept).map(({ from, to }) => {
    const change = [diffNumber(end, from), diffNumber(from, to)] as const;
    end = to;
    return change;
  });
  const isSameRecheck =
    before?.recheckedTo.length === after.recheckedTo.length &&
    after.recheckedTo.every((at, i) => at === before.recheckedTo[i]);
  if (before !== undefined && isSameRecheck && dropped === 0 && ranges.length === 0 && kept === known.length)
    return 0;
  return [dropped, kept, ranges, isSameRecheck ? 0 : after.recheckedTo];
}

function isSameRange(a: Window | undefined, b: Window | undefined): boolean {
  return a !== undefined && b !== undefined && a.from === b.from && a.to === b.to;
}

/** Returns the empty ranges after a change. */
export function patchEmpty(
  before: EmptyRanges | undefined,
  change: EmptyChange | 0 | null,
): EmptyRanges | undefined {
  if (change === 0) return before;
  if (change === null) return undefined;
  const [dropped, kept, added, recheckedTo] = change;
  const ranges = (before?.ranges ?? []).slice(dropped, dropped + kept);
  for (const [start, length] of added) {
    const from = patchNumber(ranges.at(-1)?.to ?? 0, start) ?? 0;
    ranges.push({ from, to: patchNumber(from, length) ?? 0 });
  }
  return { ranges, recheckedTo: recheckedTo === 0 ? (before?.recheckedTo ?? []) : recheckedTo };
}
