import { expect, test } from 'vitest';
import { createAlibaba } from '../../src/simulator/alibaba.ts';
import type { AlibabaCall } from '../../src/simulator/alibaba-call.ts';
import type { Answered, Document } from '../../src/simulator/answered.ts';
import { createWorld } from '../../src/simulator/world.ts';
import { asForm, utc, v1Call, v3Call } from './alibaba-caller.ts';
import { scenarioOf, start } from './support.ts';

const minute = 60_000;
const day = 1_440 * minute;
const now = start + 10 * minute;

const story = `
      - {at: 1m, stream: cam1, action: forbid, client_ip: 192.0.2.5}
      - {at: 5m, stream: cam2, app_name: tv, action: resume, client_ip: none}`;

/** The API of a domain with this story; `alibaba` is YAML of how it behaves. */
function createApi(alibaba = '', events = story) {
  const scenario = scenarioOf(`
name: told
alibaba: {${alibaba}}
domains:
  - name: play.example.com
    app_names: [live, tv]
    story: ${events}
`);
  return createAlibaba(createWorld(scenario, start));
}

function documentOf({ reply }: Answered): Document {
  if (reply.kind !== 'document') throw new Error(`expected a document, not ${reply.kind}`);
  return reply;
}

const bodyOf = (answered: Answered): unknown => JSON.parse(documentOf(answered).text);

function controlInfoOf(answered: Answered): unknown {
  // A body of the API is an object; what stands in it is for the test to say.
  return (bodyOf(answered) as { ControlInfo?: unknown }).ControlInfo;
}

/** The times of the records, in seconds since the start. */
function secondsOf(answered: Answered): number[] {
  // Only of answers in the ordinary shape.
  const { LiveStreamControlInfo: records } = controlInfoOf(answered) as {
    LiveStreamControlInfo: { TimeStamp: string }[];
  };
  return records.map(({ TimeStamp }) => (Date.parse(TimeStamp) - start) / 1_000);
}

/** The status and the code of a failure. */
function failureOf(answered: Answered): [number, string] {
  const { Code } = bodyOf(answered) as { Code: string };
  expect(Code).toBe(answered.outcome);
  return [documentOf(answered).status, Code];
}

const forbidden = {
  Action: 'forbid',
  ClientIP: '192.0.2.5',
  StreamName: 'play.example.com/live/cam1',
  TimeStamp: '2023-11-14T22:14:20Z',
};
const resumed = {
  Action: 'resume',
  StreamName: 'play.example.com/tv/cam2',
  TimeStamp: '2023-11-14T22:18:20Z',
};

test.each([
  ['V1, in a query', v1Call({ now })],
  ['V1, posted with a query', v1Call({ now, method: 'POST' })],
  ['V1, in a form', asForm(v1Call({ now, method: 'POST' }))],
  ['V3, posted', v3Call({ now })],
  ['V3, by GET', v3Call({ now, method: 'GET' })],
])('a call signed by %s brings the actions of its window', (_, call) => {
  const answered = createApi()(call, now);

  expect(answered).toMatchObject({
    operation: 'DescribeLiveStreamsControlHistory',
    outcome: 'ok',
    windowMs: 10 * minute,
    rows: 2,
    reply: { status: 200, headers: { 'content-type': 'application/json;charset=utf-8' } },
  });
  const { headers } = documentOf(answered);
  expect(bodyOf(answered)).toEqual({
    ControlInfo: { LiveStreamControlInfo: [forbidden, resumed] },
    RequestId: headers['x-acs-request-id'],
  });
  expect(headers['x-acs-request-id']).toMatch(/^[\dA-F]{8}(-[\dA-F]{4}){3}-[\dA-F]{12}$/);
  expect(headers.date).toBe('Tue, 14 Nov 2023 22:23:20 GMT');
});

test('each answer has an id of its own', () => {
  const answer = createApi();
  const ids = [1, 2, 3].map(() => documentOf(answer(v3Call({ now }), now)).headers['x-acs-request-id']);

  expect(new Set(ids).size).toBe(3);
});

