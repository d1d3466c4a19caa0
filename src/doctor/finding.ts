import { failureReasons } from '../model/failure-reason.ts';

/**
 * Names of all causes: the reasons of failed requests, then those without a request and those that answers
 * show.
 */
export const causes = [
  ...failureReasons,
  ...(['config', 'unused_account', 'credentials', 'refused', 'internal'] as const),
  ...([
    'app_name',
    'data_delay',
    'no_history',
    'nothing_live',
    'unit',
    'unreadable_rows',
    'warning',
  ] as const),
] as const;

export type Cause = (typeof causes)[number];

/** One problem, or one remark, with its remedy. */
export interface Finding {
  readonly account: string;
  readonly cause: Cause;
  /** A remark is worth knowing, but requires no change. */
  readonly severity: 'problem' | 'remark';
  /** What is wrong, in one sentence without a period. */
  readonly title: string;
  /** What to change, in a few words, for a table. */
  readonly summary: string;
  /** What to do, in order. */
  readonly remedy: readonly string[];
  /** Text to paste, such as a part of the config or a policy; undefined if there is none. */
  readonly paste?: string | undefined;
  /** Operations that the cause affects. */
  readonly operations: readonly string[];
  /** Message of the failure; undefined if no request failed. It contains no secret. */
  readonly message?: string | undefined;
}
