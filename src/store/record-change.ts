import type { SavedRecord } from '../model/saved-record.ts';
import { isPushKey } from '../model/target.ts';
import { type ControlChange, diffControl, patchControl } from './control-change.ts';
import { diffPush, type PushChange, patchPush } from './push-change.ts';

/** Change of a record of any kind. The key of the target shows the kind. */
export type RecordDiff = PushChange | ControlChange;

/** Returns the change from `before` to `after`; without `before`, the whole record. */
export function diffRecord(before: SavedRecord | undefined, after: SavedRecord): RecordDiff {
  if (after.question === 'push_stats')
    return diffPush(before?.question === 'push_stats' ? before : undefined, after);
  return diffControl(before?.question === 'control_history' ? before : undefined, after);
}

/** Returns the record after a change. Without `before`, the change is the whole record. */
export function patchRecord(
  before: SavedRecord | undefined,
  targetKey: string,
  change: RecordDiff,
): SavedRecord {
  // The casts are safe: `diffRecord` wrote the change of this target, and a checksum proves it.
  if (isPushKey(targetKey)) {
    return patchPush(before?.question === 'push_stats' ? before : undefined, targetKey, change as PushChange);
  }
  const known = before?.question === 'control_history' ? before : undefined;
  return patchControl(known, targetKey, change as ControlChange);
}
