import { expect, test } from 'vitest';
import { streamInfoRows } from '../../../../src/providers/tencent/statcgi/rows.ts';

const a = { time: 1 };
const b = { time: 2 };

test.each<[unknown]>([
  [{ stream_info: [a, b] }],
  [{ stream_info: [a, b], stream_count: 2 }],
  [[{ stream_info: [a, b] }]],
  [[{ stream_info: a }, { stream_info: null }, { stream_info: [b] }]],
  [[a, b]],
  ['{"stream_info":[{"time":1},{"time":2}]}'],
  ['[{"stream_info":[{"time":1},{"time":2}]}]'],
  ['[{"time":1},{"time":2}]'],
])('reads two rows from %j', (output) => {
  expect(streamInfoRows(output)).toEqual([a, b]);
});

test('reads a single row without a list', () => {
  expect(streamInfoRows({ stream_info: a })).toEqual([a]);
});

test.each<[unknown]>([
  [undefined],
  [[]],
  ['[]'],
  ['{"stream_info":[]}'],
  [{ stream_info: undefined }],
  [{ stream_info: null }],
  [{ stream_info: '' }],
  [{ stream_info: {} }],
  [{ stream_info: [] }],
  [[{ stream_info: null }]],
])('reads no rows from %j', (output) => {
  expect(streamInfoRows(output)).toEqual([]);
});

test.each<[unknown]>([
  [null],
  [''],
  [{}],
  ['null'],
  ['{}'],
  [0],
  [false],
  ['no stream'],
  ['"{}"'],
  ['{"stream_info":'],
  [{ streams: [a] }],
  [{ stream_info: 'none' }],
  [{ stream_info: 3 }],
  [[{ stream_info: 3 }]],
])('returns undefined for the unknown shape %j', (output) => {
  expect(streamInfoRows(output)).toBeUndefined();
});

test('reads a list that mixes rows and objects with rows', () => {
  expect(streamInfoRows([a, { stream_info: [b] }, null])).toEqual([a, b, null]);
});
