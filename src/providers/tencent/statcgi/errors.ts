import type { HttpResponse } from '../../../calls/call.ts';
import { type FailureKind, ProviderError } from '../../../model/answer.ts';
import type { EpochMs } from '../../../model/time.ts';
import { readRetryAfterMs } from '../../kit/read.ts';

/** What an answer says of itself. */
export interface ApiStatus {
  /** 0: well. */
  readonly code: number;
  readonly text: string;
}

interface Fault {
  readonly code?: number;
  /**
   * Part of the text, in small letters. Those without a code are told by this alone: their codes are not documented.
   */
  readonly text: string;
  readonly kind: FailureKind;
  /** What to do. */
  readonly advice?: string;
}

const notEnabled = 'app_id is wrong, or the API is not enabled for it, which takes a ticket at Tencent';

/** The tables of cloud.tencent.com/document/product/454/7920; they misspell some texts, so only parts are here. */
const faults: readonly Fault[] = [
  { text: 'time expired', kind: 'auth', advice: 'check the clock' },
  { text: 'sign invalid', kind: 'auth', advice: 'check the key' },
  { text: 'cmd is invalid', kind: 'refused', advice: notEnabled },
  { text: 'appid is invalid', kind: 'refused', advice: notEnabled },
  { code: 1000, text: 'user is not registered', kind: 'refused', advice: notEnabled },
  { code: 1001, text: 'service for statapi was stopped', kind: 'refused', advice: notEnabled },
  { code: 1201, text: 'system error', kind: 'unavailable' },
  { code: 1202, text: 'frequency exceeds limit', kind: 'throttled' },
  { code: 1204, text: 'invalid input param', kind: 'refused' },
];

/** 10003: asked well, no rows. 1301: nothing is live. Both are answers. */
export function isEmptyStatus({ code }: ApiStatus): boolean {
  return code === 10003 || code === 1301;
}

export function needsResign({ text }: ApiStatus): boolean {
  return text.toLowerCase().includes('time expired');
}

/**
 * The failure that an answer tells of, or undefined when it is one that brings something. `text` is already fit to
 * show.
 */
export function toFailure(said: ApiStatus, context: string): ProviderError | undefined {
  const { code, text } = said;
  if (code === 0 || isEmptyStatus(said)) return undefined;
  const fault = faults.find((one) => one.code === code || text.toLowerCase().includes(one.text));
  const words = text === '' ? '' : `: ${text}`;
  const advice = fault?.advice === undefined ? '' : ` (${fault.advice})`;
  // An unknown code is a "no" that asking again will not change.
  return new ProviderError(fault?.kind ?? 'refused', `${context}: code ${code}${words}${advice}`);
}

/** The failure that a status tells of, or undefined for one of success. */
export function toHttpFailure(
  { status, headers }: HttpResponse,
  context: string,
  now: EpochMs,
): ProviderError | undefined {
  if (status >= 200 && status < 300) return undefined;
  const { kind, advice } = meaningOf(status);
  const retryAfterMs = readRetryAfterMs(headers['retry-after'], now);
  const message = `${context}: HTTP ${status}${advice === undefined ? '' : ` (${advice})`}`;
  return new ProviderError(kind, message, retryAfterMs === undefined ? {} : { retryAfterMs });
}

function meaningOf(status: number): Pick<Fault, 'kind' | 'advice'> {
  // The same page: "request check failed", with a hint at a login cookie.
  if (status === 403) return { kind: 'auth', advice: 'check app_id and the key' };
  if (status === 401 || status === 407) return { kind: 'auth' };
  if (status === 429) return { kind: 'throttled' };
  if (status === 408 || status >= 500) return { kind: 'unavailable' };
  return { kind: 'refused', advice: 'check the endpoint' };
}
