import {
  createRecordCache,
  type RecordCache,
  type RecordCacheParts,
} from '../../src/polling/record-cache.ts';

/** Creates a record cache that saves and publishes nothing. */
export function createDisklessRecordCache(): RecordCache {
  return createRecordCache(disklessParts);
}

/** Parts of a record cache without a disk. */
export const disklessParts: RecordCacheParts = {
  load: async () => [],
  saveBatch: async () => {},
  freeze: async () => {},
  onEvicted: () => {},
  liveKeys: async () => [],
  maintainStore: async () => ({ oldest: 1, next: 1, isExpiring: false }),
  publish: () => {},
  onSaved: () => {},
  onFailed: () => {},
  yieldNow: async () => {},
};
