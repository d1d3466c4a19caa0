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

test('logs the first failure and the recovery, and no repetition', () => {
  const changes = createChangeLog(log, { account: 'tencent' });

  changes.succeeded('a', { target: 'a' });
  changes.failed('a', 'throttled', 'HTTP 429', { target: 'a' });
  changes.failed('a', 'throttled', 'HTTP 429', { target: 'a' });
  changes.failed('a', 'throttled', 'HTTP 429', { target: 'a' });
  changes.succeeded('a', { target: 'a' });
  changes.succeeded('a', { target: 'a' });

  expect(lines).toEqual([
    'warn target started to fail {"account":"tencent","target":"a","kind":"throttled","error":"HTTP 429"}',
    'info target recovered {"account":"tencent","target":"a","failures":3}',
  ]);
});

test('logs another kind or another message', () => {
  const changes = createChangeLog(log);

  changes.failed('a', 'unavailable', 'HTTP 502');
  changes.failed('a', 'unavailable', 'HTTP 503');
  changes.failed('a', 'auth', 'HTTP 403');

  expect(lines).toEqual([
    'warn target started to fail {"kind":"unavailable","error":"HTTP 502"}',
    'warn target still fails, error changed {"kind":"unavailable","error":"HTTP 503","failures":2}',
    'error target still fails, error changed {"kind":"auth","error":"HTTP 403","failures":3}',
  ]);
});

test('ignores request IDs and timestamps when it compares messages', () => {
  const changes = createChangeLog(log);

  changes.failed('a', 'refused', 'denied (request 4B460F8B-1A5C-4F7E-9C43-000000000001, at 1772366400)');
  changes.failed('a', 'refused', 'denied (request 7D1C2A99-3B8E-4D21-8F00-000000000002, at 1772366405)');

  expect(lines).toHaveLength(1);
});

test('names ten targets that fail with the same kind and summarizes all others', () => {
  const changes = createChangeLog(log, { account: 'tencent' });
  const keys = Array.from({ length: 20_000 }, (_, i) => `stream-${i}`);

  for (const key of keys) changes.failed(key, 'unavailable', 'no response', { target: key });
  for (const key of keys) changes.failed(key, 'unavailable', 'no response', { target: key });
  const failing = lines;
  lines = [];
  for (const key of keys) changes.succeeded(key, { target: key });

  expect(failing.slice(0, 10).every((line) => line.startsWith('warn target started to fail {'))).toBe(true);
  expect(failing.slice(10)).toEqual([
    'warn further targets fail with the same kind of failure; they are not logged individually {"account":"tencent","kind":"unavailable"}',
  ]);
  expect(lines.slice(0, 10).every((line) => line.startsWith('info target recovered'))).toBe(true);
  expect(lines.slice(10)).toEqual([
    'info the targets that were not logged individually no longer fail with this kind of failure {"account":"tencent","kind":"unavailable"}',
  ]);
});

test('names the next failing target after most targets recovered, although an old one still fails', () => {
  const changes = createChangeLog(log);
  for (let i = 0; i < 15; i++) changes.failed(`${i}`, 'unavailable', 'no response');
  for (let i = 1; i < 15; i++) changes.succeeded(`${i}`);
  lines = [];

  changes.failed('new', 'unavailable', 'no response', { target: 'new' });

  expect(lines).toEqual([
    'warn target started to fail {"target":"new","kind":"unavailable","error":"no response"}',
  ]);
});

test('does not name another target while ten others fail', () => {
  const changes = createChangeLog(log);
  for (let i = 0; i < 12; i++) changes.failed(`${i}`, 'unavailable', 'no response');
  changes.succeeded('0');
  lines = [];

  changes.failed('new', 'unavailable', 'no response');

  expect(lines).toEqual([]);
});

test('summarizes again after the unnamed targets recovered', () => {
  const changes = createChangeLog(log);
  for (let i = 0; i < 13; i++) changes.failed(`${i}`, 'unavailable', 'no response');
  for (let i = 10; i < 13; i++) changes.succeeded(`${i}`);
  lines = [];

  changes.failed('new', 'unavailable', 'no response');
  changes.succeeded('new');

  expect(lines).toEqual([
    'warn further targets fail with the same kind of failure; they are not logged individually {"kind":"unavailable"}',
    'info the targets that were not logged individually no longer fail with this kind of failure {"kind":"unavailable"}',
  ]);
});

test('names the first failure of another kind', () => {
  const changes = createChangeLog(log);
  for (let i = 0; i < 50; i++) changes.failed(`${i}`, 'unavailable', 'no response');
  lines = [];

  changes.failed('49', 'auth', 'HTTP 403');

  expect(lines).toEqual([
    'error target still fails, error changed {"kind":"auth","error":"HTTP 403","failures":2}',
  ]);
});

test('logs nothing about a target that is no longer polled', () => {
  const changes = createChangeLog(log);
  changes.failed('a', 'unavailable', 'no response');
  changes.forget('a');
  lines = [];

  changes.succeeded('a');

  expect(lines).toEqual([]);
});
