import { annotationsOf, labelsOf } from '../alerting/posted-alerts.ts';
import type { AlertmanagerSettings } from '../config/config.ts';
import { isDue, type Schedule } from '../model/live-schedule.ts';
import {
  type AlertSink,
  type PostedAlertName,
  postedAlertNames,
  type StreamAlert,
} from '../model/stream-alert.ts';
import { type Clock, type EpochMs, minuteMs } from '../model/time.ts';

/** Time in ms for which a resolved alert is still posted: Alertmanager keeps no alerts over a restart. */
export const keepResolvedMs = 15 * minuteMs;

/** Alert with the labels that identify it in Alertmanager. */
export interface PostableAlert {
  /** Text of all labels. Equal labels have equal texts. */
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly alert: StreamAlert;
  /** Time at which the alert ended (wall clock, epoch ms); undefined while it fires. */
  readonly resolvedAt: EpochMs | undefined;
}

export interface AlertSetParts {
  /** Called with the ID of each alert that changed. */
  readonly onChanged: (id: string) => void;
  /** Called with the ID of each alert that is not posted any more. */
  readonly onForgotten: (id: string) => void;
  readonly clock: Pick<Clock, 'now' | 'elapsed'>;
}

export type AlertSet = ReturnType<typeof createAlertSet>;

/**
 * Creates the set of the alerts that are posted: those that fire, and those that have ended lately. It holds
 * state and no events, so the number of alerts bounds it, however often they change.
 */
export function createAlertSet({ onChanged, onForgotten, clock }: AlertSetParts) {
  const alerts = new Map<string, PostableAlert>();
  /** IDs of the firing alerts, by name and stream. */
  const firing = new Map<string, string>();
  /**
   * Time at which each resolved alert ended (monotonic ms), the earliest one first: a step of the wall clock
   * must neither drop an alert whose end was not posted yet, nor keep all alerts until the clock has caught up.
   */
  const resolved = new Map<string, number>();
  const counts = new Map<PostedAlertName, number>(postedAlertNames.map((name) => [name, 0]));
  let isOn = false;
  let generation = 0;

  const keyOf = (streamKey: string, name: PostedAlertName) => `${name} ${streamKey}`;
  const count = (name: PostedAlertName, by: 1 | -1) => counts.set(name, (counts.get(name) ?? 0) + by);

  function end(key: string): void {
    const id = firing.get(key);
    const known = id === undefined ? undefined : alerts.get(id);
    if (id === undefined || known === undefined) return;
    firing.delete(key);
    count(known.alert.name, -1);
    alerts.set(id, { ...known, resolvedAt: clock.now() });
    resolved.set(id, clock.elapsed());
    onChanged(id);
  }

  function forget(id: string): void {
    alerts.delete(id);
    resolved.delete(id);
    onForgotten(id);
  }

  const sink: AlertSink = {
    isOn: () => isOn,
    generation: () => generation,
    fire(streamKey, alert) {
      if (!isOn) return;
      const key = keyOf(streamKey, alert.name);
      const labels = labelsOf(alert);
      const id = JSON.stringify(labels);
      const current = firing.get(key);
      // A changed label is another alert, because labels identify it.
      if (current !== undefined && current !== id) end(key);
      const known = current === id ? alerts.get(id) : undefined;
      const since = Math.min(alert.since, known?.alert.since ?? alert.since);
      alerts.set(id, { id, labels, alert: { ...alert, since }, resolvedAt: undefined });
      if (known !== undefined) {
        const { since: before, minFramesPerSecond: limit } = known.alert;
        if (before !== since || limit !== alert.minFramesPerSecond) onChanged(id);
        return;
      }
      resolved.delete(id);
      firing.set(key, id);
      count(alert.name, 1);
      onChanged(id);
    },
    resolve(streamKey, name) {
      end(keyOf(streamKey, name));
    },
  };

  return {
    sink,
    get: (id: string): PostableAlert | undefined => alerts.get(id),
    ids: (): Iterable<string> => alerts.keys(),
    /** Returns the number of firing alerts by name. */
    counts: (): ReadonlyMap<PostedAlertName, number> => counts,
    /**
     * Ends alerts that are over by the clock, and forgets alerts that ended long ago. Call it every second.
     */
    expire(): void {
      const now = clock.now();
      // Thousands of streams share one schedule, and evaluating it takes some microseconds.
      const results = new Map<Schedule, boolean>();
      for (const [key, id] of firing) {
        const schedule = alerts.get(id)?.alert.schedule;
        if (schedule === undefined) continue;
        const isDueNow = results.get(schedule) ?? isDue(schedule, now);
        results.set(schedule, isDueNow);
        if (!isDueNow) end(key);
      }
      for (const [id, resolvedAt] of resolved) {
        if (clock.elapsed() - resolvedAt < keepResolvedMs) break;
        forget(id);
      }
    },
    /**
     * Switches posting on or off. Off forgets all alerts without resolving them: they end at their `endsAt`.
     */
    setOn(on: boolean): void {
      if (on === isOn) return;
      isOn = on;
      generation++;
      for (const id of [...alerts.keys()]) forget(id);
      firing.clear();
      for (const name of postedAlertNames) counts.set(name, 0);
    },
  };
}

/** Alert as Alertmanager's API v2 receives it ("postableAlert"). */
export interface AlertBody {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** RFC 3339. */
  readonly startsAt: string;
  readonly endsAt: string;
  /** URL of the page about the alert, which Alertmanager shows as the source; absent if it is unknown. */
  readonly generatorURL?: string;
}

/** Settings of the texts of an alert. */
export interface AlertTexts extends Pick<AlertmanagerSettings, 'language' | 'runbookBase'> {
  /** Returns the URL of the page about an alert; undefined if the URL of the exporter is unknown. */
  readonly sourceOf?: ((alert: StreamAlert) => string) | undefined;
}

/**
 * Returns the body of an alert that is posted at `now` (wall clock). A firing alert ends at `now +
 * lifetimeMs`, unless it is posted again before.
 */
export function toAlertBody(
  { labels, alert, resolvedAt }: PostableAlert,
  now: EpochMs,
  lifetimeMs: number,
  texts: AlertTexts,
): AlertBody {
  const endsAt = resolvedAt === undefined ? now + lifetimeMs : Math.min(resolvedAt, now);
  return {
    labels,
    annotations: annotationsOf(alert, texts),
    // An alert must not end before it starts, even if the provider's clock is ahead.
    startsAt: toIso(Math.min(alert.since, endsAt)),
    endsAt: toIso(endsAt),
    ...(texts.sourceOf !== undefined && { generatorURL: texts.sourceOf(alert) }),
  };
}

function toIso(at: EpochMs): string {
  return new Date(at).toISOString();
}
