import { createPushAlerts } from '../../src/collectors/push-alerts.ts';
import { ProviderError } from '../../src/model/answer.ts';
import { createJudgedPushRecords } from '../../src/model/judged-push-records.ts';
import type { PushSample } from '../../src/model/push-sample.ts';
import type { PushView } from '../../src/model/push-view.ts';
import type { PushHistorySource } from '../../src/model/questions.ts';
import { pushRecords, startOrResumePush } from '../../src/model/saved-record.ts';
import type { PushTarget } from '../../src/model/target.ts';
import { createDataDelay } from '../../src/polling/data-delay.ts';
import type { RunContext } from '../../src/polling/history.ts';
import { packRecord, unpackRecord } from '../../src/polling/packed-records.ts';
import { createPushRun, type PushPollTarget, toPushPollTarget } from '../../src/polling/push-history.ts';
import { createAlertSet } from '../../src/posting/alert-set.ts';
import { diffRecord, patchRecord } from '../../src/store/record-change.ts';
import { createDisklessRecordCache } from './record-cache.ts';
import { alwaysLive, noon, pushSample, pushTarget, streamId } from './samples.ts';

/** Stream in virtual time. Times are in seconds after the start. */
export interface PlayedStream {
  /**
   * Returns the values of the sample at a time; undefined if there is none. By default 25 frames per second.
   */
  readonly sampleAt?: (second: number) => Partial<PushSample> | undefined;
  /** Returns when the provider first returns the sample of a time. By default 3 s later. */
  readonly visibleAt?: (second: number) => number;
  readonly target?: Partial<PushTarget>;
}

export interface AlertRun {
  readonly streams: readonly PlayedStream[];
  readonly seconds: number;
  /** Seconds between two polls. By default 5. */
  readonly interval?: number;
  /** Longest window of a request, in seconds. By default two hours. */
  readonly span?: number;
  /** Second of the first poll. By default 0. */
  readonly phase?: number;
  /** Reports whether all requests fail at a time. By default never. */
  readonly fails?: (second: number) => boolean;
  /**
   * Reports whether the exporter is down at a time. It restarts afterwards, as after a kill. By default
   * never.
   */
  readonly isDown?: (second: number) => boolean;
  /** Reports whether the config contains no Alertmanager at a time. By default never. */
  readonly isOff?: (second: number) => boolean;
}

/** Change of an alert, with its time and its start in seconds. */
export type AlertChange = readonly [second: number, change: string, since: number];

/** State of a stream in an answer, with the time in seconds. */
export type ShownState = readonly [second: number, up: 'up' | 'down' | 'unknown'];

/** Start of virtual time, in epoch ms. There are samples before it. */
const startAt = noon;

/**
 * Polls streams and derives their alerts in virtual time, as the collector does. Returns the changes of the
 * alerts, and those that fire at the end.
 */
