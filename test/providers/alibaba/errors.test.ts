import { expect, test } from 'vitest';
import type { HttpResponse } from '../../../src/calls/call.ts';
import type { FailureKind } from '../../../src/model/answer.ts';
import { needsResign, toFailure } from '../../../src/providers/alibaba/errors.ts';
import { httpAnswer } from '../recorded.ts';

const now = Date.UTC(2025, 6, 7, 4);
const key = 'check the access key id';
const secret = 'check the access key secret';
const clock = 'check the clock';
const token = 'the security token has to be there, in date, and of this access key';
const grant = 'grant the RAM user or role live:DescribeX';
const domain = 'the domain has to be a main streaming domain of this account, not an ingest domain';
const endpoint = 'check the endpoint';
const time = 'check the clock: the time asked about is too old, too long, or ahead of the provider';
const limit = 'the limit is shared by all that use the account; lower requests_per_second';

function failureOf(part: Partial<HttpResponse>, code?: string, text = '') {
  return toFailure({
    operation: 'DescribeX',
    answer: httpAnswer('', part),
    status: code === undefined ? undefined : { code, text },
    now,
    secrets: ['s3cret'],
  });
}

test.each<[string, readonly number[], FailureKind, string?]>([
  ['Throttling', [400, 429, 503, 200], 'throttled', limit],
  ['Throttling.User', [400, 429, 503], 'throttled', limit],
  ['Throttling.Api', [400, 429, 503], 'throttled', limit],
  ['InternalError', [500, 400, 200], 'unavailable'],
  ['ServiceUnavailable', [503, 400], 'unavailable'],
  ['InvalidAccessKeyId', [404], 'auth', key],
  ['InvalidAccessKeyId.NotFound', [404, 400], 'auth', key],
  ['InvalidAccessKeyId.Inactive', [400], 'auth', 'the access key is disabled'],
  ['SignatureDoesNotMatch', [400, 403], 'auth', secret],
  ['IncompleteSignature', [400], 'auth', secret],
  ['InvalidSignatureMethod', [400], 'auth', 'set signature to the other of v1 and v3'],
  ['InvalidTimeStamp.Expired', [400], 'auth', clock],
  ['InvalidTimeStamp.Format', [400], 'auth', clock],
  ['IllegalTimestamp', [400], 'auth', clock],
  ['SignatureNonceUsed', [400], 'auth', 'something on the way sends requests twice'],
  ['InvalidSecurityToken.Expired', [400, 403], 'auth', token],
  ['InvalidSecurityToken.Malformed', [400], 'auth', token],
  ['InvalidSecurityToken.MismatchWithAccessKey', [400], 'auth', token],
  ['MissingSecurityToken', [400], 'auth', token],
  ['Forbidden', [401, 403], 'auth', grant],
  ['Forbidden.RAM', [403], 'auth', grant],
  ['NoPermission', [403], 'auth', grant],
  ['Forbidden.RiskControl', [403], 'auth', 'Alibaba has restricted the account'],
  ['IllegalOperation', [403], 'refused', domain],
  ['InvalidDomain.NotFound', [404], 'refused', domain],
  ['InvalidIdentity.ServiceDisabled', [400], 'refused', 'ApsaraVideo Live is not enabled'],
  ['InvalidApi.NotFound', [404], 'refused', endpoint],
  ['InvalidProduct.NotFound', [404], 'refused', endpoint],
  ['NoSuchVersion', [400], 'refused', endpoint],
  ['UnsupportedHTTPMethod', [400, 403], 'refused', endpoint],
  ['InvalidProtocol.NeedSsl', [400, 404], 'refused', 'the endpoint has to begin with https'],
  ['InvalidStartTime.Malformed', [400], 'refused', time],
  ['InvalidEndTime.Malformed', [400], 'refused', time],
  ['InvalidEndTime.Mismatch', [400], 'refused', time],
  ['MissingDomainName', [400], 'refused'],
  ['InvalidParameter.Format', [400], 'refused'],
])('%s is the same with each of the statuses %j: %s', (code, statuses, kind, advice) => {
  for (const status of statuses) {
    expect(failureOf({ status }, code)).toMatchObject({
      kind,
      message: `alibaba DescribeX: HTTP ${status}, ${code}${advice === undefined ? '' : ` (${advice})`}`,
      retryAfterMs: undefined,
    });
  }
});

test.each<[number, FailureKind, string]>([
  [200, 'refused', ''],
  [302, 'refused', ''],
  [400, 'refused', ''],
  [401, 'auth', ''],
  [403, 'auth', ''],
  [404, 'refused', ''],
  [408, 'unavailable', ''],
  [429, 'throttled', ` (${limit})`],
  [500, 'unavailable', ''],
  [503, 'unavailable', ''],
])('with status %d an unknown code is %s', (status, kind, advice) => {
  for (const code of ['SomethingNew.Here', 'constructor', '__proto__.x']) {
    expect(failureOf({ status }, code)).toMatchObject({
      kind,
      message: `alibaba DescribeX: HTTP ${status}, ${code}${advice}`,
    });
  }
});

