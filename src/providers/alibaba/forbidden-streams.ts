import type { Call } from '../../calls/call.ts';
import type { BanList, ForbiddenStream, ForbiddenStreamsSource } from '../../model/questions.ts';
import { abortableSlices, type InSlices } from '../../model/slices.ts';
import { type EpochMs, minuteMs } from '../../model/time.ts';
import { isNotOffered } from '../kit/not-offered.ts';
import { foreignWarning, type ListPage, readPagedList, unstableBansWarning } from '../kit/paged-list.ts';
import { readRowsInSlices } from '../kit/rows.ts';
import { rowsOfPage } from './list-page.ts';
import type { PushDomains } from './push-domains.ts';
import { type NameParts, readStreamName } from './stream-names.ts';

const operation = 'DescribeLiveStreamsBlockList';

/**
 * Number of rows per page. The documentation allows 1 to 3,000. A row is a name, so a page of this size stays
 * far below the limit of 1 MiB of a response. The documented maximum of the list is 10,000 streams.
 */
const pageSize = 1_000;

/** Time in ms after which a list that the account may not request is requested again. */
const retryMs = 10 * minuteMs;

export interface ForbiddenStreamsParts {
  readonly pushDomains: PushDomains;
  readonly now: () => EpochMs;
  readonly inSlices: InSlices;
}

/**
 * Creates the source of forbidden streams, which calls DescribeLiveStreamsBlockList for a main streaming
 * domain.
 *
 * Source: the SDK models of 2026-08. `StreamUrls.StreamUrl` is a list of names of the form
 * `domain/app/stream`; the list contains neither the beginnings nor the ends of bans. Not documented,
 * therefore read in each possible way: whether the domain in a name is the main streaming domain or, like the
 * parameter of ForbidLiveStream, the ingest domain; whether a name can be bare or a URL; and whether `*`,
 * which ResumeLiveStream accepts for all applications, can occur.
 */
export function createAlibabaForbiddenStreams(
  call: Call,
  { pushDomains, now, inSlices: slices }: ForbiddenStreamsParts,
): ForbiddenStreamsSource {
  const context = `alibaba ${operation}`;
  /** Times at which the provider refused the list for lack of permission, by domain. */
  const refusedAt = new Map<string, EpochMs>();

  /** Returns the names in a response. Rejects if the shape is unknown. */
  async function toPage(response: unknown, page: number, inSlices: InSlices): Promise<ListPage<NameParts>> {
    const list = { outer: 'StreamUrls', inner: 'StreamUrl', hasTextRows: true };
    const { rows, total } = rowsOfPage(response, { ...list, page, pageSize, context });
    const { items, malformed } = await readRowsInSlices(rows, readName, context, inSlices);
    return { items, malformed, rows: rows.length, total };
  }

  /** Reads all pages; undefined if the account may not request the list. */
  async function readList(domain: string, signal: AbortSignal) {
    const request = (page: number) =>
      call(operation, { DomainName: domain, PageNum: page, PageSize: pageSize }, signal);
    const first = await request(1);
    if (isNotOffered(first)) return undefined;
    let isFirst = true;
    const inSlices = abortableSlices(slices, signal);
    return readPagedList<NameParts>({
      pageSize,
      context,
      inSlices,
      async readPage(page) {
        const response = isFirst ? first : await request(page);
        isFirst = false;
        return toPage(response, page, inSlices);
      },
      keyOf: ({ domain: ofName, appName, stream }) => JSON.stringify([ofName, appName, stream]),
      // A name does not tell when its ban began.
      isOld: () => true,
    });
  }

  /** Returns the names of streams of `domain`. */
  async function ownNames(names: readonly NameParts[], domain: string, signal: AbortSignal) {
    const own = new Set(['', domain.toLowerCase()]);
    const isOwn = (name: NameParts) => own.has(name.domain.toLowerCase());
    if (names.every(isOwn)) return names;
    for (const each of await pushDomains.ingestDomainsOf(domain, signal)) own.add(each.toLowerCase());
    return names.filter(isOwn);
  }

  return {
    operation,
    // The control history contains forbids and resumes. The list tells neither when a ban began nor how it
    // ended.
    countedActions: [],
    notOfferedAdvice: `grant the permission live:${operation} to the RAM user or role to see the end of bans that expire`,
    async listForbiddenStreams(domain, signal): Promise<BanList | undefined> {
      const startedAt = now();
      const refused = refusedAt.get(domain);
      if (refused !== undefined && startedAt >= refused && startedAt - refused < retryMs) return undefined;
      const list = await readList(domain, signal);
      if (list === undefined) {
        // A domain that was removed is not requested again.
        for (const [other, at] of refusedAt) if (startedAt - at >= retryMs) refusedAt.delete(other);
        refusedAt.set(domain, startedAt);
        return undefined;
      }
      refusedAt.delete(domain);
      const { items, malformed, isUnstable } = list;
      const own = await ownNames(items, domain, signal);
      return {
        items: own.map((name) => toBan(name, domain)),
        malformed,
        // An unreadable row can be any ban.
        isComplete: !isUnstable && malformed === 0,
        warnings: [
          ...(own.length < items.length ? [foreignWarning] : []),
          ...(isUnstable ? [unstableBansWarning] : []),
        ],
      };
    },
  };
}

function readName(row: unknown): NameParts | undefined {
  const name = readStreamName(row);
  return name.stream === '' ? undefined : name;
}

/** Returns the ban on a stream. A ban without an application, or on all of them, applies to each. */
function toBan({ appName, stream }: NameParts, domain: string): ForbiddenStream {
  const isAnyApp = appName === '' || appName === '*';
  return {
    stream,
    domain,
    appName: isAnyApp ? undefined : appName,
    forbiddenAt: undefined,
    expiresAt: undefined,
  };
}
