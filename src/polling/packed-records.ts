import { isPackedAlike, type PackedPush, packPush, unpackAskedTo, unpackPush } from '../model/packed-push.ts';
import type { SavedControl, SavedPush, SavedRecord } from '../model/saved-record.ts';
import { streamKeyOf } from '../model/target.ts';
import type { AskedTo } from '../model/target-ledger.ts';

/** A record as it is held until it is asked for: there are tens of thousands of push records, and few of domains. */
export type RestingRecord = RestingPush | SavedControl;

interface RestingPush extends Pick<SavedPush, 'question' | 'targetKey' | 'frozenAt'>, PackedPush {}

export function toRest(record: SavedRecord): RestingRecord {
  if (record.question !== 'push_stats') return record;
  const { question, targetKey, frozenAt } = record;
  const { texts, numbers } = packPush(record);
  return { question, targetKey, frozenAt, texts, numbers };
}

export function fromRest(resting: RestingRecord): SavedRecord {
  if (resting.question !== 'push_stats') return resting;
  const { question, targetKey, frozenAt } = resting;
  const { target, push } = unpackPush(resting);
  return { question, targetKey, streamKey: streamKeyOf(targetKey), frozenAt, target, push };
}

/** Without unpacking the rest. */
export function askedToOf(resting: RestingRecord): AskedTo {
  return resting.question === 'push_stats' ? unpackAskedTo(resting) : resting.target;
}

/** Whether both are the same record. */
export function restsAlike(a: RestingRecord, b: RestingRecord | undefined): boolean {
  if (a.question !== 'push_stats' || b?.question !== 'push_stats') return a === b;
  return a.frozenAt === b.frozenAt && isPackedAlike(a, b);
}
