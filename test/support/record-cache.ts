import { createRecordCache, type RecordCache } from '../../src/polling/record-cache.ts';

/** A keeper without a disk: what it saves is nowhere, and what it shows nobody sees. */
export function createDisklessKeeper(): RecordCache {
  return createRecordCache({
    records: [],
    saveBatch: async () => {},
    remove: async () => {},
    publish: () => {},
    onSaved: () => {},
    onFailed: () => {},
    yieldNow: async () => {},
  });
}
