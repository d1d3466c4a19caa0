import type { Call } from '../../calls/call.ts';
import { type Answer, ProviderError } from '../../model/answer.ts';
import type { ListedApp, OnlineStream, OnlineStreamsSource } from '../../model/questions.ts';
import type { EpochMs } from '../../model/time.ts';
import { unexpectedShape } from '../kit/json.ts';
import {
  foreignWarning,
  type ListPage,
  plausibleTotal,
  readPagedList,
  unstableWarning,
} from '../kit/paged-list.ts';
import { readRows } from '../kit/rows.ts';
import { readExactName, readFields, readNumber, readText, readWholeText } from '../kit/values.ts';
import type { PushDomains } from './push-domains.ts';
import { recordsOf } from './rows.ts';
import { parseAlibabaTime } from './times.ts';

const operation = 'DescribeLiveStreamsOnlineList';

/**
 * Numbers of rows per page. The documentation allows 1 to 3,000. A row normally has 600 bytes (in XML 900),
 * but a push URL with long parameters can have more, and a response must not exceed 1 MiB. So if a page is
 * too large, all further lists have the next smaller size.
 */
const pageSizes = [1_000, 250, 50] as const;

/** Other documented fields of a response. */
const pageFields = ['PageNum', 'PageSize', 'TotalNum', 'TotalPage'] as const;

export interface OnlineStreamsParts {
  readonly pushDomains: PushDomains;
  readonly now: () => EpochMs;
}

/**
 * Creates the source of live streams, which calls DescribeLiveStreamsOnlineList for a main streaming domain.
 * It leaves out transcoded streams, which nobody pushes.
 */
export function createAlibabaOnlineStreams(
  call: Call,
  { pushDomains, now }: OnlineStreamsParts,
): OnlineStreamsSource {
  const context = `alibaba ${operation}`;
  /** Index of the page size in use. Lists of several applications can be read at the same time. */
  let size = 0;

  async function list(app: ListedApp, pageSize: number, signal: AbortSignal): Promise<Answer<OnlineStream>> {
    const startedAt = now();
    const warnings = new Set<string>();
    const query = { DomainName: app.domain, AppName: app.appName, StreamType: 'raw', PageSize: pageSize };
    const { items, malformed, isUnstable } = await readPagedList<OnlineStream>({
      pageSize,
      context,
      readPage: async (page) =>
        toPage(await call(operation, { ...query, PageNum: page }, signal), { page, pageSize }, app, warnings),
      keyOf: ({ stream }) => stream,
      isOld: ({ firstStartedAt = startedAt }) => firstStartedAt <= startedAt,
    });
    if (isUnstable) warnings.add(unstableWarning);
    return { items, malformed, warnings: [...warnings] };
  }

  function toPage(
    response: unknown,
    { page, pageSize }: { readonly page: number; readonly pageSize: number },
    app: ListedApp,
    warnings: Set<string>,
  ): ListPage<OnlineStream> {
    const rows = recordsOf(response, 'OnlineInfo', 'LiveStreamOnlineInfo', pageFields);
    const total = readNumber(readFields(response)?.TotalNum);
    const before = (page - 1) * pageSize;
    const isKnown = rows !== undefined && (rows.length > 0 || saysEmpty(response, total, before));
    if (!isKnown) throw unexpectedShape(context, 'OnlineInfo');
    const pushed = rows.filter((row) => !isTranscoded(row));
    const ofDomain = pushed.filter((row) => isOfDomain(app, row));
    if (pushed.length > 0 && ofDomain.length === 0) {
      throw new ProviderError('malformed', `${context}: all streams are of another domain`);
    }
    // The filter by application can be fuzzy, like that by name.
    const own = ofDomain.filter((row) => isOfApp(app, row));
    if (own.length < pushed.length) warnings.add(foreignWarning);
    return {
      ...readRows(own, createReader(pushDomains.ofListed(app)), context),
      rows: rows.length,
      total: plausibleTotal(total, before, rows.length),
    };
  }

  return {
    operation,
    async listOnlineStreams(app, signal) {
      for (;;) {
        const own = size;
        try {
          return await list(app, pageSizes[own] ?? 1, signal);
        } catch (error) {
          const isLast = own === pageSizes.length - 1;
          if (isLast || !(error instanceof ProviderError) || !error.isTooLarge) throw error;
          size = Math.max(size, own + 1);
        }
      }
    },
  };
}

/**
 * Reports whether a response without rows says that the page is empty. An empty list would end all streams,
 * so a blank or missing list is accepted only together with a total. The total must not exceed `before`, the
 * number of rows of the pages before this one.
 */
function saysEmpty(response: unknown, total: number | undefined, before: number): boolean {
  const info = readFields(response)?.OnlineInfo;
  const isList = Array.isArray(info) || Array.isArray(readFields(info)?.LiveStreamOnlineInfo);
  return total === undefined ? isList : total <= before;
}

/**
 * Reports whether the provider created the stream by transcoding. Its name is that of the pushed stream and a
 * suffix.
 */
function isTranscoded(row: unknown): boolean {
  return readWholeText(readFields(row)?.Transcoded)?.toLowerCase() === 'yes';
}

/** Reports whether a row belongs to the requested domain. A missing field matches. */
function isOfDomain({ domain }: ListedApp, row: unknown): boolean {
  const name = readWholeText(readFields(row)?.DomainName) ?? domain;
  return name.toLowerCase() === domain.toLowerCase();
}

function isOfApp({ appName }: ListedApp, row: unknown): boolean {
  return (readWholeText(readFields(row)?.AppName) ?? appName) === appName;
}

/**
 * Creates the reader of the rows of one page. It converts a row to a live stream; undefined if it has no
 * usable name. `remember` receives the ingest domain of each stream that has one.
 */
function createReader(remember: (stream: string, pushDomain: string) => void) {
  // The streams of a page have few ingest domains. Keep one string for each, because the domains stay in
  // memory.
  const shared = new Map<string, string>();
  return (row: unknown): OnlineStream | undefined => {
    const fields = readFields(row);
    const stream = readExactName(fields?.StreamName);
    if (stream === undefined) return undefined;
    const domain = readText(fields?.PublishDomain)?.toLowerCase();
    if (domain !== undefined) {
      const known = shared.get(domain) ?? domain;
      shared.set(domain, known);
      remember(stream, known);
    }
    return { stream, firstStartedAt: parseAlibabaTime(fields?.PublishTime) };
  };
}
