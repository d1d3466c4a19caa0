import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import type { Http, HttpResponse } from '../../../src/calls/call.ts';
import { type AlibabaAccess, createAlibabaCall } from '../../../src/providers/alibaba/call.ts';
import { fixture, httpAnswer, recorded } from '../recorded.ts';

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
/** 2024-01-16T00:00:05Z and a bit. */
const now = 1_705_363_205_900;

function callWith(http: Http, part: Partial<AlibabaAccess> = {}) {
  return createAlibabaCall({
    http,
    endpoint: 'https://live.aliyuncs.com',
    accessKeyId: 'testid',
    accessKeySecret: 'testsecret',
    signature: 'v3',
    format: 'json',
    now: () => now,
    nonce: () =>
      part.signature === 'v1' ? '3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf' : '3156853299f313e23d1673dc12e1703d',
    ...part,
  });
}

const well = httpAnswer('{"RequestId":"A"}');

function stored(name: string, status = 200): HttpResponse {
  return httpAnswer(fixture(`alibaba/${name}`), { status });
}

async function failureOf(answer: HttpResponse, part: Partial<AlibabaAccess> = {}): Promise<unknown> {
  return callWith(async () => answer, part)(operation, query, never).catch((error: unknown) => error);
}

test('a v3 call is a POST without a body, signed as in the vector', async () => {
  const { http, sent } = recorded(well);

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

test('a v3 call with temporary credentials has the token and the key id in signed headers', async () => {
  const { http, sent } = recorded(well);

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

test('a v1 call is a GET with all in the query, signed as in the vector', async () => {
  const { http, sent } = recorded(well);

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

test('a v1 call with temporary credentials has the token in the signed query', async () => {
  const { http, sent } = recorded(well);

  await callWith(http, { signature: 'v1', securityToken: 'STS/tok+en==' })(operation, query, never);

  expect(sent[0]?.url).toContain('&SecurityToken=STS%2Ftok%2Ben%3D%3D&');
  expect(sent[0]?.url).toContain('&Signature=OtT7oAnynn2E9UfL%2BneJGo6kpoc%3D&');
});

test('XML is asked for where it is wanted', async () => {
  const { http, sent } = recorded(well);

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
])('the endpoint %s is signed with the host that is dialled', async (endpoint, url, host) => {
  const { http, sent } = recorded(well);

  await callWith(http, { endpoint })(operation, {}, never);

  expect(sent[0]).toMatchObject({ url, headers: { host } });
});

test('each call has a time and a nonce of its own', async () => {
  const { http, sent } = recorded(well);
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
  'the answer in %s is brought whole, whatever was asked for',
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

test('a code is a failure also with status 200', async () => {
  await expect(failureOf(stored('error.throttling-user.json'))).resolves.toMatchObject({
    kind: 'throttled',
    message: expect.stringContaining(`alibaba ${operation}: HTTP 200, Throttling.User (`),
  });
});

test('an error in XML is read, also when JSON was asked for', async () => {
  await expect(failureOf(stored('error.access-key-not-found.xml', 404))).resolves.toMatchObject({
    kind: 'auth',
    message: expect.stringContaining(`alibaba ${operation}: HTTP 404, InvalidAccessKeyId.NotFound (`),
  });
  await expect(failureOf(stored('error.throttling-api.xml', 400))).resolves.toMatchObject({
    kind: 'throttled',
  });
});

test.each([
  ['error.bad-gateway.txt', 'the answer is not XML (112 characters)'],
  ['error.without-code.xml', 'the answer has an unknown form at Error'],
  ['DescribeLiveStreamsControlHistory.truncated-json.txt', 'the answer is not JSON (151 characters)'],
  ['DescribeLiveStreamsControlHistory.truncated-xml.txt', 'the answer is not XML (324 characters)'],
])('%s is malformed with status 200, and unavailable with 502', async (name, message) => {
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
  'a call that ends in %s is made once more, with a fresh time and nonce',
  async (name) => {
    const { http, sent } = recorded(stored(name, 400), well);
    let calls = 0;

    await callWith(http, { nonce: () => `nonce-${++calls}` })(operation, query, never);

    expect(sent.map(({ headers }) => headers['x-acs-signature-nonce'])).toEqual(['nonce-1', 'nonce-2']);
    expect(sent[0]?.headers.authorization).not.toBe(sent[1]?.headers.authorization);
  },
);

test('a call that is too late twice fails, and is not made a third time', async () => {
  const { http, sent } = recorded(stored('error.clock-skew.json', 400));

  await expect(callWith(http)(operation, query, never)).rejects.toMatchObject({
    kind: 'auth',
    message: `alibaba ${operation}: HTTP 400, InvalidTimeStamp.Expired (check the clock)`,
  });

  expect(sent).toHaveLength(2);
});

test('a call that has to wait is not made once more at once', async () => {
  const late = { ...stored('error.clock-skew.json', 400), headers: { 'x-acs-retry-after': '500' } };
  const { http, sent } = recorded(late);

  await expect(callWith(http)(operation, query, never)).rejects.toMatchObject({ retryAfterMs: 500 });

  expect(sent).toHaveLength(1);
});

test('a RAM denial says what to grant, and nothing of the account', async () => {
  const failure = await failureOf(stored('error.ram-denial.json', 403));

  expect(failure).toMatchObject({
    kind: 'auth',
    message: `alibaba ${operation}: HTTP 403, NoPermission (grant the RAM user or role live:${operation})`,
  });
  expect(inspect(failure, { depth: 10, showHidden: true })).not.toMatch(/\d{16}|AQFohtp|SubUser|https?:/);
});

test.each(['v1', 'v3'] as const)('with %s no failure shows a credential', async (signature) => {
  const { http, sent } = recorded(well);
  const part = { signature, securityToken: 'STS/tok+en==' };
  await callWith(http, part)(operation, query, never);
  const request = JSON.stringify(sent[0]);
  const encoded = encodeURIComponent(request);
  const small = encoded.replace(/%../g, (byte) => byte.toLowerCase());
  // A query comes encoded already.
  const echo =
    signature === 'v1'
      ? `${request} ${encoded} ${small}`
      : `${request} ${encoded} ${small} ${encodeURIComponent(encoded)}`;

  for (let start = 0; start < echo.length; start += 150) {
    const body = JSON.stringify({ Code: 'SomethingNew', Message: echo.slice(start) });
    const failure = await failureOf(httpAnswer(body, { status: 400 }), part);

    expect(failure).toMatchObject({ kind: 'refused' });
    expect(inspect(failure, { depth: 10, showHidden: true })).not.toMatch(
      /testid|testsecret|STS\/tok|STS%2Ftok|STS%2ftok|STS%252Ftok|OtT7oAny|1dff80dd/,
    );
  }
});
