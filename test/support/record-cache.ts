import { createRecordCache, type RecordCache } from '../../src/polling/record-cache.ts';

/** Creates a record cache that saves and publishes nothing. */
export function createDisklessRecordCache(): RecordCache {
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
