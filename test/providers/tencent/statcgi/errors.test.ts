import { expect, test } from 'vitest';
import type { FailureKind } from '../../../../src/model/answer.ts';
import { isEmptyStatus, toFailure, toHttpFailure } from '../../../../src/providers/tencent/statcgi/errors.ts';
import { httpResponse } from '../../recorded.ts';

const context = 'tencent Get_X';
const ticket =
  'app_id is wrong, or the API is not enabled for the account; to enable the API, open a ticket with Tencent Cloud';

test.each<[number, string, FailureKind, string]>([
  [-1, 'cmd is invalid', 'refused', `code -1: cmd is invalid (${ticket})`],
  [-1, 'Appid is invalid!', 'refused', `code -1: Appid is invalid! (${ticket})`],
  [-1, 'Sign invalid', 'auth', 'code -1: Sign invalid (check the key)'],
  [-1, 'time expired', 'auth', 'code -1: time expired (check the clock of this host)'],
  [
    1000,
    'user is not registered for statapi',
    'refused',
    `code 1000: user is not registered for statapi (${ticket})`,
  ],
  [1001, '', 'refused', `code 1001 (${ticket})`],
  [1201, 'internel/system error', 'unavailable', 'code 1201: internel/system error'],
  [
    1202,
    'invalid request/request frequency exceeds limit',
    'throttled',
    'code 1202: invalid request/request frequency exceeds limit',
  ],
  [99, 'request frequency exceeds limit', 'throttled', 'code 99: request frequency exceeds limit'],
  [1204, '', 'refused', 'code 1204'],
  [7777, 'something new', 'refused', 'code 7777: something new'],
])('maps code %d, "%s" to %s', (code, text, kind, message) => {
  expect(toFailure({ code, text }, context)).toMatchObject({ kind, message: `tencent Get_X: ${message}` });
});

test.each([10003, 1301])('treats code %d as an empty answer, not as a failure', (code) => {
  expect([
    isEmptyStatus({ code, text: '' }),
    toFailure({ code, text: 'query data is empty' }, context),
  ]).toEqual([true, undefined]);
});

test('treats code 0 as a success, whatever the text', () => {
  expect(toFailure({ code: 0, text: 'query data successfully' }, context)).toBeUndefined();
  expect(isEmptyStatus({ code: 0, text: '' })).toBe(false);
});

test.each<[number, FailureKind, string]>([
  [
    302,
    'refused',
    'HTTP 302 (check the endpoint in the config, and whether a captive portal or proxy redirects the request)',
  ],
  [400, 'refused', 'HTTP 400 (check the endpoint in the config)'],
  [401, 'auth', 'HTTP 401'],
  [403, 'auth', 'HTTP 403 (check app_id and the key)'],
  [404, 'refused', 'HTTP 404 (check the endpoint in the config)'],
  [407, 'unavailable', 'HTTP 407'],
  [408, 'unavailable', 'HTTP 408'],
  [429, 'throttled', 'HTTP 429'],
  [500, 'unavailable', 'HTTP 500'],
  [503, 'unavailable', 'HTTP 503'],
])('maps status %d to %s', (status, kind, message) => {
  expect(toHttpFailure(httpResponse('', { status }), context, 0)).toMatchObject({
    kind,
    message: `tencent Get_X: ${message}`,
    retryAfterMs: undefined,
  });
});

const sender =
  'the provider or a proxy on the way rejected the request: check that the proxy allows this host, then check the key';

test.each<[number, string, FailureKind, string]>([
  [403, 'blocked by policy', 'unavailable', `HTTP 403 through proxy corp:3128 (${sender})`],
  [401, '', 'unavailable', `HTTP 401 through proxy corp:3128 (${sender})`],
  [
    403,
    '<html>Request Check Failed</html>',
    'auth',
    'HTTP 403 through proxy corp:3128 (check app_id and the key)',
  ],
  [502, '', 'unavailable', 'HTTP 502 through proxy corp:3128'],
])(
  'blames the key for status %d that a proxy forwarded only if the body "%s" is of the provider',
  (...row) => {
    const [status, text, kind, message] = row;

    expect(toHttpFailure(httpResponse(text, { status, proxy: 'corp:3128' }), context, 0)).toMatchObject({
      kind,
      message: `tencent Get_X: ${message}`,
    });
  },
);

test.each([200, 204])('reports no failure for status %d', (status) => {
  expect(toHttpFailure(httpResponse('', { status }), context, 0)).toBeUndefined();
});

test('keeps the wait of Retry-After', () => {
  const response = httpResponse('', { status: 429, headers: { 'retry-after': '7' } });

  expect(toHttpFailure(response, context, 0)).toMatchObject({ kind: 'throttled', retryAfterMs: 7_000 });
});
