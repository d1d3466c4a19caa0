import { expect, test } from 'vitest';
import { start } from '../support.ts';
import { v3Call } from './caller.ts';
import { bodyOf, createApi, documentOf, failureOf, minute, now } from './support.ts';

test('throttles the 51st signed request of a second and sets the retry header', () => {
  const answer = createApi();
  for (let n = 0; n < 100; n += 1) answer(v3Call({ now, secret: 'guessed' }), now);
  const answers = Array.from({ length: 51 }, (_, n) => answer(v3Call({ now: now + 10 * n }), now + 10 * n));

  expect(new Set(answers.slice(0, 50).map(({ outcome }) => outcome))).toEqual(new Set(['ok']));
  const last = answers[50];
  expect(last && failureOf(last)).toEqual([400, 'Throttling.User']);
  expect(last && documentOf(last).headers['x-acs-retry-after']).toBe('1000');
  expect(answer(v3Call({ now: now + 1_000 }), now + 1_000).outcome).toBe('ok');
});

test.each([
  ['2000', '2000'],
  ['"0"', '0'],
  ['""', ''],
  ['soon', 'soon'],
  ['none', undefined],
])('with "retry_after: %s", sets the header of a throttled request to %j', (written, header) => {
  const answer = createApi(`retry_after: ${written}, story: [{at: 0s, answer: Throttling, status: 429}]`);
  const { status, headers } = documentOf(answer(v3Call({ now }), now));

  expect([status, headers['x-acs-retry-after']]).toEqual([429, header]);
});

test.each([
  ['Throttling.Api', 400],
  ['InternalError', 500],
  ['ServiceUnavailable', 503],
  ['InvalidAccessKeyId.Inactive', 400],
  ['InvalidSecurityToken.Expired', 400],
  ['Forbidden.RAM', 403],
  ['IllegalOperation', 403],
])('responds with %s if the story forces it', (answer, status) => {
  expect(failureOf(createApi(`story: [{at: 0s, answer: ${answer}}]`)(v3Call({ now }), now))).toEqual([
    status,
    answer,
  ]);
});

test('returns the details of a denied request', () => {
  const handled = createApi('story: [{at: 0s, answer: NoPermission}]')(v3Call({ now }), now);

  expect(bodyOf(handled)).toMatchObject({
    AccessDeniedDetail: { AuthAction: 'live:DescribeLiveStreamsControlHistory' },
  });
});

test.each([
  ['hang', { kind: 'hang' }],
  ['reset', { kind: 'reset' }],
  ['not_json', { kind: 'not_json' }],
  ['502', { kind: 'status', status: 502 }],
  ['truncated', { kind: 'truncated', status: 200 }],
  ['stuck', { kind: 'stuck', status: 200 }],
])('replaces the response by %s if the story forces it', (fault, reply) => {
  const handled = createApi(`story: [{at: 0s, answer: ${fault}}]`)(v3Call({ now }), now);

  expect(handled).toMatchObject({ outcome: fault, rows: 0, windowMs: 10 * minute, reply });
});

test('forces a response for an evenly distributed share of the requests during the event', () => {
  const answer = createApi('story: [{at: 0s, for: 20m, answer: InternalError, share: 50%}]');
  const outcomes = (at: number) => [1, 2, 3, 4].map(() => answer(v3Call({ now: at }), at).outcome);

  expect(outcomes(now)).toEqual(['ok', 'InternalError', 'ok', 'InternalError']);
  expect(outcomes(start + 20 * minute)).toEqual(['empty', 'empty', 'empty', 'empty']);
});
