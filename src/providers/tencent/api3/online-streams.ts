import type { Call } from '../../../calls/call.ts';
import type { OnlineStream, OnlineStreamsSource } from '../../../model/questions.ts';
import type { EpochMs } from '../../../model/time.ts';
import { toRows } from '../../kit/rows.ts';
import { readExactName, readFields } from '../../kit/values.ts';
import { parseTime } from '../times.ts';
import { type Api3ListParts, type Api3Site, readAppList } from './app-list.ts';
import { beijingOffsetMs } from './beijing-time.ts';

const operation = 'DescribeLiveStreamOnlineList';

/**
 * Number of rows per page, by site. Without it, a page has 10 rows. Source: the SDK models of both sites
 * document at most 300,000 rows for the China site and 100 for the international one. A larger page than this
 * one would block the event loop while it is parsed.
 */
const pageSizes: Readonly<Record<Api3Site, number>> = { china: 2_000, international: 100 };

/** Creates the source of live streams, which calls DescribeLiveStreamOnlineList of API 3.0. */
export function createApi3OnlineStreams(
  call: Call,
  { site, now, inSlices }: Api3ListParts,
): OnlineStreamsSource {
  return {
    operation,
    listOnlineStreams(app, signal) {
      const startedAt = now();
      const list = {
        operation,
        inSlices,
        domainField: 'DomainName',
        listField: 'OnlineInfo',
        pageSize: pageSizes[site],
        readRow: readOnlineStream,
        keyOf: ({ stream }: OnlineStream) => stream,
        isOld: ({ firstStartedAt = startedAt }: OnlineStream) => firstStartedAt <= startedAt,
      } as const;
      return readAppList(call, list, app, signal);
    },
  };
}

/** Converts one row to a live stream; undefined if it has no usable name. */
function readOnlineStream(row: unknown): OnlineStream | undefined {
  const fields = readFields(row);
  const stream = readExactName(fields?.StreamName);
  if (stream === undefined) return undefined;
  let firstStartedAt: EpochMs | undefined;
  for (const begin of toRows(fields?.PublishTimeList) ?? []) {
    const at = parseTime(readFields(begin)?.PublishTime, beijingOffsetMs)?.at;
    if (at !== undefined && at < (firstStartedAt ?? Number.POSITIVE_INFINITY)) firstStartedAt = at;
  }
  return { stream, firstStartedAt };
}
