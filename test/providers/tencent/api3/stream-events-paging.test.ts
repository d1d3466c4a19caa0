import { expect, test } from 'vitest';
import { wholeSecond } from '../../../../src/model/target-ledger.ts';
import { tooManyEventsWarning } from '../../../../src/providers/tencent/api3/stream-events.ts';
import { noon } from '../../../support/samples.ts';
import { body } from './api3-source.ts';
import { domain, minute, never, sourceOf, window } from './event-source.ts';

const context = 'tencent DescribeLiveStreamEventList';

const row = {
  AppName: 'live',
  DomainName: 'push.example.com',
  StreamStartTime: '2026-03-01T11:45:00Z',
  StreamEndTime: '2026-03-01T11:56:00Z',
  StopReason: '收到客户调用的断流请求',
};

const hour = { from: noon - 60 * minute, to: noon };

/** What the provider does other than the documentation says. */
interface Behavior {
  readonly hasTotal?: boolean;
  /** Ends of pushes that appear one by one, with each request. */
  readonly lateRows?: readonly number[];
  /** Selects the pushes of a window by their ends. By default, the ends of the window are included. */
  readonly isInside?: (end: number, from: number, to: number) => boolean;
  /** Reports whether the row at an index of a page is returned. By default, all are. */
  readonly isShown?: (index: number) => boolean;
  /** Returns the total of a list. By default the number of its rows. */
  readonly toTotal?: (rows: number) => number;
}

/** Provider with pushes that ended at these times, which answers like the API. */
function provider(ends: readonly number[], behavior: Behavior = {}) {
  const { hasTotal = true, lateRows = [], toTotal = (rows) => rows, isShown = () => true } = behavior;
  const { isInside = (end: number, from: number, to: number) => end >= from && end <= to } = behavior;
  const sorted = ends.toSorted((a, b) => a - b);
  const requested: string[] = [];
  let requests = 0;
  const source = sourceOf(async ({ body: text = '' }) => {
    const { StartTime, EndTime, PageNum, PageSize } = JSON.parse(text);
    requested.push(`${StartTime} ${EndTime} ${PageNum}`);
    const late = lateRows.slice(0, requests++);
    const visible = late.length === 0 ? sorted : [...ends, ...late].toSorted((a, b) => a - b);
    const [from, to] = [Date.parse(StartTime), Date.parse(EndTime)];
    const all = visible.filter((at) => isInside(at, from, to));
    const list = all.slice(0, 10_000).slice((PageNum - 1) * PageSize, PageNum * PageSize);
    return body({
      EventList: list
        .filter((_, i) => isShown(i))
        .map((at) => ({
          ...row,
          StreamName: `s${at}`,
          StreamEndTime: new Date(at).toISOString(),
        })),
      ...(hasTotal && { TotalNum: toTotal(all.length) }),
    });
  });
  return { source, requested };
}

test.each([true, false])('reads all pages, with a total: %s', async (hasTotal) => {
  const ends = Array.from({ length: 1_250 }, (_, i) => noon - 10 * minute + 10_000 + i * 100);
  const { source, requested } = provider(ends, { hasTotal });

  const { items } = await source.listControlActions(domain, window, never);

  expect(items).toHaveLength(1_250);
  expect(requested).toHaveLength(13);
});

test('reads all pages if the total is less than the rows of the first page', async () => {
  const list = Array.from({ length: 150 }, (_, i) => ({ ...row, StreamName: `s${i}` }));
  const source = sourceOf(async ({ body: text = '' }) => {
    const { PageNum } = JSON.parse(text);
    return body({ EventList: list.slice((PageNum - 1) * 100, PageNum * 100), TotalNum: 0 });
  });

  expect((await source.listControlActions(domain, window, never)).items).toHaveLength(150);
});

const ignoredWindow = `${context}: both halves of a window have all its rows, so the responses ignore the window`;

/** Returns times that are `stepMs` apart, from an hour before noon on. */
const times = (count: number, stepMs: number) =>
  Array.from({ length: count }, (_, i) => hour.from + 1_000 + i * stepMs);

