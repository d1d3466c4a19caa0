import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import type { Http, HttpResponse } from '../../../src/calls/call.ts';
import { type AlibabaAccess, createAlibabaCall } from '../../../src/providers/alibaba/call.ts';
import type { AlibabaCredentials } from '../../../src/providers/alibaba/credentials.ts';
import { inOneSlice } from '../../support/slices.ts';
import { fixture, httpResponse, recorded } from '../recorded.ts';

const never = new AbortController().signal;
const operation = 'DescribeLiveStreamsControlHistory';
const query = {
  DomainName: 'play.example.com',
  AppName: 'live app*',
  StartTime: '2024-01-15T00:00:00Z',
  EndTime: '2024-01-16T00:00:00Z',
};
const canonicalQuery =
  'AppName=live%20app%2A&DomainName=play.example.com' +
  '&EndTime=2024-01-16T00%3A00%3A00Z&StartTime=2024-01-15T00%3A00%3A00Z';
/** 2024-01-16T00:00:05.9Z. */
const now = 1_705_363_205_900;

type Options = Partial<AlibabaAccess & Pick<AlibabaCredentials, 'securityToken'>>;

function callWith(http: Http, { securityToken, ...part }: Options = {}) {
  return createAlibabaCall({
    http,
    endpoint: 'https://live.aliyuncs.com',
    getCredentials: () => ({ accessKeyId: 'testid', accessKeySecret: 'testsecret', securityToken }),
    signature: 'v3',
    format: 'json',
    now: () => now,
    nonce: () =>
      part.signature === 'v1' ? '3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf' : '3156853299f313e23d1673dc12e1703d',
    inSlices: inOneSlice,
    ...part,
  });
}

const success = httpResponse('{"RequestId":"A"}');

function stored(name: string, status = 200): HttpResponse {
  return httpResponse(fixture(`alibaba/${name}`), { status });
}

async function failureOf(response: HttpResponse, part: Options = {}): Promise<unknown> {
  return callWith(async () => response, part)(operation, query, never).catch((error: unknown) => error);
}

test('sends a v3 call as a POST without a body, signed as in the test vector', async () => {
  const { http, sent } = recorded(success);

  await callWith(http)(operation, query, never);

  expect(sent).toEqual([
    {
      method: 'POST',
      url: `https://live.aliyuncs.com/?${canonicalQuery}`,
      headers: {
        host: 'live.aliyuncs.com',
        'x-acs-action': operation,
        'x-acs-version': '2016-11-01',
        'x-acs-date': '2024-01-16T00:00:05Z',
        'x-acs-signature-nonce': '3156853299f313e23d1673dc12e1703d',
        'x-acs-content-sha256': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
        accept: 'application/json',
        authorization:
          'ACS3-HMAC-SHA256 Credential=testid' +
          ',SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version' +
          ',Signature=6a94830d100c5cb5b9942f89a7c19555aae004eba96f4d419a501db0630ddef5',
      },
    },
  ]);
});

// Not an official vector: computed from the rules in Python.
test('sends a v3 call of an operation that accepts only GET as a GET', async () => {
  const { http, sent } = recorded(success);

  await callWith(http)('DescribeLiveDomainMapping', { DomainName: 'play.example.com' }, never);

  expect(sent).toMatchObject([
    {
      method: 'GET',
      url: 'https://live.aliyuncs.com/?DomainName=play.example.com',
      headers: {
        authorization: expect.stringContaining(
          ',Signature=899e2566f6bc5cc3f9d7c534ab0e5e315b6ded02e3f297700cb0432babcf8b8f',
        ),
      },
    },
  ]);
});

test('sends the token and the key ID of temporary credentials in signed headers of a v3 call', async () => {
  const { http, sent } = recorded(success);

  await callWith(http, { securityToken: 'STS/tok+en==' })(operation, query, never);

  expect(sent[0]?.headers).toMatchObject({
    'x-acs-accesskey-id': 'testid',
    'x-acs-security-token': 'STS/tok+en==',
    authorization: expect.stringMatching(
      /x-acs-security-token;.*,Signature=1dff80dd51f04b6de4b7dcb5e166d88e84e46102a99734f27c00e14ba466e9ef$/,
    ),
  });
  expect(sent[0]?.url).toBe(`https://live.aliyuncs.com/?${canonicalQuery}`);
});