test('an app name narrows the answer; one that nobody uses leaves nothing', () => {
  const answer = createApi();
  const withApp = (AppName: string) => answer(v1Call({ now, question: { AppName } }), now);

  expect(controlInfoOf(withApp('tv'))).toEqual({ LiveStreamControlInfo: [resumed] });
  expect(withApp('other').outcome).toBe('empty');
});

test('what is younger than the delay is not there yet, and what is late comes later still', () => {
  const answer = createApi(
    'delay: 10s',
    '[{at: 1m, stream: a, action: forbid}, {at: 61s, stream: b, action: forbid, late: 40s}]',
  );
  const seen = (s: number) => {
    const at = start + s * 1_000;
    return secondsOf(answer(v3Call({ now: at }), at));
  };

  expect([69, 70, 110, 111].map(seen)).toEqual([[], [60], [60], [60, 61]]);
});

test('twins of one second are two equal records', () => {
  const answered = createApi('', '[{at: 1m, stream: a, action: forbid, times: 2}]')(v3Call({ now }), now);

  expect(secondsOf(answered)).toEqual([60, 60]);
  expect(
    new Set(JSON.parse(JSON.stringify(controlInfoOf(answered))).LiveStreamControlInfo.map(JSON.stringify))
      .size,
  ).toBe(1);
});

test.each([
  ['both', [60, 300]],
  ['start', [60]],
  ['none', []],
])('with "ends: %s" of the two actions at the ends of a window the answer has %j', (ends, seconds) => {
  const question = { StartTime: utc(start + minute), EndTime: utc(start + 5 * minute) };

  expect(secondsOf(createApi(`ends: ${ends}`)(v3Call({ now, question }), now))).toEqual(seconds);
});

test('records can come newest first, and no more than so many', () => {
  const seconds = (alibaba: string) => secondsOf(createApi(alibaba)(v3Call({ now }), now));

  expect(seconds('order: descending')).toEqual([300, 60]);
  expect(seconds('most_records: 1, one_record: list')).toEqual([60]);
  expect(seconds('order: descending, most_records: 1')).toEqual([300]);
});

