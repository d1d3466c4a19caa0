import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createFirst, naturalKey, type OrderedStream, orderValue } from '../../src/status/stream-order.ts';
import { toStreamStatus } from '../../src/status/stream-status.ts';
import { noExpectation, noon, pushSample, pushTarget } from '../support/samples.ts';
import { streamInput, viewOf } from './inputs.ts';

const input = streamInput();

/** Returns the values of the first `max` streams, with their positions. */
function firstOf(max: number, values: readonly OrderedStream['value'][], isReversed = false) {
  const first = createFirst(max, isReversed);
  values.forEach((value, position) => void first.add({ input, value, position }));
  return first.all().map(({ value, position }) => [value, position]);
}

test('sorts by value, unknown values last in both directions, equal names in the order of the config', () => {
  const values = [3, undefined, 1, 3, 2];

  expect(firstOf(9, values)).toEqual([
    [1, 2],
    [2, 4],
    [3, 0],
    [3, 3],
    [undefined, 1],
  ]);
  expect(firstOf(9, values, true)).toEqual([
    [3, 0],
    [3, 3],
    [2, 4],
    [1, 2],
    [undefined, 1],
  ]);
});

test('returns the same as sorting all streams, however many there are', () => {
  const anyValue = fc.option(fc.integer({ min: 0, max: 300 }), { nil: undefined });
  fc.assert(
    fc.property(
      fc.array(anyValue, { maxLength: 2_000, size: 'max' }),
      fc.integer({ min: 1, max: 300 }),
      (values, max) => {
        const expected = values
          .map((value, position) => [value, position] as const)
          .sort(([a = 999, i], [b = 999, j]) => a - b || i - j)
          .slice(0, max);

        expect(firstOf(max, values)).toEqual(expected);
      },
    ),
    { numRuns: 50 },
  );
});

test('orders states by urgency, and within a state those that began last first', () => {
  const target = pushTarget({ expectation: noExpectation });
  const low = viewOf(pushSample({ framesPerSecond: 12 }));
  const states = [
    streamInput('missing', { view: viewOf(undefined, { since: noon - 60_000 }) }),
    streamInput('missing before', { view: viewOf(undefined, { since: noon - 90_000 }) }),
    streamInput('degraded', { view: low }),
    streamInput('unknown', { view: viewOf(undefined, { isUnknown: true }) }),
    streamInput('never', { view: undefined }),
    streamInput('up'),
    streamInput('not pushed', { view: viewOf(undefined), target }),
  ];
  const values = states.map((each) => orderValue('state', each, toStreamStatus(each, noon), undefined));

  expect(firstOf(9, values.toReversed()).map(([, position]) => 6 - Number(position))).toEqual([
    0, 1, 2, 3, 4, 5, 6,
  ]);
});

test.each([
  ['name', 'news'],
  ['fps', 25],
  ['bitrate', 2_000_000],
] as const)('orders by %s', (by, value) => {
  expect(orderValue(by, input, toStreamStatus(input, noon), undefined)).toBe(value);
});

test('orders names by the values of their numbers, in upper and lower case alike', () => {
  const names = ['cam-10', 'Cam-2', 'cam-1', 'cam', 'cam-02b'];

  expect(names.toSorted((a, b) => (naturalKey(a) < naturalKey(b) ? -1 : 1))).toEqual([
    'cam',
    'cam-1',
    'Cam-2',
    'cam-02b',
    'cam-10',
  ]);
});

test('orders streams with equal values by name', () => {
  const first = createFirst(9, false);
  ['b-10', 'b-9', 'a'].forEach(
    (name, position) => void first.add({ input: streamInput(name), value: 1, position }),
  );

  expect(first.all().map((each) => each.input.target.stream.stream)).toEqual(['a', 'b-9', 'b-10']);
});

test('does not order good streams by the begin of their state, nor bad ones by seconds', () => {
  const value = (since: number, measured = true) => {
    const view = viewOf(measured ? pushSample() : undefined, { since });
    const each = streamInput('news', { view });
    return orderValue('state', each, toStreamStatus(each, noon), undefined);
  };

  expect(value(noon - 60_000)).toBe(value(noon - 7_000_000));
  expect(value(noon - 61_000, false)).toBe(value(noon - 65_000, false));
  expect(value(noon - 61_000, false)).not.toBe(value(noon - 161_000, false));
});
