import type { ControlAction } from '../../../model/control-action.ts';
import type { PushEnd } from '../../../model/push-end.ts';
import { withoutPushSecrets } from '../../../model/push-secrets.ts';
import type { ListedApp } from '../../../model/questions.ts';
import { wholeSecond } from '../../../model/target-ledger.ts';
import type { EpochMs, Window } from '../../../model/time.ts';
import { quote } from '../../kit/message.ts';
import { readFields, readText, readWholeText } from '../../kit/values.ts';
import { parseTime } from '../times.ts';
import { beijingOffsetMs } from './beijing-time.ts';
import { meaningOf, type StopReason } from './stop-reasons.ts';

/** Row of one push that has ended. */
export interface EventRow {
  readonly end: PushEnd;
  readonly action: StopReason['action'];
}

/** Maximum number of different undocumented reasons that an account reports. */
const maxUnknownReasons = 20;

/** Maximum number of characters of an undocumented reason in a warning. */
const maxReasonLength = 80;

/**
 * Creates the function that returns the warning about an undocumented `StopReason`. An operator can report
 * the text. Only the first few different texts are named, because the texts are free.
 */
export function createReasonWarnings() {
  const known = new Set<string>();
  return (text: string): string => {
    const shown = quote(withoutPushSecrets(text), []).slice(0, maxReasonLength).toWellFormed();
    if (!known.has(shown) && known.size >= maxUnknownReasons) return moreReasonsWarning;
    known.add(shown);
    return `unknown StopReason ${JSON.stringify(shown)}: the end of the push has the reason "unknown", and no control action counts; report this text`;
  };
}

export const moreReasonsWarning = 'more unknown StopReasons: they are not listed; report this';

/**
 * Reads one row: the end of a push, `running` if the row says that the push has not ended, or undefined if
 * the row has no stream or no readable end. `onUnknownReason` receives the text of an undocumented reason.
 */
export function readEvent(
  row: unknown,
  { domain, appName }: ListedApp,
  onUnknownReason: (text: string) => void,
): EventRow | 'running' | undefined {
  const fields = readFields(row);
  const stream = readText(fields?.StreamName);
  if (fields === undefined || stream === undefined) return undefined;
  // Not documented: whether pushes without an end are listed, and how.
  if (isBlankTime(fields.StreamEndTime)) return 'running';
  const endedAt = parseTime(fields.StreamEndTime, beijingOffsetMs)?.at;
  if (endedAt === undefined) return undefined;
  const text = readWholeText(fields.StopReason) ?? '';
  const meaning = meaningOf(text);
  if (meaning === undefined) onUnknownReason(text);
  const { reason, action }: StopReason = meaning ?? { reason: 'unknown' };
  const startedAt = parseTime(fields.StreamStartTime, beijingOffsetMs)?.at;
  return { end: { domain, appName, stream, startedAt, endedAt, reason }, action };
}

/** Reports whether a time is missing, or the zero of a database, of Go or of UNIX time in UTC or Beijing time. */
function isBlankTime(value: unknown): boolean {
  if (value === undefined || value === null || value === 0) return true;
  return typeof value === 'string' && /^(|-|0|(0000-|0001-01-01|1970-01-01).*)$/.test(value.trim());
}

/**
 * Returns the control action that ended a push. The address of the row is that of the publisher, so it is not
 * used.
 */
export function toAction({ end, action }: EventRow): ControlAction | undefined {
  if (action === undefined) return undefined;
  const { domain, appName, stream, endedAt } = end;
  return { actedAt: wholeSecond(endedAt), domain, appName, stream, action, clientIp: undefined };
}

/**
 * Returns the time of the push that is nearest to the window. Not documented: whether the provider selects
 * pushes by their begin, by their end, or by both.
 */
export function nearestTo({ from, to }: Window, { startedAt, endedAt }: PushEnd): EpochMs {
  const begin = Math.min(startedAt ?? endedAt, endedAt);
  return endedAt < from ? endedAt : Math.max(begin, Math.min(endedAt, to));
}