test.each([
  ['list', '{"ControlInfo":{"LiveStreamControlInfo":[]}', '<ControlInfo/>'],
  ['object', '{"ControlInfo":{}', '<ControlInfo/>'],
  ['outer_list', '{"ControlInfo":[]', '<ControlInfo/>'],
  ['null', '{"ControlInfo":null', '<ControlInfo/>'],
  ['text', '{"ControlInfo":""', '<ControlInfo/>'],
  ['absent', '{', ''],
])('no records can be told as %s', (shape, json, xml) => {
  const answer = createApi(`no_records: ${shape}`, '[]');
  const inJson = answer(v3Call({ now }), now);
  const inXml = answer(v1Call({ now, but: { Format: 'xml' } }), now);

  expect(documentOf(inJson).text.replace(/,?"RequestId.*/, '')).toBe(json);
  expect(documentOf(inXml).text.replace(/^<\?.*Response>(.*)<RequestId>.*$/, '$1')).toBe(xml);
  expect([inJson.outcome, inXml.outcome]).toEqual(['empty', 'empty']);
});

test('one record can be an object in place of a list, two never', () => {
  const answer = createApi('one_record: object');

  expect(controlInfoOf(answer(v1Call({ now, question: { AppName: 'live' } }), now))).toEqual({
    LiveStreamControlInfo: forbidden,
  });
  expect(controlInfoOf(answer(v1Call({ now }), now))).toEqual({
    LiveStreamControlInfo: [forbidden, resumed],
  });
});

test('a stream name can be bare, and a record can have a key that no document has', () => {
  const answered = createApi('stream_name: bare, extra_keys: true')(
    v1Call({ now, question: { AppName: 'live' } }),
    now,
  );

  expect(controlInfoOf(answered)).toEqual({
    LiveStreamControlInfo: [{ ...forbidden, StreamName: 'cam1', Extra: 'no document has this key' }],
  });
});

test('without a format the answer is XML, as the page of the operation shows it', () => {
  const answered = createApi()(
    v1Call({ now, but: { Format: undefined }, question: { AppName: 'live' } }),
    now,
  );
  const { headers, text } = documentOf(answered);

  expect(headers['content-type']).toBe('text/xml;charset=utf-8');
  expect(text).toBe(
    '<?xml version="1.0" encoding="UTF-8"?><DescribeLiveStreamsControlHistoryResponse><ControlInfo>' +
      '<LiveStreamControlInfo><Action>forbid</Action><ClientIP>192.0.2.5</ClientIP>' +
      '<StreamName>play.example.com/live/cam1</StreamName><TimeStamp>2023-11-14T22:14:20Z</TimeStamp>' +
      '</LiveStreamControlInfo></ControlInfo>' +
      `<RequestId>${headers['x-acs-request-id']}</RequestId></DescribeLiveStreamsControlHistoryResponse>`,
  );
});

test.each([
  ['V1 with Format=json', v1Call({ now, but: { Format: 'json' } }), 'json'],
  ['V1 with Format=XML', v1Call({ now, but: { Format: 'XML' } }), 'xml'],
  ['V1 without Format', v1Call({ now, but: { Format: undefined } }), 'default'],
  ['V3 that accepts application/json', v3Call({ now }), 'json'],
  ['V3 that accepts application/xml', v3Call({ now, but: { accept: 'application/xml' } }), 'xml'],
  ['V3 that accepts anything', v3Call({ now, but: { accept: '*/*' } }), 'default'],
])('%s is answered in %s', (_, call, format) => {
  for (const byDefault of ['xml', 'json']) {
    const { headers } = documentOf(createApi(`default_format: ${byDefault}`)(call, now));
    expect(headers['content-type']).toContain(format === 'default' ? byDefault : format);
  }
});

test('signs that mean something in XML are escaped', () => {
  const answered = createApi('', '[{at: 1m, stream: "a<b>&c", action: forbid}]')(
    v1Call({ now, but: { Format: 'xml' } }),
    now,
  );

  expect(documentOf(answered).text).toContain(
    '<StreamName>play.example.com/live/a&lt;b&gt;&amp;c</StreamName>',
  );
});

test('a failure has the body of the gateway, in the format of the call', () => {
  const question = { DomainName: 'other.example.com' };
  const inJson = createApi()(v1Call({ now, question }), now);
  const inXml = createApi()(v1Call({ now, question, but: { Format: 'xml' } }), now);
  const id = documentOf(inJson).headers['x-acs-request-id'];

  expect(bodyOf(inJson)).toEqual({
    Code: 'InvalidDomain.NotFound',
    HostId: 'simulator',
    Message: 'The account has no such domain.',
    Recommend: `https://api.aliyun.com/troubleshoot?q=InvalidDomain.NotFound&product=live&requestId=${id}`,
    RequestId: id,
  });
  expect(documentOf(inXml)).toMatchObject({
    status: 404,
    headers: { 'content-type': 'text/xml;charset=utf-8' },
  });
  expect(documentOf(inXml).text).toBe(
    '<?xml version="1.0" encoding="UTF-8"?><Error><Code>InvalidDomain.NotFound</Code><HostId>simulator</HostId>' +
      '<Message>The account has no such domain.</Message>' +
      `<Recommend>https://api.aliyun.com/troubleshoot?q=InvalidDomain.NotFound&amp;product=live&amp;requestId=${id}</Recommend>` +
      `<RequestId>${id}</RequestId></Error>`,
  );
});

const wrong: readonly (readonly [string, AlibabaCall, number, string])[] = [
  ['PUT', v1Call({ now, method: 'PUT' }), 400, 'UnsupportedHTTPMethod'],
  ['V1 without an action', v1Call({ now, but: { Action: undefined } }), 400, 'MissingAction'],
  ['V1 without a version', v1Call({ now, but: { Version: undefined } }), 400, 'MissingVersion'],
  ['V1 without a key id', v1Call({ now, but: { AccessKeyId: undefined } }), 400, 'MissingAccessKeyId'],
  ['V1 without a nonce', v1Call({ now, but: { SignatureNonce: '' } }), 400, 'MissingSignatureNonce'],
  ['V1 without a signature', v1Call({ now, but: { Signature: undefined } }), 400, 'MissingSignature'],
  ['V1 without a time', v1Call({ now, but: { Timestamp: undefined } }), 400, 'IllegalTimestamp'],
  [
    'V1 with milliseconds in its time',
    v1Call({ now, but: { Timestamp: '2023-11-14T22:23:20.000Z' } }),
    400,
    'InvalidTimeStamp.Format',
  ],
  [
    'another method of signing',
    v1Call({ now, but: { SignatureMethod: 'HMAC-MD5' } }),
    400,
    'InvalidSignatureMethod',
  ],
  [
    'another version of signing',
    v1Call({ now, but: { SignatureVersion: '2.0' } }),
    400,
    'InvalidSignatureVersion',
  ],
  ['V1 of another version', v1Call({ now, but: { Version: '2016-11-02' } }), 400, 'NoSuchVersion'],
  [
    'V1 of another operation',
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
    'V3 with half a header',
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
  ['V3 for another question', withQuery(v3Call({ now }), 'AppName', 'tv'), 400, 'SignatureDoesNotMatch'],
  ['V3 of another operation', v3Call({ now, but: { 'x-acs-action': 'Forbid' } }), 404, 'InvalidApi.NotFound'],
];

function withHeader(call: AlibabaCall, name: string, value: string): AlibabaCall {
  return { ...call, headers: new Map([...call.headers, [name, value]]) };
}

function withQuery(call: AlibabaCall, name: string, value: string): AlibabaCall {
  return { ...call, query: new URLSearchParams([...call.query, [name, value]]) };
}

test.each(wrong)('a call by %s is refused with %i %s', (_, call, status, code) => {
  const answered = createApi('default_format: json')(call, now);

  expect(failureOf(answered)).toEqual([status, code]);
  expect(answered.rows).toBe(0);
});

test('V3 has to sign the type of a body that it sends', () => {
  const call = v3Call({ now, but: { 'content-type': 'application/x-www-form-urlencoded' } });

  expect(createApi()(call, now).outcome).toBe('ok');
  expect(failureOf(createApi()(withHeader(v3Call({ now }), 'content-type', 'text/plain'), now))).toEqual([
    400,
    'IncompleteSignature',
  ]);
});

test('V3 without an authorization at all is refused', () => {
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
])('a question with %s is refused, whichever way it is signed', (_, question, code, status) => {
  expect(failureOf(createApi()(v1Call({ now, question }), now))).toEqual([status, code]);
  expect(failureOf(createApi()(v3Call({ now, question }), now))).toEqual([status, code]);
});

test('exactly seven days are answered, and so is a window without length', () => {
  const answer = createApi();
  const outcomeOf = (question: Record<string, string>) => answer(v3Call({ now, question }), now).outcome;

  expect(outcomeOf({ StartTime: utc(now - 7 * day) })).toBe('ok');
  expect(outcomeOf({ StartTime: utc(start + minute), EndTime: utc(start + minute) })).toBe('ok');
});

test.each([
  ['V1', v1Call],
  ['V3', v3Call],
])('a nonce of %s can be used once in 15 minutes', (_, sign) => {
  const answer = createApi();
  const outcomeAt = (at: number, nonce: string) => answer(sign({ now: at, nonce }), at).outcome;

  expect(outcomeAt(now, 'a')).toBe('ok');
  expect(outcomeAt(now, 'a')).toBe('SignatureNonceUsed');
  expect(outcomeAt(now + 15 * minute, 'a')).toBe('SignatureNonceUsed');
  expect(outcomeAt(now, 'b')).toBe('ok');
  expect(outcomeAt(now + 15 * minute + 1, 'a')).toBe('empty');
});

test('a nonce is used up when the call then fails, but not by somebody without the secret', () => {
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
])('a clock more than 15 minutes off is refused with %s, one a little off is not', (_, sign) => {
  const answer = createApi('default_format: json');
  const outcomeOff = (offMs: number) => answer(sign({ now: now + offMs }), now).outcome;

  expect([-20, -15, 15, 20].map((minutes) => outcomeOff(minutes * minute))).toEqual([
    'InvalidTimeStamp.Expired',
    expect.stringMatching(/^(ok|empty)$/),
    expect.stringMatching(/^(ok|empty)$/),
    'InvalidTimeStamp.Expired',
  ]);
});

test('a key with a token needs it, and no other, signed with the rest', () => {
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

test('the fifty-first call of a second is throttled, and told when to come again; unsigned ones do not count', () => {
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
])('with "retry_after: %s" the header of a throttled call is %j', (written, header) => {
  const answer = createApi(`retry_after: ${written}, story: [{at: 0s, answer: Throttling, status: 429}]`);
  const { status, headers } = documentOf(answer(v3Call({ now }), now));

  expect([status, headers['x-acs-retry-after']]).toEqual([429, header]);
});

test('a start before the retention brings what is left, or is refused; an end in the future likewise', () => {
  const old = { StartTime: utc(start) };
  const future = { EndTime: utc(now + minute) };
  const outcomesWith = (alibaba: string) => [
    createApi(alibaba)(v3Call({ now, question: old }), now),
    createApi(alibaba)(v3Call({ now, question: future }), now),
  ];

  expect(outcomesWith('retention: 6m').map(secondsOf)).toEqual([[300], [300]]);
  expect(
    outcomesWith('retention: 10m, older_start: refused, future_end: refused').map(({ outcome }) => outcome),
  ).toEqual(['ok', 'InvalidEndTime.Malformed']);
  expect(outcomesWith('retention: 6m, older_start: refused').map(({ outcome }) => outcome)).toEqual([
    'InvalidStartTime.Malformed',
    'InvalidStartTime.Malformed',
  ]);
});

test.each([
  ['Throttling.Api', 400],
  ['InternalError', 500],
  ['ServiceUnavailable', 503],
  ['InvalidAccessKeyId.Inactive', 400],
  ['InvalidSecurityToken.Expired', 400],
  ['Forbidden.RAM', 403],
  ['IllegalOperation', 403],
])('the story can answer with %s', (answer, status) => {
  expect(failureOf(createApi(`story: [{at: 0s, answer: ${answer}}]`)(v3Call({ now }), now))).toEqual([
    status,
    answer,
  ]);
});

test('a denial comes with details of who was denied', () => {
  const answered = createApi('story: [{at: 0s, answer: NoPermission}]')(v3Call({ now }), now);

  expect(bodyOf(answered)).toMatchObject({
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
])('the story can bring %s in place of an answer', (fault, reply) => {
  const answered = createApi(`story: [{at: 0s, answer: ${fault}}]`)(v3Call({ now }), now);

  expect(answered).toMatchObject({ outcome: fault, rows: 0, windowMs: 10 * minute, reply });
});

test('of a share of the calls every so many-th one gets the answer of the story, for as long as it says', () => {
  const answer = createApi('story: [{at: 0s, for: 20m, answer: InternalError, share: 50%}]');
  const outcomes = (at: number) => [1, 2, 3, 4].map(() => answer(v3Call({ now: at }), at).outcome);

  expect(outcomes(now)).toEqual(['ok', 'InternalError', 'ok', 'InternalError']);
  expect(outcomes(start + 20 * minute)).toEqual(['empty', 'empty', 'empty', 'empty']);
});