test('sends a v1 call as a GET with all parameters in the query, signed as in the test vector', async () => {
  const { http, sent } = recorded(success);

  await callWith(http, { signature: 'v1' })(operation, query, never);

  expect(sent).toEqual([
    {
      method: 'GET',
      url:
        'https://live.aliyuncs.com/?AccessKeyId=testid&Action=DescribeLiveStreamsControlHistory' +
        '&AppName=live%20app%2A&DomainName=play.example.com&EndTime=2024-01-16T00%3A00%3A00Z&Format=JSON' +
        '&Signature=zE9ImpeU%2BpGeQwM%2BPs%2BVOVi3YHI%3D&SignatureMethod=HMAC-SHA1' +
        '&SignatureNonce=3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf&SignatureVersion=1.0' +
        '&StartTime=2024-01-15T00%3A00%3A00Z&Timestamp=2024-01-16T00%3A00%3A05Z&Version=2016-11-01',
      headers: { accept: 'application/json' },
    },
  ]);
});

test('sends the token of temporary credentials in the signed query of a v1 call', async () => {
  const { http, sent } = recorded(success);

  await callWith(http, { signature: 'v1', securityToken: 'STS/tok+en==' })(operation, query, never);

  expect(sent[0]?.url).toContain('&SecurityToken=STS%2Ftok%2Ben%3D%3D&');
  expect(sent[0]?.url).toContain('&Signature=OtT7oAnynn2E9UfL%2BneJGo6kpoc%3D&');
});

test('requests XML if configured', async () => {
  const { http, sent } = recorded(success);

  await callWith(http, { format: 'xml' })(operation, query, never);
  await callWith(http, { format: 'xml', signature: 'v1' })(operation, query, never);

  expect(sent.map(({ headers }) => headers.accept)).toEqual(['application/xml', 'application/xml']);
  expect(sent[1]?.url).toContain('&Format=XML&');
});

test.each([
  ['https://live.aliyuncs.com:443/', 'https://live.aliyuncs.com/?', 'live.aliyuncs.com'],
  [
    'https://LIVE-vpc.cn-shanghai.aliyuncs.com:8443',
    'https://live-vpc.cn-shanghai.aliyuncs.com:8443/?',
    'live-vpc.cn-shanghai.aliyuncs.com:8443',
  ],
  ['http://127.0.0.1:8080', 'http://127.0.0.1:8080/?', '127.0.0.1:8080'],
  ['http://[::1]:80', 'http://[::1]/?', '[::1]'],
])('signs the host of the endpoint %s as it is sent', async (endpoint, url, host) => {
  const { http, sent } = recorded(success);

  await callWith(http, { endpoint })(operation, {}, never);

  expect(sent[0]).toMatchObject({ url, headers: { host } });
});

test('uses a new time and nonce for each call', async () => {
  const { http, sent } = recorded(success);
  let calls = 0;
  const call = callWith(http, { now: () => now + calls * 60_000, nonce: () => `nonce-${++calls}` });

  await call(operation, query, never);
  await call(operation, query, never);

  expect(sent.map(({ headers }) => headers['x-acs-signature-nonce'])).toEqual(['nonce-1', 'nonce-2']);
  expect(sent.map(({ headers }) => headers['x-acs-date'])).toEqual([
    '2024-01-16T00:00:05Z',
    '2024-01-16T00:01:05Z',
  ]);
});

test.each(['seed-example.json', 'seed-example.xml'])(
  'returns all fields of %s regardless of the requested format',
  async (name) => {
    const row = {
      Action: 'forbid',
      ClientIP: '10.207.197.201',
      StreamName: 'test101.aliyunlive.com/diaoliang/dd',
      TimeStamp: '2015-12-01T16:36:18Z',
    };
    const call = callWith(async () => stored(`DescribeLiveStreamsControlHistory.${name}`));

    await expect(call(operation, query, never)).resolves.toEqual({
      ControlInfo: { LiveStreamControlInfo: name.endsWith('json') ? [row] : row },
      RequestId: '9C31856F-386D-4DB3-BE79-A0AA493D702A',
    });
  },
);

test('rejects an error code with status 200', async () => {
  await expect(failureOf(stored('error.throttling-user.json'))).resolves.toMatchObject({
    kind: 'throttled',
    message: expect.stringContaining(`alibaba ${operation}: HTTP 200, Throttling.User (`),
  });
});

test('reads an error in XML even if JSON was requested', async () => {
  await expect(failureOf(stored('error.access-key-not-found.xml', 404))).resolves.toMatchObject({
    kind: 'auth',
    message: expect.stringContaining(`alibaba ${operation}: HTTP 404, InvalidAccessKeyId.NotFound (`),
  });
  await expect(failureOf(stored('error.throttling-api.xml', 400))).resolves.toMatchObject({
    kind: 'throttled',
  });
});

