import type { RequestOutcome } from '../model/request-outcome.ts';
import type { EpochMs } from '../model/time.ts';

export interface LoggedRequest extends RequestOutcome {
  /** Wall clock time of the request (epoch ms). */
  readonly at: EpochMs;
}

export type RequestLog = ReturnType<typeof createRequestLog>;

/**
 * Number of requests that are kept of all targets together, so that the memory does not depend on the number of
 * streams: 0.3 MB. With 300 streams and an interval of 5 s, these are the requests of the last 70 s.
 */
const maxRequests = 4_096;
/** Number of requests that are shown of one target, and kept of a target whose requests were read lately. */
const maxPerTarget = 20;
/** Number of targets, those that were read last, whose requests are kept in addition. */
const maxRead = 64;
/** Number of values that `numbers` contains of each request. */
const width = 7;

/**
 * Creates the memory of the last requests, for the page of a stream. A ring holds the last requests of all
 * targets. The requests of a target that somebody reads are kept from then on, even if its next requests come
 * so late that the ring no longer contains the earlier ones.
 */
export function createRequestLog() {
  const keys: string[] = [];
  const failures: LoggedRequest['failure'][] = [];
  const numbers = new Float64Array(maxRequests * width);
  let next = 0;
  /** Requests of the targets that were read last, oldest first. The target that was read last is at the end. */
  const read = new Map<string, LoggedRequest[]>();

  function requestAt(position: number): LoggedRequest {
    const values = numbers.subarray(position * width, (position + 1) * width);
    const [at = 0, from = 0, to = 0, tookMs = 0, rows = 0, counted = 0, skipped = 0] = values;
    return { at, window: { from, to }, tookMs, rows, counted, skipped, failure: failures[position] };
  }

  /** Returns the requests of a target in the ring, oldest first. */
  function inRing(targetKey: string): LoggedRequest[] {
    const found: LoggedRequest[] = [];
    for (let i = 0; i < keys.length; i++) {
      const position = (next + i) % keys.length;
      if (keys[position] === targetKey) keep(found, requestAt(position));
    }
    return found;
  }

  return {
    /** Adds a request of the target, which was sent at `at` (wall clock). */
    add(targetKey: string, at: EpochMs, outcome: RequestOutcome): void {
      const { window, tookMs, rows, counted, skipped, failure } = outcome;
      const position = next;
      keys[position] = targetKey;
      // Keep only the text: the error of a failure holds a stack.
      failures[position] = failure && { kind: failure.kind, message: failure.message };
      numbers.set([at, window.from, window.to, tookMs, rows, counted, skipped], position * width);
      next = (next + 1) % maxRequests;
      const list = read.size === 0 ? undefined : read.get(targetKey);
      if (list !== undefined) keep(list, requestAt(position));
    },
    /** Returns the last requests of a target, newest first, and keeps its requests from now on. */
    of(targetKey: string): readonly LoggedRequest[] {
      const list = read.get(targetKey) ?? inRing(targetKey);
      read.delete(targetKey);
      read.set(targetKey, list);
      if (read.size > maxRead) for (const oldest of read.keys().take(1)) read.delete(oldest);
      return list.toReversed();
    },
  };
}

function keep(list: LoggedRequest[], request: LoggedRequest): void {
  list.push(request);
  if (list.length > maxPerTarget) list.shift();
}
