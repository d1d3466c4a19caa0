import { conditions } from '../model/expectation.ts';
import type { PushTotals } from '../model/push-totals.ts';
import { orNull, toSeconds } from './json.ts';

/** Converts the totals of a stream to seconds, frames and bytes. */
export function toTotalsView(totals: PushTotals) {
  const degradedSeconds = { ...totals.degradedMs };
  for (const condition of conditions) degradedSeconds[condition] = toSeconds(totals.degradedMs[condition]);
  return {
    samples: totals.samples,
    observed_seconds: toSeconds(totals.observedMs),
    measured_seconds: {
      fps: toSeconds(totals.measuredMs.fps),
      bitrate: toSeconds(totals.measuredMs.bitrate),
    },
    frames: totals.milliframes / 1000,
    bytes: totals.bytes,
    /** Null if the provider has never reported the value. */
    media_seconds: {
      video: orNull(totals.mediaMs.video, toSeconds),
      audio: orNull(totals.mediaMs.audio, toSeconds),
    },
    degraded_seconds: degradedSeconds,
    bad_seconds: toSeconds(totals.badMs),
    missing_seconds: toSeconds(totals.missingMs),
    backfilled_seconds: toSeconds(totals.backfilledMs),
    gap_seconds: toSeconds(totals.gapMs),
    sessions: totals.sessions,
    client_changes: totals.clientChanges,
  };
}
