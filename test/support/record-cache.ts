import { createRecordCache, type RecordCache } from '../../src/polling/record-cache.ts';

/** Creates a record cache that writes to no disk and publishes no metrics. */
export function createDisklessCache(): RecordCache {
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
