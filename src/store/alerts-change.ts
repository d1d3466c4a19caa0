import type { AlertLevel, AlertState } from '../model/alert-levels.ts';
import type { EpochMs } from '../model/time.ts';

/**
 * The whole state of the alerts, because it exists rarely and is short: the levels of low frame rates and of
 * stalled video (0: none), then the start of a missing stream, if it is missing. 0: unchanged. null: none.
 */
export type AlertsChange =
  | 0
  | null
  | readonly [fpsLow: LevelRow | 0, stalled: LevelRow | 0, missingSince?: EpochMs];

/** The flag is 1 if the alert fires. */
type LevelRow = readonly [since: EpochMs, lastAfterMs: number, levelMs: number, isFiring: 0 | 1];

/** Returns the change of the alerts of a record. */
export function diffAlerts(before: AlertState | undefined, after: AlertState | undefined): AlertsChange {
  if (after === before) return 0;
  if (after === undefined) return null;
  const { fpsLow, stalled, missingSince } = after;
  const levels = [toRow(fpsLow), toRow(stalled)] as const;
  return missingSince === undefined ? levels : [...levels, missingSince];
}

/** Returns the alerts after a change. */
export function patchAlerts(before: AlertState | undefined, change: AlertsChange): AlertState | undefined {
  if (change === 0) return before;
  if (change === null) return undefined;
  const [fpsLow, stalled, missingSince] = change;
  return {
    ...(fpsLow !== 0 && { fpsLow: fromRow(fpsLow) }),
    ...(stalled !== 0 && { stalled: fromRow(stalled) }),
    ...(missingSince !== undefined && { missingSince }),
  };
}

function toRow(level: AlertLevel | undefined): LevelRow | 0 {
  if (level === undefined) return 0;
  const { since, lastAt, levelMs, isFiring } = level;
  return [since, lastAt - since, levelMs, isFiring ? 1 : 0];
}

function fromRow([since, lastAfterMs, levelMs, isFiring]: LevelRow): AlertLevel {
  return { since, lastAt: since + lastAfterMs, levelMs, isFiring: isFiring === 1 };
}
