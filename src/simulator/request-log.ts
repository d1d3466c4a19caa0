import { dayMs, type EpochMs, hourMs, secondMs } from '../model/time.ts';
import type { HandledRequest } from './reply.ts';

/**
 * Maximum length of a request window in ms, by operation. For Get_LivePushStatHistory, two hours are only a
 * recommendation in the documentation. For DescribeLiveStreamsControlHistory, Alibaba rejects windows longer
 * than seven days, and for DescribeLiveCenterStreamRateData, longer than three hours.
 */
const maxSpanMs: Readonly<Record<string, number>> = {
  Get_LivePushStatHistory: 2 * hourMs,
  DescribeLiveStreamsControlHistory: 7 * dayMs,
  DescribeLiveCenterStreamRateData: 3 * hourMs,
};

/** Maximum number of entries in `bySecond`, which has one entry for each calendar second with a request. */
const maxSeconds = 600;

/**
 * Numbers of requests for one operation since the simulator started. The log changes these objects in place,
 * so `read` returns copies.
 */
export type OperationLog = ReturnType<typeof newOperationLog>;

export type SecondLog = OperationLog['bySecond'][number];

export type RequestLog = ReturnType<typeof createRequestLog>;

export function createRequestLog() {
  const operations: Record<string, OperationLog> = {};
  return {
    add(request: HandledRequest, now: EpochMs): void {
      const log = operations[request.operation] ?? newOperationLog();
      operations[request.operation] = log;
      count(log, request, Math.floor(now / secondMs));
    },
    /**
     * Returns a copy of the log, by operation. The key `unknown` stands for all operations that the simulator
     * does not implement.
     */
    read: () => structuredClone(operations),
  };
}

function newOperationLog() {
  /**
   * Number of failed requests, by the code or name of the failure, such as `1202`, `sign invalid`,
   * `Throttling.User`, `503` or `hang`.
   */
  const refused: Record<string, number> = {};
  /**
   * Number of requests per calendar second, oldest first, for the last 600 seconds that had requests.
   * `second` is in seconds since 1970.
   */
  const bySecond: { readonly second: number; accepted: number; refused: number }[] = [];
  return {
    calls: 0,
    /** Number of successful requests, including those whose response was empty. */
    accepted: 0,
    refused,
    rows: 0,
    longestWindowSeconds: 0,
    /**
     * Number of requests whose window was longer than the documentation allows: two hours for push history,
     * seven days for control history, three hours for DescribeLiveCenterStreamRateData.
     */
    windowsTooLong: 0,
    /** Maximum number of requests in one calendar second. */
    mostInOneSecond: 0,
    bySecond,
  };
}

function count(log: OperationLog, request: HandledRequest, second: number): void {
  const { operation, outcome, windowMs = 0, rows } = request;
  const found = log.bySecond.findLast((entry) => entry.second === second);
  const inSecond = found ?? { second, accepted: 0, refused: 0 };
  if (found === undefined) log.bySecond.push(inSecond);
  if (log.bySecond.length > maxSeconds) log.bySecond.shift();
  log.calls += 1;
  if (outcome === 'ok' || outcome === 'empty') {
    log.accepted += 1;
    inSecond.accepted += 1;
  } else {
    log.refused[outcome] = (log.refused[outcome] ?? 0) + 1;
    inSecond.refused += 1;
  }
  log.rows += rows;
  log.longestWindowSeconds = Math.max(log.longestWindowSeconds, windowMs / secondMs);
  if (windowMs > (maxSpanMs[operation] ?? Infinity)) log.windowsTooLong += 1;
  log.mostInOneSecond = Math.max(log.mostInOneSecond, inSecond.accepted + inSecond.refused);
}
