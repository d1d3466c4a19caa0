import { isSamePush, type PackedPush, packPush, unpackProgress, unpackPush } from '../model/packed-push.ts';
import type { SavedControl, SavedPush, SavedRecord } from '../model/saved-record.ts';
import { streamKeyOf } from '../model/target.ts';
import type { PollProgress } from '../model/target-ledger.ts';

/**
 * Record in its form between two answers. Push records are packed, because there are tens of thousands.
 * Control records are not: there are few, and the store recognizes their unchanged ledgers by reference.
 */
export type PackedRecord = PackedPushRecord | SavedControl;

interface PackedPushRecord extends Pick<SavedPush, 'question' | 'targetKey' | 'frozenAt'>, PackedPush {}

export function packRecord(record: SavedRecord): PackedRecord {
  if (record.question !== 'push_stats') return record;
  const { question, targetKey, frozenAt } = record;
  const { texts, numbers } = packPush(record);
  return { question, targetKey, frozenAt, texts, numbers };
}

export function unpackRecord(packed: PackedRecord): SavedRecord {
  if (packed.question !== 'push_stats') return packed;
  const { question, targetKey, frozenAt } = packed;
  const { target, push } = unpackPush(packed);
  return { question, targetKey, streamKey: streamKeyOf(targetKey), frozenAt, target, push };
}

/** Returns the progress without unpacking the rest. */
export function progressOf(packed: PackedRecord): PollProgress {
  return packed.question === 'push_stats' ? unpackProgress(packed) : packed.target;
}

/** Reports whether both are the same record: by content if packed, otherwise by reference. */
export function isSamePacked(a: PackedRecord, b: PackedRecord | undefined): boolean {
  if (a.question !== 'push_stats' || b?.question !== 'push_stats') return a === b;
  return a.frozenAt === b.frozenAt && isSamePush(a, b);
}
