import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createPseudonyms } from '../../../src/doctor/record/pseudonyms.ts';
import { redactBody } from '../../../src/doctor/record/redact-body.ts';
import { redactText, redactValue } from '../../../src/doctor/record/redact-value.ts';
import { isKnownWord } from '../../../src/doctor/record/vocabulary.ts';

test('replaces names, addresses and IDs consistently, and keeps values, times and the order of fields', () => {
  const body = JSON.stringify({
    RequestId: '7A5B-9f3',
    StreamName: 'play.acme.io/studio/lobby-cam',
    Place: 'lobby-cam',
    Time2: '12:00:00 GMT',
    ClientIp: '203.0.113.77',
    ServerIp: '2001:4860::8888',
    appid: 1251234567,
    VideoFps: 24.5,
    VideoRate: '2500000',
    Time: '2026-03-01 12:00:00.0',
    Resolution: '1920*1080',
    VCodec: 'H264',
    Rows: [{ StreamName: 'play.acme.io/studio/lobby-cam', ClientIP: '203.0.113.77:1935' }],
  });

  expect(JSON.parse(redactBody(body, createPseudonyms()))).toEqual({
    RequestId: '0000-001',
    StreamName: 'domain-1.example.com/app-1/stream-1',
    'field-1': 'text-1',
    'field-2': '12:00:00 GMT',
    ClientIp: '192.0.2.1',
    ServerIp: '2001:db8::1',
    appid: 1000000002,
    VideoFps: 24.5,
    VideoRate: '2500000',
    Time: '2026-03-01 12:00:00.0',
    Resolution: '1920*1080',
    VCodec: 'H264',
    Rows: [{ StreamName: 'domain-1.example.com/app-1/stream-1', ClientIP: '192.0.2.1:1935' }],
  });
});

test('keeps the text of a number as it is', () => {
  const body = '{"VideoTs": 5000.50, "Sequence": 12345678901234567890, "Duration":1e3 }';

  expect(redactBody(body, createPseudonyms())).toBe(
    '{"VideoTs": 5000.50, "Sequence": 10000000000000000001, "Duration":1e3 }',
  );
});

test('keeps values of up to ten digits and times, and hides longer and unknown numbers', () => {
  const body =
    '{"VideoRate":1234567890,"Flux":12.5,"time":1772366400,"LocalTs":1772366400123,"Total":12345678901.5,' +
    '"Operator":1251234567,"Lobby":1234567,"sign":12345,"message":7654321}';

  expect(redactBody(body, createPseudonyms())).toBe(
    '{"VideoRate":1234567890,"Flux":12.5,"time":1772366400,"LocalTs":1772366400123,"Total":10000000000.1,' +
      '"Operator":1000000002,"field-1":1000003,"sign":0,"message":1000004}',
  );
});

test.each([
  ['push URL', 'PublishUrl', 'rtmp://push.acme.io/studio/lobby?txSecret=0a1b2c&txTime=5F00'],
  ['push secret', 'StreamParam', 'txSecret=0a1b2c&txTime=5F00'],
  ['mail in a message', 'Message', 'user zhang.wei@acme.io of lobby is blocked'],
  ['account in a message', 'Message', 'appid 1251234567 has no permission from 203.0.113.77'],
  ['name in an unknown field', 'Whatever', 'lobby'],
  ['phone number in a message', 'errmsg', '13800138000'],
  ['Chinese name', 'StopReason', '用户张伟停止'],
  ['JSON in a text', 'output', '{"stream_info":[{"lobby":{"client_ip":"203.0.113.77"}}]}'],
  ['name that is a key', 'lobby', 'lobby'],
])('hides a %s', (_, field, value) => {
  const body = redactBody(JSON.stringify({ [field]: value }), createPseudonyms());

  expect(body).not.toMatch(/acme|lobby|studio|zhang|0a1b2c|5F00|1251234567|203\.0\.113|13800138000|张伟/);
});

test('keeps documented texts, by which readers know a failure', () => {
  const pseudonyms = createPseudonyms();
  for (const text of [
    'sign invalid',
    'cmd is invalid',
    'user is not registered for statapi',
    'internel/system error',
    'request frequency exceeds limit',
    'query data successfully',
    '客户端主动断流',
    'RTMP 协议内容异常',
    'The push client actively stopped the push',
  ]) {
    expect(redactValue('message', text, pseudonyms)).toBe(text);
  }
  expect(redactValue('Code', 'AuthFailure.SignatureFailure', pseudonyms)).toBe(
    'AuthFailure.SignatureFailure',
  );
});

