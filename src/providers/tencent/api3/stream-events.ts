import type { Call } from '../../../calls/call.ts';
import { ProviderError } from '../../../model/answer.ts';
import type { ControlAction } from '../../../model/control-action.ts';
import { capabilityOf } from '../../../model/operations.ts';
import type { PushEnd } from '../../../model/push-end.ts';
import type { ControlAnswer, ControlHistorySource, ListedApp } from '../../../model/questions.ts';
import { defaultAppName } from '../../../model/target.ts';
import { type EpochMs, secondMs, type Window } from '../../../model/time.ts';
import type { PageRows } from '../../kit/page-total.ts';
import { lastPage } from '../../kit/paged-list.ts';
import { createRepeatedPages } from '../../kit/repeated-pages.ts';
import { isMisplaced, oldResponseAdvice, outsideWindow } from '../../kit/requested-window.ts';
import { noReadableRow } from '../../kit/rows.ts';
import { createReasonWarnings, nearestTo, readEvent, toAction } from './event-rows.ts';
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

export const foreignEventsWarning =
  'pushes of another domain or application in the list are ignored; report this';
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
        await readWindow({ domain, appName: name }, requested, reading, signal);
      }
      return toAnswer(reading, requested, context);
    },
  };

  /** Reads all pages of a window, or of its halves if it has more rows than the provider returns. */
  async function readWindow(
    app: ListedApp,
    window: Window,
    reading: Reading,
    signal: AbortSignal,
  ): Promise<void> {
    const readPage = async (page: number): Promise<PageRows> => {
      if (++reading.pages > maxPages) {
        const text = `the list has more than ${maxPages} pages`;
        throw new ProviderError('malformed', `${context}: ${text}`, { isTooLarge: true });
      }
      const response = await call(operation, queryOf(app, window, page), signal);
      return rowsOfPage(response, { list: 'EventList', page, pageSize, context });
    };
    /**
     * Reads the halves of the window, because it has too many rows. Returns false if it is too short for
     * that.
     */
    const readHalves = async (): Promise<boolean> => {
      if (window.to - window.from <= secondMs) {
        reading.warnings.add(tooManyEventsWarning);
        return false;
      }
      const middle = floorSecond((window.from + window.to) / 2);
      await readWindow(app, { from: window.from, to: middle }, reading, signal);
      await readWindow(app, { from: middle, to: window.to }, reading, signal);
      return true;
    };
    const first = await readPage(1);
    if ((first.total ?? 0) >= maxRows && (await readHalves())) return;
    const repeated = createRepeatedPages(context);
    let last = 1;
    let hasMore = false;
    /** Adds the rows of a page. A push that appears late moves the rows after it to later pages. */
    const addPage = ({ rows, total }: PageRows, number: number): void => {
      const page = repeated.startPage(total);
      for (const row of rows) page.addRow(JSON.stringify([row]));
      page.end();
      addRows(app, rows, reading);
      const further = lastPage({ rows: rows.length, total }, number, pageSize);
      if (further > maxNumber || (total ?? 0) >= maxRows) hasMore = true;
      last = Math.min(Math.max(last, further), maxNumber);
    };
    addPage(first, 1);
    for (let page = 2; page <= last; ) {
      const start = page;
      const numbers = Array.from({ length: Math.min(pagesAtATime, last - page + 1) }, (_, i) => start + i);
      page += numbers.length;
      for (const [i, read] of (await Promise.all(numbers.map(readPage))).entries()) addPage(read, start + i);
    }
    if (hasMore) await readHalves();
  }

  function queryOf(app: ListedApp, window: Window, page: number) {
    return {
      DomainName: app.domain,
      AppName: app.appName,
      StartTime: toApiTime(window.from),
      EndTime: toApiTime(Math.max(window.from, Math.min(window.to, floorSecond(now() - endMarginMs)))),
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

/** Rows of all pages of one answer. */
interface Reading {
  /** Number of requested pages. */
  pages: number;
  rows: number;
  malformed: number;
  foreign: number;
  /** Actions by application, stream, time and name. */
  readonly actions: Map<string, ControlAction>;
  /** Newest end of each stream, by application and stream. */
  readonly ends: Map<string, PushEnd>;
  /** All ends that were read: a push can appear on two pages. */
  readonly pushes: PushEnd[];
  readonly warnings: Set<string>;
}

function createReading(): Reading {
  return {
    pages: 0,
    rows: 0,
    malformed: 0,
    foreign: 0,
    actions: new Map(),
    ends: new Map(),
    pushes: [],
    warnings: new Set(),
  };
}

function addEnd({ pushes, ends }: Reading, end: PushEnd): void {
  pushes.push(end);
  const key = JSON.stringify([end.appName, end.stream]);
  const known = ends.get(key);
  if (known === undefined || end.endedAt >= known.endedAt) ends.set(key, end);
}

function toAnswer(
  { rows, malformed, foreign, actions, ends, pushes, warnings }: Reading,
  window: Window,
  context: string,
): ControlAnswer {
  if (rows > 0 && foreign === rows) {
    throw new ProviderError('malformed', `${context}: all pushes are of another domain or application`);
  }
  if (foreign > 0) warnings.add(foreignEventsWarning);
  if (malformed > 0 && malformed === rows - foreign) throw noReadableRow(malformed, context);
  if (isMisplaced(pushes, (end) => nearestTo(window, end), window)) {
    throw outsideWindow(context, oldResponseAdvice);
  }
  return { items: [...actions.values()], ends: [...ends.values()], malformed, warnings: [...warnings] };
}

function floorSecond(at: EpochMs): EpochMs {
  return Math.floor(at / secondMs) * secondMs;
}

function ceilSecond(at: EpochMs): EpochMs {
  return Math.ceil(at / secondMs) * secondMs;
}
