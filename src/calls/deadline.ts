import { ProviderError } from '../model/answer.ts';
import { type Clock, secondMs } from '../model/time.ts';
import type { Call, CancelSignal, SignedCall } from './call.ts';

/**
 * Limits each attempt to `ms` milliseconds. At the deadline, cancels the attempt and rejects with
 * `unavailable`, even if `call` ignores the cancel signal. All attempts that received the same signal from
 * the caller share one timer and one abort listener. An AbortController and a timer per attempt would cost
 * about 10 us of CPU, a tenth of the cost of a whole response (collection cell of the benchmark).
 */
export function withDeadline(call: SignedCall, ms: number, clock: Clock): Call {
  const groups = new Map<AbortSignal, AttemptGroup>();

  const createGroup = (signal: AbortSignal): AttemptGroup => {
    const group = createAttemptGroup(signal, ms, clock, () => groups.delete(signal));
    groups.set(signal, group);
    return group;
  };

  // No async function with Promise.race: it would create three more promises per attempt.
  return (operation, query, signal) =>
    new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const group = groups.get(signal) ?? createGroup(signal);
      const attempt = new Attempt(operation, clock.elapsed() + ms, reject);
      group.add(attempt);
      const fail = (error: unknown) => {
        group.remove(attempt);
        reject(error);
      };
      try {
        call(operation, query, attempt).then((result) => {
          group.remove(attempt);
          resolve(result);
        }, fail);
      } catch (error) {
        fail(error);
      }
    });
}

/** Attempt that is in flight. It is also the cancel signal that the call receives. */
class Attempt implements CancelSignal {
  aborted = false;
  reason: unknown = undefined;
  readonly operation: string;
  readonly deadlineAt: number;
  readonly #reject: (reason: unknown) => void;
  #listeners: (() => void)[] = [];

  constructor(operation: string, deadlineAt: number, reject: (reason: unknown) => void) {
    this.operation = operation;
    this.deadlineAt = deadlineAt;
    this.#reject = reject;
  }

  addEventListener(_: 'abort', listener: () => void): void {
    this.#listeners.push(listener);
  }

  removeEventListener(_: 'abort', listener: () => void): void {
    this.#listeners = this.#listeners.filter((each) => each !== listener);
  }

  cancel(reason: unknown): void {
    this.#reject(reason);
    this.aborted = true;
    this.reason = reason;
    for (const listener of this.#listeners) {
      try {
        listener();
      } catch {
        // Ignore an exception of a listener: the attempt has failed already, and the other attempts must
        // still be canceled.
      }
    }
  }
}

const groupEnded = new Error('no attempt is left');

type AttemptGroup = ReturnType<typeof createAttemptGroup>;

/**
 * Creates the group of the attempts in flight that received the same signal from the caller. The group ends
 * when no attempt is left, and is then not used again.
 */
function createAttemptGroup(signal: AbortSignal, ms: number, clock: Clock, onEnd: () => void) {
  const inFlight = new Set<Attempt>();
  const ended = new AbortController();

  /** Removes an attempt from the group. No-op if the attempt was already canceled. */
  const remove = (attempt: Attempt) => {
    if (!inFlight.delete(attempt) || inFlight.size > 0) return;
    signal.removeEventListener('abort', onAbort);
    onEnd();
    ended.abort(groupEnded);
  };
  const cancel = (attempt: Attempt, reason: unknown) => {
    remove(attempt);
    attempt.cancel(reason);
  };
  const onAbort = () => {
    for (const attempt of inFlight) cancel(attempt, signal.reason);
  };
  /**
   * Returns the attempt with the earliest deadline. Creates a new iterator each time: an iterator kept across
   * a sleep would retain attempts that have ended.
   */
  const oldest = () => inFlight.values().next().value;
  const cancelExpired = async () => {
    for (let attempt = oldest(); attempt !== undefined; attempt = oldest()) {
      const remainingMs = attempt.deadlineAt - clock.elapsed();
      if (remainingMs > 0) await clock.sleep(remainingMs, ended.signal);
      else
        cancel(
          attempt,
          new ProviderError('unavailable', `${attempt.operation}: no response within ${ms / secondMs} s`, {
            reason: 'timeout',
          }),
        );
    }
  };

  signal.addEventListener('abort', onAbort);
  return {
    /** Adds an attempt. Its deadline must not be earlier than those of the attempts in the group. */
    add(attempt: Attempt) {
      inFlight.add(attempt);
      // The loop rejects only when the group ends and its sleep is aborted, so ignore the rejection.
      if (inFlight.size === 1) cancelExpired().catch(() => undefined);
    },
    remove,
  };
}
