import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import type { Http, HttpResponse } from '../../../../src/calls/call.ts';
import { createStatcgiCall } from '../../../../src/providers/tencent/statcgi/call.ts';
import { fixture, httpAnswer, recorded } from '../../recorded.ts';

const never = new AbortController().signal;
/** Of the documents' example, five minutes before its `t`. */
const now = (1_471_850_187 - 300) * 1000;
const key = '5d41402abc4b2a76b9719d911017c592';

function callWith(http: Http, clock = () => now) {
  return createStatcgiCall({
    http,
    endpoint: 'http://stat.example.com/common_access',
    appId: 1234,
    key,
    now: clock,
  });
}

function said(body: object): HttpResponse {
  return httpAnswer(JSON.stringify(body));
}

function stored(name: string): HttpResponse {
  return httpAnswer(fixture(`tencent/Get_LivePushStatHistory.${name}.json`));
}

async function failureOf(answer: HttpResponse): Promise<unknown> {
  return callWith(async () => answer)('Get_X', {}, never).catch((error: unknown) => error);
}

test('a call is a GET with all in the query, signed as in the documents', async () => {
  const { http, sent } = recorded(said({ ret: 0 }));

  await callWith(http)(
    'Get_LivePushStatHistory',
    {
      'Param.n.start_time': 1453279831,
      'Param.n.end_time': 1453279835,
      'Param.s.stream_id': '1234_xxx',
    },
    never,
  );

  expect(sent).toEqual([
    {
      method: 'GET',
      url: 'http://stat.example.com/common_access',
      query:
        'cmd=1234&interface=Get_LivePushStatHistory' +
        '&Param.n.start_time=1453279831&Param.n.end_time=1453279835&Param.s.stream_id=1234_xxx' +
        '&t=1471850187&sign=b17971b51ba0fe5916ddcd96692e9fb3',
      headers: {},
    },
  ]);
});

test('values are escaped by percent signs', async () => {
  const { http, sent } = recorded(said({ ret: 0 }));

  await callWith(http)('Get_X', { 'Param.s.stream_id': 'a b+c&sign=d/直?#' }, never);

  expect(sent[0]?.query).toContain('&Param.s.stream_id=a%20b%2Bc%26sign%3Dd%2F%E7%9B%B4%3F%23&t=');
});

test('`t` is a whole second', async () => {
  const { http, sent } = recorded(said({ ret: 0 }));

  await callWith(http, () => 1_999)('Get_X', {}, never);

  expect(sent[0]?.query).toContain('&t=301&');
});

test.each<[object]>([
  [{ ret: 0, output: { a: 1 } }],
  [{ ret: 0, retcode: 0, errmsg: '', message: 'query data successfully', output: { a: 1 } }],
  [{ retcode: 0, output: { a: 1 } }],
  [{ ret: '0', retcode: null, message: 'query data successfully', errmsg: 7, output: { a: 1 }, more: [] }],
])('%j brings its output', async (body) => {
  await expect(callWith(async () => said(body))('Get_X', {}, never)).resolves.toEqual({ a: 1 });
});

test.each<[object]>([
  [{ ret: 10003, retcode: 10003, output: { a: 1 } }],
  [{ ret: 0, retcode: '1301', errmsg: 'has not live stream' }],
])('%j says that there is nothing', async (body) => {
  await expect(callWith(async () => said(body))('Get_X', {}, never)).resolves.toBeUndefined();
});

test.each<[object, string]>([
  [{ ret: 1202, retcode: 7, errmsg: '', message: 'slow down' }, 'code 1202: slow down'],
  [{ ret: 0, retcode: 1202, errmsg: 'slow down', message: 'ok' }, 'code 1202: slow down'],
  [{ ret: 0, retcode: 1202, errmsg: '', message: 'slow down' }, 'code 1202: slow down'],
  [{ ret: 1202, retcode: 0, errmsg: '', message: 'slow down' }, 'code 1202: slow down'],
  [{ retcode: '-1', message: 'no' }, 'code -1: no'],
])('of %j the first code and the first text count', async (body, message) => {
  await expect(failureOf(said(body))).resolves.toMatchObject({ message: `tencent Get_X: ${message}` });
});

test.each<[object | string, string]>([
  [{ message: 'ok', output: {} }, 'the answer has an unknown form at ret'],
  [{ ret: null, retcode: null }, 'the answer has an unknown form at ret'],
  [{ ret: 'well' }, 'the answer has an unknown form at ret'],
  [{ ret: 0, retcode: '' }, 'the answer has an unknown form at retcode'],
  [[], 'the answer has an unknown form at the whole'],
  ['', 'the answer is not JSON (0 characters)'],
  ['<html>sign invalid</html>', 'the answer is not JSON (25 characters)'],
])('%j is malformed', async (body, message) => {
  const answer = typeof body === 'string' ? httpAnswer(body) : said(body);

  await expect(failureOf(answer)).resolves.toMatchObject({
    kind: 'malformed',
    message: `tencent Get_X: ${message}`,
  });
});

test('a status comes before the body', async () => {
  await expect(failureOf(httpAnswer('{"ret":0}', { status: 500 }))).resolves.toMatchObject({
    kind: 'unavailable',
    message: 'tencent Get_X: HTTP 500',
  });
});

test('an expired call is made once more, with a fresh time', async () => {
  const { http, sent } = recorded(stored('time-expired'), stored('object'));
  const times = [now, now, now + 60_000, now + 60_000];

  await expect(callWith(http, () => times.shift() ?? 0)('Get_X', {}, never)).resolves.toHaveProperty(
    'stream_info',
  );

  expect(sent.map(({ query }) => /&t=(\d+)/.exec(query ?? '')?.[1])).toEqual(['1471850187', '1471850247']);
});

test.each<[object]>([
  [{ ret: 0, retcode: 0, errmsg: 'time expired', message: '', output: { a: 1 } }],
  [{ ret: 0, retcode: 0, errmsg: '', message: 'time expired', output: { a: 1 } }],
])('%j has expired, whatever its code', async (body) => {
  const { http, sent } = recorded(said(body), stored('object'));

  await expect(callWith(http)('Get_X', {}, never)).resolves.toHaveProperty('stream_info');

  expect(sent).toHaveLength(2);
});

test('a call that expires twice fails, and is not made a third time', async () => {
  const { http, sent } = recorded(stored('time-expired'));

  await expect(callWith(http)('Get_X', {}, never)).rejects.toMatchObject({
    kind: 'auth',
    message: 'tencent Get_X: code -1: time expired (check the clock)',
  });

  expect(sent).toHaveLength(2);
});

test('the words of the provider are quoted short, without the key and the signature', async () => {
  const sign = 'b17971b51ba0fe5916ddcd96692e9fb3';

  const failure = await failureOf(
    said({ ret: 3, message: `bad sign=${sign}\nof ${key} ${'x'.repeat(300)}` }),
  );

  expect(failure).toMatchObject({
    message: `tencent Get_X: code 3: bad sign=[secret] of [secret] ${'x'.repeat(169)}…`,
  });
  expect(inspect(failure, { depth: 10, showHidden: true })).not.toMatch(/b17971|5d4140|example\.com/);
});
