import type { Call } from '../../calls/call.ts';
import { ProviderError } from '../../model/answer.ts';
import type { ListAnswer, ListedApp, OnlineStream, OnlineStreamsSource } from '../../model/questions.ts';
import { abortableSlices, type InSlices } from '../../model/slices.ts';
import type { EpochMs } from '../../model/time.ts';
import { foreignWarning, type ListPage, readPagedList, unstableWarning } from '../kit/paged-list.ts';
import { readRowsInSlices } from '../kit/rows.ts';
import { readExactName, readFields, readText, readWholeText } from '../kit/values.ts';
import { rowsOfPage } from './list-page.ts';
import type { PushDomains } from './push-domains.ts';
import { parseAlibabaTime } from './times.ts';

const operation = 'DescribeLiveStreamsOnlineList';

/**
 * Numbers of rows per page. The documentation allows 1 to 3,000. A row normally has 600 bytes (in XML 900),
 * but a push URL with long parameters can have more, and a response must not exceed 1 MiB. So if a page is
 * too large, all further lists have the next smaller size.
 */
const pageSizes = [1_000, 250, 50] as const;

export interface OnlineStreamsParts {
  readonly pushDomains: PushDomains;
  readonly now: () => EpochMs;
  readonly inSlices: InSlices;
}

/** Page of the list of an application, and how it is read. */
interface PageReading {
  readonly app: ListedApp;
  readonly page: number;
  readonly pageSize: number;
  readonly warnings: Set<string>;
  readonly inSlices: InSlices;
}

/**
 * Creates the source of live streams, which calls DescribeLiveStreamsOnlineList for a main streaming domain.
 * It leaves out transcoded streams, which nobody pushes.
 */
export function createAlibabaOnlineStreams(
  call: Call,
  { pushDomains, now, inSlices: slices }: OnlineStreamsParts,
): OnlineStreamsSource {
  const context = `alibaba ${operation}`;
  /** Index of the page size in use. Lists of several applications can be read at the same time. */
  let size = 0;

  async function list(
    app: ListedApp,
    pageSize: number,
    signal: AbortSignal,
  ): Promise<ListAnswer<OnlineStream>> {
    const startedAt = now();
    const warnings = new Set<string>();
    const inSlices = abortableSlices(slices, signal);
    const query = { DomainName: app.domain, AppName: app.appName, StreamType: 'raw', PageSize: pageSize };
    const { items, malformed, isUnstable } = await readPagedList<OnlineStream>({
      pageSize,
      context,
      inSlices,
      readPage: async (page) => {
        const response = await call(operation, { ...query, PageNum: page }, signal);
        return toPage(response, { app, page, pageSize, warnings, inSlices });
      },
      keyOf: ({ stream }) => stream,
      isOld: ({ firstStartedAt = startedAt }) => firstStartedAt <= startedAt,
    });
    if (isUnstable) warnings.add(unstableWarning);
    return { items, malformed, warnings: [...warnings], isComplete: malformed === 0 && !isUnstable };
  }

  async function toPage(
    response: unknown,
    { app, page, pageSize, warnings, inSlices }: PageReading,
  ): Promise<ListPage<OnlineStream>> {
    const list = { outer: 'OnlineInfo', inner: 'LiveStreamOnlineInfo', page, pageSize, context };
    const { rows, total } = rowsOfPage(response, list);
    let pushed = 0;
    let ofDomain = 0;
    const own: unknown[] = [];
    const foreign: unknown[] = [];
    await inSlices(rows, (row) => {
      const isPushed = !isTranscoded(row);
      const isListed = isPushed && isOfDomain(app, row);
      if (isPushed) pushed++;
      if (isListed) ofDomain++;
      // The filter by application can be fuzzy, like that by name.
      if (isListed && isOfApp(app, row)) own.push(row);
      else foreign.push(row);
    });
    if (pushed > 0 && ofDomain === 0) {
      throw new ProviderError('malformed', `${context}: all streams are of another domain`);
    }
    if (own.length < pushed) warnings.add(foreignWarning);
    const toItem = createReader(pushDomains.ofListed(app));
    const { items, malformed } = await readRowsInSlices(own, toItem, context, inSlices);
    return { items, malformed, foreign, rows: rows.length, total };
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
