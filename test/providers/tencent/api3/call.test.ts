import { expect, test } from 'vitest';
import type { Http, HttpResponse } from '../../../../src/calls/call.ts';
import { ProviderError } from '../../../../src/model/answer.ts';
import { createApi3Call } from '../../../../src/providers/tencent/api3/call.ts';
import { httpResponse, recorded } from '../../recorded.ts';

const never = new AbortController().signal;
const now = 1_551_113_065_789;
const credentials = { secretId: 'AKIDexample', secretKey: 's3cretkey', token: undefined };

function callWith(http: Http, token?: string, clock = () => now) {
  return createApi3Call({
    http,
    endpoint: 'https://live.example.com:8443',
    getCredentials: () => ({ ...credentials, token }),
    now: clock,
  });
}

function body(response: object): HttpResponse {
  return httpResponse(JSON.stringify({ Response: { RequestId: 'r', ...response } }));
}

function failed(code: string, text = 'the text of the provider'): HttpResponse {
  return body({ Error: { Code: code, Message: text } });
}

async function failureOf(...responses: readonly [HttpResponse, ...HttpResponse[]]): Promise<unknown> {
  return callWith(recorded(...responses).http)('DescribeX', {}, never).catch((error: unknown) => error);
}

test('sends a signed POST with the parameters as JSON', async () => {
  const { http, sent } = recorded(body({}));

  await callWith(http)('DescribeX', { StreamName: 'a "b"', PageNum: 1 }, never);

  expect(sent).toEqual([
    {
      method: 'POST',
      url: 'https://live.example.com:8443/',
      headers: {
        host: 'live.example.com:8443',
        'content-type': 'application/json; charset=utf-8',
        'x-tc-action': 'DescribeX',
        'x-tc-version': '2018-08-01',
        'x-tc-timestamp': '1551113065',
        authorization: expect.stringMatching(
          /^TC3-HMAC-SHA256 Credential=AKIDexample\/2019-02-25\/live\/tc3_request, SignedHeaders=content-type;host;x-tc-action, Signature=[0-9a-f]{64}$/,
        ),
      },
      body: '{"StreamName":"a \\"b\\"","PageNum":1}',
    },
  ]);
});

test('sends the token of temporary credentials', async () => {
  const { http, sent } = recorded(body({}));

  await callWith(http, 'the-token')('DescribeX', {}, never);

  expect(sent[0]?.headers).toMatchObject({ 'x-tc-token': 'the-token' });
});

test('resolves with the fields of the response', async () => {
  expect(await callWith(recorded(body({ TotalNum: 0 })).http)('DescribeX', {}, never)).toEqual({
    RequestId: 'r',
    TotalNum: 0,
  });
});

test.each([
  'FailedOperation.HasNotLivingStream',
  'InternalError.HasNotLivingStream',
  'ResourceNotFound.EmptyData',
])('resolves with undefined for %s, which means that there is no data', async (code) => {
  expect(await callWith(recorded(failed(code)).http)('DescribeX', {}, never)).toBeUndefined();
});

test('keeps session IDs exact that are numbers above 2^53', async () => {
  const text = '{"Response":{"RequestId":"r","List":[{"Sequence": 12345678901234567891},{"Sequence":"7"}]}}';

  expect(await callWith(recorded(httpResponse(text)).http)('DescribeX', {}, never)).toMatchObject({
    List: [{ Sequence: '12345678901234567891' }, { Sequence: '7' }],
  });
});

