import type { Answer } from '../../model/answer.ts';
import type { PushMedia } from '../../model/push-media.ts';
import type { PushSample } from '../../model/push-sample.ts';
import type { EpochMs, Window } from '../../model/time.ts';
import { unexpectedShape } from '../kit/json.ts';
import {
  maxBitsPerSecond,
  maxFramesPerSecond,
  readUpTo,
  totalOf,
  valueWarning,
  wasDropped,
} from '../kit/push-values.ts';
import { isMisplaced, oldResponseAdvice, outsideWindow } from '../kit/requested-window.ts';
import { readRows } from '../kit/rows.ts';
import { readFields, readNumber } from '../kit/values.ts';
import { recordsOf } from './rows.ts';
import { parseAlibabaTime } from './times.ts';

/** How the rows of one response are read. */
export interface RateReading {
  /** Context of error messages. */
  readonly context: string;
  readonly window: Window;
  /** Time in ms that one row covers. */
  readonly periodMs: number;
  /** Number of bits per second that the number 1 means in a bit rate. */
  readonly bitsPerUnit: number;
  /** Ingest domain of the request. */
  readonly pushDomain: string;
}

/** State that the conversion of all rows of one response shares. */
interface Progress {
  /**
   * Time of the newest row that could not be read. Infinity if the time of a row could not be read either;
   * -Infinity if there is none.
   */
  malformedUpTo: EpochMs;
  isImplausible: boolean;
  /** Newest sample with its row: only this sample gets media values, because only the newest one is shown. */
  newest: readonly [SampleInProgress, Fields] | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

/** Row of a time without a push. */
interface SilentRow {
  readonly measuredAt: EpochMs;
  readonly isSilent: true;
}

/** Sample whose media values are not read yet. */
type SampleInProgress = Omit<PushSample, 'media'> & { media: PushMedia | undefined };

/**
 * Reads a response of DescribeLiveCenterStreamRateData. Source: SDK models of 2026-08: `RateDatas` is a list
 * without a wrapper, whose rows have `Time` (UTC) and the texts `VideoFps`, `AudioFps`, `VideoRate` and
 * `AudioRate`. Not documented: the shape of an empty response, the order of rows, and whether time without a
 * push has rows. Rows in which all values are 0 are no samples: the provider ends a push after 10 s without
 * data.
 */
export function readRateAnswer(response: unknown, reading: RateReading): Answer<PushSample> {
  const { context, window } = reading;
  // The models show no element inside the list. In XML, the name of the list can be repeated or wrap another
  // element.
  const rows = recordsOf(response, 'RateDatas', 'RateData');
  if (rows === undefined) throw unexpectedShape(context, 'RateDatas');
  const progress: Progress = {
    malformedUpTo: Number.NEGATIVE_INFINITY,
    isImplausible: false,
    newest: undefined,
  };
  const read = readRows(rows, (row) => readSample(row, reading, progress), context);
  if (isMisplaced(read.items, ({ measuredAt }) => measuredAt, window)) {
    throw outsideWindow(context, oldResponseAdvice);
  }
  if (progress.newest !== undefined) {
    const [sample, fields] = progress.newest;
    sample.media = readMedia(fields, reading);
  }
  const { malformedUpTo, isImplausible } = progress;
  return {
    items: read.items.filter(isSample),
    malformed: read.malformed,
    malformedUpTo: Number.isFinite(malformedUpTo) ? malformedUpTo : undefined,
    warnings: isImplausible ? [valueWarning] : [],
  };
}

/**
 * Converts one row to a push sample; undefined if it has no time or no value. The rows name no publisher. A
 * missing value is unknown (undefined) and not zero.
 */
function readSample(
  row: unknown,
  reading: RateReading,
  progress: Progress,
): PushSample | SilentRow | undefined {
  const fields = readFields(row);
  const measuredAt = parseAlibabaTime(fields?.Time);
  const framesPerSecond = readUpTo(maxFramesPerSecond, fields?.VideoFps);
  const video = readBitrate(fields?.VideoRate, reading);
  const audio = readBitrate(fields?.AudioRate, reading);
  if (fields === undefined || measuredAt === undefined || (framesPerSecond ?? video ?? audio) === undefined) {
    progress.malformedUpTo = Math.max(progress.malformedUpTo, measuredAt ?? Number.POSITIVE_INFINITY);
    return undefined;
  }
  if (framesPerSecond === 0 && video === 0 && audio === 0) return { measuredAt, isSilent: true };
  progress.isImplausible ||=
    wasDropped(fields.VideoFps, framesPerSecond) ||
    wasDropped(fields.VideoRate, video) ||
    wasDropped(fields.AudioRate, audio);
  const sample: SampleInProgress = {
    measuredAt,
    periodMs: reading.periodMs,
    clientIp: undefined,
    serverIp: undefined,
    session: undefined,
    framesPerSecond,
    bitsPerSecond: totalOf(video, audio),
    media: undefined,
  };
  if (progress.newest === undefined || measuredAt > progress.newest[0].measuredAt) {
    progress.newest = [sample, fields];
  }
  return sample;
}

function isSample(item: PushSample | SilentRow): item is PushSample {
  return !('isSilent' in item);
}

function readBitrate(value: unknown, { bitsPerUnit }: RateReading): number | undefined {
  const number = readNumber(value);
  return number === undefined ? undefined : readUpTo(maxBitsPerSecond, number * bitsPerUnit);
}

function readMedia(fields: Fields, reading: RateReading): PushMedia {
  return {
    videoBitsPerSecond: readBitrate(fields.VideoRate, reading),
    audioBitsPerSecond: readBitrate(fields.AudioRate, reading),
    audioFramesPerSecond: readNumber(fields.AudioFps),
    declaredFramesPerSecond: undefined,
    keyframeIntervalMs: undefined,
    resolution: undefined,
    videoCodec: undefined,
    audioCodec: undefined,
    pushDomain: reading.pushDomain,
    beganAt: undefined,
  };
}
