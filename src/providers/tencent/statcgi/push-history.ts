import type { Call } from '../../../calls/call.ts';
import { capabilityOf } from '../../../model/capabilities.ts';
import type { PushSample } from '../../../model/push-sample.ts';
import type { PushHistorySource } from '../../../model/questions.ts';
import { type EpochMs, secondMs } from '../../../model/time.ts';
import { createAddressReader, type readAddress } from '../../kit/address.ts';
import { unexpectedShape } from '../../kit/json.ts';
import { readRows } from '../../kit/rows.ts';
import { readFields, readNumber } from '../../kit/values.ts';
import { inWindow } from '../in-window.ts';
import { parseTime } from '../times.ts';
import { streamInfoRows } from './rows.ts';

const operation = 'Get_LivePushStatHistory';
const { spanMs, retentionMs, periodMs } = capabilityOf(operation);

/**
 * Maximum plausible frame rate. A single larger value could spoil the totals forever: if a sum is above 2^53,
 * adding a small number no longer changes it.
 */
const maxFramesPerSecond = 1_000;
/**
 * Maximum plausible bit rate. A single larger value could spoil the totals forever: if a sum is above 2^53,
 * adding a small number no longer changes it.
 */
const maxBitsPerSecond = 10_000_000_000;

/**
 * Minimum plausible bit rate of a stream with a picture (frame rate above 0). If all such rows have a lower
 * bit rate, its unit is probably kbit/s.
 */
const minPlausibleBitsPerSecond = 20_000;

export const utcWarning =
  'the times in the response are in UTC, not in the configured time_zone, and are read as UTC; correct time_zone in the config';
export const kbitWarning =
  'the bit rates in the response are so low that their unit is probably kbit/s, but they are read as bit/s; report this';
export const valueWarning = 'implausible frame rates or bit rates in the response are ignored';

export interface StatcgiPushHistoryOptions {
  /** UTC offset in ms that applies to row times without a time zone; positive east of Greenwich. */
  readonly timeZoneOffsetMs: number;
}

/**
 * Creates the source of push samples, which calls Get_LivePushStatHistory. The API identifies a stream only
 * by its full name, without the domain and the application.
 */
export function createStatcgiPushHistory(call: Call, options: StatcgiPushHistoryOptions): PushHistorySource {
  const { timeZoneOffsetMs } = options;
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
        naiveRows: 0,
        warnings: new Set(),
        readClientIp: createAddressReader(),
        readServerIp: createAddressReader(),
        malformedUpTo: Number.NEGATIVE_INFINITY,
      };
      const read = readRows(rows, (row) => readSample(row, reading), context);
      if (looksLikeKbit(read.items)) reading.warnings.add(kbitWarning);
      const items = inWindow(read.items, window, { ...reading, advice: 'check time_zone' }, context);
      if (items !== read.items) reading.warnings.add(utcWarning);
      const answer = { items, malformed: read.malformed, warnings: [...reading.warnings] };
      if (!Number.isFinite(reading.malformedUpTo)) return answer;
      // If the samples are in UTC, assume the same of the unreadable rows.
      const correctionMs = items === read.items ? 0 : timeZoneOffsetMs;
      return { ...answer, malformedUpTo: reading.malformedUpTo + correctionMs };
    },
  };
}

/** State that the conversion of all rows of one response shares. */
interface Reading {
  readonly timeZoneOffsetMs: number;
  /** Number of samples so far whose time had no zone, so that it depends on the configured UTC offset. */
  naiveRows: number;
  readonly warnings: Set<string>;
  readonly readClientIp: typeof readAddress;
  readonly readServerIp: typeof readAddress;
  /** Time of the newest row that could not be read. Infinity if the time of a row could not be read either. */
  malformedUpTo: EpochMs;
}

/**
 * Converts one row of the response to a push sample; undefined if the row has no time, or only a time. A
 * missing value is unknown (undefined) and not zero. A row without values is a sample if it has the address of
 * the publisher or of the ingest node, because the row then shows that somebody pushed at that time. Rows are
 * not validated with zod: a response has up to 1,440 rows, and their validation would cost more than
 * everything else.
 */
function readSample(row: unknown, reading: Reading): PushSample | undefined {
  const { timeZoneOffsetMs: offsetMs, warnings, readClientIp, readServerIp } = reading;
  const fields = readFields(row);
  const time = parseTime(fields?.time, offsetMs);
  if (fields === undefined || time === undefined) return malformedAt(Number.POSITIVE_INFINITY, reading);
  const framesPerSecond = readUpTo(maxFramesPerSecond, fields.fps);
  const bitsPerSecond = readUpTo(maxBitsPerSecond, fields.speed);
  const clientIp = readClientIp(fields.client_ip);
  const serverIp = readServerIp(fields.server_ip);

  if ((framesPerSecond ?? bitsPerSecond ?? clientIp ?? serverIp) === undefined) {
    return malformedAt(time.at, reading);
  }
  const isImplausible = wasDropped(fields.fps, framesPerSecond) || wasDropped(fields.speed, bitsPerSecond);
  if (isImplausible) warnings.add(valueWarning);
  if (time.naive) reading.naiveRows++;
  const session = undefined;
  return { measuredAt: time.at, periodMs, clientIp, serverIp, session, framesPerSecond, bitsPerSecond };
}

/** Records the time of an unreadable row, and returns undefined in place of its sample. */
function malformedAt(at: EpochMs, reading: Reading): undefined {
  reading.malformedUpTo = Math.max(reading.malformedUpTo, at);
}

function readUpTo(max: number, value: unknown): number | undefined {
  const number = readNumber(value);
  return number !== undefined && number <= max ? number : undefined;
}

/**
 * Reports whether a field of a row has a value that is not a plausible number, so that `number` is undefined.
 */
function wasDropped(value: unknown, number: number | undefined): boolean {
  return number === undefined && value !== undefined && value !== null && value !== '';
}

/**
 * Reports whether the bit rates of a response are probably in kbit/s. This is the case if, among the samples
 * with a frame rate above 0, at least one has a bit rate and all bit rates are below 20,000. The
 * documentation says bit/s, but a draft of it was uncertain. The exporter only warns and never converts the
 * values.
 */
function looksLikeKbit(samples: readonly PushSample[]): boolean {
  const hasRate = (sample: PushSample, min: number) =>
    (sample.framesPerSecond ?? 0) > 0 && (sample.bitsPerSecond ?? 0) >= min;
  return (
    !samples.some((sample) => hasRate(sample, minPlausibleBitsPerSecond)) &&
    samples.some((sample) => hasRate(sample, 1))
  );
}
