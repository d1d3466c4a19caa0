import { type AlertLevels, type AlertState, areGood, judgeSamples } from './alert-levels.ts';
import type { Expectation } from './expectation.ts';
import { countAnswer, type PushRecord } from './push-record.ts';
import type { PushSample } from './push-sample.ts';
import type { HistoryLimits } from './questions.ts';
import type { RecordKind } from './record-kind.ts';
import { pushRecords } from './saved-record.ts';
import type { PushTarget } from './target.ts';
import type { EpochMs } from './time.ts';

export interface JudgedPushRecordsParts {
  /** Reports whether the exporter posts alerts. If not, records have none, and nothing is judged. */
  readonly isOn: () => boolean;
  /**
   * Receives the levels of a target after each answer, with all its samples; undefined if nothing is wrong.
   */
  readonly onLevels: (targetKey: string, levels: AlertLevels | undefined) => void;
}

/**
 * Creates the record kind of push statistics whose records contain the state of the alerts. The saved state
 * covers the settled samples, which are final. The levels after the other samples are computed anew for each
 * answer, so that they do not depend on the order in which samples appear. Most streams are healthy: if all
 * samples of a target since its floor are good, only those of the next answer are judged, because the others
 * are not in the cache of the processor.
 */
export function createJudgedPushRecords({ isOn, onLevels }: JudgedPushRecordsParts) {
  /**
   * Expectation of each target whose samples since its floor are good by it, and which has no saved levels.
   */
  const healthy = new Map<string, Expectation>();

  const records: RecordKind<PushTarget, PushSample, PushRecord, HistoryLimits> = {
    ...pushRecords,
    count(before, step, target, limits, now, rows) {
      const counted = countAnswer(before, step, target, limits, now, rows);
      if (!isOn()) {
        if (healthy.size > 0) healthy.clear();
        return counted;
      }
      const { record, added, settled, hasChanged } = counted;
      const { targetKey } = record;
      const { expectation } = target;
      let levels: AlertLevels | undefined;
      if (hasChanged || healthy.get(targetKey) !== expectation || !areGood(added, target)) {
        const { seen } = record.target;
        // The samples before a gap and after it do not belong together.
        levels = judgeSamples(step.gap === undefined ? before.alerts : undefined, settled, target);
        onLevels(targetKey, judgeSamples(levels, seen, target));
        if (levels === undefined && areGood(seen, target)) healthy.set(targetKey, expectation);
        else healthy.delete(targetKey);
      }
      const alerts = toAlertState(levels, before.alerts?.missingSince);
      return alerts === undefined ? counted : { ...counted, record: { ...record, alerts } };
    },
  };

  return {
    records,
    /** Forgets what is remembered of a removed target. */
    forget: (targetKey: string): void => void healthy.delete(targetKey),
  };
}

/** Returns the levels of a record after all its samples; undefined if nothing is wrong. */
export function levelsOf({ alerts, target }: PushRecord, options: PushTarget): AlertLevels | undefined {
  return judgeSamples(alerts, target.seen, options);
}

/** Returns the record with the start of a missing stream, or without one if `missingSince` is undefined. */
export function withMissing(record: PushRecord, missingSince: EpochMs | undefined): PushRecord {
  return { ...record, alerts: toAlertState(record.alerts, missingSince) };
}

function toAlertState(
  levels: AlertLevels | undefined,
  missingSince: EpochMs | undefined,
): AlertState | undefined {
  const { fpsLow, stalled } = levels ?? {};
  if (fpsLow === undefined && stalled === undefined && missingSince === undefined) return undefined;
  return {
    ...(fpsLow !== undefined && { fpsLow }),
    ...(stalled !== undefined && { stalled }),
    ...(missingSince !== undefined && { missingSince }),
  };
}