test.each([
  [
    'error.bad-gateway.txt',
    'response is not XML (112 characters): a web page, as from a captive portal or a proxy on the way',
  ],
  ['error.without-code.xml', 'unexpected response shape at Error'],
  ['DescribeLiveStreamsControlHistory.truncated-json.txt', 'response is not JSON (151 characters)'],
  ['DescribeLiveStreamsControlHistory.truncated-xml.txt', 'response is not XML (324 characters)'],
])('rejects %s as malformed with status 200, and as unavailable with 502', async (name, message) => {
  await expect(failureOf(stored(name))).resolves.toMatchObject({
    kind: 'malformed',
    message: `alibaba ${operation}: ${message}`,
  });
  await expect(failureOf(stored(name, 502))).resolves.toMatchObject({
    kind: 'unavailable',
    message: `alibaba ${operation}: HTTP 502`,
  });
});

test.each(['error.clock-skew.json', 'error.nonce-used.json'])(
  'signs and sends again after %s, with a new time and nonce',
  async (name) => {
    const { http, sent } = recorded(stored(name, 400), success);
    let calls = 0;

    await callWith(http, { nonce: () => `nonce-${++calls}` })(operation, query, never);

    expect(sent.map(({ headers }) => headers['x-acs-signature-nonce'])).toEqual(['nonce-1', 'nonce-2']);
    expect(sent[0]?.headers.authorization).not.toBe(sent[1]?.headers.authorization);
  },
);

test('fails after a second expired signature, without a third request', async () => {
  const { http, sent } = recorded(stored('error.clock-skew.json', 400));

  await expect(callWith(http)(operation, query, never)).rejects.toMatchObject({
    kind: 'auth',
    message: `alibaba ${operation}: HTTP 400, InvalidTimeStamp.Expired (check the clock of this host)`,
  });

  expect(sent).toHaveLength(2);
});

test('does not sign again if the provider requests a wait', async () => {
  const late = { ...stored('error.clock-skew.json', 400), headers: { 'x-acs-retry-after': '500' } };
  const { http, sent } = recorded(late);

  await expect(callWith(http)(operation, query, never)).rejects.toMatchObject({ retryAfterMs: 500 });

  expect(sent).toHaveLength(1);
});

test('names the permission to grant after a RAM denial, and nothing about the account', async () => {
  const failure = await failureOf(stored('error.ram-denial.json', 403));

  expect(failure).toMatchObject({
    kind: 'auth',
    message: `alibaba ${operation}: HTTP 403, NoPermission (grant the permission live:${operation} to the RAM user or role)`,
  });
  expect(inspect(failure, { depth: 10, showHidden: true })).not.toMatch(/\d{16}|AQFohtp|SubUser|https?:/);
});

test.each(['v1', 'v3'] as const)('shows no credential in a failure with signature %s', async (signature) => {
  const { http, sent } = recorded(success);
  const part = { signature, securityToken: 'STS/tok+en==' };
  await callWith(http, part)(operation, query, never);
  const request = JSON.stringify(sent[0]);
  const encoded = encodeURIComponent(request);
  const lowerCase = encoded.replace(/%../g, (byte) => byte.toLowerCase());
  // The query of a v1 call is encoded already.
  const echo =
    signature === 'v1'
      ? `${request} ${encoded} ${lowerCase}`
      : `${request} ${encoded} ${lowerCase} ${encodeURIComponent(encoded)}`;

  for (let start = 0; start < echo.length; start += 150) {
    const body = JSON.stringify({ Code: 'SomethingNew', Message: echo.slice(start) });
    const failure = await failureOf(httpResponse(body, { status: 400 }), part);

    expect(failure).toMatchObject({ kind: 'refused' });
    expect(inspect(failure, { depth: 10, showHidden: true })).not.toMatch(
      /testid|testsecret|STS\/tok|STS%2Ftok|STS%2ftok|STS%252Ftok|OtT7oAny|1dff80dd/,
    );
  }
});

test('gets the credentials for each request', async () => {
  const { http, sent } = recorded(success);
  const ids = ['first', 'second'];
  const getCredentials = async () => ({
    accessKeyId: ids.shift() ?? '',
    accessKeySecret: 'testsecret',
    securityToken: undefined,
  });
  const call = callWith(http, { getCredentials });

  await call(operation, query, never);
  await call(operation, query, never);

  expect(sent.map(({ headers }) => /Credential=(\w+)/.exec(headers.authorization ?? '')?.[1])).toEqual([
    'first',
    'second',
  ]);
});
