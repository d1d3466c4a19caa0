import type { Call } from '../../../calls/call.ts';
import { capabilityOf } from '../../../model/capabilities.ts';
import type { PushSample } from '../../../model/push-sample.ts';
import type { PushHistorySource } from '../../../model/questions.ts';
import { type EpochMs, secondMs } from '../../../model/time.ts';
import { unexpectedShape } from '../../kit/json.ts';
import { readRows } from '../../kit/rows.ts';
import { readFields, readNumber, readText } from '../../kit/values.ts';
import { isUtcInstead, parseTime, type RequestedTime } from '../times.ts';
import { streamInfoRows } from './rows.ts';

const operation = 'Get_LivePushStatHistory';
const { spanMs, retentionMs, periodMs } = capabilityOf(operation);

/**
 * Largest plausible values. A single larger value would spoil the totals forever: above 2^53, a sum loses what is added
 * to it later.
 */
const maxFramesPerSecond = 1_000;
const maxBitsPerSecond = 10_000_000_000;

/** Lowest bit rate of a real picture; rows with a picture below it suggest kbit/s. */
const minPlausibleBitsPerSecond = 20_000;

export const utcWarning = 'times match UTC, not the configured time zone';
export const kbitWarning = 'bit rates look like kbit/s';
export const valueWarning = 'omitted implausible frame rates or bit rates';

export interface StatcgiPushHistoryOptions {
  /** Offset from UTC of times without a zone; east of Greenwich is positive. */
  readonly timeZoneOffsetMs: number;
  readonly now: () => EpochMs;
}

/**
 * Creates the source of Get_LivePushStatHistory. The API identifies a stream by its full name only, without domain and
 * application.
 */
export function createStatcgiPushHistory(call: Call, options: StatcgiPushHistoryOptions): PushHistorySource {
  const { timeZoneOffsetMs, now } = options;
  const context = `tencent ${operation}`;
  return {
    operation,
    limits: { spanMs, retentionMs, periodMs },
    async listPushSamples({ stream }, window, signal) {
      const query = {
        'Param.n.start_time': Math.floor(window.from / secondMs),
        'Param.n.end_time': Math.ceil(window.to / secondMs),
        'Param.s.stream_id': stream,
      };
      const rows = streamInfoRows(await call(operation, query, signal));
      if (rows === undefined) throw unexpectedShape(context, 'output');
      const reading: Reading = {
        timeZoneOffsetMs,
        window,
        now: now(),
        warnings: new Set(),
        internClientIp: createIntern(),
        internServerIp: createIntern(),
      };
      const read = readRows(rows, (row) => readSample(row, reading), context);
      if (looksLikeKbit(read.items)) reading.warnings.add(kbitWarning);
      return { ...read, warnings: [...reading.warnings] };
    },
  };
}

/** State while the rows of one response are read. */
interface Reading extends RequestedTime {
  readonly timeZoneOffsetMs: number;
  readonly warnings: Set<string>;
  readonly internClientIp: Intern;
  readonly internServerIp: Intern;
}

/**
 * Converts one row; undefined if it has no time or no measurement. A missing value is unknown, not zero. It uses no
 * schema: a response has up to 1,440 rows, and validating them would cost more than everything else.
 */
function readSample(row: unknown, reading: Reading): PushSample | undefined {
  const { timeZoneOffsetMs: offsetMs, warnings, internClientIp, internServerIp } = reading;
  const fields = readFields(row);
  const time = parseTime(fields?.time, offsetMs);
  const framesPerSecond = readUpTo(maxFramesPerSecond, fields?.fps);
  const bitsPerSecond = readUpTo(maxBitsPerSecond, fields?.speed);
  if (fields === undefined || time === undefined) return undefined;
  if (framesPerSecond === undefined && bitsPerSecond === undefined) return undefined;

  const isImplausible = wasDropped(fields.fps, framesPerSecond) || wasDropped(fields.speed, bitsPerSecond);
  if (isImplausible) warnings.add(valueWarning);
  const isUtc = isUtcInstead(time, offsetMs, reading);
  if (isUtc) warnings.add(utcWarning);
  return {
    measuredAt: isUtc ? time.at + offsetMs : time.at,
    periodMs,
    clientIp: internClientIp(readText(fields.client_ip)),
    serverIp: internServerIp(readText(fields.server_ip)),
    session: undefined,
    framesPerSecond,
    bitsPerSecond,
  };
}

type Intern = (text: string | undefined) => string | undefined;

/**
 * Creates a function that returns the string of the previous row if it is equal. Rows are held for minutes, and each
 * would otherwise keep a copy of its own.
 */
function createIntern(): Intern {
  let last: string | undefined;
  return (text) => {
    if (text !== last) last = text;
    return last;
  };
}

function readUpTo(max: number, value: unknown): number | undefined {
  const number = readNumber(value);
  return number !== undefined && number <= max ? number : undefined;
}

/** Reports whether the row has a value that is not a plausible number. */
function wasDropped(value: unknown, number: number | undefined): boolean {
  return number === undefined && value !== undefined && value !== null && value !== '';
}

/**
 * Reports whether all rows with a picture have a bit rate below 20 kbit/s, so that the unit is probably kbit/s. The
 * documentation says bit/s, but a draft of it was uncertain. Values are never rescaled.
 */
function looksLikeKbit(samples: readonly PushSample[]): boolean {
  const hasRate = (sample: PushSample, min: number) =>
    (sample.framesPerSecond ?? 0) > 0 && (sample.bitsPerSecond ?? 0) >= min;
  return (
    !samples.some((sample) => hasRate(sample, minPlausibleBitsPerSecond)) &&
    samples.some((sample) => hasRate(sample, 1))
  );
}
