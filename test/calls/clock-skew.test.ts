import { afterEach, expect, test, vi } from 'vitest';
import type { Http, HttpRequest, HttpResponse } from '../../src/calls/call.ts';
import { withClockSkewCheck } from '../../src/calls/clock-skew.ts';
import type { ProviderError } from '../../src/model/answer.ts';
import { noon } from '../support/samples.ts';

const request: HttpRequest = { method: 'GET', url: 'http://provider.example/', headers: {} };
const { signal } = new AbortController();

afterEach(() => {
  vi.unstubAllEnvs();
});

/**
 * Receives a response with a `Date` this far behind the local clock. Returns the outcome and the reported
 * skews.
 */
async function send(behindMs: number | undefined, status = 200, toleranceMs = 60_000) {
  const offsets: number[] = [];
  const headers: HttpResponse['headers'] =
    behindMs === undefined ? {} : { date: new Date(noon - behindMs).toUTCString() };
  const response: HttpResponse = { status, headers, text: 'the body' };
  const http = withClockSkewCheck(async () => response, {
    now: () => noon,
    toleranceMs: () => toleranceMs,
    onOffset: (offsetMs) => offsets.push(offsetMs),
  });
  const outcome = await http(request, signal).then(
    ({ text }) => text,
    (error: unknown) => error,
  );
  return { outcome, offsets };
}

test.each([0, 60_000, -60_000])(
  'accepts a response if the provider clock is %i ms behind',
  async (behindMs) => {
    expect(await send(behindMs)).toEqual({ outcome: 'the body', offsets: [behindMs] });
  },
);

test.each([
  [61_000, 'about 1 min ahead of'],
  [-61_000, 'about 1 min behind'],
  [172_800_000, 'about 2880 min ahead of'],
])(
  'discards a response if the provider clock is %i ms behind, and states the skew',
  async (behindMs, words) => {
    const { outcome, offsets } = await send(behindMs);

    expect(outcome).toMatchObject({
      kind: 'auth',
      message: `response discarded: check the clock of this host, which is ${words} the provider's clock`,
    });
    expect(offsets).toEqual([behindMs]);
  },
);

test('does not take latency for clock skew, and detects skew despite latency', async () => {
  /** Sends a request at noon. The provider sets `Date` to `dateAfterMs` past noon; the response takes 6 s. */
  const sendSlowly = async (dateAfterMs: number) => {
    let now = noon;
    const offsets: number[] = [];
    const slow: Http = async () => {
      now += 6_000;
      return {
        status: 200,
        headers: { date: new Date(noon + dateAfterMs).toUTCString() },
        text: 'the body',
      };
    };
    const parts = { now: () => now, toleranceMs: () => 5_000, onOffset: (ms: number) => offsets.push(ms) };
    const outcome = await withClockSkewCheck(slow, parts)(request, signal).then(
      ({ text }) => text,
      (error: ProviderError) => error.kind,
    );
    return [outcome, ...offsets];
  };

  expect(await sendSlowly(0)).toEqual(['the body', 0]);
  expect(await sendSlowly(6_000)).toEqual(['the body', 0]);
  expect(await sendSlowly(-6_000)).toEqual(['auth', 6_000]);
  expect(await sendSlowly(12_000)).toEqual(['auth', -6_000]);
});

test('uses the current tolerance', async () => {
  expect(await send(10_000, 200, 10_000)).toMatchObject({ outcome: 'the body' });
  expect(await send(11_000, 200, 10_000)).toMatchObject({
    outcome: {
      kind: 'auth',
      message:
        "response discarded: check the clock of this host, which is less than a minute ahead of the provider's clock",
    },
  });
});

test('passes on an error response despite clock skew', async () => {
  expect(await send(1_200_000, 400)).toEqual({ outcome: 'the body', offsets: [1_200_000] });
});

test('accepts a response without a readable Date header', async () => {
  expect(await send(undefined)).toEqual({ outcome: 'the body', offsets: [] });

  const invalid: HttpResponse = { status: 200, headers: { date: 'today' }, text: 'the body' };
  const http = withClockSkewCheck(async () => invalid, {
    now: () => noon,
    toleranceMs: () => 60_000,
    onOffset: () => expect.unreachable(),
  });
  expect(await http(request, signal)).toBe(invalid);
});

/** Receives a response with these headers at noon. Returns the outcome and the reported skews. */
async function receive(headers: HttpResponse['headers'], status = 200) {
  const offsets: number[] = [];
  const http = withClockSkewCheck(async () => ({ status, headers, text: 'the body' }), {
    now: () => noon,
    toleranceMs: () => 60_000,
    onOffset: (offsetMs) => offsets.push(offsetMs),
  });
  const outcome = await http(request, signal).then(
    ({ text }) => text,
    ({ kind, message }: ProviderError) => `${kind}: ${message}`,
  );
  return { outcome, offsets };
}

/** `Date` header of a response that the provider generated this long before noon. */
const dateBefore = (ms: number) => new Date(noon - ms).toUTCString();

test.each([
  ['Sun Mar  1 12:00:00 2026', 0],
  ['Sunday, 01-Mar-26 11:59:30 GMT', 30_000],
])('reads the obsolete date form %s as UTC', async (date, offsetMs) => {
  vi.stubEnv('TZ', 'Asia/Shanghai');

  expect(await receive({ date })).toEqual({ outcome: 'the body', offsets: [offsetMs] });
});

test('does not take the age of a cached response for clock skew', async () => {
  expect(await receive({ date: dateBefore(60_000), age: '60' })).toEqual({
    outcome: 'the body',
    offsets: [0],
  });
});

const cached =
  'unavailable: response discarded: exempt this API from the HTTP cache, which sent a copy that is AGE old';

test.each([
  ['with the Date of the copy', { date: dateBefore(3_600_000), age: '3600' }, 'about 60 min', [0]],
  ['with the Date of the cache', { date: dateBefore(0), age: '3600' }, 'about 60 min', [0]],
  ['without a Date', { age: '61' }, 'about 1 min', []],
  ['that is too old with the skew', { date: dateBefore(70_000), age: '40' }, 'less than a minute', [30_000]],
])('discards a cached response %s and names the cache, not the clock', async (_, headers, age, offsets) => {
  expect(await receive(headers)).toEqual({ outcome: cached.replace('AGE', age), offsets });
});

test('blames the clock for a skew that the age of a cached response does not explain', async () => {
  expect(await receive({ date: dateBefore(600_000), age: '30' })).toEqual({
    outcome:
      "auth: response discarded: check the clock of this host, which is about 10 min ahead of the provider's clock",
    offsets: [570_000],
  });
});

test('ignores an invalid Age, and passes on an error response of a cache', async () => {
  expect(await receive({ date: dateBefore(0), age: '-3600' })).toMatchObject({ outcome: 'the body' });
  expect(await receive({ date: dateBefore(0), age: '3600' }, 404)).toMatchObject({ outcome: 'the body' });
});
