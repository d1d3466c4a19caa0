import { expect, test } from 'vitest';
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

/**
 * Provider with ended pushes, which answers like the API. `shift` is added to the total with each request.
 */
function provider(ends: readonly number[], { hasTotal = true, lateRows = [] as readonly number[] } = {}) {
  const requested: string[] = [];
  let requests = 0;
  const source = sourceOf(async ({ body: text = '' }) => {
    const { StartTime, EndTime, PageNum, PageSize } = JSON.parse(text);
    requested.push(`${StartTime} ${EndTime} ${PageNum}`);
    const visible = [...ends, ...lateRows.slice(0, requests++)];
    const [from, to] = [Date.parse(StartTime), Date.parse(EndTime)];
    const all = visible.filter((at) => at >= from && at <= to).toSorted((a, b) => a - b);
    const list = all.slice(0, 10_000).slice((PageNum - 1) * PageSize, PageNum * PageSize);
    return body({
      EventList: list.map((at) => ({
        ...row,
        StreamName: `s${at}`,
        StreamEndTime: new Date(at).toISOString(),
      })),
      ...(hasTotal && { TotalNum: all.length }),
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

test('fails after 5,000 pages, so that a wrong total does not cause a request for each second', async () => {
  let requests = 0;
  const source = sourceOf(async () => {
    const list = [{ ...row, StreamName: `s${requests++}` }];
    return body({ EventList: list, TotalNum: 9_000_000_000_000_000 });
  });

  await expect(
    source.listControlActions(domain, { from: noon - 60 * minute, to: noon }, never),
  ).rejects.toMatchObject({
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

test.each([undefined, 0, 9_000, 10_000, 1e15])(
  'fails soon if the provider always returns the same rows, with the total %s',
  async (TotalNum) => {
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
      message: `${context}: a page of the list repeats another one, so that rows are missing`,
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

test.each([true, false])(
  'warns of more rows in a second than the provider returns, with a total: %s',
  async (hasTotal) => {
    const from = noon - 100 * minute;
    const { source } = provider(
      Array.from({ length: 10_001 }, (_, i) => from + i / 20_000),
      { hasTotal },
    );

    const { warnings } = await source.listControlActions(domain, { from, to: noon }, never);

    expect(warnings).toEqual([tooManyEventsWarning]);
  },
);
