import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import type { Http, HttpResponse } from '../../../../src/calls/call.ts';
import { ProviderError } from '../../../../src/model/answer.ts';
import { createStatcgiCall } from '../../../../src/providers/tencent/statcgi/call.ts';
import { fixture, httpResponse, recorded } from '../../recorded.ts';

const never = new AbortController().signal;
/** Five minutes before the `t` of the documented example. */
const now = (1_471_850_187 - 300) * 1000;
const key = '5d41402abc4b2a76b9719d911017c592';

function callWith(http: Http, clock = () => now) {
  return createStatcgiCall({
    http,
    endpoint: 'http://stat.example.com/common_access',
    appId: 1234,
    getCredentials: () => ({ key }),
    now: clock,
  });
}

function bodyOf(body: object): HttpResponse {
  return httpResponse(JSON.stringify(body));
}

function stored(name: string): HttpResponse {
  return httpResponse(fixture(`tencent/Get_LivePushStatHistory.${name}.json`));
}

async function failureOf(response: HttpResponse): Promise<unknown> {
  return callWith(async () => response)('Get_X', {}, never).catch((error: unknown) => error);
}

test('sends a GET with all parameters in the query, signed as documented', async () => {
  const { http, sent } = recorded(bodyOf({ ret: 0, output: [] }));

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

test('percent-encodes values', async () => {
  const { http, sent } = recorded(bodyOf({ ret: 0, output: [] }));

  await callWith(http)('Get_X', { 'Param.s.stream_id': 'a b+c&sign=d/直?#' }, never);

  expect(sent[0]?.query).toContain('&Param.s.stream_id=a%20b%2Bc%26sign%3Dd%2F%E7%9B%B4%3F%23&t=');
});

test('truncates `t` to a whole second', async () => {
  const { http, sent } = recorded(bodyOf({ ret: 0, output: [] }));

  await callWith(http, () => 1_999)('Get_X', {}, never);

  expect(sent[0]?.query).toContain('&t=301&');
});

test.each<[object]>([
  [{ ret: 0, output: { a: 1 } }],
  [{ ret: 0, retcode: 0, errmsg: '', message: 'query data successfully', output: { a: 1 } }],
  [{ retcode: 0, output: { a: 1 } }],
  [{ ret: '0', retcode: null, message: 'query data successfully', errmsg: 7, output: { a: 1 }, more: [] }],
])('returns the output of %j', async (body) => {
  await expect(callWith(async () => bodyOf(body))('Get_X', {}, never)).resolves.toEqual({ a: 1 });
});

test.each<[object]>([
  [{ ret: 10003, retcode: 10003, output: { a: 1 } }],
  [{ ret: 0, retcode: '1301', errmsg: 'has not live stream' }],
])('returns undefined for %j, which means no data', async (body) => {
  await expect(callWith(async () => bodyOf(body))('Get_X', {}, never)).resolves.toBeUndefined();
});

const success = { ret: 0, retcode: 0, errmsg: '', message: 'query data successfully' };

test.each<[object]>([
  [success],
  [{ ...success, output: null }],
  [{ ...success, output: '' }],
  [{ ...success, output: {} }],
  [{ ...success, output: { stream_info: null } }],
  [{ ...success, message: '', output: {} }],
  [{ ret: 0, errmsg: 'query data is empty', output: null }],
  [{ ret: 0, errmsg: 'has not live stream' }],
  [{ ret: 0, errmsg: 'no stream' }],
])('returns undefined for %j, in which only documented fields say that there is no data', async (body) => {
  await expect(callWith(async () => bodyOf(body))('Get_X', {}, never)).resolves.toBeUndefined();
});

test.each<[object]>([
  [{ ret: 0 }],
  [{ ret: 0, retcode: 0, errmsg: '', message: '' }],
  [{ ret: 0, msg: 'service is being upgraded' }],
  [{ ret: 0, message: 'service is being upgraded' }],
  [{ ...success, errmsg: 'service is being upgraded', output: null }],
  [{ ...success, message: 'service is being upgraded', output: { stream_info: null } }],
  [{ ...success, output: null, error: 'service is being upgraded' }],
  [{ ...success, data: [] }],
])('rejects %j as malformed, because nothing documented says that there is no data', async (body) => {
  await expect(failureOf(bodyOf(body))).resolves.toMatchObject({
    kind: 'malformed',
    message: 'tencent Get_X: unexpected response shape at output',
  });
});

test.each<[object, string]>([
  [{ ret: 0, errmsg: 'cmd is invalid' }, 'refused'],
  [{ ret: 0, retcode: 0, errmsg: '', message: 'sign invalid', output: null }, 'auth'],
  [{ ret: 0, retcode: 0, errmsg: 'request frequency exceeds limit', output: {} }, 'throttled'],
  [{ ret: 0, message: 'internel/system error' }, 'unavailable'],
])('recognizes the error in %j by its text, although the code is 0', async (body, kind) => {
  await expect(failureOf(bodyOf(body))).resolves.toMatchObject({
    kind,
    message: expect.stringContaining('tencent Get_X: code 0: '),
  });
});

test('returns an empty list, whatever the text says', async () => {
  const body = { ret: 0, errmsg: 'ok', output: { stream_info: [] }, request_id: 'a' };

  await expect(callWith(async () => bodyOf(body))('Get_X', {}, never)).resolves.toEqual({ stream_info: [] });
});

test.each<[object, string]>([
  [{ ret: 1202, retcode: 7, errmsg: '', message: 'slow down' }, 'code 1202: slow down'],
  [{ ret: 0, retcode: 1202, errmsg: 'slow down', message: 'ok' }, 'code 1202: slow down'],
  [{ ret: 0, retcode: 1202, errmsg: '', message: 'slow down' }, 'code 1202: slow down'],
  [{ ret: 1202, retcode: 0, errmsg: '', message: 'slow down' }, 'code 1202: slow down'],
  [{ retcode: '-1', message: 'no' }, 'code -1: no'],
])('uses the first non-zero code and the first text of %j', async (body, message) => {
  await expect(failureOf(bodyOf(body))).resolves.toMatchObject({ message: `tencent Get_X: ${message}` });
});

test.each<[object | string, string]>([
  [{ message: 'ok', output: {} }, 'unexpected response shape at ret'],
  [{ ret: null, retcode: null }, 'unexpected response shape at ret'],
  [{ ret: 'well' }, 'unexpected response shape at ret'],
  [{ ret: 0, retcode: '' }, 'unexpected response shape at retcode'],
  [[], 'unexpected response shape at the top level'],
  ['', 'response is not JSON (0 characters)'],
  [
    '<html>sign invalid</html>',
    'response is not JSON (25 characters): a web page, as from a captive portal or a proxy on the way',
  ],
])('rejects %j as malformed', async (body, message) => {
  const response = typeof body === 'string' ? httpResponse(body) : bodyOf(body);

  await expect(failureOf(response)).resolves.toMatchObject({
    kind: 'malformed',
    message: `tencent Get_X: ${message}`,
  });
});

test('prefers the HTTP status over the body', async () => {
  await expect(failureOf(httpResponse('{"ret":0}', { status: 500 }))).resolves.toMatchObject({
    kind: 'unavailable',
    message: 'tencent Get_X: HTTP 500',
  });
});

test('signs and sends an expired request again, with a new time', async () => {
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
])('treats %j as expired, whatever its code', async (body) => {
  const { http, sent } = recorded(bodyOf(body), stored('object'));

  await expect(callWith(http)('Get_X', {}, never)).resolves.toHaveProperty('stream_info');

  expect(sent).toHaveLength(2);
});

test('fails after a second expired signature, without a third request', async () => {
  const { http, sent } = recorded(stored('time-expired'));

  await expect(callWith(http)('Get_X', {}, never)).rejects.toMatchObject({
    kind: 'auth',
    message: 'tencent Get_X: code -1: time expired (check the clock of this host)',
  });

  expect(sent).toHaveLength(2);
});

test('quotes the message of the provider without the key and the signature', async () => {
  const sign = 'b17971b51ba0fe5916ddcd96692e9fb3';

  const failure = await failureOf(
    bodyOf({ ret: 3, message: `bad sign=${sign}\nof ${key} ${'x'.repeat(300)}` }),
  );

  expect(failure).toMatchObject({
    message: `tencent Get_X: code 3: bad sign=[secret] of [secret] ${'x'.repeat(169)}…`,
  });
  expect(inspect(failure, { depth: 10, showHidden: true })).not.toMatch(/b17971|5d4140|example\.com/);
});

test('gets the credentials for each request, and signs with new ones within the same second', async () => {
  const { http, sent } = recorded(bodyOf({ ret: 0, output: [] }));
  const keys = [key, 'another-key'];
  const call = createStatcgiCall({
    http,
    endpoint: 'http://stat.example.com/common_access',
    appId: 1234,
    getCredentials: async () => ({ key: keys.shift() ?? '' }),
    now: () => now,
  });

  await call('Get_X', {}, never);
  await call('Get_X', {}, never);

  expect(sent.map(({ query }) => /sign=(\w+)/.exec(query ?? '')?.[1])).toEqual([
    'b17971b51ba0fe5916ddcd96692e9fb3',
    createHash('md5').update('another-key1471850187').digest('hex'),
  ]);
});

test('rejects without a request if there are no credentials', async () => {
  const { http, sent } = recorded(bodyOf({ ret: 0, output: [] }));
  const call = createStatcgiCall({
    http,
    endpoint: 'http://stat.example.com/common_access',
    appId: 1234,
    getCredentials: () => Promise.reject(new ProviderError('auth', 'no credentials')),
    now: () => now,
  });

  await expect(call('Get_X', {}, never)).rejects.toMatchObject({ kind: 'auth' });
  expect(sent).toEqual([]);
});
