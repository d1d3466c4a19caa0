import type { PushRecord } from './push-record.ts';
import type { EpochMs } from './time.ts';

/** A record as it is kept through a restart. The keys say whose it is. */
export interface SavedRecord extends PushRecord {
  readonly targetKey: string;
  readonly streamKey: string;
  /** Since when no config names the target; undefined while it is watched. */
  readonly frozenAt: EpochMs | undefined;
}