test.each([
  { what: 'different rows, with their total', count: 12_000, behavior: {}, requests: 3 },
  { what: 'rows that end within seconds', count: 12_000, stepMs: 1, behavior: {}, requests: 3 },
  { what: 'different rows, without a total', count: 12_000, behavior: { hasTotal: false }, requests: 102 },
])('fails soon if the provider ignores the window and has $what', async (one) => {
  const { count, stepMs = 250, behavior, requests } = one;
  const { source, requested } = provider(times(count, stepMs), { ...behavior, isInside: () => true });

  await expect(source.listControlActions(domain, hour, never)).rejects.toMatchObject({
    kind: 'malformed',
    message: expect.stringContaining(ignoredWindow),
    reason: 'misplaced_rows',
    isTooLarge: false,
  });
  expect(requested).toHaveLength(requests);
});

test('fails soon if only the total ignores the window', async () => {
  const { source, requested } = provider(times(3_500, 1_000), { toTotal: () => 9_000_000 });

  await expect(source.listControlActions(domain, hour, never)).rejects.toMatchObject({
    kind: 'malformed',
    message: expect.stringContaining(ignoredWindow),
  });
  // Windows of 56 s have pages that are not full.
  expect(requested).toHaveLength(13);
});

test.each<{ what: string; behavior: Behavior }>([
  {
    what: 'a total that is cut off at the reachable rows',
    behavior: { toTotal: (rows) => Math.min(rows, 10_000) },
  },
  { what: 'a total that is cut off elsewhere', behavior: { toTotal: (rows) => Math.min(rows, 12_000) } },
  {
    what: 'rows of half a minute around the window',
    behavior: { isInside: (end, from, to) => end >= from - 30_000 && end <= to + 30_000 },
  },
])('reads all rows of a large window with $what', async ({ behavior }) => {
  const { source } = provider(times(25_000, 140), behavior);

  const { items, warnings } = await source.listControlActions(domain, hour, never);

  expect([items.length, warnings]).toEqual([25_000, []]);
});

test('reads the other rows if the provider cuts off the total and leaves rows out of their pages', async () => {
  const { source } = provider(times(25_000, 140), {
    toTotal: (rows) => Math.min(rows, 10_000),
    isShown: (index) => index % 2 === 0,
  });

  const { items } = await source.listControlActions(domain, hour, never);

  expect(items.length).toBeGreaterThan(12_000);
});

test('reads the pushes of a large window that the provider selects by their time from begin to end', async () => {
  // 9,000 pushes go on during the first half hour, in which none ends, and 3,000 are short.
  const long = times(9_000, 30).map((at) => at + 30 * minute);
  const short = times(3_000, 30).map((at) => at + 50 * minute);
  const isLong = new Set(long);
  const { source } = provider([...long, ...short], {
    isInside: (end, from, to) => end >= from && (end <= to || isLong.has(end)),
  });

  const { items } = await source.listControlActions(domain, hour, never);

  expect(items).toHaveLength(12_000);
});

test('requests each page of a window with too many rows once', async () => {
  const { source, requested } = provider(times(25_000, 140));

  await source.listControlActions(domain, hour, never);

  expect(new Set(requested).size).toBe(256);
  // The first pages of three windows, and all pages of the quarters: 65, 65, 65 and 58.
  expect(requested).toHaveLength(256);
});

test('fails after 5,000 pages, so that a domain with too many pushes does not cause more', async () => {
  let requests = 0;
  const source = sourceOf(async ({ body: text = '' }) => {
    const { StartTime, EndTime } = JSON.parse(text);
    const seconds = (Date.parse(EndTime) - Date.parse(StartTime)) / 1000;
    const list = [{ ...row, StreamName: `s${requests++}` }];
    return body({ EventList: list, TotalNum: seconds * 200 });
  });

  await expect(source.listControlActions(domain, hour, never)).rejects.toMatchObject({
    kind: 'malformed',
    message: 'tencent DescribeLiveStreamEventList: the list has more than 5000 pages',
    isTooLarge: true,
  });
  expect(requests).toBe(5_000);
});

test('reads all pages if the total is less than the rows of a later page', async () => {
  const list = Array.from({ length: 350 }, (_, i) => ({ ...row, StreamName: `s${i}` }));
  const source = sourceOf(async ({ body: text = '' }) => {
    const { PageNum } = JSON.parse(text);
    return body({ EventList: list.slice((PageNum - 1) * 100, PageNum * 100), TotalNum: 150 });
  });

  expect((await source.listControlActions(domain, window, never)).items).toHaveLength(350);
});

const repeatedPage = `${context}: a page of the list repeats another one, so that rows are missing`;