export async function playAlerts(played: AlertRun) {
  const {
    streams,
    seconds,
    interval = 5,
    phase = 0,
    fails = () => false,
    isDown = () => false,
    isOff = () => false,
    span = 7200,
  } = played;
  const signal = new AbortController().signal;
  const changes: AlertChange[] = [];
  const shown = streams.map((): ShownState[] => []);
  let now = startAt;
  const second = () => (now - startAt) / 1000;
  const targets = streams.map(({ target }, i) =>
    toPushPollTarget(
      pushTarget({ stream: streamId({ stream: `s${i}` }), expectation: alwaysLive, ...target }),
    ),
  );
  const source: PushHistorySource = {
    operation: 'ListPushes',
    limits: { spanMs: span * 1000, retentionMs: 259_200_000, periodMs: 5000 },
    async listPushSamples({ stream }, { from, to }) {
      if (fails(second())) throw new ProviderError('unavailable', 'HTTP 504');
      const items = samplesOf(streams[Number(stream.slice(1))], from, Math.min(to, now), now);
      return { items, malformed: 0, warnings: [] };
    },
  };
  /** State files, by target key: the journal of changes is read after a kill. */
  const disk = new Map<string, string>();

  /** Starts an exporter with the saved records. */
  function start() {
    const cache = createDisklessRecordCache();
    const views = new Map<string, PushView>();
    const set = createAlertSet({
      onChanged(id) {
        const alert = set.get(id);
        if (alert === undefined) return;
        const { name, stream, since } = alert.alert;
        const state = alert.resolvedAt === undefined ? 'fires' : 'ends';
        changes.push([
          second(),
          `${stream.stream} ${name.replace(/^Livestream(Push)?/, '')} ${state}`,
          (since - startAt) / 1000,
        ]);
      },
      onForgotten: () => undefined,
      clock: { now: () => now, elapsed: () => now },
    });
    set.setOn(!isOff(second()));
    const alerts = createPushAlerts({ sink: set.sink, cache });
    const delay = createDataDelay(() => undefined);
    for (const pollTarget of targets) {
      const { key, target } = pollTarget;
      const saved = disk.get(key);
      const known = saved === undefined ? undefined : patchRecord(undefined, key, JSON.parse(saved));
      const record = startOrResumePush(pushRecords.read(known), target, now);
      cache.put(record);
      alerts.add(pollTarget, record, now);
      if (known !== undefined) {
        const { floor, watermark } = record.target;
        delay.resume(key, record.push, { from: floor, to: watermark });
      }
    }
    const { run } = createPushRun({
      ...createJudgedPushRecords({ isOn: alerts.isOn, onLevels: alerts.setLevels }),
      source: () => source,
      cache,
      delay,
      clock: { elapsed: () => now, yieldNow: async () => undefined },
      viewOf: ({ streamKey }) => views.get(streamKey),
      onView(pollTarget, view) {
        views.set(pollTarget.streamKey, view);
        const up = view.isUnknown ? 'unknown' : view.live ? 'up' : 'down';
        shown[targets.indexOf(pollTarget)]?.push([second(), up]);
        alerts.judge(pollTarget, view, view, now);
      },
    });
    const save = (key: string) => {
      const record = cache.record(key);
      if (record === undefined) throw new Error('no record');
      disk.set(key, JSON.stringify(diffRecord(undefined, unpackRecord(packRecord(record)))));
    };
    return { run, set, alerts, save };
  }

  const context: RunContext<PushPollTarget, PushSample> = {
    counted: () => undefined,
    paused: () => undefined,
    effectiveIntervalMs: () => interval * 1000,
    configuredIntervalMs: () => interval * 1000,
  };
  let exporter: ReturnType<typeof start> | undefined;
  for (now = startAt; second() <= seconds; now += 1000) {
    if (isDown(second())) {
      exporter = undefined;
      continue;
    }
    exporter ??= start();
    exporter.set.setOn(!isOff(second()));
    exporter.set.expire();
    if (second() % interval !== phase % interval) continue;
    for (const target of targets) {
      await exporter.run(target, now, signal, context).catch((error: unknown) => {
        if (!(error instanceof ProviderError)) throw error;
      });
      exporter.save(target.key);
    }
  }
  const set = exporter?.set;
  const firing = [...(set?.ids() ?? [])]
    .flatMap((id) => set?.get(id) ?? [])
    .filter(({ resolvedAt }) => resolvedAt === undefined);
  return {
    changes,
    /** State of each stream after each answer. */
    shown,
    /** Labels and start of the alerts that fire at the end. */
    firing: firing
      .map(({ labels, alert }) => ({ labels, since: (alert.since - startAt) / 1000 }))
      .sort((a, b) => a.since - b.since),
  };
}

function samplesOf(stream: PlayedStream | undefined, from: number, to: number, now: number): PushSample[] {
  const { sampleAt = () => ({}), visibleAt = (at: number) => at + 3 } = stream ?? {};
  const samples: PushSample[] = [];
  for (let at = Math.ceil(from / 5000) * 5000; at <= to; at += 5000) {
    const second = (at - startAt) / 1000;
    const values = sampleAt(second);
    if (values === undefined || startAt + visibleAt(second) * 1000 > now) continue;
    samples.push(pushSample({ measuredAt: at, ...values }));
  }
  return samples;
}

/** Returns the sample of a stream whose frame rate is low from one second to another. */
export function lowBetween(from: number, to: number, framesPerSecond = 10) {
  return (second: number): Partial<PushSample> => (second >= from && second < to ? { framesPerSecond } : {});
}

/** Returns the samples of a stream that is not pushed from one second to another. */
export function silentBetween(from: number, to: number) {
  return (second: number): Partial<PushSample> | undefined =>
    second >= from && second < to ? undefined : {};
}
