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
  ['{"Code":"","code":"Throttling"}', 'Throttling', ''],
  ['{"Code":"200","code":"Throttling"}', 'Throttling', ''],
  ['{"Code":null,"Message":7}', undefined, ''],
])('reads the code and message of %s: %j, "%s"', (text, code, message) => {
  expect(readAlibabaEnvelope(text, 'List').status).toEqual({ code, text: message });
});

test('reads the same fields from JSON and XML', () => {
  expect(readAlibabaEnvelope('\uFEFF{"Name":"007"}', 'List').fields).toEqual({ Name: '007' });
  expect(readAlibabaEnvelope('\uFEFF<ListResponse><Name>007</Name></ListResponse>', 'List').fields).toEqual({
    Name: '007',
  });
});

test.each([
  '[]',
  'null',
  '"OK"',
  '7',
  '<ListResponse>OK</ListResponse>',
  '<ListResponse/>',
  '<ListResponse><a>1</a></ListResponse><ListResponse/>',
])('rejects %s, which has no fields, as malformed', (text) => {
  expect(() => readAlibabaEnvelope(text, 'List')).toThrow(
    expect.objectContaining({
      kind: 'malformed',
      message: 'alibaba List: unexpected response shape at the top level',
    }),
  );
});

test('rejects a body that is neither JSON nor XML as malformed', () => {
  expect(() => readAlibabaEnvelope('', 'List')).toThrow('alibaba List: response is not JSON (0 characters)');
  expect(() => readAlibabaEnvelope('<a', 'List')).toThrow('alibaba List: response is not XML (2 characters)');
});

test.each([
  '{"Code":false}',
  '{"Code":{}}',
  '{"code":["OK"]}',
  '<ListResponse><Code/><Code>a</Code></ListResponse>',
])('rejects the code in %s, which is neither text nor a number, as malformed', (text) => {
  expect(() => readAlibabaEnvelope(text, 'List')).toThrow(
    expect.objectContaining({
      kind: 'malformed',
      message: 'alibaba List: unexpected response shape at Code',
    }),
  );
});
