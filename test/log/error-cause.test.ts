import { expect, test } from 'vitest';
import { causeOf } from '../../src/log/error-cause.ts';

const op = 'tencent Get_LivePushStatHistory';

test.each([
  // Request IDs and times.
  ['denied (request 4B460F8B-1A5C-4F7E-9C43-000000000001)', 'denied (request 7D1C2A99-3B8E-4D21-8F00-2)'],
  ['denied, request req-x7q9', 'denied, request req-8zz1'],
  ['denied at 2026-03-01T12:00:00Z', 'denied at 2026-03-02T00:01:02.123Z'],
  ['request deadbeefcafe failed', 'request 0123456789ab failed'],
  // Lengths and counts.
  [`${op}: response is not JSON (977 characters)`, `${op}: response is not JSON (3 characters)`],
  [`${op}: response is not JSON (1,977 characters)`, `${op}: response is not JSON (3 characters)`],
  // Durations and ports.
  ['about 10 min ahead of the provider', 'about 2880 min ahead of the provider'],
  ['127.0.0.1:18080 refused the connection', '[::1]:443 refused the connection'],
  ['tried 192.0.2.1, 192.0.2.2', 'tried 192.0.2.1'],
  ['请求过多，请10秒后重试', '请求过多，请7秒后重试'],
  // The number of attempts.
  [`${op}: HTTP 502; gave up after 2 attempts`, `${op}: HTTP 502`],
])('finds the same cause in %s and %s', (a, b) => {
  expect(causeOf(a, 'x')).toBe(causeOf(b, 'x'));
});

test('finds the same cause in messages that name their targets', () => {
  expect(causeOf('stream news not found', 'news')).toBe(causeOf('stream sport not found', 'sport'));
});

test('leaves the words of a message alone if the name of the target is short', () => {
  expect(causeOf('a proxy rejected the request', 'a')).toBe('a proxy rejected the request');
});

test.each([
  [`${op}: HTTP 403`, `${op}: HTTP 404`],
  [`${op}: code 1201: system error`, `${op}: code -1201: system error`],
  ['live.aliyuncs.com refused the connection', 'live.aliyuncs.com reset the connection'],
  ['HTTP 403, Forbidden.RAM', 'HTTP 403, Forbidden.RiskControl'],
])('finds different causes in %s and %s', (a, b) => {
  expect(causeOf(a, 'x')).not.toBe(causeOf(b, 'x'));
});

test('takes little time for a long message', () => {
  const message = `${'-'.repeat(20_000)} ${'a1'.repeat(20_000)} ${'a'.repeat(20_000)}`;
  expect(causeOf(message, 'news').length).toBeLessThan(60_000);
});
