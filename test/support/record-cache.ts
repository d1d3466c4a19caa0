import { createKeeper, type Keeper } from '../../src/polling/record-cache.ts';

/** A keeper without a disk: what it saves is nowhere, and what it shows nobody sees. */
export function createDisklessKeeper(): Keeper {
  return createKeeper({
    records: [],
    saveBatch: async () => {},
    forget: async () => {},
    show: () => {},
    onSaved: () => {},
    onFailed: () => {},
    turn: async () => {},
  });
}
