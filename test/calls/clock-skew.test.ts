import { expect, test } from 'vitest';
import type { Http, HttpRequest, HttpResponse } from '../../src/calls/call.ts';
import { withClockSkewCheck } from '../../src/calls/clock-skew.ts';
import type { ProviderError } from '../../src/model/answer.ts';
import { noon } from '../support/samples.ts';

const request: HttpRequest = { method: 'GET', url: 'http://provider.example/', headers: {} };
const { signal } = new AbortController();

/** What comes of an answer whose Date is so far behind our clock, and what was told of the difference. */
async function ask(behindMs: number | undefined, status = 200, toleranceMs = 60_000) {
  const offsets: number[] = [];
  const headers: HttpResponse['headers'] =
    behindMs === undefined ? {} : { date: new Date(noon - behindMs).toUTCString() };
  const answer: HttpResponse = { status, headers, text: 'the answer' };
  const http = withClockSkewCheck(async () => answer, {
    now: () => noon,
    toleranceMs: () => toleranceMs,
    onOffset: (offsetMs) => offsets.push(offsetMs),
  });
  const came = await http(request, signal).then(
    ({ text }) => text,
    (error: unknown) => error,
  );
  return { came, offsets };
}

test.each([0, 60_000, -60_000])(
  'an answer of a clock that is %i ms behind ours is used',
  async (behindMs) => {
    expect(await ask(behindMs)).toEqual({ came: 'the answer', offsets: [behindMs] });
  },
);

test.each([
  [61_000, 'it is about 1 min ahead of'],
  [-61_000, 'it is about 1 min behind'],
  [172_800_000, 'it is about 2880 min ahead of'],
])('an answer of a clock that is %i ms behind ours is not, and it is said why', async (behindMs, words) => {
  const { came, offsets } = await ask(behindMs);

  expect(came).toMatchObject({
    kind: 'auth',
    message: `the answer is not used (check the clock: ${words} the provider's)`,
  });
  expect(offsets).toEqual([behindMs]);
});

test('an answer that is long on its way shows no clock that is wrong, and hides none', async () => {
  /** Asked at noon by ours, told so long after it, and there six seconds after it. */
  const askSlowly = async (toldAfterMs: number) => {
    let now = noon;
    const offsets: number[] = [];
    const slow: Http = async () => {
      now += 6_000;
      return {
        status: 200,
        headers: { date: new Date(noon + toldAfterMs).toUTCString() },
        text: 'the answer',
      };
    };
    const parts = { now: () => now, toleranceMs: () => 5_000, onOffset: (ms: number) => offsets.push(ms) };
    const came = await withClockSkewCheck(slow, parts)(request, signal).then(
      ({ text }) => text,
      (error: ProviderError) => error.kind,
    );
    return [came, ...offsets];
  };

  expect(await askSlowly(0)).toEqual(['the answer', 0]);
  expect(await askSlowly(6_000)).toEqual(['the answer', 0]);
  expect(await askSlowly(-6_000)).toEqual(['auth', 6_000]);
  expect(await askSlowly(12_000)).toEqual(['auth', -6_000]);
});

test('no more is tolerated than is wanted at the moment', async () => {
  expect(await ask(10_000, 200, 10_000)).toMatchObject({ came: 'the answer' });
  expect(await ask(11_000, 200, 10_000)).toMatchObject({
    came: {
      kind: 'auth',
      message: "the answer is not used (check the clock: it is less than a minute ahead of the provider's)",
    },
  });
});

test('a refusal is handed on, since it says more', async () => {
  expect(await ask(1_200_000, 400)).toEqual({ came: 'the answer', offsets: [1_200_000] });
});

test('an answer without a date, or with none that can be read, is used', async () => {
  expect(await ask(undefined)).toEqual({ came: 'the answer', offsets: [] });

  const odd: HttpResponse = { status: 200, headers: { date: 'today' }, text: 'the answer' };
  const http = withClockSkewCheck(async () => odd, {
    now: () => noon,
    toleranceMs: () => 60_000,
    onOffset: () => expect.unreachable(),
  });
  expect(await http(request, signal)).toBe(odd);
});
