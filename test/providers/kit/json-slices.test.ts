import fc from 'fast-check';
import { expect, test } from 'vitest';
import { abortableSlices } from '../../../src/model/slices.ts';
import { readJsonInSlices } from '../../../src/providers/kit/json-slices.ts';
import { createShortSlices, inOneSlice } from '../../support/slices.ts';

/** Text that makes an element longer than a part. */
const long = 'x'.repeat(9_000);

/** Names and texts that look like borders of elements. */
const tricky = fc.constantFrom(
  '},{',
  '},{"a":1',
  '"},{"Name":"',
  '[{"Name":',
  '\\"},{\\"Name\\":',
  ']}',
  long,
);
const text = fc.oneof(tricky, fc.string({ unit: 'binary' }));
const value = fc.oneof(text, fc.double({ noNaN: true }), fc.boolean(), fc.constant(null));
const inner = fc.array(
  fc.dictionary(fc.oneof(fc.constant('Name'), fc.constant('At'), text), value, { maxKeys: 3 }),
  { maxLength: 3 },
);
const element = fc.record(
  { Name: text, Inner: inner, Value: fc.oneof(value, inner) },
  { requiredKeys: [], noNullPrototype: true },
);

const read = (content: string) => readJsonInSlices(content, 'x List', inOneSlice);

test('returns the same as JSON.parse for any list', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({ Total: value, Head: inner, List: fc.array(element), Tail: inner }, { requiredKeys: [] }),
      fc.constantFrom(undefined, 1, '\n'),
      fc.boolean(),
      async (fields, space, isWrapped) => {
        const content = JSON.stringify(isWrapped ? { Response: fields } : fields, null, space);

        expect(await read(content)).toEqual(JSON.parse(content));
      },
    ),
    { numRuns: 500 },
  );
});

const rooms = Array.from({ length: 10_000 }, (_, i) => ({
  Name: `room-${i}`,
  Inner: [{ At: i }, { At: -i }],
}));
const manyRooms = JSON.stringify({ RequestId: 'A', Infos: { Info: rooms }, Total: 10_000 });

test('parses the parts of a list in slices', async () => {
  const slices = createShortSlices();

  expect(await readJsonInSlices(manyRooms, 'x List', slices.inSlices)).toEqual(JSON.parse(manyRooms));
  // Each slice has 16 parts of 8 KiB and a part of an element. If a part were invalid, the others would be skipped.
  const yields = manyRooms.length / 16 / 8_192;
  expect(slices.yields()).toBeGreaterThan(yields - 1);
  expect(slices.yields()).toBeLessThan(yields + 2);
});

test('ends at an abort between two slices', async () => {
  const stop = new AbortController();
  const slices = createShortSlices(() => stop.abort(new Error('stop')));

  const reading = readJsonInSlices(manyRooms, 'x List', abortableSlices(slices.inSlices, stop.signal));

  await expect(reading).rejects.toThrow('stop');
  expect(slices.yields()).toBe(1);
});

test.each([
  ['a list whose elements begin with different names', [{ Name: long }, { Value: 1 }, { Name: 2 }]],
  ['a list in a list', [[{ Name: long }, { Name: 1 }]]],
  ['elements with a special name', [{ Name: long }, JSON.parse('{"Name":1,"__proto__":{"a":1}}')]],
  ['the mark itself', ['\u0001 elements', { Name: long }, { Name: 1 }]],
])('reads %s', async (_, list) => {
  const content = JSON.stringify({ List: list });

  expect(JSON.stringify(await read(content))).toBe(content);
});

test('lets the last of two lists with one name win', async () => {
  const content = `{"List":[{"Name":"${long}"},{"Name":1}],"List":[{"Name":2}]}`;

  expect(await read(content)).toEqual({ List: [{ Name: 2 }] });
});

test.each([
  `{"List":[{"Name":"${long}"},{"Name":1}`,
  `{"List":[{"Name":"${long}",},{"Name":1}]}`,
  `{"List":[{"Name":"${long}"}},{"Name":1}]}`,
  `{"List":[{"Name":"${long}"},,{"Name":1}]}`,
  `{"List":"[{"Name":"${long}"},{"Name":1}]"}`,
  '',
])('rejects what is no JSON', async (content) => {
  await expect(read(content)).rejects.toMatchObject({
    kind: 'malformed',
    message: `x List: response is not JSON (${content.length} characters)`,
  });
});
