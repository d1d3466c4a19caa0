import type { Call } from '../../../calls/call.ts';
import { ProviderError } from '../../../model/answer.ts';
import type { PushSample } from '../../../model/push-sample.ts';
import type { PushHistorySource } from '../../../model/questions.ts';
import { dayMs, type EpochMs, hourMs, secondMs } from '../../../model/time.ts';
import { readFields, readNumber, readRows, readText } from '../../kit/read.ts';
import { type Asked, isUtcAfterAll, parseTime } from '../times.ts';
import { streamInfoRows } from './rows.ts';

const operation = 'Get_LivePushStatHistory';

/**
 * Source: cloud.tencent.com/document/product/267/9579. Three days back, a span of at most two hours advised, a value
 * every 5 s.
 */
const limits = { spanMs: 2 * hourMs, retentionMs: 3 * dayMs, periodMs: 5 * secondMs };

/**
 * No push has more. Larger values are no measurement, and a single one would stay in the totals for ever: of sums beyond
 * 2^53 what is added later is lost.
 */
const most = { framesPerSecond: 1_000, bitsPerSecond: 10_000_000_000 };

export const utcNote = 'times fit UTC, not the configured time zone';
export const kbitNote = 'bit rates look like kbit/s';
export const valueNote = 'some frame rates or bit rates cannot be and were left out';

export interface StatcgiPushHistoryOptions {
  /** Of times without a zone; east of Greenwich is positive. */
  readonly timeZoneOffsetMs: number;
  readonly now: () => EpochMs;
}

/** Get_LivePushStatHistory: one stream by its full name; the API knows neither domain nor app name. */
export function createStatcgiPushHistory(call: Call, options: StatcgiPushHistoryOptions): PushHistorySource {
  return {
    operation,
    limits,
    async listPushSamples({ stream }, window, signal) {
      const query = {
        'Param.n.start_time': Math.floor(window.from / secondMs),
        'Param.n.end_time': Math.ceil(window.to / secondMs),
        'Param.s.stream_id': stream,
      };
      const rows = streamInfoRows(await call(operation, query, signal));
      if (rows === undefined) {
        throw new ProviderError('malformed', `tencent ${operation}: the output has an unknown form`);
      }
      const { timeZoneOffsetMs, now } = options;
      const reading = {
        timeZoneOffsetMs,
        window,
        now: now(),
        notes: new Set<string>(),
        shareClientIp: createShare(),
        shareServerIp: createShare(),
      };
      const { notes } = reading;
      const toSample = (row: unknown) => readSample(row, reading);
      const read = readRows(rows, toSample, `tencent ${operation}`);
      if (looksLikeKbit(read.items)) notes.add(kbitNote);
      return { ...read, warnings: [...notes] };
    },
  };
}

/**
 * A row in Tencent's words and units, into ours. By hand and not by a schema: an answer has up to 1440 rows, and a
 * schema would take longer than all else that is done with them.
 *
 * Without a time, or with neither of the two values, a row says nothing and is malformed. Of one with one value the
 * other is unknown, which is not zero.
 */
function readSample(row: unknown, reading: Reading): PushSample | undefined {
  const { timeZoneOffsetMs: offsetMs, notes, shareClientIp, shareServerIp } = reading;
  const fields = readFields(row);
  const time = parseTime(fields?.time, offsetMs);
  const framesPerSecond = readUpTo(most.framesPerSecond, fields?.fps);
  const bitsPerSecond = readUpTo(most.bitsPerSecond, fields?.speed);
  if (fields === undefined || time === undefined) return undefined;
  if (framesPerSecond === undefined && bitsPerSecond === undefined) return undefined;

  const unreadable = isUnreadable(fields.fps, framesPerSecond) || isUnreadable(fields.speed, bitsPerSecond);
  if (unreadable) notes.add(valueNote);
  const isUtc = isUtcAfterAll(time, offsetMs, reading);
  if (isUtc) notes.add(utcNote);
  return {
    measuredAt: isUtc ? time.at + offsetMs : time.at,
    periodMs: limits.periodMs,
    clientIp: shareClientIp(readText(fields.client_ip)),
    serverIp: shareServerIp(readText(fields.server_ip)),
    session: undefined,
    framesPerSecond,
    bitsPerSecond,
  };
}

/** One answer as it is read. */
interface Reading extends Asked {
  readonly timeZoneOffsetMs: number;
  /** What is odd about it, by and by. */
  readonly notes: Set<string>;
  readonly shareClientIp: (text: string | undefined) => string | undefined;
  readonly shareServerIp: (text: string | undefined) => string | undefined;
}

/** Gives the text of the row before where it is equal: each row brings its own copy of it, and rows are held for minutes. */
function createShare(): Reading['shareClientIp'] {
  let last: string | undefined;
  return (text) => {
    if (text !== last) last = text;
    return last;
  };
}

function readUpTo(max: number, sent: unknown): number | undefined {
  const number = readNumber(sent);
  return number !== undefined && number <= max ? number : undefined;
}

/** Something was sent, and it is no number that can be. */
function isUnreadable(sent: unknown, read: number | undefined): boolean {
  return read === undefined && sent !== undefined && sent !== null && sent !== '';
}

/**
 * The pages say bit/s, and a draft of one was not sure. No picture has under 20 kbit/s for long; so when all that have
 * one are below, the unit may be another. Said, and never rescaled.
 */
function looksLikeKbit(samples: readonly PushSample[]): boolean {
  const hasRate = (sample: PushSample, from: number) =>
    (sample.framesPerSecond ?? 0) > 0 && (sample.bitsPerSecond ?? 0) >= from;
  return !samples.some((sample) => hasRate(sample, 20_000)) && samples.some((sample) => hasRate(sample, 1));
}
