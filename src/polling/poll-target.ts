import type { FailureKind } from '../model/answer.ts';

/** A target of a poller, under the key of its record. */
export interface PollTarget {
  readonly key: string;
  readonly intervalMs: number;
}

/** Result of a run that did not fail. */
export interface RunResult {
  /** The watermark is still far from now (catch-up), so the target is due again at once. */
  readonly isBehind: boolean;
  /** No request was sent, so the run is neither a success nor a failure. */
  readonly wasSkipped?: true;
}

/** Why a run has no answer. */
export interface RunFailure {
  readonly kind: FailureKind;
  readonly message: string;
  /** The provider's `Retry-After`; undefined if it sent none. */
  readonly retryAfterMs: number | undefined;
  /** Of an internal error only. */
  readonly stack: string | undefined;
}
