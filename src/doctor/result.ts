import { type Answer, ProviderError } from '../model/answer.ts';
import type { PushSample } from '../model/push-sample.ts';
import type { Answered, Failed, Rate } from './facts.ts';

/** Returns the result of a failed check. `operation` is the operation whose request failed. */
export function failedResult(error: unknown, operation: string): Failed {
  if (error instanceof ProviderError) {
    const { kind: failure, reason, message } = error;
    return { kind: 'failed', failure, reason, message, operation };
  }
  const isTimeout = error instanceof Error && error.message.startsWith('not finished');
  const message = error instanceof Error ? error.message : String(error);
  return {
    kind: 'failed',
    failure: isTimeout ? 'unavailable' : 'internal',
    reason: isTimeout ? 'timeout' : undefined,
    message: `${operation}: ${message}`,
    operation,
  };
}

/** Returns the result of a check whose answer could be read. */
export function answeredResult(
  { items, malformed, warnings }: Answer<unknown>,
  more: Partial<Answered> = {},
): Answered {
  return { kind: 'answered', count: items.length, malformed, warnings, ...more };
}

/** Returns the rates of a sample with video; undefined if one of them is 0 or unknown, which shows no unit. */
export function rateOf({ framesPerSecond = 0, bitsPerSecond = 0 }: PushSample): Rate | undefined {
  return framesPerSecond > 0 && bitsPerSecond > 0 ? { fps: framesPerSecond, bps: bitsPerSecond } : undefined;
}
