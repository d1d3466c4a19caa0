import type { Call, Query } from '../../calls/call.ts';
import { ProviderError } from '../../model/answer.ts';
import type { ControlAction } from '../../model/control-action.ts';
import type { ControlHistorySource, ControlledDomain } from '../../model/questions.ts';
import { dayMs, type EpochMs, secondMs, type Window } from '../../model/time.ts';
import { readFields, readRows, readText } from '../kit/read.ts';
import { recordsOf } from './rows.ts';
import { parseAlibabaTime, toAlibabaTime } from './times.ts';

const operation = 'DescribeLiveStreamsControlHistory';

/**
 * Source: help.aliyun.com/document_detail/35411 (the seed 004_3a006501540ff5cf.txt). It gives the span. How far back
 * it can be asked is not in the reference: seven days at least, or nobody could ask for a span of them.
 */
const limits = { spanMs: 7 * dayMs, retentionMs: 7 * dayMs };

export const roundNote = 'the number of records is round, so the answer may be cut short';

/** Those recorded have six letters; the longest on a page, the name of an operation, has 33. */
const maxActionLength = 64;

export interface AlibabaControlHistoryOptions {
  readonly now: () => EpochMs;
}

/** DescribeLiveStreamsControlHistory: what was done to the streams of one main streaming domain. There are no pages. */
export function createAlibabaControlHistory(
  call: Call,
  options: AlibabaControlHistoryOptions,
): ControlHistorySource {
  return {
    operation,
    limits,
    async listControlActions(domain, window, signal) {
      const answer = await call(operation, toQuery(domain, window, options.now()), signal);
      const records = recordsOf(answer, 'ControlInfo', 'LiveStreamControlInfo');
      if (records === undefined) {
        throw new ProviderError('malformed', `alibaba ${operation}: the records have an unknown form`);
      }
      const read = readRows(records, (record) => readAction(record, domain), `alibaba ${operation}`);
      return { ...read, warnings: isRound(records.length) ? [roundNote] : [] };
    },
  };
}

/**
 * In whole seconds that hold all of the window, but no more than may be asked: not a second over the span, and none of
 * the future, of which the pages don't say whether it is refused.
 */
function toQuery({ domain, appName }: ControlledDomain, window: Window, now: EpochMs): Query {
  const start = Math.floor(window.from / secondMs) * secondMs;
  const end = Math.min(Math.ceil(window.to / secondMs) * secondMs, now, start + limits.spanMs);
  return {
    DomainName: domain,
    ...(appName !== undefined && { AppName: appName }),
    StartTime: toAlibabaTime(start),
    // An end before the start would be refused, and for a window that lies ahead it is no better than none.
    EndTime: toAlibabaTime(Math.max(start, end)),
  };
}

/** A record in Alibaba's words, into ours. Without time, stream or action it says nothing, and is malformed. */
function readAction(record: unknown, asked: ControlledDomain): ControlAction | undefined {
  const fields = readFields(record);
  const actedAt = parseAlibabaTime(fields?.TimeStamp);
  // In UTF-8 all halves of characters are the same: names that differ in them would be one series, and one row of the state.
  const name = readText(fields?.StreamName)?.toWellFormed();
  const action = toActionWord(readText(fields?.Action) ?? '');
  if (actedAt === undefined || name === undefined || action === '') return undefined;

  const place = splitStreamName(name, asked);
  if (place.stream === '') return undefined;
  return { actedAt, ...place, action, clientIp: readText(fields?.ClientIP) };
}

/**
 * `domain/app/stream` in every answer that was recorded; newer pages show a bare name. With fewer than two slashes it is
 * all the stream's own, and what was asked for tells the rest. A stream's name may hold slashes too.
 */
function splitStreamName(
  name: string,
  asked: ControlledDomain,
): Pick<ControlAction, 'domain' | 'appName' | 'stream'> {
  const first = name.indexOf('/');
  const second = name.indexOf('/', first + 1);
  const appName = asked.appName ?? '';
  if (second === -1) return { domain: asked.domain, appName, stream: name };
  return {
    domain: name.slice(0, first) || asked.domain,
    appName: name.slice(first + 1, second) || appName,
    stream: name.slice(second + 1),
  };
}

/** The set is open and becomes a label: in small letters, on one line, without what cannot be seen, and not long. */
function toActionWord(text: string): string {
  const word = text
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\s]+/gu, ' ')
    .trim()
    .toLowerCase();
  // By characters, so that none is cut in two.
  return [...word].slice(0, maxActionLength).join('').trimEnd();
}

/** No page says whether there is a most; where there is, it is likely to be one of these. */
function isRound(count: number): boolean {
  return count > 0 && count % 100 === 0;
}
