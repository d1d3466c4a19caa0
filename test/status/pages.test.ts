import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type StreamsView, toStreamsView } from '../../src/status/streams-view.ts';
import { context, streamInput } from './inputs.ts';

test('pages through the streams in config order', async () => {
  const inputs = ['d', 'a', 'c', 'b'].map((name) => streamInput(name));
  const page = async (offset: number, limit: number) => {
    const view = await toStreamsView(inputs, { limit, from: { offset }, filter: {} }, context);
    return [view?.total, view?.offset, view?.streams.map(({ stream }) => stream)];
  };

  expect(await page(1, 2)).toEqual([4, 1, ['a', 'c']]);
  expect(await page(9, 2)).toEqual([4, 9, []]);
});

test('pages through the streams by cursor, until there are no more', async () => {
  const inputs = ['d', 'a', 'c', 'b'].map((name) => streamInput(name));
  const pages: unknown[] = [];
  for (let cursor: string | null | undefined = ''; typeof cursor === 'string'; ) {
    const view: StreamsView | undefined = await toStreamsView(
      inputs,
      { limit: 2, from: { cursor }, filter: {} },
      context,
    );
    pages.push([view?.total, view?.streams.map(({ stream }) => stream)]);
    cursor = view?.next_cursor;
  }

  expect(pages).toEqual([
    [4, ['a', 'b']],
    [4, ['c', 'd']],
  ]);
});

test.each(['x', '!', 'WyJhIl0', Buffer.from('["a","b","c","d",5]').toString('base64url')])(
  'rejects the cursor %j',
  async (cursor) => {
    expect(await toStreamsView([], { limit: 2, from: { cursor }, filter: {} }, context)).toBeUndefined();
  },
);

test('lists each stream that stays exactly once by cursor, while others come and go', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.nat(500), { maxLength: 60 }),
      fc.array(fc.record({ removed: fc.nat(500), added: fc.nat(500) }), { maxLength: 40 }),
      fc.integer({ min: 1, max: 9 }),
      async (names, changes, limit) => {
        const changed = new Set(changes.flatMap(({ removed, added }) => [removed, added]));
        const live = new Map(names.map((name) => [name, streamInput(`s${name}`)]));
        const listed: string[] = [];
        let step = 0;
        for (let cursor: string | null | undefined = ''; typeof cursor === 'string'; step++) {
          const query = { limit, from: { cursor }, filter: {} };
          const view: StreamsView | undefined = await toStreamsView(live.values(), query, context);
          listed.push(...(view?.streams.map(({ stream }) => stream) ?? []));
          cursor = view?.next_cursor;
          const { removed, added } = changes[step] ?? {};
          if (removed !== undefined) live.delete(removed);
          if (added !== undefined) live.set(added, streamInput(`s${added}`));
        }

        const stayed = names.filter((name) => !changed.has(name)).map((name) => `s${name}`);
        expect(new Set(listed)).toHaveLength(listed.length);
        expect(listed).toEqual(expect.arrayContaining(stayed));
      },
    ),
  );
});
