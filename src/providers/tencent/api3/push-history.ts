import type { Call } from '../../../calls/call.ts';
import { capabilityOf } from '../../../model/capabilities.ts';
import type { PushMedia } from '../../../model/push-media.ts';
import type { PushSample } from '../../../model/push-sample.ts';
import type { PushHistorySource } from '../../../model/questions.ts';
import { defaultAppName } from '../../../model/target.ts';
import { minuteMs, secondMs } from '../../../model/time.ts';
import { unexpectedShape } from '../../kit/json.ts';
import { isBlank, readRows, toRows } from '../../kit/rows.ts';
import { readFields, readNumber, readText } from '../../kit/values.ts';
import {
  answerInWindow,
  createReading,
  malformedAt,
  maxBitsPerSecond,
  maxFramesPerSecond,
  type Reading,
  readUpTo,
  valueWarning,
  wasDropped,
} from '../push-rows.ts';
import { parseTime } from '../times.ts';
import { beijingOffsetMs } from './beijing-time.ts';
import { createMediaReader } from './media.ts';
import { toApiTime } from './request-time.ts';

const operation = 'DescribeStreamPushInfoList';
const { spanMs, retentionMs, periodMs } = capabilityOf(operation);

/**
 * Range in ms of the field `LocalTs` that is believed. The documented example is 5000, close to the nominal period.
 */
const minPeriodMs = secondMs;
const maxPeriodMs = minuteMs;

const utcWarning =
  'the times in the response have no zone and fit only as UTC, not as Beijing time, and are read as UTC; report this';

/**
 * Creates the source of push samples, which calls DescribeStreamPushInfoList of API 3.0. Domain and application are
 * always sent: without them, the provider would use the application `live` of any domain.
 */
export function createApi3PushHistory(call: Call): PushHistorySource {
  const context = `tencent ${operation}`;
  const readMedia = createMediaReader();
  const times = { offsetMs: beijingOffsetMs, utcWarning, advice: 'report this' };
  return {
    operation,
    limits: { spanMs, retentionMs, periodMs },
    async listPushSamples({ stream, domain, appName }, window, signal) {
      const query = {
        StreamName: stream,
        PushDomain: domain,
        AppName: appName || defaultAppName,
        StartTime: toApiTime(Math.floor(window.from / secondMs) * secondMs),
        EndTime: toApiTime(Math.ceil(window.to / secondMs) * secondMs),
      };
      const rows = rowsOf(await call(operation, query, signal));
      if (rows === undefined) throw unexpectedShape(context, 'DataInfoList');
      const reading: Api3Reading = { ...createReading(), newest: new Map() };
      const read = readRows(rows, (row) => readSample(row, reading), context);
      for (const [sample, fields] of reading.newest.values()) sample.media = readMedia(fields);
      return answerInWindow(read, window, reading, times, context);
    },
  };
}

/** Sample whose media values are not read yet. */
type SampleInProgress = Omit<PushSample, 'media'> & { media: PushMedia | undefined };

interface Api3Reading extends Reading {
  /**
   * Newest sample of each publisher with its row, by client address. Only these samples get media values, because
   * only the newest sample is shown, and reading the values of all rows would double the time.
   */
  readonly newest: Map<string | undefined, readonly [SampleInProgress, Readonly<Record<string, unknown>>]>;
}

/**
 * Returns the rows of a response; undefined if the shape is unknown. Not documented: the response for a stream that
 * was not pushed. An error code that says so (`undefined` here) and a blank or missing list mean the same.
 */
function rowsOf(response: unknown): readonly unknown[] | undefined {
  if (response === undefined) return [];
  const list = readFields(response)?.DataInfoList;
  return isBlank(list) ? [] : toRows(list);
}

/**
 * Converts one row of the response to a push sample; undefined if the row has no time, or neither values nor the
 * address of the publisher or of the ingest node. A missing value is unknown (undefined) and not zero.
 */
function readSample(row: unknown, reading: Api3Reading): PushSample | undefined {
  const fields = readFields(row);
  const time = parseTime(fields?.Time, beijingOffsetMs);
  if (fields === undefined || time === undefined) return malformedAt(Number.POSITIVE_INFINITY, reading);
  const framesPerSecond = readUpTo(maxFramesPerSecond, fields.VideoFps);
  const video = readUpTo(maxBitsPerSecond, fields.VideoRate);
  const audio = readUpTo(maxBitsPerSecond, fields.AudioRate);
  const bitsPerSecond = totalOf(video, audio);
  const clientIp = reading.readClientIp(fields.ClientIp);
  const serverIp = reading.readServerIp(fields.ServerIp);
  if ((framesPerSecond ?? bitsPerSecond ?? clientIp ?? serverIp) === undefined) {
    return malformedAt(time.at, reading);
  }
  const isImplausible =
    wasDropped(fields.VideoFps, framesPerSecond) ||
    wasDropped(fields.VideoRate, video) ||
    wasDropped(fields.AudioRate, audio);
  if (isImplausible) reading.warnings.add(valueWarning);
  if (time.naive) reading.naiveRows++;
  const sample: SampleInProgress = {
    measuredAt: time.at,
    periodMs: readPeriodMs(fields.LocalTs),
    clientIp,
    serverIp,
    session: readText(fields.Sequence),
    framesPerSecond,
    bitsPerSecond,
    media: undefined,
  };
  const [newest] = reading.newest.get(clientIp) ?? [];
  if (newest === undefined || time.at > newest.measuredAt) reading.newest.set(clientIp, [sample, fields]);
  return sample;
}

/** Returns the sum of video and audio; undefined if one of them is unknown, because the other is not the total. */
function totalOf(video: number | undefined, audio: number | undefined): number | undefined {
  return video === undefined || audio === undefined ? undefined : video + audio;
}

/**
 * Returns the time in ms that a row covers: the field `LocalTs`, the time that passed at the ingest node. It differs
 * a little from the nominal period, which applies if the field is absent or implausible.
 */
function readPeriodMs(localTs: unknown): number {
  const ms = Math.round(readNumber(localTs) ?? 0);
  return ms >= minPeriodMs && ms <= maxPeriodMs ? ms : periodMs;
}
