import { expect, test } from 'vitest';
import { recordsOf } from '../../../src/providers/alibaba/rows.ts';

const a = { name: 'a' };
const b = { name: 'b' };

test.each<[unknown]>([
  [{ RequestId: 'A', Info: { Row: [a, b] } }],
  [{ Info: { Row: [a, b], More: 1 }, More: [] }],
  [{ Info: [a, b] }],
])('the records in %j are the two', (answer) => {
  expect(recordsOf(answer, 'Info', 'Row')).toEqual([a, b]);
});

test.each<[unknown]>([[{ Info: { Row: a } }], [{ Info: a }]])(
  'in %j one record stands without a list',
  (answer) => {
    expect(recordsOf(answer, 'Info', 'Row')).toEqual([a]);
  },
);

test.each<[unknown]>([
  [{ RequestId: 'A' }],
  [{ requestId: 'A' }],
  [{ Info: undefined }],
  [{ Info: null }],
  [{ Info: '' }],
  [{ Info: ' \n' }],
  [{ Info: [] }],
  [{ Info: {} }],
  [{ Info: { Row: undefined } }],
  [{ Info: { Row: null } }],
  [{ Info: { Row: '' } }],
  [{ Info: { Row: [] } }],
  [{ Info: { Row: {} } }],
])('%j holds no records', (answer) => {
  expect(recordsOf(answer, 'Info', 'Row')).toEqual([]);
});

test.each<[unknown]>([
  [undefined],
  [null],
  ['none'],
  [[]],
  [{}],
  [{ status: 'ok' }],
  [{ RequestId: 'A', Info: 'none' }],
  [{ RequestId: 'A', Info: 0 }],
  [{ RequestId: 'A', Info: { Row: 'none' } }],
  [{ RequestId: 'A', Info: { Row: false } }],
])('%j is not understood', (answer) => {
  expect(recordsOf(answer, 'Info', 'Row')).toBeUndefined();
});
