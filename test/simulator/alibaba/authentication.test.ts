import { expect, test } from 'vitest';
import type { AlibabaCall } from '../../../src/simulator/alibaba/call.ts';
import { utc, v1Call, v3Call } from './caller.ts';
import { createApi, day, failureOf, minute, now } from './support.ts';

const wrong: readonly (readonly [string, AlibabaCall, number, string])[] = [
  ['PUT', v1Call({ now, method: 'PUT' }), 400, 'UnsupportedHTTPMethod'],
  ['V1 without an action', v1Call({ now, but: { Action: undefined } }), 400, 'MissingAction'],
  ['V1 without a version', v1Call({ now, but: { Version: undefined } }), 400, 'MissingVersion'],
  ['V1 without a key id', v1Call({ now, but: { AccessKeyId: undefined } }), 400, 'MissingAccessKeyId'],
  ['V1 without a nonce', v1Call({ now, but: { SignatureNonce: '' } }), 400, 'MissingSignatureNonce'],
  ['V1 without a signature', v1Call({ now, but: { Signature: undefined } }), 400, 'MissingSignature'],
  ['V1 without a time', v1Call({ now, but: { Timestamp: undefined } }), 400, 'IllegalTimestamp'],
  [
    'V1 with milliseconds in the timestamp',
    v1Call({ now, but: { Timestamp: '2023-11-14T22:23:20.000Z' } }),
    400,
    'InvalidTimeStamp.Format',
  ],
  [
    'another signature method',
    v1Call({ now, but: { SignatureMethod: 'HMAC-MD5' } }),
    400,
    'InvalidSignatureMethod',
  ],
  [
    'another signature version',
    v1Call({ now, but: { SignatureVersion: '2.0' } }),
    400,
    'InvalidSignatureVersion',
  ],
  ['V1 of another version', v1Call({ now, but: { Version: '2016-11-02' } }), 400, 'NoSuchVersion'],
  [
    'V1 for another operation',
    v1Call({ now, but: { Action: 'ForbidLiveStream' } }),
    404,
    'InvalidApi.NotFound',
  ],
  [
    'V1 with an unknown key',
    v1Call({ now, but: { AccessKeyId: 'other' } }),
    404,
    'InvalidAccessKeyId.NotFound',
  ],
  ['V1 with another secret', v1Call({ now, secret: 'guessed' }), 400, 'SignatureDoesNotMatch'],
  [
    'V1 with a guessed signature',
    v1Call({ now, but: { Signature: 'guessed' } }),
    400,
    'SignatureDoesNotMatch',
  ],
  ['V1 signed for another method', { ...v1Call({ now }), method: 'POST' }, 400, 'SignatureDoesNotMatch'],
  [
    'V1 with a token that the key does not have',
    v1Call({ now, but: { SecurityToken: 'token' } }),
    400,
    'InvalidSecurityToken.MismatchWithAccessKey',
  ],
  [
    'V3 with another algorithm',
    v3Call({ now, but: { authorization: 'ACS3-RSA-SHA256 x' } }),
    400,
    'InvalidSignatureMethod',
  ],
  [
    'V3 with an incomplete header',
    v3Call({ now, but: { authorization: 'ACS3-HMAC-SHA256 Credential=a' } }),
    400,
    'IncompleteSignature',
  ],
  [
    'V3 without a nonce',
    v3Call({ now, but: { 'x-acs-signature-nonce': undefined } }),
    400,
    'MissingSignatureNonce',
  ],
  ['V3 without an action', v3Call({ now, but: { 'x-acs-action': undefined } }), 400, 'MissingAction'],
  ['V3 without a version', v3Call({ now, but: { 'x-acs-version': undefined } }), 400, 'MissingVersion'],
  ['V3 without a time', v3Call({ now, but: { 'x-acs-date': undefined } }), 400, 'IllegalTimestamp'],
  ['V3 with another secret', v3Call({ now, secret: 'guessed' }), 400, 'SignatureDoesNotMatch'],
  [
    'V3 with the hash of another body',
    v3Call({ now, but: { 'x-acs-content-sha256': '00' } }),
    400,
    'SignatureDoesNotMatch',
  ],
  ['V3 with another body', { ...v3Call({ now }), body: Buffer.from('more') }, 400, 'SignatureDoesNotMatch'],
  ['V3 for another host', withHeader(v3Call({ now }), 'host', 'other'), 400, 'SignatureDoesNotMatch'],
  [
    'V3 with a header that is not signed',
    withHeader(v3Call({ now }), 'x-acs-more', '1'),
    400,
    'IncompleteSignature',
  ],
  ['V3 for another query', withQuery(v3Call({ now }), 'AppName', 'tv'), 400, 'SignatureDoesNotMatch'],
  ['V3 of another operation', v3Call({ now, but: { 'x-acs-action': 'Forbid' } }), 404, 'InvalidApi.NotFound'],
];

function withHeader(call: AlibabaCall, name: string, value: string): AlibabaCall {
  return { ...call, headers: new Map([...call.headers, [name, value]]) };
}

function withQuery(call: AlibabaCall, name: string, value: string): AlibabaCall {
  return { ...call, query: new URLSearchParams([...call.query, [name, value]]) };
}