test.each([
  [undefined, repeatedPage],
  [0, repeatedPage],
  [9_000, repeatedPage],
  [10_000, ignoredWindow],
  [1e15, ignoredWindow],
])(
  'fails soon if the provider always returns the same rows, with the total %s',
  async (TotalNum, message) => {
    let requests = 0;
    const list = Array.from({ length: 100 }, (_, i) => ({ ...row, StreamName: `s${i}` }));
    const source = sourceOf(async () => {
      requests++;
      return body({ EventList: list, TotalNum });
    });

    await expect(
      source.listControlActions(domain, { from: noon - 60 * minute, to: noon }, never),
    ).rejects.toMatchObject({
      kind: 'malformed',
      message: expect.stringContaining(message),
    });
    expect(requests).toBeLessThan(25);
  },
);

test('fails if the provider uses smaller pages than requested, because actions would be missing', async () => {
  const source = sourceOf(async () => {
    const list = Array.from({ length: 10 }, (_, i) => ({ ...row, StreamName: `s${i}` }));
    return body({ EventList: list, TotalNum: 25, PageSize: 10 });
  });

  await expect(source.listControlActions(domain, window, never)).rejects.toMatchObject({
    kind: 'malformed',
    message: `${context}: the request is for pages of 100 rows, but the response has pages of 10`,
  });
});

test('fails if a page is empty although its total says that it has rows', async () => {
  const source = sourceOf(async ({ body: text = '' }) => {
    const { PageNum } = JSON.parse(text);
    const list = Array.from({ length: 100 }, (_, i) => ({ ...row, StreamName: `s${i}` }));
    return body({ EventList: PageNum === 1 ? list : [], TotalNum: 250 });
  });

  await expect(source.listControlActions(domain, window, never)).rejects.toMatchObject({
    kind: 'malformed',
    message: `${context}: a page is empty, but its total says that it has rows`,
  });
});

test('requests the halves of a window whose list grows beyond the reachable rows while it is read', async () => {
  const requested = new Set<string>();
  const source = sourceOf(async ({ body: text = '' }) => {
    const { StartTime, EndTime, PageNum } = JSON.parse(text);
    const minutes = `${StartTime.slice(14, 19)} ${EndTime.slice(14, 19)}`;
    requested.add(minutes);
    const isWhole = minutes === '50:00 59:50';
    const total = PageNum < 90 ? 9_990 : 10_010;
    const list = [{ ...row, StreamName: `s ${minutes} ${PageNum}` }];
    return body({ EventList: list, TotalNum: isWhole ? total : 1 });
  });

  const { items } = await source.listControlActions(domain, window, never);

  expect([...requested]).toEqual(['50:00 59:50', '50:00 55:00', '55:00 59:50']);
  expect(items).toHaveLength(102);
});

test('counts each push once if rows move to later pages while they are read', async () => {
  const ends = Array.from({ length: 500 }, (_, i) => noon - 10 * minute + 10_000 + i * 1_000);
  const lateRows = Array.from({ length: 20 }, (_, i) => noon - 10 * minute + 500 + i);
  const { source } = provider(ends, { lateRows });

  const { items } = await source.listControlActions(domain, window, never);

  const names = items.map(({ stream }) => stream);
  expect(new Set(names).size).toBe(names.length);
  for (const at of ends) expect(names).toContain(`s${at}`);
});

test.each([true, false])(
  'requests the halves of a window with too many rows, with a total: %s',
  async (hasTotal) => {
    const from = noon - 100 * minute;
    const ends = Array.from({ length: 25_000 }, (_, i) => from + 1_000 + i * 200);
    const { source } = provider(ends, { hasTotal });

    const { items, warnings } = await source.listControlActions(domain, { from, to: noon }, never);

    expect(items).toHaveLength(25_000);
    expect(warnings).toEqual([]);
  },
);

test.each([
  { hasTotal: true, after: 0 },
  { hasTotal: false, after: 0 },
  // This second belongs to both halves of the window.
  { hasTotal: true, after: 50 * minute },
])(
  'warns of more rows in a second than the provider returns, with a total: $hasTotal, after $after ms',
  async ({ hasTotal, after }) => {
    const from = noon - 100 * minute;
    const { source } = provider(
      Array.from({ length: 10_001 }, (_, i) => from + after + i / 20_000),
      { hasTotal, isInside: (end, first, last) => wholeSecond(end) >= first && wholeSecond(end) <= last },
    );

    const { warnings } = await source.listControlActions(domain, { from, to: noon }, never);

    expect(warnings).toEqual([tooManyEventsWarning]);
  },
);
