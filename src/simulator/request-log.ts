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

/** Requests of one operation since the simulator started. */
export interface OperationLog {
  readonly calls: number;
  /** Responses with data, and empty responses. */
  readonly accepted: number;
  /** Rejected requests by failure: `1202`, `sign invalid`, `Throttling.User`, `503`, `hang`. */
  readonly refused: Readonly<Record<string, number>>;
  readonly rows: number;
  readonly longestWindowSeconds: number;
  /** Number of windows longer than the operation's page allows: two hours or seven days. */
  readonly windowsTooLong: number;
  /** Maximum number of requests in one calendar second. */
  readonly mostInOneSecond: number;
  /** The last 600 seconds that had requests, oldest first. */
  readonly bySecond: readonly SecondLog[];
}

export interface SecondLog {
  /** UNIX time. */
  readonly second: number;
  readonly accepted: number;
  readonly refused: number;
}

export interface RequestLog {
  add(request: HandledRequest, now: EpochMs): void;
  /** Returns the log by operation; `unknown` contains the requests for all other operations. */
  read(): Readonly<Record<string, OperationLog>>;
}

interface Counts {
  accepted: number;
  rows: number;
  maxWindowMs: number;
  windowsTooLong: number;
  mostInOneSecond: number;
  readonly refused: Map<string, number>;
  readonly seconds: Map<number, { accepted: number; refused: number }>;
}

export function createRequestLog(): RequestLog {
  const operations = new Map<string, Counts>();
  return {
    add(request, now) {
      const counts = operations.get(request.operation) ?? createCounts();
      operations.set(request.operation, counts);
      count(counts, request, Math.floor(now / secondMs));
    },
    read: () => Object.fromEntries(operations.entries().map(([name, counts]) => [name, toLog(counts)])),
  };
}

function createCounts(): Counts {
  return {
    accepted: 0,
    rows: 0,
    maxWindowMs: 0,
    windowsTooLong: 0,
    mostInOneSecond: 0,
    refused: new Map(),
    seconds: new Map(),
  };
}

function count(
  counts: Counts,
  { operation, outcome, windowMs = 0, rows }: HandledRequest,
  second: number,
): void {
  const inSecond = counts.seconds.get(second) ?? { accepted: 0, refused: 0 };
  counts.seconds.set(second, inSecond);
  if (outcome === 'ok' || outcome === 'empty') {
    counts.accepted += 1;
    inSecond.accepted += 1;
  } else {
    counts.refused.set(outcome, (counts.refused.get(outcome) ?? 0) + 1);
    inSecond.refused += 1;
  }
  counts.rows += rows;
  counts.maxWindowMs = Math.max(counts.maxWindowMs, windowMs);
  if (windowMs > (maxSpanMs[operation] ?? Infinity)) counts.windowsTooLong += 1;
  counts.mostInOneSecond = Math.max(counts.mostInOneSecond, inSecond.accepted + inSecond.refused);
  if (counts.seconds.size > maxSeconds) {
    const [oldest] = counts.seconds.keys();
    if (oldest !== undefined) counts.seconds.delete(oldest);
  }
}

function toLog({ accepted, refused, rows, maxWindowMs, seconds, ...rest }: Counts): OperationLog {
  const rejected = refused.values().reduce((sum, calls) => sum + calls, 0);
  return {
    calls: accepted + rejected,
    accepted,
    refused: Object.fromEntries(refused),
    rows,
    longestWindowSeconds: maxWindowMs / secondMs,
    windowsTooLong: rest.windowsTooLong,
    mostInOneSecond: rest.mostInOneSecond,
    bySecond: [...seconds].map(([second, calls]) => ({ second, ...calls })),
  };
}
