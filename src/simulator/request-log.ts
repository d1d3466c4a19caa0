import { dayMs, type EpochMs, hourMs, secondMs } from '../model/time.ts';
import type { HandledRequest } from './reply.ts';

/**
 * Maximum window by operation. The page of Get_LivePushStatHistory only recommends it; Alibaba rejects longer windows.
 */
const maxSpanMs: Readonly<Record<string, number>> = {
  Get_LivePushStatHistory: 2 * hourMs,
  DescribeLiveStreamsControlHistory: 7 * dayMs,
};

/** Number of seconds with requests that `bySecond` retains. */
const maxSeconds = 600;

/** Requests of one operation since the simulator started. The log updates these objects in place; readers get a copy. */
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
    /** Returns the log by operation; `unknown` contains the requests for all other operations. */
    read: () => structuredClone(operations),
  };
}

function newOperationLog() {
  /** Rejected requests by failure: `1202`, `sign invalid`, `Throttling.User`, `503`, `hang`. */
  const refused: Record<string, number> = {};
  /** The last 600 seconds that had requests, oldest first; `second` is UNIX time. */
  const bySecond: { readonly second: number; accepted: number; refused: number }[] = [];
  return {
    calls: 0,
    /** Responses with data, and empty responses. */
    accepted: 0,
    refused,
    rows: 0,
    longestWindowSeconds: 0,
    /** Number of windows longer than the operation's page allows: two hours or seven days. */
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