test.each<[number, FailureKind, string]>([
  [302, 'refused', ` (${endpoint})`],
  [400, 'refused', ` (${endpoint})`],
  [401, 'auth', ''],
  [403, 'auth', ''],
  [404, 'refused', ` (${endpoint})`],
  [407, 'auth', ''],
  [408, 'unavailable', ''],
  [429, 'throttled', ` (${limit})`],
  [502, 'unavailable', ''],
])('status %d without a body that can be read is %s', (status, kind, advice) => {
  expect(failureOf({ status })).toMatchObject({
    kind,
    message: `alibaba DescribeX: HTTP ${status}${advice}`,
  });
});

test.each([200, 204])('status %d without a code is no failure', (status) => {
  expect(
    toFailure({
      operation: 'DescribeX',
      answer: httpAnswer('', { status }),
      status: { code: undefined, text: '' },
      now,
      secrets: [],
    }),
  ).toBeUndefined();
});

test('the message says nothing: the documents misspell it', () => {
  expect(failureOf({ status: 400 }, 'SomethingNew', 'Throttling: flow control')).toMatchObject({
    kind: 'refused',
  });
});

test("the provider's words are quoted short where we have none, without secrets", () => {
  const text = `bad\n s3cret ${'x'.repeat(300)}`;

  expect(failureOf({ status: 400 }, 'SomethingNew', text)?.message).toBe(
    `alibaba DescribeX: HTTP 400, SomethingNew: bad [secret] ${'x'.repeat(186)}…`,
  );
  expect(failureOf({ status: 500 }, 'InternalError', 'a fault')?.message).toBe(
    'alibaba DescribeX: HTTP 500, InternalError: a fault',
  );
  expect(failureOf({ status: 400 }, 's3cret\u0000')?.message).toBe('alibaba DescribeX: HTTP 400, [secret]');
});

test.each(['NoPermission', 'SignatureDoesNotMatch', 'SomethingNew'])(
  'the words with %s and a 403 are not quoted: they may name the account, or hold what was signed',
  (code) => {
    expect(failureOf({ status: 403 }, code, 'account 1234567890')?.message).not.toContain('1234567890');
  },
);

test.each<[string | undefined, string]>([
  ['Mon, 07 Jul 2025 03:43:00 GMT', ": it is about 17 min ahead of the provider's"],
  ['Mon, 07 Jul 2025 12:00:10 GMT', ": it is about 480 min behind the provider's"],
  ['Mon, 07 Jul 2025 03:59:50 GMT', ''],
  ['soon', ''],
  [undefined, ''],
])('at 04:00, a clock that the provider puts at %s is said to be off: "%s"', (date, skew) => {
  const headers = date === undefined ? {} : { date };

  expect(failureOf({ status: 400, headers }, 'InvalidTimeStamp.Expired')?.message).toBe(
    `alibaba DescribeX: HTTP 400, InvalidTimeStamp.Expired (check the clock${skew})`,
  );
});

test('only where the time was not taken the clocks are compared', () => {
  const headers = { date: 'Mon, 07 Jul 2025 03:00:00 GMT' };

  expect(failureOf({ status: 400, headers }, 'SignatureDoesNotMatch')?.message).not.toContain('min');
});

test.each<[string, number | undefined]>([
  ['2000', 2_000],
  [' 1 ', 1],
  ['0', undefined],
  ['-5', undefined],
  ['1.5', undefined],
  ['', undefined],
  ['soon', undefined],
  ['9'.repeat(400), undefined],
])('an x-acs-retry-after of %j is a wait of %j ms', (header, ms) => {
  expect(failureOf({ status: 400, headers: { 'x-acs-retry-after': header } }, 'Throttling')).toMatchObject({
    kind: 'throttled',
    retryAfterMs: ms,
  });
});

test('who sends an x-acs-retry-after throttles, whatever the code says', () => {
  const headers = { 'x-acs-retry-after': '2000' };

  for (const code of ['SomethingNew', 'InternalError', 'Forbidden.RAM', undefined]) {
    expect(failureOf({ status: 403, headers }, code)).toMatchObject({
      kind: 'throttled',
      retryAfterMs: 2_000,
    });
  }
  expect(failureOf({ status: 200, headers }, 'SomethingNew')).toMatchObject({ kind: 'refused' });
});

test('a header that has to be ignored throttles nobody', () => {
  expect(failureOf({ status: 403, headers: { 'x-acs-retry-after': '0' } }, 'Forbidden')).toMatchObject({
    kind: 'auth',
  });
});

test('a Retry-After is in seconds, alone makes no throttling, and gives way to the other', () => {
  expect(failureOf({ status: 503, headers: { 'retry-after': '7' } })).toMatchObject({
    kind: 'unavailable',
    retryAfterMs: 7_000,
  });
  expect(
    failureOf({ status: 503, headers: { 'retry-after': '7', 'x-acs-retry-after': '300' } }, 'Throttling'),
  ).toMatchObject({ kind: 'throttled', retryAfterMs: 300 });
});

test.each<[string, boolean]>([
  ['InvalidTimeStamp.Expired', true],
  ['SignatureNonceUsed', true],
  ['InvalidTimeStamp.Format', false],
  ['IllegalTimestamp', false],
])('whether %s may heal with a fresh time and nonce: %j', (code, spent) => {
  expect(needsResign({ code, text: '' })).toBe(spent);
});
