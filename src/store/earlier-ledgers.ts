import { canonicalAddress } from '../model/address.ts';
import type { PushLedger } from '../model/push-ledger.ts';
import { noTotals, type PushTotals } from '../model/push-totals.ts';

/** Push ledger as this or an earlier version of the exporter saved it. */
export type SavedPushLedger = Omit<PushLedger, 'totals'> & {
  /** Rows of earlier versions have no measured times, and none of them has media times. */
  readonly totals: Omit<PushTotals, 'measuredMs' | 'mediaMs' | 'degradedMs'> &
    Partial<Pick<PushTotals, 'measuredMs'>> & {
      readonly degradedMs: Omit<PushTotals['degradedMs'], 'video_stall'>;
    };
};

/**
 * Completes a push ledger that an earlier version saved. Without measured times, assumes that all samples
 * contained both values, as normal streams do: then the ratio of frames to measured time stays correct. If
 * the measured times started at 0, the ratio of the totals would be too high for ever. Addresses get the
 * canonical form, so that the publisher is recognized in the next answer.
 */
export function completePushLedger({ totals, judged, ...ledger }: SavedPushLedger): PushLedger {
  const { observedMs, measuredMs = { fps: observedMs, bitrate: observedMs } } = totals;
  const { publishers, followed } = judged;
  return {
    ...ledger,
    totals: {
      ...totals,
      measuredMs,
      mediaMs: noTotals.mediaMs,
      degradedMs: { ...noTotals.degradedMs, ...totals.degradedMs },
    },
    judged: {
      ...judged,
      publishers: publishers.map(([publisher, lastAt]) => [canonicalAddress(publisher), lastAt]),
      followed: followed && { ...followed, clientIp: canonicalAddress(followed.clientIp) },
    },
  };
}

/**
 * Returns a stored value of a field of a counted row. Addresses get the canonical form, because earlier
 * versions saved them as the provider wrote them.
 */
export function fromStored(field: PropertyKey, value: unknown): unknown {
  const isAddress = field === 'clientIp' || field === 'serverIp';
  return isAddress && typeof value === 'string' ? canonicalAddress(value) : (value ?? undefined);
}
