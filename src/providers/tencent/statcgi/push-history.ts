import type { Call } from '../../../calls/call.ts';
import { capabilityOf } from '../../../model/operations.ts';
import { plausibleBps } from '../../../model/plausible-bitrate.ts';
import type { PushSample } from '../../../model/push-sample.ts';
import type { PushHistorySource } from '../../../model/questions.ts';
import { secondMs } from '../../../model/time.ts';
import { unexpectedShape } from '../../kit/json.ts';
import {
  maxBitsPerSecond,
  maxFramesPerSecond,
  readUpTo,
  valueWarning,
  wasDropped,
} from '../../kit/push-values.ts';
import { readRows } from '../../kit/rows.ts';
import { readFields } from '../../kit/values.ts';
import { answerInWindow, createReading, malformedAt, type Reading } from '../push-rows.ts';
import { parseTime } from '../times.ts';
import { streamInfoRows } from './rows.ts';

const operation = 'Get_LivePushStatHistory';
const { spanMs, retentionMs, periodMs } = capabilityOf(operation);

const utcWarning =
  'the times in the response are in UTC, not in the configured time_zone, and are read as UTC; correct time_zone in the config';
const kbitWarning =
  'the bit rates in the response are so low that their unit is probably kbit/s, but they are read as bit/s; report this';

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
  const times = { offsetMs: timeZoneOffsetMs, utcWarning, advice: 'check time_zone' };
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
      const reading = createReading();
      const read = readRows(rows, (row) => readSample(row, timeZoneOffsetMs, reading), context);
      if (looksLikeKbit(read.items)) reading.warnings.add(kbitWarning);
      return answerInWindow(read, window, reading, times, context);
    },
  };
}

/**
 * Converts one row of the response to a push sample; undefined if the row has no time, or only a time. A
 * missing value is unknown (undefined) and not zero. A row without values is a sample if it has the address
 * of the publisher or of the ingest node, because the row then shows that somebody pushed at that time. Rows
 * are not validated with zod: a response has up to 1,440 rows, and their validation would cost more than
 * everything else.
 */
function readSample(row: unknown, offsetMs: number, reading: Reading): PushSample | undefined {
  const { warnings, readClientIp, readServerIp } = reading;
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
    !samples.some((sample) => hasRate(sample, plausibleBps.min)) &&
    samples.some((sample) => hasRate(sample, 1))
  );
}
