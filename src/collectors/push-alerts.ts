import type { AlertLevel, AlertLevels } from '../model/alert-levels.ts';
import { levelsOf, withMissing } from '../model/judged-push-records.ts';
import { dueSince, isDue } from '../model/live-schedule.ts';
import { hadBreak } from '../model/push-breaks.ts';
import type { PushRecord } from '../model/push-record.ts';
import { freshMs, isOwnSample, silentAfterMs } from '../model/push-sample.ts';
import type { PushView } from '../model/push-view.ts';
import { pushRecords } from '../model/saved-record.ts';
import type { AlertSink, PostedAlertName } from '../model/stream-alert.ts';
import { type EpochMs, minuteMs, secondMs } from '../model/time.ts';
import { reachesNow } from '../polling/history.ts';
import type { PushPollTarget } from '../polling/push-history.ts';
import type { RecordCache } from '../polling/record-cache.ts';

/**
 * Time in ms since the last answer for which a saved alert continues after a restart. After a longer time,
 * Alertmanager has ended the alert, and only the next answers show whether it is still true.
 */
export const maxPauseMs = 5 * minuteMs;

/**
 * Time in ms for which a push that has come back after a break is watched more patiently: as long as
 * LivestreamPushFlapping of the rules continues after the last break.
 */
const patientMs = 10 * minuteMs;

/** Time in ms for which all answers must then lack the stream: as long as the rule LivestreamPushMissing waits. */
const confirmMs = 30 * secondMs;

export interface PushAlertsParts {
  readonly sink: AlertSink;
  readonly cache: Pick<RecordCache, 'record' | 'put'>;
}

export type PushAlerts = ReturnType<typeof createPushAlerts>;

/**
 * Creates the part that derives the alerts of the streams of an account from their counted samples and their
 * views. An answer that leaves the state of a stream open changes no alert, and neither does an answer of a
 * catch-up.
 */
