import { type Answer, ProviderError } from '../model/answer.ts';
import type { PushSample } from '../model/push-sample.ts';
import { secondMs } from '../model/time.ts';
import type { Answered, Failed, Rate } from './facts.ts';

/**
 * Returns the result of a failed check. `checked` is the operation of the check. Its source can need others
 * of the account's `operations`; the message of a failure names the one that failed.
 */
export function failedResult(error: unknown, checked: string, operations: readonly string[]): Failed {
  if (error instanceof ProviderError) {
    const { kind: failure, reason, message, shiftMs } = error;
    const words = new Set(message.split(/\W+/));
    const operation = operations.find((name) => words.has(name)) ?? checked;
    return { kind: 'failed', failure, reason, message, operation, shiftMs };
  }
  const isTimeout = error === checkTimeout;
  const message = error instanceof Error ? error.message : String(error);
  return {
    kind: 'failed',
    failure: isTimeout ? 'unavailable' : 'internal',
    reason: isTimeout ? 'timeout' : undefined,
    message: `${checked}: ${message}`,
    operation: checked,
  };
}

/** Maximum duration of one check in ms, with all its requests and the waits for the rate limit. */
export const maxCheckMs = 60 * secondMs;

/** Reason for which a check is aborted that takes too long. */
export const checkTimeout = new Error(`not finished within ${maxCheckMs / secondMs} s`);

/** Returns the result of a check whose answer could be read. */
export function answeredResult(
  { items, malformed, warnings }: Answer<unknown>,
  more: Partial<Answered> = {},
): Answered {
  return { kind: 'answered', count: items.length, malformed, warnings, ...more };
}

/**
 * Returns the rates of a sample with video; undefined if one of them is 0 or unknown, which shows no unit.
 */
export function rateOf({ framesPerSecond = 0, bitsPerSecond = 0 }: PushSample): Rate | undefined {
  return framesPerSecond > 0 && bitsPerSecond > 0 ? { fps: framesPerSecond, bps: bitsPerSecond } : undefined;
}
