import type { Call } from '../../../calls/call.ts';
import { ProviderError } from '../../../model/answer.ts';
import { capabilityOf } from '../../../model/operations.ts';
import type { ControlHistorySource, ListedApp } from '../../../model/questions.ts';
import { defaultAppName } from '../../../model/target.ts';
import { type EpochMs, secondMs, type Window } from '../../../model/time.ts';
import { rejectIgnoredWindow } from '../../kit/halved-window.ts';
import type { PageRows } from '../../kit/page-total.ts';
import { lastPage } from '../../kit/paged-list.ts';
import { createRepeatedPages } from '../../kit/repeated-pages.ts';
import { addEnd, createReading, type Reading, toAnswer } from './event-reading.ts';
import { createReasonWarnings, readEvent, toAction } from './event-rows.ts';
import { rowsOfPage } from './list-page.ts';
import { isOf } from './listed-app.ts';
import { toApiTime } from './request-time.ts';

const operation = 'DescribeLiveStreamEventList';
/**
 * Equal actions within `sameActionMs` are one: a call cuts the main and the backup push of a stream, which
 * are two.
 */
const { spanMs, retentionMs, sameActionMs } = capabilityOf(operation);

/** Maximum number of rows per page. Without it, a page has 10 rows. */
const pageSize = 100;

/**
 * Number of rows that the provider returns of one window. Of a window with more rows, both halves are
 * requested.
 */
const maxRows = 10_000;
/** Number of the last page that the provider returns. */
const maxNumber = maxRows / pageSize;

/**
 * Margin in ms between the end of a request and now. The provider rejects an end in the future, so that a
 * clock that is a little ahead would make each request fail. The next requests cover the time again, because
 * of the lookback.
 */
const endMarginMs = 10 * secondMs;

/**
 * Maximum number of pages that are requested for one answer. Otherwise, a wrong total would cause 100 requests for each
 * second of the window. Without a total, halving an hour down to a second with too many rows takes 1,300.
 */
const maxPages = 5_000;

/** Number of pages that are requested at the same time. The first page shows how many there are. */
const pagesAtATime = 8;

export const tooManyEventsWarning =
  'more than 10,000 pushes ended within a second, so that control actions can be missing';

/** Settings of `createApi3StreamEvents`. */
export interface StreamEventsOptions {
  readonly now: () => EpochMs;
  /**
   * Whether an end by a ban counts as a forbid. Otherwise the forbidden streams of the account do, and each
   * forbid has to count once.
   */
  readonly countsForbids: boolean;
}

/**
 * Creates the source of control actions, which calls DescribeLiveStreamEventList of API 3.0. The operation
 * returns the pushes that have ended; the reason of an end shows whether a control action caused it. There is
 * no record of actions themselves: an action on a stream that is not pushed leaves no trace, and neither does
 * a resume.
 */
