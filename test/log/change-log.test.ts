import { beforeEach, expect, test } from 'vitest';
import { createChangeLog } from '../../src/log/change-log.ts';
import type { Log } from '../../src/log.ts';

let lines: string[];
const write =
  (level: string) =>
  (message: string, fields = {}) => {
    lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  };
const log: Log = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };

beforeEach(() => {
  lines = [];
});

test('the first failure is a line, the same again is none, and the recovery says how often it failed', () => {
  const changes = createChangeLog(log, { account: 'tencent' });

  changes.succeeded('a', { target: 'a' });
  changes.failed('a', 'throttled', 'HTTP 429', { target: 'a' });
  changes.failed('a', 'throttled', 'HTTP 429', { target: 'a' });
  changes.failed('a', 'throttled', 'HTTP 429', { target: 'a' });
  changes.succeeded('a', { target: 'a' });
  changes.succeeded('a', { target: 'a' });

  expect(lines).toEqual([
    'warn failing {"account":"tencent","target":"a","kind":"throttled","error":"HTTP 429"}',
    'info answers again {"account":"tencent","target":"a","failures":3}',
  ]);
});

test('another kind or another message is another line', () => {
  const changes = createChangeLog(log);

  changes.failed('a', 'unavailable', 'HTTP 502');
  changes.failed('a', 'unavailable', 'HTTP 503');
  changes.failed('a', 'auth', 'HTTP 403');

  expect(lines).toEqual([
    'warn failing {"kind":"unavailable","error":"HTTP 502"}',
    'warn failing in another way {"kind":"unavailable","error":"HTTP 503","failures":2}',
    'error failing in another way {"kind":"auth","error":"HTTP 403","failures":3}',
  ]);
});

test('another id of a request or another moment is not another failure', () => {
  const changes = createChangeLog(log);

  changes.failed('a', 'refused', 'denied (request 4B460F8B-1A5C-4F7E-9C43-000000000001, at 1772366400)');
  changes.failed('a', 'refused', 'denied (request 7D1C2A99-3B8E-4D21-8F00-000000000002, at 1772366405)');

  expect(lines).toHaveLength(1);
});

test('of many that fail for one reason ten are named and the others counted, in both directions', () => {
  const changes = createChangeLog(log, { account: 'tencent' });
  const keys = Array.from({ length: 20_000 }, (_, i) => `stream-${i}`);

  for (const key of keys) changes.failed(key, 'unavailable', 'no answer', { target: key });
  for (const key of keys) changes.failed(key, 'unavailable', 'no answer', { target: key });
  const failing = lines;
  lines = [];
  for (const key of keys) changes.succeeded(key, { target: key });

  expect(failing.filter((line) => line.startsWith('warn failing {'))).toHaveLength(10);
  expect(failing.slice(10)).toEqual([
    'warn more fail for the same reason {"account":"tencent","kind":"unavailable","more":1}',
    'warn more fail for the same reason {"account":"tencent","kind":"unavailable","more":10}',
    'warn more fail for the same reason {"account":"tencent","kind":"unavailable","more":100}',
    'warn more fail for the same reason {"account":"tencent","kind":"unavailable","more":1000}',
    'warn more fail for the same reason {"account":"tencent","kind":"unavailable","more":10000}',
  ]);
  expect(lines.slice(0, 10).every((line) => line.startsWith('info answers again'))).toBe(true);
  expect(lines.slice(10)).toEqual([
    'info the counted ones no longer fail for this reason {"account":"tencent","kind":"unavailable","counted":19990}',
  ]);
});

test('when the counted ones answer again, the next to fail is named, though an old one still fails', () => {
  const changes = createChangeLog(log);
  for (let i = 0; i < 15; i++) changes.failed(`${i}`, 'unavailable', 'no answer');
  for (let i = 1; i < 15; i++) changes.succeeded(`${i}`);
  lines = [];

  changes.failed('new', 'unavailable', 'no answer', { target: 'new' });

  expect(lines).toEqual(['warn failing {"target":"new","kind":"unavailable","error":"no answer"}']);
});

test('while some are counted, none takes the place of a named one that answered', () => {
  const changes = createChangeLog(log);
  for (let i = 0; i < 12; i++) changes.failed(`${i}`, 'unavailable', 'no answer');
  changes.succeeded('0');
  lines = [];

  changes.failed('new', 'unavailable', 'no answer');

  expect(lines).toEqual([]);
});

test('a second crowd is counted from the start', () => {
  const changes = createChangeLog(log);
  for (let i = 0; i < 13; i++) changes.failed(`${i}`, 'unavailable', 'no answer');
  for (let i = 10; i < 13; i++) changes.succeeded(`${i}`);
  lines = [];

  changes.failed('new', 'unavailable', 'no answer');
  changes.succeeded('new');

  expect(lines).toEqual([
    'warn more fail for the same reason {"kind":"unavailable","more":1}',
    'info the counted ones no longer fail for this reason {"kind":"unavailable","counted":1}',
  ]);
});

test('a crowd of one kind does not hide the first of another', () => {
  const changes = createChangeLog(log);
  for (let i = 0; i < 50; i++) changes.failed(`${i}`, 'unavailable', 'no answer');
  lines = [];

  changes.failed('49', 'auth', 'HTTP 403');

  expect(lines).toEqual(['error failing in another way {"kind":"auth","error":"HTTP 403","failures":2}']);
});

test('of what is no longer asked nothing more is said', () => {
  const changes = createChangeLog(log);
  changes.failed('a', 'unavailable', 'no answer');
  changes.forget('a');
  lines = [];

  changes.succeeded('a');

  expect(lines).toEqual([]);
});