export function createPushAlerts({ sink, cache }: PushAlertsParts) {
  /** Levels after the last answer of each target that has some, by target key. */
  const levels = new Map<string, AlertLevels>();
  /** Start of the alert of each missing stream, by target key. It is the one in the record. */
  const missing = new Map<string, EpochMs>();
  /** Time of the first of the last answers in a row that lacked a stream whose alert waits, by target key. */
  const silentSince = new Map<string, EpochMs>();
  /** Keys of the streams with firing alerts about their samples. */
  const bad = new Set<string>();

  const recordOf = (key: string): PushRecord | undefined => pushRecords.read(cache.record(key));

  function setQuality(
    { streamKey, target }: PushPollTarget,
    name: PostedAlertName,
    level: AlertLevel | undefined,
    minFramesPerSecond?: number,
  ): void {
    if (level?.isFiring !== true) {
      sink.resolve(streamKey, name);
      return;
    }
    const { stream, labels: own } = target;
    sink.fire(streamKey, {
      name,
      stream,
      labels: own,
      since: level.since,
      ...(minFramesPerSecond !== undefined && { minFramesPerSecond }),
    });
  }

  function setLevels(pollTarget: PushPollTarget, found: AlertLevels | undefined): void {
    const { streamKey, target } = pollTarget;
    const isBad = found?.fpsLow?.isFiring === true || found?.stalled?.isFiring === true;
    // Nearly all streams are healthy, so this comes first.
    if (!isBad && !bad.has(streamKey)) return;
    if (isBad) bad.add(streamKey);
    else bad.delete(streamKey);
    const { minFramesPerSecond } = target.expectation;
    setQuality(pollTarget, 'LivestreamPushFpsLow', found?.fpsLow, minFramesPerSecond);
    setQuality(pollTarget, 'LivestreamPushVideoStalled', found?.stalled);
  }

  function fireMissing({ streamKey, target }: PushPollTarget, since: EpochMs): void {
    const { stream, labels: own, expectation } = target;
    const { live = false } = expectation;
    sink.fire(streamKey, {
      name: 'LivestreamPushMissing',
      stream,
      labels: own,
      since,
      schedule: live,
    });
  }

  function clearMissing({ key, streamKey }: PushPollTarget): void {
    if (!missing.delete(key)) return;
    sink.resolve(streamKey, 'LivestreamPushMissing');
    forgetMissing(key);
  }

  /** Removes the start of a missing stream from the record. */
  function forgetMissing(key: string): void {
    const record = recordOf(key);
    if (record?.alerts?.missingSince !== undefined) cache.put(withMissing(record, undefined));
  }

  /** Applies that the stream is not pushed at `now` (wall clock). */
  function setSilent(pollTarget: PushPollTarget, now: EpochMs): void {
    const { key, target } = pollTarget;
    const { live } = target.expectation;
    if (live === undefined || !isDue(live, now)) {
      clearMissing(pollTarget);
      return;
    }
    const due = dueSince(live, now) ?? now;
    const known = missing.get(key);
    // Without answers at the end of its time, an earlier alert ended by the clock only.
    if (known !== undefined && known >= due) {
      fireMissing(pollTarget, known);
      return;
    }
    const record = recordOf(key);
    if (record === undefined) return;
    const { newestAt, judged } = record.push;
    const since = Math.max(newestAt ?? judged.since, due);
    // The time in which the stream is expected has just begun.
    if (now - since < freshMs(target, 0)) return;
    if (isPatient(target, record, now, due)) {
      const silentAt = silentSince.get(key) ?? now;
      silentSince.set(key, silentAt);
      if (now - silentAt < confirmMs) return;
    }
    silentSince.delete(key);
    missing.set(key, since);
    cache.put(withMissing(record, since));
    fireMissing(pollTarget, since);
  }

  return {
    isOn: sink.isOn,
    /** Receives the levels of a target after each answer; undefined if nothing is wrong. */
    setLevels(targetKey: string, found: AlertLevels | undefined): void {
      if (found !== undefined) levels.set(targetKey, found);
      else if (levels.size > 0) levels.delete(targetKey);
    },
    /** Adds a target. Alerts in its record continue. `now` is the wall clock. */
    add(pollTarget: PushPollTarget, record: PushRecord, now: EpochMs): void {
      const { key, target } = pollTarget;
      if (sink.isOn() && canContinue(record, now) && wasLive(record, target)) {
        setLevels(pollTarget, levelsOf(record, target));
      }
      const since = record.alerts?.missingSince;
      if (since === undefined) return;
      if (!sink.isOn() || !canContinue(record, now) || !isExpectedSince(target, since, now)) {
        // Otherwise, the next start could continue an alert that is over.
        forgetMissing(key);
        return;
      }
      missing.set(key, since);
      fireMissing(pollTarget, since);
    },
    /** Removes a target, which ends its alerts. */
    remove({ key, streamKey }: PushPollTarget): void {
      levels.delete(key);
      missing.delete(key);
      silentSince.delete(key);
      bad.delete(streamKey);
      sink.resolve(streamKey, 'LivestreamPushFpsLow');
      sink.resolve(streamKey, 'LivestreamPushVideoStalled');
      sink.resolve(streamKey, 'LivestreamPushMissing');
    },
    /**
     * Applies an answer of the history. `view` is its state of the stream. `shown` is the state that the
     * gauges show, which can be that of a newer list. `now` is the wall clock.
     */
    judge(pollTarget: PushPollTarget, view: PushView, shown: PushView, now: EpochMs): void {
      if (!sink.isOn()) {
        // The record does not contain it any more, see `createJudgedPushRecords`.
        missing.delete(pollTarget.key);
        return;
      }
      const { watermark, answeredAt } = view;
      const isCaughtUp =
        watermark !== undefined && reachesNow({ from: watermark, to: watermark }, answeredAt);
      if (shown.live === undefined && !shown.isUnknown && isCaughtUp) setSilent(pollTarget, now);
      else silentSince.delete(pollTarget.key);
      if (shown.live !== undefined) clearMissing(pollTarget);
      if (!isCaughtUp) return;
      if (view.live !== undefined) setLevels(pollTarget, levels.get(pollTarget.key));
      else if (!view.isUnknown && shown.live === undefined) setLevels(pollTarget, undefined);
    },
  };
}

/**
 * Reports whether a push that is expected since `due` has come back after a break lately. The first break of a push is an
 * alert at once. If each further break were one too, a push that is interrupted again and again would notify once per
 * break, although the rule LivestreamPushFlapping reports it already.
 */
function isPatient(
  { staleAfterMs }: PushPollTarget['target'],
  { target: { seen } }: PushRecord,
  now: EpochMs,
  due: EpochMs,
): boolean {
  const periodMs = seen.findLast(isOwnSample)?.periodMs ?? 0;
  return hadBreak(seen, Math.max(now - patientMs, due), silentAfterMs(staleAfterMs, periodMs));
}

/** Reports whether the last answer of a saved record is so new that its alerts continue at `now` (wall clock). */
function canContinue({ target: { watermark } }: PushRecord, now: EpochMs): boolean {
  return now - watermark <= maxPauseMs;
}

/** Reports whether the last answer of a saved record contained a fresh sample. */
function wasLive({ target: { watermark, seen } }: PushRecord, target: PushPollTarget['target']): boolean {
  const newest = seen.at(-1);
  return newest !== undefined && watermark - newest.measuredAt <= freshMs(target, newest.periodMs);
}

/** Reports whether the stream has been expected to be live without interruption from `since` to `now`. */
function isExpectedSince(
  { expectation: { live } }: PushPollTarget['target'],
  since: EpochMs,
  now: EpochMs,
): boolean {
  const due = live === undefined ? undefined : dueSince(live, now);
  return due !== undefined && since >= due;
}
