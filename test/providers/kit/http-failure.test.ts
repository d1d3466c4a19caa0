import { expect, test } from 'vitest';
import type { HttpResponse } from '../../../src/calls/call.ts';
import type { FailureKind } from '../../../src/model/answer.ts';
import { isSuccess, kindOfStatus, statusText, toHttpError } from '../../../src/providers/kit/http-failure.ts';
import { noon } from '../../support/samples.ts';
import { httpResponse } from '../recorded.ts';

test.each<[number, FailureKind | undefined]>([
  [302, undefined],
  [400, undefined],
  [401, 'auth'],
  [403, 'auth'],
  [404, undefined],
  [407, 'unavailable'],
  [408, 'unavailable'],
  [429, 'throttled'],
  [500, 'unavailable'],
  [503, 'unavailable'],
])('maps status %d to %s', (status, kind) => {
  expect(kindOfStatus(status)).toBe(kind);
});

test.each([
  [199, false],
  [200, true],
  [204, true],
  [299, true],
  [300, false],
])('reports whether status %d is a success: %s', (status, success) => {
  expect(isSuccess({ status })).toBe(success);
});

test('takes the wait from Retry-After unless the API has a wait of its own', () => {
  const response = httpResponse('', { status: 429, headers: { 'retry-after': '7' } });

  expect(toHttpError('throttled', 'x List: HTTP 429', response, 0)).toMatchObject({ retryAfterMs: 7_000 });
  expect(toHttpError('throttled', 'x List: HTTP 429', response, 0, 300)).toMatchObject({ retryAfterMs: 300 });
});

test.each([
  [
    'https://portal.example/login?url=http%3A%2F%2Fapi%2F%3Fsign%3Dhush',
    'HTTP 302, redirect to portal.example',
  ],
  ['http://portal.example:8080/', 'HTTP 302, redirect to portal.example:8080'],
  ['/login?hush', 'HTTP 302, redirect to another path'],
  ['http://', 'HTTP 302, redirect to another path'],
])('names only the host of the redirect to %s', (location, text) => {
  expect(statusText(httpResponse('', { status: 302, headers: { location } }))).toBe(text);
});

test('shows a Location only for a redirect, and the proxy that forwarded the request', () => {
  const headers = { location: 'http://portal.example/' };

  expect(statusText(httpResponse('', { status: 404, headers, proxy: 'corp:3128' }))).toBe(
    'HTTP 404 through proxy corp:3128',
  );
});

test("compares a date in Retry-After with the provider's clock if the response has a Date", () => {
  const retryAfter = { 'retry-after': 'Sun, 01 Mar 2026 12:00:07 GMT' };
  const date = 'Sun, 01 Mar 2026 12:00:00 GMT';
  const waitMs = (headers: HttpResponse['headers']) =>
    toHttpError('throttled', 'x List', httpResponse('', { status: 429, headers }), noon - 600_000)
      .retryAfterMs;

  expect(waitMs({ ...retryAfter, date })).toBe(7_000);
  expect(waitMs(retryAfter)).toBe(607_000);
});
