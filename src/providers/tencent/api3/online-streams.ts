import type { Call } from '../../../calls/call.ts';
import { ProviderError } from '../../../model/answer.ts';
import type { ListedApp, OnlineStream, OnlineStreamsSource } from '../../../model/questions.ts';
import type { EpochMs } from '../../../model/time.ts';
import { unexpectedShape } from '../../kit/json.ts';
import { type ListPage, readPagedList } from '../../kit/paged-list.ts';
import { isBlank, readRows, toRows } from '../../kit/rows.ts';
import { readFields, readNumber, readText, readWholeText } from '../../kit/values.ts';
import { parseTime } from '../times.ts';
import { beijingOffsetMs } from './beijing-time.ts';
import { isOf } from './listed-app.ts';

const operation = 'DescribeLiveStreamOnlineList';

/** Site of an account of API 3.0. */
export type Api3Site = 'china' | 'international';

/**
 * Number of rows per page, by site. Without it, a page has 10 rows. Source: the SDK models of both sites document at
 * most 300,000 rows for the China site and 100 for the international one. A larger page than this one would block the
 * event loop while it is parsed.
 */
const pageSizes: Readonly<Record<Api3Site, number>> = { china: 2_000, international: 100 };

export const foreignWarning = 'streams of another domain or application in the list are ignored; report this';
export const unstableWarning =
  'the list of live streams changes faster than it can be read, so that streams appear later';

/**
 * Creates the source of live streams, which calls DescribeLiveStreamOnlineList of API 3.0. Domain and application are
 * always sent: the documentation requires them if an account has several.
 */
export function createApi3OnlineStreams(
  call: Call,
  { site, now }: { readonly site: Api3Site; readonly now: () => EpochMs },
): OnlineStreamsSource {
  const context = `tencent ${operation}`;
  const pageSize = pageSizes[site];
  return {
    operation,
    async listOnlineStreams(app, signal) {
      const startedAt = now();
      const warnings = new Set<string>();
      const query = { DomainName: app.domain, AppName: app.appName, PageSize: pageSize };
      const { items, malformed, isUnstable } = await readPagedList<OnlineStream>({
        pageSize,
        context,
        readPage: async (page) =>
          toPage(await call(operation, { ...query, PageNum: page }, signal), page, app, warnings),
        keyOf: ({ stream }) => stream,
        isOld: ({ firstStartedAt = startedAt }) => firstStartedAt <= startedAt,
      });
      if (items.length === 0 && warnings.has(foreignWarning)) {
        throw new ProviderError('malformed', `${context}: all streams are of another domain or application`);
      }
      if (isUnstable) warnings.add(unstableWarning);
      return { items, malformed, warnings: [...warnings] };
    },
  };

  /** Converts a response. An error code that says that nothing is live (`undefined` here) means an empty page. */
  function toPage(
    response: unknown,
    page: number,
    app: ListedApp,
    warnings: Set<string>,
  ): ListPage<OnlineStream> {
    const fields = response === undefined ? {} : readFields(response);
    const list = fields?.OnlineInfo;
    const rows = isBlank(list) ? [] : toRows(list);
    const total = readNumber(fields?.TotalNum);
    // A first page without rows must not look as if nothing were live if the total says something else.
    const isContradiction = page === 1 && rows?.length === 0 && (total ?? 0) > 0;
    if (rows === undefined || isContradiction) throw unexpectedShape(context, 'OnlineInfo');
    const own = rows.filter((row) => isOf(app, row));
    if (own.length < rows.length) warnings.add(foreignWarning);
    return { ...readRows(own, readOnlineStream, context), rows: rows.length, total };
  }
}

/**
 * Converts one row to a live stream; undefined if it has no usable name. A name that is too long for a label cannot be
 * used, because its truncated form finds no history.
 */
function readOnlineStream(row: unknown): OnlineStream | undefined {
  const fields = readFields(row);
  const stream = readText(fields?.StreamName);
  if (stream === undefined || stream !== readWholeText(fields?.StreamName)) return undefined;
  const begins = toRows(fields?.PublishTimeList)?.flatMap(
    (begin) => parseTime(readFields(begin)?.PublishTime, beijingOffsetMs)?.at ?? [],
  );
  const isKnown = begins !== undefined && begins.length > 0;
  return { stream, firstStartedAt: isKnown ? Math.min(...begins) : undefined };
}
