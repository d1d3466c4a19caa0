import {
  isSamePush,
  type PackedPush,
  packPush,
  unpackProgress,
  unpackPush,
  unpackTotals,
} from '../model/packed-push.ts';
import type { PushRecord } from '../model/push-record.ts';
import type { PublishedRecord, SavedRecord } from '../model/saved-record.ts';
import { streamKeyOf } from '../model/target.ts';
import type { PollProgress } from '../model/target-ledger.ts';

/**
 * Form of a record (polling progress and totals of one target) in the cache between two answers. Records of
 * streams are packed, because there are tens of thousands of them. Records of domains are not packed: there
 * are few of them, and the store compares their ledgers by reference to find the changed ones.
 */
export type PackedRecord = PackedStream | SavedRecord;

interface PackedStream extends Pick<PushRecord, 'question' | 'targetKey' | 'frozenAt'>, PackedPush {}

export function packRecord(record: SavedRecord): PackedRecord {
  if (record.question !== 'push_stats' || record.streams !== undefined) return record;
  const { question, targetKey, frozenAt } = record;
  const { texts, numbers, empty, route, alerts } = packPush(record);
  return { question, targetKey, frozenAt, texts, numbers, empty, route, alerts };
}

export function unpackRecord(packed: PackedRecord): SavedRecord {
  if (!isPackedStream(packed)) return packed;
  const { question, targetKey, frozenAt } = packed;
  const { target, push, empty, route, alerts } = unpackPush(packed);
  const streamKey = streamKeyOf(targetKey);
  return { question, targetKey, streamKey, frozenAt, target, push, empty, route, alerts };
}

/** Returns the totals of a record without unpacking the rest of the record. */
export function totalsOf(packed: PackedRecord): PublishedRecord {
  if (!isPackedStream(packed)) return packed;
  const { question, targetKey } = packed;
  return { question, targetKey, streamKey: streamKeyOf(targetKey), push: unpackTotals(packed) };
}

/** Returns the polling progress of a record without unpacking the rest of the record. */
export function progressOf(packed: PackedRecord): PollProgress {
  return isPackedStream(packed) ? unpackProgress(packed) : packed.target;
}

/** Reports whether two records are equal. Packed records are compared by content, others by reference. */
export function isSamePacked(a: PackedRecord, b: PackedRecord | undefined): boolean {
  if (b === undefined || !isPackedStream(a) || !isPackedStream(b)) return a === b;
  return a.frozenAt === b.frozenAt && isSamePush(a, b);
}

function isPackedStream(packed: PackedRecord): packed is PackedStream {
  return 'numbers' in packed;
}
