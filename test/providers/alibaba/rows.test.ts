import { expect, test } from 'vitest';
import { recordsOf } from '../../../src/providers/alibaba/rows.ts';

const a = { name: 'a' };
const b = { name: 'b' };

test.each<[unknown]>([
  [{ RequestId: 'A', Info: { Row: [a, b] } }],
  [{ Info: { Row: [a, b], More: 1 }, More: [] }],
  [{ Info: [a, b] }],
])('reads two records from %j', (response) => {
  expect(recordsOf(response, 'Info', 'Row')).toEqual([a, b]);
});

test.each<[unknown]>([[{ Info: { Row: a } }], [{ Info: a }]])(
  'reads a single record without a list from %j',
  (response) => {
    expect(recordsOf(response, 'Info', 'Row')).toEqual([a]);
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
])('reads no records from %j', (response) => {
  expect(recordsOf(response, 'Info', 'Row')).toEqual([]);
});

test.each<[unknown]>([
  [{ RequestId: 'A', Message: 'successful', Info: { Row: [] } }],
  [{ RequestId: 'A', Message: 'successful', Info: [] }],
])('reads no records from an empty list, whatever other fields %j has', (response) => {
  expect(recordsOf(response, 'Info', 'Row')).toEqual([]);
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
  [{ RequestId: 'A', Message: 'the service is being upgraded' }],
  [{ RequestId: 'A', Code: '200', Message: 'successful' }],
  [{ RequestId: 'A', Success: false }],
  [{ RequestId: 'A', Info: null, Message: 'try again' }],
  [{ RequestId: 'A', Info: '', Message: 'try again' }],
  [{ RequestId: 'A', Info: {}, Data: [] }],
  [{ RequestId: 'A', Info: { Row: null }, Message: 'try again' }],
])('returns undefined for the unknown shape %j', (response) => {
  expect(recordsOf(response, 'Info', 'Row')).toBeUndefined();
});
