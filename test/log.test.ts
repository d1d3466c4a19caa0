import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLog, type LogFormat, type LogLevel } from '../src/log.ts';
import { ProviderError } from '../src/model/answer.ts';
import { noon } from './support/samples.ts';

function logTo(lines: string[], format: LogFormat = 'logfmt', level: LogLevel = 'debug') {
  return createLog({ level, format, write: (line) => lines.push(line), now: () => noon });
}

/** Returns the line of one event with these fields, without time, level and message. */
function fieldsOf(fields: Readonly<Record<string, unknown>>): string | undefined {
  const lines: string[] = [];
  logTo(lines).warn('it', fields);
  expect(lines).toHaveLength(1);
  return lines[0]?.replace('ts=2026-03-01T12:00:00.000Z level=warn msg=it ', '').trimEnd();
}

test('writes time, level, message and fields as logfmt', () => {
  const lines: string[] = [];

  logTo(lines).info('listening', { address: '127.0.0.1:10935', streams: 3, tls: false, since: undefined });
  logTo(lines).error('not saved at all');

  expect(lines).toEqual([
    'ts=2026-03-01T12:00:00.000Z level=info msg=listening address=127.0.0.1:10935 streams=3 tls=false\n',
    'ts=2026-03-01T12:00:00.000Z level=error msg="not saved at all"\n',
  ]);
});

test('writes time, level, message and fields as JSON', () => {
  const lines: string[] = [];

  logTo(lines, 'json').info('listening', { address: '127.0.0.1:10935', ports: [1, 2] });

  expect(lines.map((line) => JSON.parse(line))).toEqual([
    {
      ts: '2026-03-01T12:00:00.000Z',
      level: 'info',
      msg: 'listening',
      address: '127.0.0.1:10935',
      ports: [1, 2],
    },
  ]);
});

test('escapes characters in JSON that end a line or control a terminal', () => {
  const lines: string[] = [];

  logTo(lines, 'json').info('it', { a: '\u2028\u202e\u009b' });

  expect(lines[0]).toContain('"a":"\\u2028\\u202e\\u009b"');
});

test('drops events below the level', () => {
  const lines: string[] = [];
  const log = logTo(lines, 'logfmt', 'warn');

  log.debug('a');
  log.info('b');
  log.warn('c');
  log.error('d');

  expect(lines.map((line) => line.split('msg=')[1])).toEqual(['c\n', 'd\n']);
});

test.each([
  [{ a: '' }, 'a=""'],
  [{ a: 'two words' }, 'a="two words"'],
  [{ a: 'say "x"' }, 'a="say \\"x\\""'],
  [{ a: 'x=y' }, 'a="x=y"'],
  [{ a: 'back\\slash' }, 'a="back\\\\slash"'],
  [{ a: 'one\ntwo\r\u001b[31m' }, 'a="one\\ntwo\\r\\u001b[31m"'],
  [{ a: '\u2028\u202e\u009b' }, 'a="\\u2028\\u202e\\u009b"'],
  [{ a: '校园' }, 'a=校园'],
  [{ a: { b: [1, null] } }, 'a="{\\"b\\":[1,null]}"'],
  [{ 'a b=c': 1 }, 'a_b_c=1'],
  [{ level: 'mine', msg: 1, ts: 2 }, 'level_=mine msg_=1 ts_=2'],
  [{ a: 10n, b: Number.NaN, c: new Date(noon) }, 'a=10 b=NaN c=2026-03-01T12:00:00.000Z'],
])('quotes a field value so that a parser can read it: %#', (fields, expected) => {
  expect(fieldsOf(fields)).toBe(expected);
});

test('writes any event as one line, in JSON that a parser can read', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.dictionary(fc.string(), fc.anything()),
      (message, fields) => {
        const lines: string[] = [];

        logTo(lines, 'json').info(message, fields);
        logTo(lines, 'logfmt').info(message, fields);

        expect(lines).toHaveLength(2);
        for (const line of lines) expect(line).toMatch(/^[^\n\r\u0085\u2028\u2029]+\n$/);
        expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'info' });
      },
    ),
  );
});

