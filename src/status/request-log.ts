import type { RequestOutcome } from '../model/request-outcome.ts';
import type { EpochMs } from '../model/time.ts';

export interface LoggedRequest extends RequestOutcome {
  /** Wall clock time of the request (epoch ms). */
  readonly at: EpochMs;
}

export type RequestLog = ReturnType<typeof createRequestLog>;

/**
 * Number of requests that are kept of all targets together, so that the memory does not depend on the number of
 * streams: about 0.5 MB. With 300 streams and an interval of 5 s, these are the last 70 s.
 */
const maxRequests = 4_096;
/** Number of requests that are shown of one target, and kept of a target whose requests were read lately. */
const maxPerTarget = 20;
/** Number of targets, those that were read last, whose requests are kept in addition. */
const maxRead = 64;

/**
 * Creates the memory of the last requests, for the page of a stream. A ring holds the last requests of all
 * targets. The requests of a target that somebody reads are kept from then on, even if its next requests come
 * so late that the ring no longer contains the earlier ones.
 */
export function createRequestLog() {
  const keys: string[] = [];
  const requests: LoggedRequest[] = [];
  let next = 0;
  /** Requests of the targets that were read last, oldest first. The target that was read last is at the end. */
  const read = new Map<string, LoggedRequest[]>();

  function keep(list: LoggedRequest[], request: LoggedRequest): void {
    list.push(request);
    if (list.length > maxPerTarget) list.shift();
  }

  /** Returns the requests of a target in the ring, oldest first. */
  function inRing(targetKey: string): LoggedRequest[] {
    const found: LoggedRequest[] = [];
    for (let i = 0; i < keys.length; i++) {
      const at = (next + i) % keys.length;
      const request = requests[at];
      if (keys[at] === targetKey && request !== undefined) keep(found, request);
    }
    return found;
  }

  return {
    /** Adds a request of the target, which was sent at `at` (wall clock). */
    add(targetKey: string, at: EpochMs, outcome: RequestOutcome): void {
      const { window, tookMs, rows, counted, skipped, failure } = outcome;
      const request = { at, window, tookMs, rows, counted, skipped, failure };
      keys[next] = targetKey;
      requests[next] = request;
      next = (next + 1) % maxRequests;
      if (read.size === 0) return;
      const list = read.get(targetKey);
      if (list !== undefined) keep(list, request);
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
