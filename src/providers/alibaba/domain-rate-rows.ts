import type { Answer } from '../../model/answer.ts';
import type { PushMedia } from '../../model/push-media.ts';
import type { ListedPush } from '../../model/questions.ts';
import type { InSlices } from '../../model/slices.ts';
import type { EpochMs } from '../../model/time.ts';
import { unexpectedShape } from '../kit/json.ts';
import {
  maxBitsPerSecond,
  maxFramesPerSecond,
  readUpTo,
  valueWarning,
  wasDropped,
} from '../kit/push-values.ts';
import { readRowsInSlices } from '../kit/rows.ts';
import { readFields, readNumber } from '../kit/values.ts';
import { recordsOf } from './rows.ts';
import { readStreamName } from './stream-names.ts';

/** How the rows of one response are read. */
export interface DomainRateReading {
  /** Context of error messages. */
  readonly context: string;
  /** Requested time, which the response does not repeat. */
  readonly measuredAt: EpochMs;
  /** Time in ms for which a sample is fresh in the gauges, as one of the history. */
  readonly periodMs: number;
  /** Number of bits per second that the number 1 means in a bit rate. */
  readonly bitsPerUnit: number;
  /** Ingest domain of the request. */
  readonly pushDomain: string;
  readonly inSlices: InSlices;
}

/** Push to one application. */
export interface DomainRow extends ListedPush {
  readonly appName: string;
}

/** Row of a stream without a push. */
interface SilentRow {
  readonly isSilent: true;
}

const outer = 'FrameRateAndBitRateInfos';

/**
 * Reads a response of DescribeLiveDomainFrameRateAndBitRateData. Source: SDK models of 2026-08:
 * `FrameRateAndBitRateInfos.FrameRateAndBitRateInfo` is a list of rows with `StreamUrl` (`rtmp://ingest
 * domain/app/stream`), `VideoFrameRate`, `AudioFrameRate` and `BitRate` (total). An early client shows that
 * the outer field is blank if there are no rows; old examples have numbers as texts. Not documented: whether
 * a stream that is not pushed has a row. Rows in which all values are 0 are no pushes, as in the history.
 *
 * Transcoded streams have rows too, with names of their own. The rows do not tell them apart; the exporter
 * knows no targets with such names.
 */
export async function readDomainRates(
  response: unknown,
  reading: DomainRateReading,
): Promise<Pick<Answer<DomainRow>, 'items' | 'malformed' | 'warnings'>> {
  const rows = recordsOf(response, outer, 'FrameRateAndBitRateInfo');
  if (rows === undefined) throw unexpectedShape(reading.context, outer);
  const warnings = new Set<string>();
  const toItem = (row: unknown) => readPush(row, reading, warnings);
  const { items, malformed } = await readRowsInSlices(rows, toItem, reading.context, reading.inSlices);
  return { items: items.filter(isPush), malformed, warnings: [...warnings] };
}

/** Converts one row to a push; undefined if it has no usable name or no value. */
function readPush(
  row: unknown,
  { measuredAt, periodMs, bitsPerUnit, pushDomain }: DomainRateReading,
  warnings: Set<string>,
): DomainRow | SilentRow | undefined {
  const fields = readFields(row);
  const { appName, stream } = readStreamName(fields?.StreamUrl);
  if (fields === undefined || appName === '' || stream === '') return undefined;
  const framesPerSecond = readUpTo(maxFramesPerSecond, fields.VideoFrameRate);
  const audioFramesPerSecond = readNumber(fields.AudioFrameRate);
  const rate = readNumber(fields.BitRate);
  const bitsPerSecond = rate === undefined ? undefined : readUpTo(maxBitsPerSecond, rate * bitsPerUnit);
  if ((framesPerSecond ?? bitsPerSecond ?? audioFramesPerSecond) === undefined) return undefined;
  if (framesPerSecond === 0 && bitsPerSecond === 0) return { isSilent: true };
  const isImplausible =
    wasDropped(fields.VideoFrameRate, framesPerSecond) || wasDropped(fields.BitRate, bitsPerSecond);
  if (isImplausible) warnings.add(valueWarning);
  const media: PushMedia = { ...noMedia, audioFramesPerSecond, pushDomain };
  return {
    appName,
    stream,
    sample: {
      measuredAt,
      periodMs,
      clientIp: undefined,
      serverIp: undefined,
      session: undefined,
      framesPerSecond,
      bitsPerSecond,
      media,
    },
  };
}

function isPush(row: DomainRow | SilentRow): row is DomainRow {
  return !('isSilent' in row);
}

/** The operation has no other media values. */
const noMedia: PushMedia = {
  videoBitsPerSecond: undefined,
  audioBitsPerSecond: undefined,
  audioFramesPerSecond: undefined,
  declaredFramesPerSecond: undefined,
  keyframeIntervalMs: undefined,
  resolution: undefined,
  videoCodec: undefined,
  audioCodec: undefined,
  pushDomain: undefined,
  beganAt: undefined,
};
