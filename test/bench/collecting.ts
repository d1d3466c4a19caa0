import type { Call, Http, SignedCall } from '../../src/calls/call.ts';
import { createRateLimiter } from '../../src/calls/rate-limit.ts';
import { stackCall } from '../../src/calls/stack.ts';
import { systemClock } from '../../src/clock.ts';
import { createTargetIntern } from '../../src/config/intern.ts';
import type { PushSample } from '../../src/model/push-sample.ts';
import { noTotals } from '../../src/model/push-totals.ts';
import type { PushView } from '../../src/model/push-view.ts';
import { startOrResumePush } from '../../src/model/saved-record.ts';
import { type PushTarget, totalLookbackMs } from '../../src/model/target.ts';
import { minuteMs, secondMs } from '../../src/model/time.ts';
import { createDataDelay } from '../../src/polling/data-delay.ts';
import type { RunContext } from '../../src/polling/history.ts';
import { createPushRun, type PushPollTarget, toPushPollTarget } from '../../src/polling/push-history.ts';
import { createRecordCache } from '../../src/polling/record-cache.ts';
import { createApi3Call } from '../../src/providers/tencent/api3/call.ts';
import { createApi3PushHistory } from '../../src/providers/tencent/api3/push-history.ts';
import { createStatcgiCall } from '../../src/providers/tencent/statcgi/call.ts';
import { createStatcgiPushHistory } from '../../src/providers/tencent/statcgi/push-history.ts';
import { createRecent } from '../../src/status/recent.ts';
import { createRequestLog } from '../../src/status/request-log.ts';
import { createTroubles } from '../../src/status/troubles.ts';
import { disklessParts } from '../support/record-cache.ts';
import { noon } from '../support/samples.ts';
import { benchTarget, createBenchMetrics } from './content.ts';
import { inParallel } from './in-parallel.ts';

/**
 * Streams that are polled as by the program, from the signed request to the series, without queue and disk.
 */
export interface Collecting {
  readonly targets: readonly PushPollTarget[];
  /**
   * Polls all streams once, a minute later than before, and publishes the results. Rejects if a poll fails.
   */
  round(): Promise<void>;
}

/** Concurrent requests. */
export const concurrency = 32;

/** API whose answers are collected. */
export type BenchApi = 'statcgi' | 'api3';

export function createCollecting(
  streams: number,
  http: Http,
  endpoint: string,
  api: BenchApi = 'statcgi',
): Collecting {
  const metrics = createBenchMetrics();
  const recent = createRecent();
  const troubles = createTroubles();
  const requests = createRequestLog();
  const views = new Map<string, PushView>();
  let now = noon;
  const source = sourceOf[api](http, endpoint, () => now);
  const cache = createRecordCache({
    ...disklessParts,
    publish(record) {
      if (record.question === 'push_stats') metrics.series.setLedger(record.streamKey, record.push);
    },
    onFailed(error) {
      throw error;
    },
    yieldNow: systemClock.yieldNow,
  });
  const { run } = createPushRun({
    source: () => source,
    cache,
    delay: createDataDelay(() => undefined),
    clock: { elapsed: () => 0, yieldNow: async () => undefined },
    viewOf: ({ streamKey: key }) => views.get(key),
    onView({ streamKey: key }, view) {
      views.set(key, view);
      metrics.series.setView(key, view);
    },
  });
  const intern = createTargetIntern();
  const targets = Array.from({ length: streams }, (_, number) =>
    toPushPollTarget(intern(withFlatStrings(benchTarget(number)))),
  );
  for (const { target, key, streamKey } of targets) {
    // The floor is `now`, where the samples of the first answer start. Time without samples before them would be held
    // like late data, with all samples after it, for the next 16 minutes.
    const started = startOrResumePush(undefined, target, now + totalLookbackMs(target));
    // Like a restored record: its counters have left 0, those of media times too.
    const mediaMs = api === 'api3' ? { video: 0, audio: 0 } : noTotals.mediaMs;
    const push = { ...started.push, totals: { ...started.push.totals, mediaMs }, leftZero: true };
    const record = { ...started, targetKey: key, streamKey, push };
    cache.put(record);
    metrics.series.add(target, record.push, streamKey);
  }
  const { signal } = new AbortController();
  const context: RunContext<PushPollTarget, PushSample> = {
    counted({ streamKey, target }, { added }) {
      recent.add(streamKey, added);
      troubles.addSamples(streamKey, added, target.expectation);
    },
    requested: ({ key }, outcome, at) => requests.add(key, at, outcome),
    paused: () => undefined,
    effectiveIntervalMs: () => minuteMs,
    configuredIntervalMs: () => minuteMs,
  };

  return {
    targets,
    async round() {
      now += minuteMs;
      await inParallel(targets, concurrency, async (target) => {
        const { isBehind } = await run(target, now, signal, context);
        if (isBehind) throw new Error('a poll did not catch up');
      });
      await cache.flush(now);
    },
  };
}

/** Returns a target with flat strings, as in a parsed config. */
function withFlatStrings(target: PushTarget): PushTarget {
  return { ...target, stream: JSON.parse(JSON.stringify(target.stream)) };
}

const sourceOf = {
  statcgi(http: Http, endpoint: string, now: () => number) {
    const getCredentials = () => ({ key: 'a-key' });
    const call = createStatcgiCall({ http, endpoint, appId: 1234, getCredentials, now });
    return createStatcgiPushHistory(withStack(call, 'Get_LivePushStatHistory'), {
      timeZoneOffsetMs: 8 * 60 * minuteMs,
    });
  },
  api3(http: Http, endpoint: string, now: () => number) {
    const getCredentials = () => ({ secretId: 'an-id', secretKey: 'a-key', token: undefined });
    const call = createApi3Call({ http, endpoint, getCredentials, now });
    return createApi3PushHistory(withStack(call, 'DescribeStreamPushInfoList'));
  },
} satisfies Record<BenchApi, unknown>;

function withStack(call: SignedCall, operation: string): Call {
  return stackCall(call, {
    limiters: new Map([[operation, createRateLimiter(1_000_000, systemClock)]]),
    observe: () => undefined,
    attemptMs: 10 * secondMs,
    retry: { attempts: 1, baseMs: secondMs, maxMs: secondMs, deadlineMs: 10 * secondMs },
    secrets: { version: () => 0, renew: async () => {} },
    toleranceMs: () => minuteMs,
    clock: systemClock,
    random: () => 0.5,
  });
}
