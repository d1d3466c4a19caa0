import { expect, test } from 'vitest';
import type { FailureKind } from '../../../../src/model/answer.ts';
import { isEmptyStatus, toFailure, toHttpFailure } from '../../../../src/providers/tencent/statcgi/errors.ts';
import { httpAnswer } from '../../recorded.ts';

const context = 'tencent Get_X';
const ticket = 'app_id is wrong, or the API is not enabled for it, which takes a ticket at Tencent';

test.each<[number, string, FailureKind, string]>([
  [-1, 'cmd is invalid', 'refused', `code -1: cmd is invalid (${ticket})`],
  [-1, 'Appid is invalid!', 'refused', `code -1: Appid is invalid! (${ticket})`],
  [-1, 'Sign invalid', 'auth', 'code -1: Sign invalid (check the key)'],
  [-1, 'time expired', 'auth', 'code -1: time expired (check the clock)'],
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
])('code %d, "%s" is %s', (code, text, kind, message) => {
  expect(toFailure({ code, text }, context)).toMatchObject({ kind, message: `tencent Get_X: ${message}` });
});

test.each([10003, 1301])('code %d says that there is nothing, which is no failure', (code) => {
  expect([
    isEmptyStatus({ code, text: '' }),
    toFailure({ code, text: 'query data is empty' }, context),
  ]).toEqual([true, undefined]);
});

test('code 0 is well, whatever the text', () => {
  expect(toFailure({ code: 0, text: 'query data successfully' }, context)).toBeUndefined();
  expect(isEmptyStatus({ code: 0, text: '' })).toBe(false);
});

test.each<[number, FailureKind, string]>([
  [302, 'refused', 'HTTP 302 (check the endpoint)'],
  [400, 'refused', 'HTTP 400 (check the endpoint)'],
  [401, 'auth', 'HTTP 401'],
  [403, 'auth', 'HTTP 403 (check app_id and the key)'],
  [404, 'refused', 'HTTP 404 (check the endpoint)'],
  [407, 'auth', 'HTTP 407'],
  [408, 'unavailable', 'HTTP 408'],
  [429, 'throttled', 'HTTP 429'],
  [500, 'unavailable', 'HTTP 500'],
  [503, 'unavailable', 'HTTP 503'],
])('status %d is %s', (status, kind, message) => {
  expect(toHttpFailure(httpAnswer('', { status }), context, 0)).toMatchObject({
    kind,
    message: `tencent Get_X: ${message}`,
    retryAfterMs: undefined,
  });
});

test.each([200, 204])('status %d is no failure', (status) => {
  expect(toHttpFailure(httpAnswer('', { status }), context, 0)).toBeUndefined();
});

test('a time to wait is passed on', () => {
  const answer = httpAnswer('', { status: 429, headers: { 'retry-after': '7' } });

  expect(toHttpFailure(answer, context, 0)).toMatchObject({ kind: 'throttled', retryAfterMs: 7_000 });
});