test.each(wrong)('rejects %s with %i %s', (_, call, status, code) => {
  const handled = createApi('default_format: json')(call, now);

  expect(failureOf(handled)).toEqual([status, code]);
  expect(handled.rows).toBe(0);
});

test('requires that V3 signs the content type of a body', () => {
  const call = v3Call({ now, but: { 'content-type': 'application/x-www-form-urlencoded' } });

  expect(createApi()(call, now).outcome).toBe('ok');
  expect(failureOf(createApi()(withHeader(v3Call({ now }), 'content-type', 'text/plain'), now))).toEqual([
    400,
    'IncompleteSignature',
  ]);
});

test('rejects V3 without an authorization header', () => {
  const { headers, ...rest } = v3Call({ now });
  const call = { ...rest, headers: new Map([...headers].filter(([name]) => name !== 'authorization')) };

  expect(failureOf(createApi()(call, now))).toEqual([400, 'IncompleteSignature']);
});

test.each([
  ['no domain', { DomainName: undefined }, 'MissingDomainName', 400],
  ['no start', { StartTime: undefined }, 'MissingStartTime', 400],
  ['no end', { EndTime: undefined }, 'MissingEndTime', 400],
  ['another domain', { DomainName: 'push.example.com' }, 'InvalidDomain.NotFound', 404],
  ['a start with milliseconds', { StartTime: '2023-11-14T22:00:00.000Z' }, 'InvalidStartTime.Malformed', 400],
  ['a start that is no day', { StartTime: '2023-02-30T00:00:00Z' }, 'InvalidStartTime.Malformed', 400],
  ['a start in hour 24', { StartTime: '2023-11-13T24:00:00Z' }, 'InvalidStartTime.Malformed', 400],
  ['a start without a zone', { StartTime: '2023-11-14T22:00:00' }, 'InvalidStartTime.Malformed', 400],
  ['an end in UNIX seconds', { EndTime: '1700000000' }, 'InvalidEndTime.Malformed', 400],
  [
    'an end before the start',
    { StartTime: utc(now), EndTime: utc(now - 1_000) },
    'InvalidEndTime.Mismatch',
    400,
  ],
  ['more than seven days', { StartTime: utc(now - 7 * day - 1_000) }, 'InvalidEndTime.Mismatch', 400],
])('rejects a query with %s for both signature versions', (_, history, code, status) => {
  expect(failureOf(createApi()(v1Call({ now, history }), now))).toEqual([status, code]);
  expect(failureOf(createApi()(v3Call({ now, history }), now))).toEqual([status, code]);
});

test.each([
  ['V1', v1Call],
  ['V3', v3Call],
])('accepts a nonce of %s once in 15 minutes', (_, sign) => {
  const answer = createApi();
  const outcomeAt = (at: number, nonce: string) => answer(sign({ now: at, nonce }), at).outcome;

  expect(outcomeAt(now, 'a')).toBe('ok');
  expect(outcomeAt(now, 'a')).toBe('SignatureNonceUsed');
  expect(outcomeAt(now + 15 * minute, 'a')).toBe('SignatureNonceUsed');
  expect(outcomeAt(now, 'b')).toBe('ok');
  expect(outcomeAt(now + 15 * minute + 1, 'a')).toBe('empty');
});

test('uses up the nonce of a failed request, but not that of a request with a wrong signature', () => {
  const answer = createApi('story: [{at: 0s, answer: 503}]');
  const call = v3Call({ now, nonce: 'a' });

  expect(createApi()(v3Call({ now, nonce: 'a', secret: 'guessed' }), now).outcome).toBe(
    'SignatureDoesNotMatch',
  );
  expect(answer(call, now).outcome).toBe('503');
  const throttled = createApi('rate_limit: 1');
  throttled(v3Call({ now }), now);
  expect(throttled(call, now).outcome).toBe('Throttling.User');
  expect(throttled(call, now + 1_000).outcome).toBe('SignatureNonceUsed');
});

test.each([
  ['V1', v1Call],
  ['V3', v3Call],
])('rejects a clock skew of more than 15 minutes with %s, but not a small skew', (_, sign) => {
  const answer = createApi('default_format: json');
  const outcomeOff = (offMs: number) => answer(sign({ now: now + offMs }), now).outcome;

  expect([-20, -15, 15, 20].map((minutes) => outcomeOff(minutes * minute))).toEqual([
    'InvalidTimeStamp.Expired',
    expect.stringMatching(/^(ok|empty)$/),
    expect.stringMatching(/^(ok|empty)$/),
    'InvalidTimeStamp.Expired',
  ]);
});

test('requires exactly the security token of the key, as part of the signature', () => {
  const answer = createApi('security_token: "STS/tok+en=="');
  const outcomesWith = (token: string | undefined) => [
    answer(v1Call({ now, but: { SecurityToken: token } }), now).outcome,
    answer(v3Call({ now, but: { 'x-acs-security-token': token } }), now).outcome,
  ];

  expect(outcomesWith('STS/tok+en==')).toEqual(['ok', 'ok']);
  expect(outcomesWith(undefined)).toEqual(['MissingSecurityToken', 'MissingSecurityToken']);
  expect(outcomesWith('STS/tok+en=')).toEqual([
    'InvalidSecurityToken.MismatchWithAccessKey',
    'InvalidSecurityToken.MismatchWithAccessKey',
  ]);
});