test('redacts XML, without attributes and comments', () => {
  const body =
    '<?xml version="1.0" encoding="UTF-8"?><!-- lobby --><DescribeLiveStreamsControlHistoryResponse lobby="lobby">' +
    '<ControlInfo><LiveStreamControlInfo><Action>forbid</Action><StreamName>a.acme.io/live/lobby&amp;1</StreamName>' +
    '<ClientIP>203.0.113.77</ClientIP><Lobby/></LiveStreamControlInfo></ControlInfo></DescribeLiveStreamsControlHistoryResponse>';

  expect(redactBody(body, createPseudonyms())).toBe(
    '<?xml version="1.0" encoding="UTF-8"?><DescribeLiveStreamsControlHistoryResponse>' +
      '<ControlInfo><LiveStreamControlInfo><Action>forbid</Action><StreamName>domain-1.example.com/live/stream-1</StreamName>' +
      '<ClientIP>192.0.2.1</ClientIP><field-1/></LiveStreamControlInfo></ControlInfo></DescribeLiveStreamsControlHistoryResponse>',
  );
});

test('redacts a truncated body up to its end', () => {
  const body = '{"StreamName":"lobby","Rows":[{"ClientIp":"203.0.113.77"},{"ClientIp":"203.0.1';

  expect(redactBody(body, createPseudonyms())).toBe(
    '{"StreamName":"stream-1","Rows":[{"ClientIp":"192.0.2.1"},{"ClientIp":"text-1',
  );
});

test('redacts a web page', () => {
  const page = redactBody(
    '<html><head><title>Acme portal</title></head><body>Access denied for zhang, 203.0.113.77</body></html>',
    createPseudonyms(),
  );

  expect(page).toBe(
    '<html><head><title>text-1 text-2</title></head><body>Access denied for text-3, 192.0.2.1</body></html>',
  );
});

test('hides names and addresses wherever they are, and keeps the structure', () => {
  const secret = fc.constantFrom(
    'zlobby',
    '10.20.30.40',
    '2001:4860::77',
    'push.zacme.io',
    'zhang@zacme.io',
    '13800138000',
  );
  const text = fc
    .tuple(
      fc.constantFrom('', 'the stream ', 'rtmp://', 'a/b/', '{"x":"'),
      secret,
      fc.constantFrom('', ' is off', '/zlobby', '"}', ':1935'),
    )
    .map((all) => all.join(''));
  const key = fc.oneof(fc.constantFrom('StreamName', 'Message', 'ClientIp', 'Url', 'output'), secret);
  const { body } = fc.letrec((tie) => ({
    body: fc.oneof(
      { depthSize: 'small' },
      text,
      // Too short to contain a part of an address by chance.
      fc.integer({ min: 0, max: 999 }),
      fc.array(tie('body'), { maxLength: 3 }),
      fc.dictionary(key, tie('body'), { maxKeys: 3 }),
    ),
  }));

  fc.assert(
    fc.property(fc.array(body, { maxLength: 4 }), fc.nat(), (value, cut) => {
      const json = JSON.stringify(value);
      const redacted = redactBody(json, createPseudonyms());
      const truncated = redactBody(json.slice(0, cut % (json.length + 1)), createPseudonyms());

      expect(redacted).not.toMatch(/zlobby|zacme|zhang|10\.20|4860|13800138000/);
      expect(truncated).not.toMatch(/zlobby|zacme|zhang|10\.20|4860|13800138000/);
      expect(shapeOf(JSON.parse(redacted))).toEqual(shapeOf(value));
    }),
    { numRuns: 300 },
  );
});

/** Returns a value without its texts and names of fields. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value === 'object' && value !== null) return Object.values(value).map(shapeOf);
  return typeof value;
}

test.each([
  ['digits', `${'1'.repeat(200_000)}a`],
  ['words', `${'a'.repeat(200_000)}.`],
  ['dots', 'a.'.repeat(100_000)],
  ['a text without an end', `{"a":"${'\\\\a'.repeat(100_000)}`],
  ['tags', '<a'.repeat(100_000)],
  ['comments', '<!--'.repeat(50_000)],
])('takes little time for a response of %s', (_, body) => {
  const startedAt = performance.now();

  redactBody(body, createPseudonyms());

  expect(performance.now() - startedAt).toBeLessThan(2_000);
});

test('no word of any text stays unless it is known', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.lorem(), fc.webUrl(), fc.emailAddress(), fc.ipV4()), (text) => {
      const redacted = redactText(text, createPseudonyms());

      const words = redacted
        .replaceAll(
          /(text|field|stream|app|domain|push)-\d+(\.example\.com)?|redacted|192\.0\.2\.\d+|2001:db8::\w+/g,
          '',
        )
        .split(/[^\p{L}\p{N}_]+/u);
      for (const word of words) if (/\p{L}/u.test(word)) expect(isKnownWord(word)).toBe(true);
    }),
  );
});
