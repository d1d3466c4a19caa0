import type { Call, Query } from '../../calls/call.ts';
import type { Answer } from '../../model/answer.ts';
import { type EpochMs, minuteMs, type Window } from '../../model/time.ts';
import { unexpectedShape } from '../kit/json.ts';
import { maxBitsPerSecond, readUpTo } from '../kit/push-values.ts';
import { isMisplaced, oldResponseAdvice, outsideWindow } from '../kit/requested-window.ts';
import { readRows } from '../kit/rows.ts';
import { readFields, readNumber, readText, readWholeText } from '../kit/values.ts';
import { recordsOf } from './rows.ts';
import { parseAlibabaTime, toTimeRange } from './times.ts';

export const operation = 'DescribeLiveStreamPushMetricDetailData';

/** Maximum length of the window of one request, in ms. */
const spanMs = 24 * 60 * minuteMs;

/** Maximum number of pages that are read. The provider returns 5,000 rows per page. */
const maxPages = 20;

/** Fields of a response besides the list. */
const otherFields = ['DomainName', 'StartTime', 'EndTime', 'PageSize', 'NextPageToken'] as const;

/** Bit rate of a stream in one minute. */
export interface PushMetric {
  readonly appName: string;
  readonly stream: string;
  /** Start of the minute (epoch ms). */
  readonly measuredAt: EpochMs;
  /** Mean bit rate of the minute in bit/s. */
  readonly bitsPerSecond: number;
}

/** Streams whose push metrics are requested. An absent application or stream selects all. */
export interface MetricTarget {
  readonly domain: string;
  readonly appName?: string;
  readonly stream?: string;
}

/**
 * Requests the bit rates of the streams of a domain per minute, with DescribeLiveStreamPushMetricDetailData.
 * Its unit is not in doubt, so `doctor` can compare the bit rates of other operations with it: `ReqBps` is
 * documented as bit/s, and must equal `ReqTraffic` (bytes) times 8 / 60. The collectors do not use it,
 * because it has no frame rates. Rejects with a ProviderError if a request fails.
 */
export async function listPushMetrics(
  call: Call,
  target: MetricTarget,
  window: Window,
  now: EpochMs,
  signal: AbortSignal,
): Promise<Answer<PushMetric>> {
  const query = toQuery(target, window, now);
  const items: PushMetric[] = [];
  const warnings = new Set<string>();
  let malformed = 0;
  let token = '';
  for (let page = 1; ; page++) {
    const response = await call(operation, token === '' ? query : { ...query, NextPageToken: token }, signal);
    const read = readPushMetrics(response, window);
    items.push(...read.items);
    malformed += read.malformed;
    for (const warning of read.warnings) warnings.add(warning);
    const next = read.nextPageToken;
    if (next === undefined || next === token) break;
    if (page === maxPages) {
      warnings.add(tooManyWarning);
      break;
    }
    token = next;
  }
  return { items, malformed, warnings: [...warnings] };
}

export const tooManyWarning = `the response of ${operation} has more than ${maxPages} pages, so the rest was not read`;
export const trafficWarning = `ReqBps of ${operation} is not the bit rate of ReqTraffic, so its unit is in doubt`;

function toQuery({ domain, appName, stream }: MetricTarget, window: Window, now: EpochMs): Query {
  return {
    DomainName: domain,
    ...(appName !== undefined && { AppName: appName }),
    ...(stream !== undefined && { StreamName: stream }),
    ...toTimeRange(window, now, spanMs),
  };
}

/** Answer with the token of the next page; undefined if there is none. */
interface MetricPage extends Answer<PushMetric> {
  readonly nextPageToken: string | undefined;
}

/**
 * Reads a response. Source: SDK models of 2026-08: `StreamDetailData.StreamData` is a list of rows with
 * `AppName`, `StreamName`, `TimeStamp` (UTC), `ReqBps` (bit/s, over the minute) and `ReqTraffic` (bytes). The
 * name in the documented example has a suffix (`test.flv`), which is kept. Not documented: the shape of an
 * empty response, and whether the token of the last page is absent or blank.
 */
function readPushMetrics(response: unknown, window: Window): MetricPage {
  const context = `alibaba ${operation}`;
  const rows = recordsOf(response, 'StreamDetailData', 'StreamData', otherFields);
  if (rows === undefined) throw unexpectedShape(context, 'StreamDetailData');
  let isInconsistent = false;
  const read = readRows(
    rows,
    (row) => {
      const metric = readMetric(row);
      isInconsistent ||= metric !== undefined && !hasSameTraffic(row, metric);
      return metric;
    },
    context,
  );
  if (isMisplaced(read.items, ({ measuredAt }) => measuredAt, window)) {
    throw outsideWindow(context, oldResponseAdvice);
  }
  return {
    ...read,
    warnings: isInconsistent ? [trafficWarning] : [],
    nextPageToken: readWholeText(readFields(response)?.NextPageToken),
  };
}

function readMetric(row: unknown): PushMetric | undefined {
  const fields = readFields(row);
  const stream = readText(fields?.StreamName);
  const measuredAt = parseAlibabaTime(fields?.TimeStamp);
  const bitsPerSecond = readUpTo(maxBitsPerSecond, fields?.ReqBps);
  if (stream === undefined || measuredAt === undefined || bitsPerSecond === undefined) return undefined;
  return { appName: readText(fields?.AppName) ?? '', stream, measuredAt, bitsPerSecond };
}

/** Largest relative difference between the bit rate and the bit rate of the traffic. */
const tolerance = 0.1;

/** Reports whether `ReqTraffic` is the traffic of one minute with the bit rate. An unknown traffic is. */
function hasSameTraffic(row: unknown, { bitsPerSecond }: PushMetric): boolean {
  const bytes = readNumber(readFields(row)?.ReqTraffic);
  if (bytes === undefined) return true;
  const ofTraffic = (bytes * 8) / 60;
  return Math.abs(ofTraffic - bitsPerSecond) <= tolerance * Math.max(ofTraffic, bitsPerSecond);
}
