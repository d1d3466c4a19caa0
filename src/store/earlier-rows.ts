import type { PushLedger, PushTotals } from '../model/push-ledger.ts';

/** Push ledger as this or an earlier version of the exporter saved it. */
export type SavedPushLedger = Omit<PushLedger, 'totals'> & {
  /** Rows of earlier versions have no measured times. */
  readonly totals: Omit<PushTotals, 'measuredMs'> & Partial<Pick<PushTotals, 'measuredMs'>>;
};

/**
 * Completes a push ledger that an earlier version saved. Without measured times, assumes that all samples
 * contained both values, as normal streams do: then the ratio of frames to measured time stays correct. If
 * the measured times started at 0, the ratio of the totals would be too high for ever.
 */
export function completePushLedger({ totals, ...ledger }: SavedPushLedger): PushLedger {
  const { observedMs, measuredMs = { fps: observedMs, bitrate: observedMs } } = totals;
  return { ...ledger, totals: { ...totals, measuredMs } };
}
