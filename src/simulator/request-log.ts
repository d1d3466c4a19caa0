import { dayMs, type EpochMs, hourMs, secondMs } from '../model/time.ts';
import type { HandledRequest } from './reply.ts';

/** By operation: the page of one recommends no longer window, and does not say that one is refused; the other's does. */
const longestSpanMs: Readonly<Record<string, number>> = {
  Get_LivePushStatHistory: 2 * hourMs,
  DescribeLiveStreamsControlHistory: 7 * dayMs,
};

const keptSeconds = 600;

/** What was asked of one operation since the simulator started. */
export interface OperationLog {
  readonly calls: number;
  /** Answered with data, or with the word that there is none. */
  readonly accepted: number;
  /** By failure: `1202`, `sign invalid`, `Throttling.User`, `503`, `hang`. */
  readonly refused: Readonly<Record<string, number>>;
  readonly rows: number;
  readonly longestWindowSeconds: number;
  /** How many windows were longer than the operation's page wants: two hours, or seven days. */
  readonly windowsTooLong: number;
  /** The most calls in one calendar second. */
  readonly mostInOneSecond: number;
  /** The last ten minutes of calls, oldest first. */
  readonly bySecond: readonly SecondLog[];
}

export interface SecondLog {
  /** UNIX time. */
  readonly second: number;
  readonly accepted: number;
  readonly refused: number;
}

export interface RequestLog {
  add(answered: HandledRequest, now: EpochMs): void;
  /** By operation; `unknown` for calls of any other. */
  read(): Readonly<Record<string, OperationLog>>;
}

interface Counting {
  accepted: number;
  rows: number;
  longestWindowMs: number;
  windowsTooLong: number;
  mostInOneSecond: number;
  readonly refused: Map<string, number>;
  readonly seconds: Map<number, { accepted: number; refused: number }>;
}

export function createRequestLog(): RequestLog {
  const operations = new Map<string, Counting>();
  return {
    add(answered, now) {
      const counting = operations.get(answered.operation) ?? createCounting();
      operations.set(answered.operation, counting);
      count(counting, answered, Math.floor(now / secondMs));
    },
    read: () => Object.fromEntries(operations.entries().map(([name, counting]) => [name, toLog(counting)])),
  };
}

function createCounting(): Counting {
  return {
    accepted: 0,
    rows: 0,
    longestWindowMs: 0,
    windowsTooLong: 0,
    mostInOneSecond: 0,
    refused: new Map(),
    seconds: new Map(),
  };
}

function count(
  counting: Counting,
  { operation, outcome, windowMs = 0, rows }: HandledRequest,
  second: number,
): void {
  const inSecond = counting.seconds.get(second) ?? { accepted: 0, refused: 0 };
  counting.seconds.set(second, inSecond);
  if (outcome === 'ok' || outcome === 'empty') {
    counting.accepted += 1;
    inSecond.accepted += 1;
  } else {
    counting.refused.set(outcome, (counting.refused.get(outcome) ?? 0) + 1);
    inSecond.refused += 1;
  }
  counting.rows += rows;
  counting.longestWindowMs = Math.max(counting.longestWindowMs, windowMs);
  if (windowMs > (longestSpanMs[operation] ?? Infinity)) counting.windowsTooLong += 1;
  counting.mostInOneSecond = Math.max(counting.mostInOneSecond, inSecond.accepted + inSecond.refused);
  if (counting.seconds.size > keptSeconds) {
    const [oldest] = counting.seconds.keys();
    if (oldest !== undefined) counting.seconds.delete(oldest);
  }
}

function toLog({ accepted, refused, rows, longestWindowMs, seconds, ...rest }: Counting): OperationLog {
  const refusals = refused.values().reduce((sum, calls) => sum + calls, 0);
  return {
    calls: accepted + refusals,
    accepted,
    refused: Object.fromEntries(refused),
    rows,
    longestWindowSeconds: longestWindowMs / secondMs,
    windowsTooLong: rest.windowsTooLong,
    mostInOneSecond: rest.mostInOneSecond,
    bySecond: [...seconds].map(([second, calls]) => ({ second, ...calls })),
  };
}
