import { expect, test } from 'vitest';
import { readAlibabaEnvelope } from '../../../src/providers/alibaba/envelope.ts';

test.each<[string, string | undefined, string]>([
  ['{"RequestId":"A"}', undefined, ''],
  ['{"Code":"Throttling","Message":"slow down"}', 'Throttling', 'slow down'],
  ['{"code":"Throttling","message":"slow down"}', 'Throttling', 'slow down'],
  ['<Error><Code>Throttling</Code><Message>slow down</Message></Error>', 'Throttling', 'slow down'],
  ['{"Code":404}', '404', ''],
  ['{"Code":200}', undefined, ''],
  ['{"Code":"200"}', undefined, ''],
  ['{"Code":"OK"}', undefined, ''],
  ['{"Code":"Success"}', undefined, ''],
  ['{"Code":"success"}', undefined, ''],
  ['{"Code":""}', undefined, ''],
  ['{"Code":null,"Message":7}', undefined, ''],
])('%s says %j, "%s"', (text, code, words) => {
  expect(readAlibabaEnvelope(text, 'x List').status).toEqual({ code, text: words });
});

test('JSON and XML hold the same fields', () => {
  expect(readAlibabaEnvelope('\uFEFF{"Name":"007"}', 'x List').fields).toEqual({ Name: '007' });
  expect(readAlibabaEnvelope('\uFEFF<ListResponse><Name>007</Name></ListResponse>', 'x List').fields).toEqual(
    {
      Name: '007',
    },
  );
});

test.each([
  '[]',
  'null',
  '"OK"',
  '7',
  '<ListResponse>OK</ListResponse>',
  '<ListResponse/>',
  '<ListResponse/> and more',
  '<ListResponse><a>1</a></ListResponse><ListResponse/>',
])('%s has no fields, and is malformed', (text) => {
  expect(() => readAlibabaEnvelope(text, 'x List')).toThrow(
    expect.objectContaining({
      kind: 'malformed',
      message: 'x List: the answer has an unknown form at the whole',
    }),
  );
});

test('what is neither is malformed', () => {
  expect(() => readAlibabaEnvelope('', 'x List')).toThrow('x List: the answer is not JSON (0 characters)');
  expect(() => readAlibabaEnvelope('<a', 'x List')).toThrow('x List: the answer is not XML (2 characters)');
});