test.each([
  ['AuthFailure.SignatureFailure', 'auth', ' (check the secret key)'],
  ['AuthFailure.SecretIdNotFound', 'auth', ' (check the secret id)'],
  ['AuthFailure.TokenFailure', 'auth', /\(check the token, which/],
  [
    'AuthFailure.UnauthorizedOperation',
    'auth',
    ' (grant the permission live:DescribeX to the CAM user or role)',
  ],
  ['UnauthorizedOperation', 'auth', /live:DescribeX/],
  ['AuthFailure.Brandnew', 'auth', ' (check the secret key)'],
  ['RequestLimitExceeded', 'throttled', /requests_per_second/],
  ['RequestLimitExceeded.UinLimitExceeded', 'throttled', /requests_per_second/],
  ['LimitExceeded.RateLimitExceeded', 'throttled', /requests_per_second/],
  ['InternalError', 'unavailable', ': the text of the provider'],
  ['InternalError.QueryProIspPlayInfoError', 'unavailable', ': the text of the provider'],
  ['InternalError.InvalidRequest', 'refused', ': the text of the provider'],
  ['FailedOperation.GetDataFailed', 'unavailable', ': the text of the provider'],
  ['FailedOperation.StreamNotExist', 'refused', ': the text of the provider'],
  ['ResourceNotFound.FreezeService', 'refused', /in arrears/],
  ['ResourceNotFound.PushDomainNoRecord', 'refused', /check the domain/],
  ['InvalidParameterValue', 'refused', ': the text of the provider'],
  ['InvalidAction', 'refused', /does not offer the operation/],
  ['Surprise.Code', 'refused', ': the text of the provider'],
])('fails for %s as %s', async (code, kind, text) => {
  const failure = await failureOf(failed(code));

  expect(failure).toBeInstanceOf(ProviderError);
  expect(failure).toMatchObject({
    kind,
    message: expect.stringMatching(typeof text === 'string' ? '' : text),
  });
  expect(String(failure)).toContain(`tencent DescribeX: ${code}`);
  if (typeof text === 'string') expect(String(failure)).toContain(`${code}${text}`);
});

test('asks for less data if the response exceeds the limit of the provider', async () => {
  expect(await failureOf(failed('ResponseSizeLimitExceeded'))).toMatchObject({
    kind: 'malformed',
    isTooLarge: true,
    message: 'tencent DescribeX: ResponseSizeLimitExceeded: the text of the provider',
  });
});

test.each([
  ['a code that only says that there is no data', 'FailedOperation.HasNotLivingStream'],
  ['an unknown code', 'Surprise.Code'],
])('takes a failed HTTP status for a failure, also with %s', async (_what, code) => {
  const failure = await failureOf({ ...failed(code), status: 503 });

  expect(failure).toMatchObject({
    kind: 'unavailable',
    message: expect.stringContaining(`HTTP 503, ${code}`),
  });
});

test('signs again once if the provider rejects the time of the request', async () => {
  const times = [now, now + 5_000, now + 9_000, now + 9_000];
  const { http, sent } = recorded(failed('AuthFailure.SignatureExpire'), body({ TotalNum: 1 }));

  const response = await callWith(http, undefined, () => times.shift() ?? 0)('DescribeX', {}, never);

  expect(response).toMatchObject({ TotalNum: 1 });
  expect(sent.map(({ headers }) => headers['x-tc-timestamp'])).toEqual(['1551113065', '1551113074']);
});

test('names the clock skew if the provider rejects the time twice', async () => {
  const late = {
    ...failed('AuthFailure.SignatureExpire'),
    headers: { date: 'Mon, 25 Feb 2019 16:24:25 GMT' },
  };

  expect(await failureOf(late)).toMatchObject({
    kind: 'auth',
    message:
      "tencent DescribeX: AuthFailure.SignatureExpire (check the clock of this host, which is about 20 min ahead of the provider's clock)",
  });
});

test.each([
  ['no JSON', 'not json', /response is not JSON/],
  ['another shape', '{"Foo":{}}', /unexpected response shape at Response$/],
  ['neither an error nor a request ID', '{"Response":{"message":"gateway"}}', /at Response\.RequestId$/],
  ['an error without a code', '{"Response":{"RequestId":"r","Error":{}}}', /at Response\.Error$/],
])('is malformed: %s', async (_what, text, message) => {
  expect(await failureOf(httpResponse(text))).toMatchObject({
    kind: 'malformed',
    message: expect.stringMatching(message),
  });
});

test.each([
  [403, 'unavailable', /proxy on the way/],
  [404, 'refused', /check the endpoint/],
  [429, 'throttled', /HTTP 429/],
  [502, 'unavailable', /HTTP 502/],
])('takes HTTP %d for the response of something on the way', async (status, kind, message) => {
  expect(await failureOf(httpResponse('<html></html>', { status }))).toMatchObject({
    kind,
    message: expect.stringMatching(message),
  });
});

test('quotes no secret', async () => {
  const { http, sent } = recorded(failed('InvalidParameter', 'AKIDexample s3cretkey the-token'));

  const failure = await callWith(http, 'the-token')('DescribeX', {}, never).catch((error: unknown) => error);

  const signature = /Signature=(\w+)/.exec(sent[0]?.headers.authorization ?? '')?.[1];
  expect(String(failure)).toBe(
    'ProviderError: tencent DescribeX: InvalidParameter: [secret] [secret] [secret]',
  );
  const again = await failureOf(failed('InvalidParameter', `signed ${signature}`));
  expect(String(again)).toContain('signed [secret]');
});
