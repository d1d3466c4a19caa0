import type { Call, Query } from '../../calls/call.ts';
import type { ControlAction } from '../../model/control-action.ts';
import { capabilityOf } from '../../model/operations.ts';
import { withoutPushSecrets } from '../../model/push-secrets.ts';
import type { ControlHistorySource, ControlledDomain } from '../../model/questions.ts';
import type { EpochMs, Window } from '../../model/time.ts';
import { readAddress } from '../kit/address.ts';
import { unexpectedShape } from '../kit/json.ts';
import { isMisplaced, oldResponseAdvice, outsideWindow } from '../kit/requested-window.ts';
import { readRows } from '../kit/rows.ts';
import { readFields } from '../kit/values.ts';
import { recordsOf } from './rows.ts';
import { readStreamName } from './stream-names.ts';
import { parseAlibabaTime, toTimeRange } from './times.ts';

const operation = 'DescribeLiveStreamsControlHistory';
const { spanMs, retentionMs } = capabilityOf(operation);

export const truncationWarning =
  'the number of records in the response is a multiple of 100: the provider possibly truncated the response, so actions can be missing';

/**
 * Maximum number of characters of an action label. The actions in recorded responses have six letters. The
 * longest action in the documentation has 33 letters: it is the name of an operation.
 */
const maxActionLength = 64;

/**
 * Creates the source of control actions, which calls DescribeLiveStreamsControlHistory. One request returns
 * the actions on all streams of one main streaming domain. The API does not split its results into pages.
 */
export function createAlibabaControlHistory(
  call: Call,
  { now }: { readonly now: () => EpochMs },
): ControlHistorySource {
  const context = `alibaba ${operation}`;
  return {
    operation,
    limits: { spanMs, retentionMs },
    async listControlActions(domain, window, signal) {
      const response = await call(operation, toQuery(domain, window, now()), signal);
      const records = recordsOf(response, 'ControlInfo', 'LiveStreamControlInfo');
      if (records === undefined) throw unexpectedShape(context, 'ControlInfo');
      const toName = createActionNames();
      const read = readRows(records, (record) => readAction(record, domain, toName), context);
      if (isMisplaced(read.items, ({ actedAt }) => actedAt, window)) {
        throw outsideWindow(context, oldResponseAdvice);
      }
      return { ...read, warnings: looksTruncated(records.length) ? [truncationWarning] : [] };
    },
  };
}

/** Returns the query parameters of one request. */
function toQuery({ domain, appName }: ControlledDomain, window: Window, now: EpochMs): Query {
  return {
    DomainName: domain,
    ...(appName !== undefined && { AppName: appName }),
    ...toTimeRange(window, now, spanMs),
  };
}

/**
 * Converts one record of the response to a control action. Returns undefined if the record has no time,
 * stream or action; the caller then counts the record as malformed.
 */
function readAction(
  record: unknown,
  requested: ControlledDomain,
  toName: typeof toActionName,
): ControlAction | undefined {
  const fields = readFields(record);
  const actedAt = parseAlibabaTime(fields?.TimeStamp);
  const action = toName(fields?.Action);
  if (actedAt === undefined || action === '') return undefined;

  const { domain, appName, stream } = readStreamName(fields?.StreamName);
  if (stream === '') return undefined;
  return {
    actedAt,
    // What the name does not contain is what was requested. The config has domains in lower case.
    domain: domain.toLowerCase() || requested.domain,
    appName: appName || (requested.appName ?? ''),
    stream,
    action,
    clientIp: readAddress(fields?.ClientIP),
  };
}

/**
 * Creates a variant of `toActionName` for the records of one response, which contain only a few different
 * actions.
 */
function createActionNames(): typeof toActionName {
  const names = new Map<unknown, string>();
  return (value) => {
    const known = names.get(value);
    if (known !== undefined) return known;
    const name = toActionName(value);
    names.set(value, name);
    return name;
  };
}

/**
 * Converts an action to a label value: lower case, one line, no invisible characters, at most 64 characters.
 * The provider documents no complete list of actions, so any text can occur. Returns an empty text for a
 * value that is no text.
 */
function toActionName(value: unknown): string {
  if (typeof value !== 'string') return '';
  const name = withoutPushSecrets(value)
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\s]+/gu, ' ')
    .trim()
    .toLowerCase();
  // Truncate by code points, so that the result does not end in half of a surrogate pair.
  return [...name].slice(0, maxActionLength).join('').trimEnd();
}

/**
 * Reports whether a response with `count` records may be truncated: if `count` is a multiple of 100 and not
 * 0. Not documented: the maximum number of records in a response, which is probably a multiple of 100.
 */
function looksTruncated(count: number): boolean {
  return count > 0 && count % 100 === 0;
}
