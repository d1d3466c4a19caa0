import type { Call } from '../../calls/call.ts';
import { pushMetrics } from '../../model/capabilities.ts';
import type { MinuteRate, MinuteRates, PushedStream, PushMetricsSource } from '../../model/questions.ts';
import type { EpochMs, Window } from '../../model/time.ts';
import { unexpectedShape } from '../kit/json.ts';
import { maxBitsPerSecond, readUpTo } from '../kit/push-values.ts';
import { isMisplaced, oldResponseAdvice, outsideWindow } from '../kit/requested-window.ts';
import { readRows } from '../kit/rows.ts';
import { readFields, readNumber, readText } from '../kit/values.ts';
import { recordsOf } from './rows.ts';
import { parseAlibabaTime, toTimeRange } from './times.ts';

const { operation, spanMs } = pushMetrics;

/** Fields of a response besides the list. */
const otherFields = ['DomainName', 'StartTime', 'EndTime', 'PageSize', 'NextPageToken'] as const;

/**
 * Creates the source of bit rates per minute, which calls DescribeLiveStreamPushMetricDetailData. Their unit
 * is not in doubt: `ReqBps` is documented as bit/s, and must equal `ReqTraffic` (bytes) times 8 / 60. The
 * collectors do not use the operation, because it has no frame rates. It has pages of 5,000 rows; the rows of
 * one stream in the longest window fit into the first one.
 */
export function createAlibabaPushMetrics(
  call: Call,
  { now }: { readonly now: () => EpochMs },
): PushMetricsSource {
  return {
    operation,
    async listMinuteRates({ pushDomain, appName, stream }, window, signal) {
      const query = { DomainName: pushDomain, AppName: appName, StreamName: stream };
      const response = await call(operation, { ...query, ...toTimeRange(window, now(), spanMs) }, signal);
      return readMinuteRates(response, stream, window);
    },
  };
}

/**
 * Reads a response. Source: SDK models of 2026-08: `StreamDetailData.StreamData` is a list of rows with
 * `AppName`, `StreamName`, `TimeStamp` (UTC), `ReqBps` (bit/s, over the minute) and `ReqTraffic` (bytes). The
 * name in the documented example has a suffix (`test.flv`), so it counts as the same stream. Not documented:
 * the shape of an empty response.
 */
function readMinuteRates(response: unknown, stream: PushedStream['stream'], window: Window): MinuteRates {
  const context = `alibaba ${operation}`;
  const rows = recordsOf(response, 'StreamDetailData', 'StreamData', otherFields);
  if (rows === undefined) throw unexpectedShape(context, 'StreamDetailData');
  const { items, malformed } = readRows(rows, readRow, context);
  if (isMisplaced(items, ({ measuredAt }) => measuredAt, window)) {
    throw outsideWindow(context, oldResponseAdvice);
  }
  const own = items.filter(({ name }) => name === stream || name.startsWith(`${stream}.`));
  // In the minute in which a push begins or ends, the bit rate can be that of the part with the push.
  const isConsistent = own.filter(hasOtherTraffic).length * 2 <= own.length;
  const rates = own.map(({ measuredAt, bitsPerSecond }) => ({ measuredAt, bitsPerSecond }));
  return { items: rates, malformed, warnings: [], isConsistent };
}

/** Row of a stream, whose name can have a suffix. */
interface Row extends MinuteRate {
  readonly name: string;
  /** Bytes of the minute; undefined if unknown. */
  readonly bytes: number | undefined;
}

function readRow(row: unknown): Row | undefined {
  const fields = readFields(row);
  const name = readText(fields?.StreamName);
  const measuredAt = parseAlibabaTime(fields?.TimeStamp);
  const bitsPerSecond = readUpTo(maxBitsPerSecond, fields?.ReqBps);
  if (name === undefined || measuredAt === undefined || bitsPerSecond === undefined) return undefined;
  return { name, measuredAt, bitsPerSecond, bytes: readNumber(fields?.ReqTraffic) };
}

/** Largest relative difference between the bit rate and the bit rate of the traffic. */
const tolerance = 0.1;

/** Reports whether the bytes of a row are not those of one minute with its bit rate. Unknown ones can be. */
function hasOtherTraffic({ bytes, bitsPerSecond }: Row): boolean {
  if (bytes === undefined) return false;
  const ofTraffic = (bytes * 8) / 60;
  return Math.abs(ofTraffic - bitsPerSecond) > tolerance * Math.max(ofTraffic, bitsPerSecond);
}
