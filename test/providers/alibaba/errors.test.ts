import { expect, test } from 'vitest';
import type { HttpResponse } from '../../../src/calls/call.ts';
import type { FailureKind } from '../../../src/model/answer.ts';
import { needsResign, toFailure } from '../../../src/providers/alibaba/errors.ts';
import { httpResponse } from '../recorded.ts';

const now = Date.UTC(2025, 6, 7, 4);
const key = 'check the access key id';
const secret = 'check the access key secret';
const clock = 'check the clock of this host';
const token = 'check the security token, which must be set, not expired, and issued for this access key';
const grant = 'grant the permission live:DescribeX to the RAM user or role';
const domain = 'check the domain: it must be a main streaming domain of this account, not an ingest domain';
const endpoint = 'check the endpoint in the config';
const badWindow =
  'check the clock of this host: for the provider, the requested time range is too old, too long or in the future';
const sender =
  'the provider or a proxy on the way rejected the request: check that the proxy allows this host, then check the key';
const limit =
  'this rate limit applies to all clients of the account together; lower requests_per_second in the config';

function failureOf(part: Partial<HttpResponse>, code?: string, text = '', operation = 'DescribeX') {
  return toFailure({
    operation,
    response: httpResponse('', part),
    status: code === undefined ? undefined : { code, text },
    now,
    secrets: () => ['s3cret'],
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
  ['InvalidAccessKeyId.Inactive', [400], 'auth', 'the access key is disabled; enable it or use another key'],
  ['SignatureDoesNotMatch', [400, 403], 'auth', secret],
  ['IncompleteSignature', [400], 'auth', secret],
  ['InvalidSignatureMethod', [400], 'auth', 'in the config, change signature from v1 to v3 or from v3 to v1'],
  ['InvalidTimeStamp.Expired', [400], 'auth', clock],
  ['InvalidTimeStamp.Format', [400], 'auth', clock],
  ['IllegalTimestamp', [400], 'auth', clock],
  [
    'SignatureNonceUsed',
    [400],
    'auth',
    'a proxy between this host and the provider sends requests twice; correct the proxy',
  ],
  ['InvalidSecurityToken.Expired', [400, 403], 'auth', token],
  ['InvalidSecurityToken.Malformed', [400], 'auth', token],
  ['InvalidSecurityToken.MismatchWithAccessKey', [400], 'auth', token],
  ['MissingSecurityToken', [400], 'auth', token],
  ['Forbidden', [401, 403], 'auth', grant],
  ['Forbidden.RAM', [403], 'auth', grant],
  ['NoPermission', [403], 'auth', grant],
  ['Forbidden.RiskControl', [403], 'auth', 'Alibaba Cloud has restricted the account; contact Alibaba Cloud'],
  ['IllegalOperation', [403], 'refused', domain],
  ['InvalidDomain.NotFound', [404], 'refused', domain],
  ['InvalidIdentity.ServiceDisabled', [400], 'refused', 'enable ApsaraVideo Live for the account'],
  ['InvalidApi.NotFound', [404], 'refused', endpoint],
  ['InvalidProduct.NotFound', [404], 'refused', endpoint],
  ['NoSuchVersion', [400], 'refused', endpoint],
  ['UnsupportedHTTPMethod', [400, 403], 'refused', endpoint],
  ['InvalidProtocol.NeedSsl', [400, 404], 'refused', 'in the config, the endpoint must start with https://'],
  ['InvalidStartTime.Malformed', [400], 'refused', badWindow],
  ['InvalidEndTime.Malformed', [400], 'refused', badWindow],
  ['InvalidEndTime.Mismatch', [400], 'refused', badWindow],
  ['MissingDomainName', [400], 'refused'],
  ['InvalidParameter.Format', [400], 'refused'],
])('maps %s with any of the statuses %j to %s', (code, statuses, kind, advice) => {
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
])('maps an unknown code with status %d to %s', (status, kind, advice) => {
  for (const code of ['SomethingNew.Here', 'constructor', '__proto__.x']) {
    expect(failureOf({ status }, code)).toMatchObject({
      kind,
      message: `alibaba DescribeX: HTTP ${status}, ${code}${advice}`,
    });
  }
});

test.each<[number, FailureKind, string]>([
  [
    302,
    'refused',
    ' (check the endpoint in the config, and whether a captive portal or proxy redirects the request)',
  ],
  [400, 'refused', ` (${endpoint})`],
  [401, 'unavailable', ` (${sender})`],
  [403, 'unavailable', ` (${sender})`],
  [404, 'refused', ` (${endpoint})`],
  [407, 'unavailable', ''],
  [408, 'unavailable', ''],
  [429, 'throttled', ` (${limit})`],
  [502, 'unavailable', ''],
])('maps status %d with an unreadable body to %s', (status, kind, advice) => {
  expect(failureOf({ status })).toMatchObject({
    kind,
    message: `alibaba DescribeX: HTTP ${status}${advice}`,
  });
});

test.each([200, 204])('reports no failure for status %d without a code', (status) => {
  expect(
    toFailure({
      operation: 'DescribeX',
      response: httpResponse('', { status }),
      status: { code: undefined, text: '' },
      now,
      secrets: () => [],
    }),
  ).toBeUndefined();
});

test('ignores the message, which the documentation misspells', () => {
  expect(failureOf({ status: 400 }, 'SomethingNew', 'Throttling: flow control')).toMatchObject({
    kind: 'refused',
  });
});

test("quotes the provider's message without secrets if there is no advice", () => {
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
  'does not quote the message of %s with status 403, which can name the account or contain the string to sign',
  (code) => {
    expect(failureOf({ status: 403 }, code, 'account 1234567890')?.message).not.toContain('1234567890');
  },
);

test.each<[string | undefined, string]>([
  ['Mon, 07 Jul 2025 03:43:00 GMT', ", which is about 17 min ahead of the provider's clock"],
  ['Mon, 07 Jul 2025 12:00:10 GMT', ", which is about 480 min behind the provider's clock"],
  ['Mon, 07 Jul 2025 03:59:50 GMT', ''],
  ['soon', ''],
  [undefined, ''],
])('at 04:00, describes the skew to a provider clock at %s as "%s"', (date, skew) => {
  const headers = date === undefined ? {} : { date };

  expect(failureOf({ status: 400, headers }, 'InvalidTimeStamp.Expired')?.message).toBe(
    `alibaba DescribeX: HTTP 400, InvalidTimeStamp.Expired (check the clock of this host${skew})`,
  );
});

test('does not describe the age of a cached error response as clock skew', () => {
  const headers = { date: 'Mon, 07 Jul 2025 03:43:00 GMT', age: '1020' };

  expect(failureOf({ status: 400, headers }, 'InvalidTimeStamp.Expired')?.message).toBe(
    'alibaba DescribeX: HTTP 400, InvalidTimeStamp.Expired (check the clock of this host)',
  );
});

test('mentions no skew for errors that are unrelated to the clock', () => {
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
])('parses an x-acs-retry-after of %j as %j ms', (header, ms) => {
  expect(failureOf({ status: 400, headers: { 'x-acs-retry-after': header } }, 'Throttling')).toMatchObject({
    kind: 'throttled',
    retryAfterMs: ms,
  });
});

test('maps a failure with x-acs-retry-after to throttled, whatever its code', () => {
  const headers = { 'x-acs-retry-after': '2000' };

  for (const code of ['SomethingNew', 'InternalError', 'Forbidden.RAM', undefined]) {
    expect(failureOf({ status: 403, headers }, code)).toMatchObject({
      kind: 'throttled',
      retryAfterMs: 2_000,
    });
  }
  expect(failureOf({ status: 200, headers }, 'SomethingNew')).toMatchObject({ kind: 'refused' });
});

test('does not map a failure with an invalid x-acs-retry-after to throttled', () => {
  expect(failureOf({ status: 403, headers: { 'x-acs-retry-after': '0' } }, 'Forbidden')).toMatchObject({
    kind: 'auth',
  });
});

test('reads Retry-After in seconds, prefers x-acs-retry-after, and does not take the former for throttling', () => {
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
])('reports whether %s needs a new signature: %j', (code, expected) => {
  expect(needsResign({ code, text: '' })).toBe(expected);
});

const ingest =
  'the operation needs an ingest domain of this account: check the domain, which must be a main streaming domain, and its push_domains in the config';

test.each([
  ['DescribeLiveStreamsControlHistory', domain],
  ['DescribeLiveStreamsOnlineList', domain],
  ['DescribeLiveStreamsBlockList', domain],
  ['DescribeLiveDomainFrameRateAndBitRateData', ingest],
  ['DescribeLiveCenterStreamRateData', ingest],
  ['DescribeLiveDomainMapping', 'check the domain: it must be a domain of ApsaraVideo Live of this account'],
])('says which kind of domain %s needs', (operation, advice) => {
  for (const code of ['IllegalOperation', 'InvalidDomain.NotFound']) {
    expect(failureOf({ status: 403 }, code, '', operation)?.message).toBe(
      `alibaba ${operation}: HTTP 403, ${code} (${advice})`,
    );
  }
});
