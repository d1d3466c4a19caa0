import {
  isPackedAlike,
  type PackedPush,
  packPush,
  unpackProgress,
  unpackPush,
} from '../model/packed-push.ts';
import type { SavedControl, SavedPush, SavedRecord } from '../model/saved-record.ts';
import { streamKeyOf } from '../model/target.ts';
import type { PollProgress } from '../model/target-ledger.ts';

/** A record as it is held until it is asked for: there are tens of thousands of push records, and few of domains. */
export type PackedRecord = RestingPush | SavedControl;

interface RestingPush extends Pick<SavedPush, 'question' | 'targetKey' | 'frozenAt'>, PackedPush {}

export function packRecord(record: SavedRecord): PackedRecord {
  if (record.question !== 'push_stats') return record;
  const { question, targetKey, frozenAt } = record;
  const { texts, numbers } = packPush(record);
  return { question, targetKey, frozenAt, texts, numbers };
}

export function unpackRecord(resting: PackedRecord): SavedRecord {
  if (resting.question !== 'push_stats') return resting;
  const { question, targetKey, frozenAt } = resting;
  const { target, push } = unpackPush(resting);
  return { question, targetKey, streamKey: streamKeyOf(targetKey), frozenAt, target, push };
}

/** Without unpacking the rest. */
export function progressOf(resting: PackedRecord): PollProgress {
  return resting.question === 'push_stats' ? unpackProgress(resting) : resting.target;
}

/** Whether both are the same record. */
export function isSamePacked(a: PackedRecord, b: PackedRecord | undefined): boolean {
  if (a.question !== 'push_stats' || b?.question !== 'push_stats') return a === b;
  return a.frozenAt === b.frozenAt && isPackedAlike(a, b);
}
