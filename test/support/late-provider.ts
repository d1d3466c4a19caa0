import { ProviderError } from '../../src/model/answer.ts';
import type { PushSample } from '../../src/model/push-sample.ts';
import type { PushView } from '../../src/model/push-view.ts';
import type { PushHistorySource } from '../../src/model/questions.ts';
import { startOrResumePush } from '../../src/model/saved-record.ts';
import type { Window } from '../../src/model/time.ts';
import { createDataDelay } from '../../src/polling/data-delay.ts';
import type { CountedAnswer, RunContext } from '../../src/polling/history.ts';
import type { RunResult } from '../../src/polling/poller.ts';
import { createPushRun, type PushPollTarget, toPushPollTarget } from '../../src/polling/push-history.ts';
import { createDisklessRecordCache } from './record-cache.ts';
import { alwaysLive, noExpectation, noon, pushSample, pushTarget, streamId } from './samples.ts';

/** Behaviour of a stream and of the provider that delivers its samples. */
export interface LateStream {
  /** Reports whether the stream has a sample at a time. By default always. */
  readonly isLive?: (at: number) => boolean;
  /** Whether the config expects the stream to be live at all times. By default true. */
  readonly isExpected?: boolean;
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
  /** Time in ms that each request takes, as with a rate limit. By default all streams are polled at the same time. */
  readonly spacingMs?: number;
  readonly retentionMs?: number;
  /** Reports whether the request for a window fails as a timeout of a gateway. By default never. */
  readonly fails?: (window: Window, now: number) => boolean;
  /** Maximum number of samples in one answer, which lacks the newest ones. By default unlimited. */
  readonly maxRows?: number;
}

/**
 * Polls streams of a simulated provider from `noon` on in virtual time, one poll per stream and interval. Returns what
 * the exporter showed, and the totals of each stream.
 */
export async function pollLate(polls: LatePolls) {
  const { streams, hours, intervalMs = 5000, spacingMs = 0, retentionMs = 259_200_000 } = polls;
  const { fails = () => false, maxRows } = polls;
  const cache = createDisklessRecordCache();
  const views = new Map<string, PushView>();
  const shown = streams.map((): Shown[] => []);
  const late: number[] = [];
  const delay = createDataDelay((ms) => void late.push(ms));
  const signal = new AbortController().signal;
  let now = noon;
  let requests = 0;
  let rechecks = 0;
  const effectiveIntervalMs = Math.max(intervalMs, streams.length * spacingMs);
  const polledAt = streams.map(() => noon);
  const targets = streams.map(({ isExpected = true }, i) =>
    toPushPollTarget(
      pushTarget({
        stream: streamId({ stream: `s${i}` }),
        expectation: isExpected ? alwaysLive : noExpectation,
      }),
    ),
  );
  const source: PushHistorySource = {
    operation: 'ListPushes',
    limits: { spanMs: 7_200_000, retentionMs, periodMs: 5000 },
    async listPushSamples({ stream }, window) {
      requests++;
      if (fails(window, now)) throw new ProviderError('unavailable', 'HTTP 504');
      const items = samplesOf(streams[Number(stream.slice(1))], window, now).slice(0, maxRows);
      return { items, malformed: 0, warnings: [] };
    },
  };
  const { run } = createPushRun({
    source: () => source,
    cache,
    delay,
    clock: { elapsed: () => now, yieldNow: async () => undefined },
    viewOf: ({ streamKey }) => views.get(streamKey),
    onView: ({ streamKey }, view) => void views.set(streamKey, view),
  });
  const answers: CountedAnswer<PushSample>[] = [];
  const context: RunContext<PushPollTarget, PushSample> = {
    counted: (_, answer) => {
      if (answer.skipped.late > 0) answers.push(answer);
    },
    paused: () => undefined,
    effectiveIntervalMs: () => effectiveIntervalMs,
    configuredIntervalMs: () => effectiveIntervalMs,
  };
  for (const { key, target } of targets)
    cache.put({ ...startOrResumePush(undefined, target, noon), targetKey: key });

  const end = noon + hours * 3_600_000;
  for (let roundAt = noon; roundAt < end; roundAt = Math.max(roundAt + intervalMs, now)) {
    now = roundAt;
    for (const [i, target] of targets.entries()) {
      let sent = 0;
      for (let isBehind = true, runs = 0; isBehind; runs++) {
        if (runs === maxRuns) throw new Error('catching up');
        const before = requests;
        ({ isBehind } = await run(target, now, signal, context).catch(toFailedRun));
        sent += requests - before;
        rechecks += requests - before - 1;
      }
      polledAt[i] = now;
      const view = views.get(target.streamKey);
      const up = view === undefined || view.isUnknown ? 'unknown' : view.live ? 'up' : 'down';
      const known = shown[i];
      if (known?.at(-1)?.up !== up) known?.push({ at: now - noon, up });
      now += sent * spacingMs;
    }
  }
  const records = targets.map(({ key }) => {
    const record = cache.record(key);
    if (record?.question !== 'push_stats') throw new Error('no push record');
    return record;
  });
  return {
    /** Time of the last poll of each stream (epoch ms). */
    polledAt,
    end: Math.max(...polledAt),
    records,
    shown,
    late,
    requests,
    rechecks,
    delay,
    skippedLate: answers.length,
  };
}

/** Maximum number of runs of one stream at one time. */
const maxRuns = 20;

function toFailedRun(error: unknown): RunResult {
  if (error instanceof ProviderError) return { isBehind: false };
  throw error;
}

function samplesOf(stream: LateStream | undefined, { from, to }: Window, now: number): PushSample[] {
  const samples: PushSample[] = [];
  if (stream === undefined) return samples;
  const { isLive = () => true, visibleAt, periodMs = () => 5000 } = stream;
  for (let at = Math.ceil(from / 5000) * 5000; at <= Math.min(to, now); at += 5000) {
    const period = periodMs(at);
    if (at % period === 0 && isLive(at) && visibleAt(at) <= now) {
      samples.push(pushSample({ measuredAt: at, periodMs: period, framesPerSecond: framesPerSecondAt(at) }));
    }
  }
  return samples;
}

/** Returns the frame rate of the sample that was measured at `at`. It changes, so that a sum shows which samples count. */
function framesPerSecondAt(at: number): number {
  return 20 + ((at / 5000) % 11);
}

/** Returns the totals of the samples that were visible at `end` and measured since one lookback before `noon`. */
export function visibleTotals({ isLive = () => true, visibleAt }: LateStream, end: number) {
  let samples = 0;
  let milliframes = 0;
  for (let at = noon - 70_000; at <= end; at += 5000) {
    if (!isLive(at) || visibleAt(at) > end) continue;
    samples++;
    milliframes += framesPerSecondAt(at) * 5000;
  }
  return { samples, milliframes };
}

export function visibleSamples(stream: LateStream, end: number): number {
  return visibleTotals(stream, end).samples;
}
