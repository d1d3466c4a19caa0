import type { Call } from '../../../calls/call.ts';
import type { BanList, ForbiddenStream, ForbiddenStreamsSource } from '../../../model/questions.ts';
import { abortableSlices } from '../../../model/slices.ts';
import { wholeSecond } from '../../../model/target-ledger.ts';
import { type EpochMs, hourMs, secondMs } from '../../../model/time.ts';
import { isNotOffered } from '../../kit/not-offered.ts';
import { type ListPage, readPagedList, unstableBansWarning } from '../../kit/paged-list.ts';
import { readRows } from '../../kit/rows.ts';
import { readExactName, readFields, readText } from '../../kit/values.ts';
import { parseTime } from '../times.ts';
import type { Api3ListParts } from './app-list.ts';
import { beijingOffsetMs } from './beijing-time.ts';
import { rowsOfPage } from './list-page.ts';

const operation = 'DescribeLiveForbidStreamList';

/** Number of rows per page, which is the documented maximum. */
const pageSize = 100;

/** Time in ms after which the operation is requested again at a site that does not offer it. */
const retryMs = hourMs;

/**
 * Time in ms for which the domains of an account share one list: the operation returns the bans of the whole
 * account.
 */
const sharedMs = 10 * secondMs;

/**
 * Creates the source of forbidden streams, which calls DescribeLiveForbidStreamList of API 3.0. Only the
 * international site offers it.
 */
export function createApi3ForbiddenStreams(
  call: Call,
  { site, now, inSlices }: Api3ListParts,
): ForbiddenStreamsSource {
  const context = `tencent ${operation}`;
  let notOfferedAt = Number.NEGATIVE_INFINITY;
  let shared: { readonly at: EpochMs; readonly answer: Promise<BanList | undefined> } | undefined;

  /** Returns the list of the account, which is requested again only if the last one is old or failed. */
  function currentList(signal: AbortSignal): Promise<BanList | undefined> {
    const at = now();
    if (shared !== undefined && Math.abs(at - shared.at) < sharedMs) {
      // Unreadable rows are counted only once.
      return shared.answer.then((list) => list && { ...list, malformed: 0 });
    }
    const answer = readList(at, signal);
    const own = { at, answer };
    shared = own;
    answer.catch(() => {
      if (shared === own) shared = undefined;
    });
    return answer;
  }

  async function readList(startedAt: EpochMs, signal: AbortSignal): Promise<BanList | undefined> {
    if (startedAt >= notOfferedAt && startedAt - notOfferedAt < retryMs) return undefined;
    const first = await call(operation, { PageNum: 1, PageSize: pageSize }, signal);
    if (isNotOffered(first)) {
      notOfferedAt = startedAt;
      return undefined;
    }
    let isFirst = true;
    const { items, malformed, isUnstable } = await readPagedList<ForbiddenStream>({
      pageSize,
      context,
      inSlices: abortableSlices(inSlices, signal),
      readPage: async (page) => {
        const response =
          isFirst && page === 1
            ? first
            : await call(operation, { PageNum: page, PageSize: pageSize }, signal);
        isFirst = false;
        return toPage(response, page);
      },
      keyOf: ({ stream, domain, appName, forbiddenAt }) =>
        JSON.stringify([stream, domain, appName, forbiddenAt]),
      isOld: ({ forbiddenAt = startedAt }) => forbiddenAt <= startedAt,
    });
    return {
      items,
      malformed,
      // An unreadable row can be any ban.
      isComplete: !isUnstable && malformed === 0,
      warnings: isUnstable ? [unstableBansWarning] : [],
    };
  }

  function toPage(response: unknown, page: number): ListPage<ForbiddenStream> {
    // An early page of the international site names the list so.
    const hasEarlyName = readFields(response)?.ProhibitStreamList !== undefined;
    const list = hasEarlyName ? 'ProhibitStreamList' : 'ForbidStreamList';
    const { rows, total } = rowsOfPage(response, { list, page, pageSize, context });
    return { ...readRows(rows, readBan, context), rows: rows.length, total };
  }

  return {
    operation,
    // Where there is a list, it shows bans of streams that are not pushed too, and resumes, which no event
    // shows.
    countedActions: site === 'international' ? ['forbid', 'resume'] : ['resume'],
    async listForbiddenStreams(domain, signal) {
      const answer = await currentList(signal);
      return (
        answer && {
          ...answer,
          items: answer.items.filter((ban) => isSameDomain(ban.domain ?? domain, domain)),
        }
      );
    },
  };
}

/** Reads a ban; undefined if it has no usable name of a stream. Times without a zone are Beijing time. */
function readBan(row: unknown): ForbiddenStream | undefined {
  const fields = readFields(row);
  const stream = readExactName(fields?.StreamName);
  if (stream === undefined) return undefined;
  const forbiddenAt = parseTime(fields?.CreateTime, beijingOffsetMs)?.at;
  return {
    stream,
    domain: readText(fields?.DomainName),
    appName: readText(fields?.AppName),
    forbiddenAt: forbiddenAt === undefined ? undefined : wholeSecond(forbiddenAt),
    expiresAt: parseTime(fields?.ExpireTime, beijingOffsetMs)?.at,
  };
}

function isSameDomain(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