export function createApi3StreamEvents(
  call: Call,
  { now, countsForbids }: StreamEventsOptions,
): ControlHistorySource {
  const context = `tencent ${operation}`;
  const warningOf = createReasonWarnings();
  return {
    operation,
    limits: { spanMs, retentionMs, ...(sameActionMs !== undefined && { sameActionMs }) },
    async listControlActions({ domain, appName = defaultAppName, appNames = [appName] }, window, signal) {
      const requested = { from: floorSecond(window.from), to: ceilSecond(window.to) };
      const reading = createReading();
      for (const name of appNames) {
        const window = { app: { domain, appName: name }, ...requested };
        await readWindow(window, await readPage(window, 1, reading, signal), reading, signal);
      }
      return toAnswer(reading, requested, context);
    },
  };

  async function readPage(
    window: AppWindow,
    page: number,
    reading: Reading,
    signal: AbortSignal,
  ): Promise<PageRows> {
    if (++reading.pages > maxPages) {
      const text = `the list has more than ${maxPages} pages`;
      throw new ProviderError('malformed', `${context}: ${text}`, { isTooLarge: true });
    }
    const response = await call(operation, queryOf(window, page), signal);
    return rowsOfPage(response, { list: 'EventList', page, pageSize, context });
  }

  /**
   * Reads the other pages of a window whose first page is `first`, or of its halves if it has more rows than the
   * provider returns.
   */
  async function readWindow(
    window: AppWindow,
    first: PageRows,
    reading: Reading,
    signal: AbortSignal,
  ): Promise<void> {
    const { app, from, to } = window;
    let { total } = first;
    /**
     * Reads the halves of the window, because it has too many rows. Returns false if it is too short for
     * that.
     */
    const readHalves = async (): Promise<boolean> => {
      if (to - from <= secondMs) {
        reading.warnings.add(tooManyEventsWarning);
        return false;
      }
      const middle = floorSecond((from + to) / 2);
      const [before, after] = [
        { app, from, to: middle },
        { app, from: middle, to },
      ];
      const halves = [
        await readPage(before, 1, reading, signal),
        await readPage(after, 1, reading, signal),
      ] as const;
      const isShared = (row: unknown) => isAt(middle, row, app);
      rejectIgnoredWindow({ total, halves, maxRows, pageSize, isShared, context });
      await readWindow(before, halves[0], reading, signal);
      await readWindow(after, halves[1], reading, signal);
      return true;
    };
    if ((first.total ?? 0) >= maxRows && (await readHalves())) return;
    const repeated = createRepeatedPages(context);
    let last = 1;
    let hasMore = false;
    /** Adds the rows of a page. A push that appears late moves the rows after it to later pages. */
    const addPage = ({ rows, total: own }: PageRows, number: number): void => {
      const page = repeated.startPage(own);
      for (const row of rows) page.addRow(JSON.stringify([row]));
      page.end();
      addRows(app, rows, reading);
      const further = lastPage({ rows: rows.length, total: own }, number, pageSize);
      if (own !== undefined) total = Math.max(total ?? 0, own);
      if (further > maxNumber || (own ?? 0) >= maxRows) hasMore = true;
      last = Math.min(Math.max(last, further), maxNumber);
    };
    const readNumber = (number: number) => readPage(window, number, reading, signal);
    addPage(first, 1);
    for (let page = 2; page <= last; ) {
      const start = page;
      const numbers = Array.from({ length: Math.min(pagesAtATime, last - page + 1) }, (_, i) => start + i);
      page += numbers.length;
      for (const [i, read] of (await Promise.all(numbers.map(readNumber))).entries())
        addPage(read, start + i);
    }
    if (hasMore) await readHalves();
  }

  function queryOf({ app, from, to }: AppWindow, page: number) {
    return {
      DomainName: app.domain,
      AppName: app.appName,
      StartTime: toApiTime(from),
      EndTime: toApiTime(Math.max(from, Math.min(to, floorSecond(now() - endMarginMs)))),
      PageNum: page,
      PageSize: pageSize,
      // Leave out refused pushes: an encoder of a banned stream can try again every few seconds.
      IsFilter: 1,
      // In this order, new rows are at the end of the list, so that they move no other row to another page.
      IsAsc: 1,
    };
  }

  function addRows(app: ListedApp, rows: readonly unknown[], reading: Reading): void {
    for (const row of rows) {
      reading.rows++;
      if (!isOf(app, row)) {
        reading.foreign++;
        continue;
      }
      const event = readEvent(row, app, (text) => reading.warnings.add(warningOf(text)));
      if (event === undefined) reading.malformed++;
      if (event === undefined || event === 'running') continue;
      addEnd(reading, event.end);
      const action = toAction(event);
      // One call cuts all pushes of a stream, so equal actions of one second are one action.
      if (action === undefined || (action.action === 'forbid' && !countsForbids)) continue;
      const { appName, stream, actedAt, action: name } = action;
      reading.actions.set(JSON.stringify([appName, stream, actedAt, name]), action);
    }
  }
}

/** Window of the list of an application. */
interface AppWindow extends Window {
  readonly app: ListedApp;
}

/** Reports whether the push of a row ended within a second of a time. */
function isAt(at: EpochMs, row: unknown, app: ListedApp): boolean {
  const event = readEvent(row, app, () => undefined);
  return event !== undefined && event !== 'running' && Math.abs(event.end.endedAt - at) <= secondMs;
}

function floorSecond(at: EpochMs): EpochMs {
  return Math.floor(at / secondMs) * secondMs;
}

function ceilSecond(at: EpochMs): EpochMs {
  return Math.ceil(at / secondMs) * secondMs;
}
