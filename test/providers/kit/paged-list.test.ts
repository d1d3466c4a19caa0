import fc from 'fast-check';
import { expect, test } from 'vitest';
import { totalOf } from '../../../src/providers/kit/page-total.ts';
import { type ListPage, type PagedList, readPagedList } from '../../../src/providers/kit/paged-list.ts';
import { inOneSlice } from '../../support/slices.ts';

const pageSize = 10;

interface Row {
  readonly name: string;
  readonly isOld: boolean;
}

/** Creates a list of rows that `change` edits before each request. */
function changingList(rows: Row[], change: (rows: Row[], request: number) => void) {
  const requested: number[] = [];
  const list: PagedList<Row> = {
    pageSize,
    async readPage(page): Promise<ListPage<Row>> {
      change(rows, requested.length);
      requested.push(page);
      const items = rows.slice((page - 1) * pageSize, page * pageSize);
      return { items, rows: items.length, malformed: 0, total: rows.length };
    },
    keyOf: ({ name }) => name,
    isOld: ({ isOld }) => isOld,
    context: 'acme ListRows',
    inSlices: inOneSlice,
  };
  return { list, requested };
}

function rowsOf(count: number): Row[] {
  return Array.from({ length: count }, (_, i) => ({ name: `row-${i}`, isOld: true }));
}

const namesOf = (rows: readonly Row[]) => rows.map(({ name }) => name).toSorted();

test('reads a list of one page with one request', async () => {
  for (const count of [0, 1, 10]) {
    const { list, requested } = changingList(rowsOf(count), () => {});

    const { items, isUnstable } = await readPagedList(list);

    expect([items.length, isUnstable]).toEqual([count, false]);
    expect(requested).toEqual([1]);
  }
});

test('finds a row that moved to a page that was already read, although the total stayed the same', async () => {
  const { list } = changingList(rowsOf(25), (rows, request) => {
    if (request !== 2) return;
    rows.pop();
    rows.unshift({ name: 'new', isOld: false });
  });

  const { items, isUnstable } = await readPagedList(list);

  expect(namesOf(items)).toEqual(namesOf([...rowsOf(25), { name: 'new', isOld: false }]));
  expect(isUnstable).toBe(false);
});

test('misses no row and returns none twice if rows come and go at any place', async () => {
  const edit = fc.record({ place: fc.nat(199), before: fc.nat(23) });
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 11, max: 60 }),
      fc.array(edit, { maxLength: 2 }),
      fc.array(edit, { maxLength: 6 }),
      async (count, insertions, removals) => {
        const removed = new Set<string>();
        const { list } = changingList(rowsOf(count), (rows, request) => {
          for (const { place, before } of removals) {
            if (before !== request) continue;
            for (const { name } of rows.splice(place % (rows.length + 1), 1)) removed.add(name);
          }
          for (const [i, { place, before }] of insertions.entries()) {
            if (before === request)
              rows.splice(place % (rows.length + 1), 0, { name: `new-${i}`, isOld: false });
          }
        });

        const { items, isUnstable } = await readPagedList(list);

        const names = namesOf(items);
        expect(new Set(names).size).toBe(names.length);
        if (isUnstable) return;
        const stayed = rowsOf(count).filter(({ name }) => !removed.has(name));
        expect(names).toEqual(expect.arrayContaining(namesOf(stayed)));
      },
    ),
    { numRuns: 1_000 },
  );
});

test('gives up on a list that changes all the time', async () => {
  let next = 0;
  const { list, requested } = changingList(rowsOf(30), (rows) => {
    rows.splice(0, rows.length, ...rowsOf(30).map((row) => ({ ...row, name: `row-${next++}` })));
  });

  expect((await readPagedList(list)).isUnstable).toBe(true);
  expect(requested).toHaveLength(13);
});

test.each([
  ['no total', undefined],
  ['a total that is too large', 45],
])('reads until the last page with %s', async (_what, total) => {
  const { list } = changingList(rowsOf(25), () => {});
  const readPage = async (page: number) => ({ ...(await list.readPage(page)), total });

  const { items, isUnstable } = await readPagedList({ ...list, readPage });

  expect([items.length, isUnstable]).toEqual([25, false]);
});

test.each([
  ['every page', () => 15],
  ['a page in the middle', (page: number) => (page === 2 ? 15 : 45)],
])('reads until the last page with a total that is too small on %s', async (_what, totalOn) => {
  const { list } = changingList(rowsOf(45), () => {});
  const readPage = async (page: number) => {
    const read = await list.readPage(page);
    const total = totalOf({ TotalNum: totalOn(page) }, read.rows, { page, pageSize, context: '' });
    return { ...read, total };
  };

  const { items, isUnstable } = await readPagedList({ ...list, readPage });

  expect([items.length, isUnstable]).toEqual([45, false]);
});

test.each([undefined, 45, 90_000])(
  'rejects a list if the provider always returns the first page, with the total %s',
  async (total) => {
    const { list, requested } = changingList(rowsOf(10), (rows) => rows.reverse());
    const readPage = async () => ({ ...(await list.readPage(1)), total });

    await expect(readPagedList({ ...list, readPage })).rejects.toMatchObject({
      kind: 'malformed',
      message: 'acme ListRows: a page of the list repeats another one, so that rows are missing',
    });
    expect(requested.length).toBeLessThanOrEqual(3);
  },
);

test('rejects a list if the provider returns two pages in turn', async () => {
  const { list, requested } = changingList(rowsOf(20), () => {});
  const readPage = async (page: number) => ({ ...(await list.readPage(1 + (page % 2))), total: 90_000 });

  await expect(readPagedList({ ...list, readPage })).rejects.toMatchObject({ kind: 'malformed' });
  expect(requested).toHaveLength(4);
});

test('accepts a list that loses exactly the rows of a page between two requests', async () => {
  const { list } = changingList(rowsOf(30), (rows, request) => {
    if (request === 2) rows.splice(0, 10);
  });

  const { items } = await readPagedList(list);

  expect(namesOf(items)).toEqual(expect.arrayContaining(namesOf(rowsOf(30).slice(10))));
});

test('rejects a list that grows beyond the limit while it is read', async () => {
  const { list, requested } = changingList(rowsOf(25), () => {});
  const readPage = async (page: number) => ({
    ...(await list.readPage(page)),
    total: requested.length < 3 ? 25 : 1e15,
  });

  await expect(readPagedList({ ...list, readPage })).rejects.toMatchObject({
    kind: 'malformed',
    message: 'acme ListRows: the list has 1000000000000000 rows, more than the limit of 100000',
  });
  expect(requested).toHaveLength(3);
});

test('requests no page after the last if the provider reports no total', async () => {
  const { list, requested } = changingList(rowsOf(25), (rows, request) => {
    // A row that only the second pass finds, so that there is a third one.
    if (request === 5) rows.unshift({ name: 'new', isOld: false });
  });
  const readPage = async (page: number) => ({ ...(await list.readPage(page)), total: undefined });

  await readPagedList({ ...list, readPage });

  expect(Math.max(...requested)).toBe(3);
});

test('rejects a list with too many rows', async () => {
  const { list } = changingList(rowsOf(10), () => {});
  const readPage = async (page: number) => ({ ...(await list.readPage(page)), total: 100_001 });

  await expect(readPagedList({ ...list, readPage })).rejects.toMatchObject({
    kind: 'malformed',
    message: 'acme ListRows: the list has 100001 rows, more than the limit of 100000',
  });
});
