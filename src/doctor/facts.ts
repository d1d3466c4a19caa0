import type { FailureKind } from '../model/answer.ts';
import type { Question } from '../model/capabilities.ts';
import type { FailureReason } from '../model/failure-reason.ts';
import type { DomainMapping, MinuteRate } from '../model/questions.ts';
import type { EpochMs } from '../model/time.ts';

/** What the checks of one account have found. The diagnosis depends on nothing else. */
export interface AccountFacts {
  readonly account: string;
  readonly provider: string;
  /**
   * Problems that make requests impossible, such as a missing secret, each with its position in the config.
   */
  readonly problems: readonly string[];
  /** Where the secrets of the account come from. */
  readonly secrets: readonly SecretLocation[];
  readonly clock: ClockFacts;
  /**
   * UTC offset in ms of times without a zone, from the config; undefined if the config has no such setting.
   */
  readonly timeZoneOffsetMs?: number | undefined;
  /** Budget in requests per second, by operation. */
  readonly budgets: Readonly<Record<string, number>>;
  readonly checks: readonly Check[];
}

/** Location of a secret. It does not contain the secret. */
export interface SecretLocation {
  /** Name of the secret in the code of the provider, such as `accessKeyId`. */
  readonly name: string;
  /** Text such as `environment variable SECRET_ID`. */
  readonly text: string;
}

export interface ClockFacts {
  /**
   * Local clock minus the provider's clock, in ms; undefined without a response that has a readable `Date`.
   */
  readonly offsetMs: number | undefined;
  /** Offset in ms, ahead or behind, up to which the exporter uses responses. */
  readonly toleranceMs: number;
}

/** Stream, domain or application for which an operation was requested. */
export interface CheckTarget {
  readonly domain: string;
  readonly appName?: string | undefined;
  readonly stream?: string | undefined;
  /**
   * Whether the stream does not exist: no live stream is known, so only access to the operation was checked.
   */
  readonly isMadeUp?: boolean;
}

/** One operation of an account, and what its answer was. */
export interface Check {
  readonly operation: string;
  /**
   * Kind of data that the operation returns; `domain_mapping` for the lookup of domains, `push_metrics` for
   * the bit rates with which those of other operations are compared.
   */
  readonly question: Question | 'domain_mapping' | 'push_metrics';
  readonly target: CheckTarget;
  readonly result: Result;
}

export type Result = Answered | Failed | NotChecked | NotOffered;

/** The answer could be read. */
export interface Answered {
  readonly kind: 'answered';
  /** Number of samples, streams, actions or bans. */
  readonly count: number;
  readonly malformed: number;
  readonly warnings: readonly string[];
  readonly push?: PushFacts;
  /**
   * Application under which the stream, or streams of the domain, were found, although the config names
   * another one, under which there is nothing.
   */
  readonly otherApp?: { readonly configured: string; readonly found: string } | undefined;
  /** Values of pushes that a list contains, by stream. */
  readonly listed?: ReadonlyMap<string, Rate>;
  /** Time whose values the list contains; undefined if it has no time. */
  readonly listedAt?: EpochMs | undefined;
  readonly reference?: ReferenceRates;
}

/** Bit rates of one stream whose unit is documented. */
export interface ReferenceRates {
  readonly minutes: readonly MinuteRate[];
  /** Whether most bit rates are those of the bytes in the same rows. If not, they prove nothing. */
  readonly isConsistent: boolean;
}

/** Frame rate (per second) and bit rate (bit/s) of one sample. */
export interface Rate {
  readonly fps: number;
  readonly bps: number;
}

/** Facts about the newest samples of one stream. */
export interface PushFacts {
  /**
   * Age in ms of the newest sample by the provider's clock, without the period that it covers. Not negative.
   */
  readonly ageMs: number | undefined;
  /**
   * Whether a newer sample appeared after the time that one sample covers, so that the stream is live;
   * undefined if this was not checked.
   */
  readonly isAdvancing: boolean | undefined;
  readonly expectedDelayMs: number;
  /**
   * Time in ms for which the provider lists the stream as live; undefined if it is not listed, or unknown.
   */
  readonly listedForMs: number | undefined;
  /** The newest samples with video, newest first. */
  readonly rates: readonly Rate[];
  /** Mean bit rates of the minutes of which there are enough samples. */
  readonly minutes: readonly MinuteRate[];
  /** Bit rate in bit/s that the config expects; undefined if it expects none. */
  readonly expectedBps: number | undefined;
}

/**
 * Reports whether a stream with samples is live. If its newest sample is older than the expected delay, only
 * other facts can tell late samples from the end of the push.
 */
export function isLive({ ageMs, isAdvancing, expectedDelayMs, listedForMs }: PushFacts): boolean {
  if (ageMs === undefined) return false;
  const isListed = listedForMs !== undefined && listedForMs > ageMs;
  // A list can be late too, so it decides only if nothing better is known.
  return ageMs <= expectedDelayMs || (isAdvancing ?? isListed);
}

/** The request failed, or the answer could not be read. */
export interface Failed {
  readonly kind: 'failed';
  readonly failure: FailureKind;
  readonly reason: FailureReason | undefined;
  /** Message without secrets. */
  readonly message: string;
  /** Operation that failed: the checked one, or another one on whose answer it depends. */
  readonly operation: string;
  /** How much later than requested the times of the rows seem to be, in ms; undefined if unknown. */
  readonly shiftMs?: number | undefined;
  /** Domains that belong together with the rejected domain; undefined if unknown. */
  readonly mapping?: DomainMapping | undefined;
}

/** Nothing was requested, because another failure shows that the request cannot succeed. */
export interface NotChecked {
  readonly kind: 'not_checked';
  readonly because: string;
  /** Operation whose failure is the cause. */
  readonly failedOperation: string;
}

/** The provider does not offer the operation to this account, which has another one for it. */
export interface NotOffered {
  readonly kind: 'not_offered';
  /** What the operator can do so that the provider offers the operation; undefined if nothing. */
  readonly advice?: string | undefined;
}
