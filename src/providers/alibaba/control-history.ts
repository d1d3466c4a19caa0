import type { Call, Query } from '../../calls/call.ts';
import { capabilityOf } from '../../model/capabilities.ts';
import type { ControlAction } from '../../model/control-action.ts';
import type { ControlHistorySource, ControlledDomain } from '../../model/questions.ts';
import { type EpochMs, secondMs, type Window } from '../../model/time.ts';
import { unexpectedShape } from '../kit/json.ts';
import { readRows } from '../kit/rows.ts';
import { readFields, readText } from '../kit/values.ts';
import { recordsOf } from './rows.ts';
import { parseAlibabaTime, toAlibabaTime } from './times.ts';

const operation = 'DescribeLiveStreamsControlHistory';
const { spanMs, retentionMs } = capabilityOf(operation);

export const truncationWarning = 'number of records is a multiple of 100, so the response may be truncated';

/** Recorded actions have six letters; the longest in the documentation, an operation name, has 33. */
const maxActionLength = 64;

/**
 * Creates the source of DescribeLiveStreamsControlHistory: the control actions on the streams of one main
 * streaming
 * domain. The API has no paging.
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
      const read = readRows(records, (record) => readAction(record, domain), context);
      return { ...read, warnings: looksTruncated(records.length) ? [truncationWarning] : [] };
    },
  };
}

/**
 * Builds the parameters: whole seconds that cover the window, clipped to the maximum span and to now. Not
 * documented:
 * whether the provider rejects an end in the future.
 */
function toQuery({ domain, appName }: ControlledDomain, window: Window, now: EpochMs): Query {
  const start = Math.floor(window.from / secondMs) * secondMs;
  const end = Math.min(Math.ceil(window.to / secondMs) * secondMs, now, start + spanMs);
  return {
    DomainName: domain,
    ...(appName !== undefined && { AppName: appName }),
    StartTime: toAlibabaTime(start),
    // The provider rejects an end before the start. A window in the future becomes an empty one.
    EndTime: toAlibabaTime(Math.max(start, end)),
  };
}

/** Converts one record; undefined (malformed) if it has no time, stream or action. */
function readAction(record: unknown, requested: ControlledDomain): ControlAction | undefined {
  const fields = readFields(record);
  const actedAt = parseAlibabaTime(fields?.TimeStamp);
  // Replace lone surrogates: in UTF-8 they are all equal, so names that differ in them would share series and
  // state.
  const name = readText(fields?.StreamName)?.toWellFormed();
  const action = toActionName(readText(fields?.Action) ?? '');
  if (actedAt === undefined || name === undefined || action === '') return undefined;

  const identity = splitStreamName(name, requested);
  if (identity.stream === '') return undefined;
  return { actedAt, ...identity, action, clientIp: readText(fields?.ClientIP) };
}

/**
 * Splits `domain/app/stream`, the form of every recorded response; a stream name can contain slashes. Newer
 * documentation shows a bare name: with fewer than two slashes, the text is the stream name, and domain and
 * application
 * are those of the request.
 */
function splitStreamName(
  name: string,
  requested: ControlledDomain,
): Pick<ControlAction, 'domain' | 'appName' | 'stream'> {
  const first = name.indexOf('/');
  const second = name.indexOf('/', first + 1);
  const appName = requested.appName ?? '';
  if (second === -1) return { domain: requested.domain, appName, stream: name };
  return {
    domain: name.slice(0, first) || requested.domain,
    appName: name.slice(first + 1, second) || appName,
    stream: name.slice(second + 1),
  };
}

/**
 * Normalizes an action, which becomes a label: lower case, one line, no invisible characters, limited length.
 * The
 * provider has no closed list of actions.
 */
function toActionName(text: string): string {
  const name = text
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\s]+/gu, ' ')
    .trim()
    .toLowerCase();
  // Truncate by code point, so that no surrogate pair is split.
  return [...name].slice(0, maxActionLength).join('').trimEnd();
}

/**
 * Reports whether the response may be truncated. Not documented: the maximum row count; it is probably a
 * multiple of 100.
 */
function looksTruncated(count: number): boolean {
  return count > 0 && count % 100 === 0;
}
