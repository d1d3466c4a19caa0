import { expect, test } from 'vitest';
import { readStatcgiEnvelope } from '../../../../src/providers/tencent/statcgi/envelope.ts';

test.each<[object, number, string]>([
  [{ ret: 0, retcode: 0, errmsg: '', message: 'ok' }, 0, 'ok'],
  [{ ret: '-1', errmsg: 'no', message: 'ok' }, -1, 'no'],
  [{ ret: null, retcode: '10003', errmsg: null, message: 7 }, 10_003, ''],
])('reads the code and message of %j: %d, "%s"', (body, code, text) => {
  const output = { stream_info: [] };

  expect(readStatcgiEnvelope(JSON.stringify({ ...body, output, more: 1 }), 'x List')).toEqual({
    status: { code, text },
    output,
    isNoData: false,
  });
});

test.each([undefined, null, '', {}, { stream_info: null }])('reads the blank output %j as none', (output) => {
  const body = { ret: 0, message: 'Query data successfully', output };

  expect(readStatcgiEnvelope(JSON.stringify(body), 'x List')).toMatchObject({
    output: undefined,
    isNoData: true,
  });
});

test.each<[unknown, string]>([
  [null, 'the top level'],
  [[], 'the top level'],
  [{ message: 'ok' }, 'ret'],
  [{ ret: 's3cret' }, 'ret'],
  [{ ret: 1.5 }, 'ret'],
  [{ ret: 0, retcode: {} }, 'retcode'],
])('rejects %j as malformed, with the path and without the value', (body, path) => {
  expect(() => readStatcgiEnvelope(JSON.stringify(body), 'x List')).toThrow(
    expect.objectContaining({ kind: 'malformed', message: `x List: unexpected response shape at ${path}` }),
  );
});