test('ends a cycle', () => {
  const a: Record<string, unknown> = {};
  a.a = a;

  expect(fieldsOf({ a })).toContain('[too deep]');
});

test.each([
  'key',
  'sign',
  'signature',
  'token',
  'secret_key',
  'access_key_id',
  'accessKeySecret',
  'password',
  'Authorization',
  'X-TC-Token',
  'x-acs-security-token',
  'basicAuth',
  'set-cookie',
  'txSecret',
])('redacts a field named %s at any depth', (name) => {
  expect(fieldsOf({ [name]: 'hush' })).not.toContain('hush');
  expect(fieldsOf({ a: [{ b: { [name]: { c: 'hush' } } }] })).not.toContain('hush');
  expect(fieldsOf({ a: new Map([[name, 'hush']]) })).not.toContain('hush');
});

test.each(['keyframe_interval', 'assigned', 'monkey', 'stream', 'author', 'signal'])(
  'does not redact a field named %s',
  (name) => {
    expect(fieldsOf({ [name]: 'seen' })).toBe(`${name}=seen`);
  },
);

test.each([
  [
    'http://statcgi.example.com/common_access?cmd=1&sign=hush',
    'http://statcgi.example.com/common_access?[redacted]',
  ],
  ['GET /common_access?cmd=1&sign=hush failed', 'GET /common_access?[redacted] failed'],
  ['rtmp://push.example.com/live/a?txSecret=hush&txTime=1', 'rtmp://push.example.com/live/a?[redacted]'],
  ['http://user:hush@proxy.example.com:3128/', 'http://[redacted]@proxy.example.com:3128/'],
  ['Authorization: Bearer hush.hush', 'Authorization: [redacted] [redacted]'],
  [
    'TC3-HMAC-SHA256 Credential=hush/2026, Signature=hush',
    'TC3-HMAC-SHA256 Credential=[redacted], Signature=[redacted]',
  ],
  ['{"SecretId":"hush","a":1}', '{"SecretId":"[redacted]","a":1}'],
  ['did you mean "interval"?', 'did you mean "interval"?'],
  ['account=tencent operation=Get_LivePushStatHistory', 'account=tencent operation=Get_LivePushStatHistory'],
])('redacts a secret in a text: %s', (text, shown) => {
  const lines: string[] = [];

  logTo(lines, 'json').info(text, { a: text, b: [text], error: new Error(text) });

  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ msg: shown, a: shown, b: [shown], error: shown });
});

test('writes message, kind and cause of a provider error, without a stack', () => {
  const error = new ProviderError('unavailable', 'tencent X: no answer', {
    cause: new Error('connect ECONNREFUSED'),
  });

  expect(fieldsOf({ error })).toBe(
    'error="tencent X: no answer" error_kind=unavailable error_cause="connect ECONNREFUSED"',
  );
});

test('writes the stack of an internal error, on one line', () => {
  const lines: string[] = [];

  logTo(lines).warn('it', { error: new ProviderError('internal', 'oh') });
  logTo(lines).error('it', { error: new TypeError('oh') });
  logTo(lines).warn('it', { error: new TypeError('oh') });

  expect(lines.map((line) => line.includes('error_stack='))).toEqual([true, true, false]);
});

test('writes only the message of an error: a failed new URL() contains the whole URL', () => {
  expect(fieldsOf({ error: Object.assign(new TypeError('Invalid URL'), { input: 'hush' }) })).toBe(
    'error="Invalid URL"',
  );
});

test('truncates a long text and appends its length', () => {
  expect(fieldsOf({ a: 'x'.repeat(1_000_000) })).toBe(`a="${'x'.repeat(2_000)}… (1000000 characters)"`);
});

test('redacts the user and password of a URL that is truncated before its @', () => {
  const before = 'x '.repeat(992);

  expect(fieldsOf({ a: `${before}http://user:hush@proxy.example.com:3128/` })).toBe(
    `a="${before}http://[redacted]… (2024 characters)"`,
  );
});
