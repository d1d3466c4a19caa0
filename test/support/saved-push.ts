import { expect } from 'vitest';
import type { PushRecord } from '../../src/model/push-record.ts';
import { packRecord, unpackRecord } from '../../src/polling/packed-records.ts';
import { diffRecord, patchRecord } from '../../src/store/record-change.ts';

/** Returns the record after a round trip through its saved change since `before`. */
export function saved(before: PushRecord | undefined, record: PushRecord) {
  const change = JSON.parse(JSON.stringify(diffRecord(before, record)));
  return patchRecord(before, record.targetKey, change);
}

/** Returns the record after a round trip through the state file and the packed form. */
export function restarted(record: PushRecord): PushRecord {
  const unpacked = unpackRecord(packRecord(saved(undefined, record)));
  if (unpacked.question !== 'push_stats') throw new Error('no push record');
  expect(unpacked).toEqual(record);
  return unpacked;
}
