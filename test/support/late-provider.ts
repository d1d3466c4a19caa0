import type { PushSample } from '../../src/model/push-sample.ts';
import type { PushView } from '../../src/model/push-view.ts';
import type { PushHistorySource } from '../../src/model/questions.ts';
import { startOrResumePush } from '../../src/model/saved-record.ts';
import type { Window } from '../../src/model/time.ts';
import { createDataDelay } from '../../src/polling/data-delay.ts';
import type { CountedAnswer, RunContext } from '../../src/polling/history.ts';
import { createPushRun, type PushPollTarget, toPushPollTarget } from '../../src/polling/push-history.ts';
import { createDisklessRecordCache } from './record-cache.ts';
import { noon, pushSample, pushTarget, streamId } from './samples.ts';

/** Behaviour of a stream and of the provider that delivers its samples. */
export interface LateStream {
  /** Reports whether the stream has a sample at a time. By default always. */
  readonly isLive?: (at: number) => boolean;
  /** Returns when the provider first returns the sample that was measured at `at`. */
  readonly visibleAt: (at: number) => number;
  /** Period of the samples in ms at a time. By default 5 s. */
  readonly periodMs?: (at: number) => number;
}

/** What the exporter showed of one stream after each poll. */
export interface Shown {
  readonly at: number;
  readonly up: 'up' | 'down' | 'unknown';
}

export interface LatePolls {
  readonly streams: readonly LateStream[];
  readonly hours: number;
  readonly intervalMs?: number;
  readonly retentionMs?: number;
}

/**
 * Polls streams of a simulated provider from `noon` on in virtual time, one poll per stream and interval. Returns what
 * the exporter showed, and the totals of each stream.
 */
export async function pollLate({ streams, hours, intervalMs = 5000, retentionMs = 259_200_000 }: LatePolls) {
  const cache = createDisklessRecordCache();
  const views = new Map<string, PushView>();
  const shown = streams.map((): Shown[] => []);
  const late: number[] = [];
  const delay = createDataDelay((ms) => void late.push(ms));
  const signal = new AbortController().signal;
  let now = noon;
  let requests = 0;
  const targets = streams.map((_, i) =>
    toPushPollTarget(pushTarget({ stream: streamId({ stream: `s${i}` }) })),
  );
  const source: PushHistorySource = {
    operation: 'ListPushes',
    limits: { spanMs: 7_200_000, retentionMs, periodMs: 5000 },
    async listPushSamples({ stream }, window) {
      requests++;
      const items = samplesOf(streams[Number(stream.slice(1))], window, now);
      return { items, malformed: 0, warnings: [] };
    },
  };
  const run = createPushRun({
    source: () => source,
    cache,
    delay,
    elapsed: () => now,
    viewOf: ({ streamKey }) => views.get(streamKey),
    onView: ({ streamKey }, view) => void views.set(streamKey, view),
  });
  const answers: CountedAnswer<PushSample>[] = [];
  const context: RunContext<PushPollTarget, PushSample> = {
    counted: (_, answer) => {
      if (answer.skipped.late > 0) answers.push(answer);
    },
    paused: () => undefined,
    effectiveIntervalMs: () => intervalMs,
    configuredIntervalMs: () => intervalMs,
  };
  for (const { key, target } of targets)
    cache.put({ ...startOrResumePush(undefined, target, noon), targetKey: key });

  const end = noon + hours * 3_600_000;
  for (; now < end; now += intervalMs) {
    for (const [i, target] of targets.entries()) {
      const { isBehind } = await run(target, now, signal, context);
      if (isBehind) throw new Error('catching up');
      const view = views.get(target.streamKey);
      const up = view === undefined || view.isUnknown ? 'unknown' : view.live ? 'up' : 'down';
      const known = shown[i];
      if (known?.at(-1)?.up !== up) known?.push({ at: now - noon, up });
    }
  }
  const records = targets.map(({ key }) => {
    const record = cache.record(key);
    if (record?.question !== 'push_stats') throw new Error('no push record');
    return record;
  });
  return { end: now - intervalMs, records, shown, late, requests, delay, skippedLate: answers.length };
}

function samplesOf(stream: LateStream | undefined, { from, to }: Window, now: number): PushSample[] {
  const samples: PushSample[] = [];
  if (stream === undefined) return samples;
  const { isLive = () => true, visibleAt, periodMs = () => 5000 } = stream;
  for (let at = Math.ceil(from / 5000) * 5000; at <= Math.min(to, now); at += 5000) {
    const period = periodMs(at);
    if (at % period === 0 && isLive(at) && visibleAt(at) <= now) {
      samples.push(pushSample({ measuredAt: at, periodMs: period }));
    }
  }
  return samples;
}

/** Returns the number of samples that were visible at `end` and measured since one lookback before `noon`. */
export function visibleSamples({ isLive = () => true, visibleAt }: LateStream, end: number): number {
  let count = 0;
  for (let at = noon - 70_000; at <= end; at += 5000) if (isLive(at) && visibleAt(at) <= end) count++;
  return count;
}
