import type { Call } from '../../../calls/call.ts';
import { capabilityOf } from '../../../model/operations.ts';
import type { PushMedia } from '../../../model/push-media.ts';
import type { PushSample } from '../../../model/push-sample.ts';
import type { PushHistorySource } from '../../../model/questions.ts';
import { defaultAppName } from '../../../model/target.ts';
import { secondMs } from '../../../model/time.ts';
import { readAddress } from '../../kit/address.ts';
import { unexpectedShape } from '../../kit/json.ts';
import {
  maxBitsPerSecond,
  maxFramesPerSecond,
  readUpTo,
  totalOf,
  valueWarning,
  wasDropped,
} from '../../kit/push-values.ts';
import { isBlank, readRows, toRows } from '../../kit/rows.ts';
import {
  createRememberingReader,
  createRepeatedReader,
  hasOnly,
  readFields,
  readNumber,
  readText,
} from '../../kit/values.ts';
import { answerInWindow, createReading, malformedAt, type Reading } from '../push-rows.ts';
import { parseTime } from '../times.ts';
import { beijingOffsetMs } from './beijing-time.ts';
import { readLocalMs, readMediaMs } from './elapsed.ts';
import { createMediaReader } from './media.ts';
import { toApiTime } from './request-time.ts';

const operation = 'DescribeStreamPushInfoList';
const { spanMs, retentionMs, periodMs } = capabilityOf(operation);

const utcWarning =
  'the times in the response have no zone and fit only as UTC, not as Beijing time, and are read as UTC; report this';

/**
 * Creates the source of push samples, which calls DescribeStreamPushInfoList of API 3.0. Domain and
 * application are always sent: without them, the provider would use the application `live` of any domain.
 */
export function createApi3PushHistory(call: Call): PushHistorySource {
  const context = `tencent ${operation}`;
  const readMedia = createMediaReader();
  /** There are few ingest nodes. */
  const readServerIp = createRememberingReader(readAddress);
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
      const reading: Api3Reading = {
        ...createReading(),
        readServerIp: createRepeatedReader(readServerIp),
        readSession: createRepeatedReader(readText),
        newest: new Map(),
      };
      const read = readRows(rows, (row) => readSample(row, reading), context);
      for (const { sample, fields } of reading.newest.values()) sample.media = readMedia(fields);
      return answerInWindow(read, window, reading, times, context);
    },
  };
}

/** Sample whose media values are not read yet. */
type SampleInProgress = Omit<PushSample, 'media'> & { media: PushMedia | undefined };

interface Api3Reading extends Reading {
  readonly readSession: typeof readText;
  /**
   * Newest sample of each publisher, by client address. Only these samples get media values, because only the
   * newest sample is shown, and reading the values of all rows would double the time.
   */
  readonly newest: Map<string | undefined, NewestSample>;
}

/** Newest sample of a publisher so far, with its row. */
interface NewestSample {
  sample: SampleInProgress;
  fields: Readonly<Record<string, unknown>>;
}

/** Fields of the documented response. */
const documentedFields = ['DataInfoList', 'RequestId'];

/**
 * Returns the rows of a response; undefined if the shape is unknown. Not documented: the response for a
 * stream that was not pushed. An error code that says so (`undefined` here) and a blank list mean the same.
 * So does a missing list, but only if the response has no other fields that could explain why it is missing.
 */
function rowsOf(response: unknown): readonly unknown[] | undefined {
  if (response === undefined) return [];
  const fields = readFields(response) ?? {};
  const { DataInfoList: list } = fields;
  if (!isBlank(list)) return toRows(list);
  return 'DataInfoList' in fields || hasOnly(fields, documentedFields) ? [] : undefined;
}

/**
 * Converts one row of the response to a push sample; undefined if the row has no time, or neither values nor
 * the address of the publisher or of the ingest node. A missing value is unknown (undefined) and not zero.
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
  const localMs = readLocalMs(fields.LocalTs);
  const sample: SampleInProgress = {
    measuredAt: time.at,
    periodMs: localMs ?? periodMs,
    clientIp,
    serverIp,
    session: reading.readSession(fields.Sequence),
    framesPerSecond,
    bitsPerSecond,
    videoMs: readMediaMs(fields.VideoTs, framesPerSecond, localMs),
    audioMs: readMediaMs(fields.AudioTs, readNumber(fields.AudioFps), localMs),
    media: undefined,
  };
  const newest = reading.newest.get(clientIp);
  if (newest === undefined) reading.newest.set(clientIp, { sample, fields });
  else if (time.at > newest.sample.measuredAt) {
    newest.sample = sample;
    newest.fields = fields;
  }
  return sample;
}
