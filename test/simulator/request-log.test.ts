import { expect, test } from 'vitest';
import type { HandledRequest } from '../../src/simulator/reply.ts';
import { createRequestLog } from '../../src/simulator/request-log.ts';
import { start } from './support.ts';

const hour = 3_600_000;
const get = 'Get_LivePushStatHistory';
const describeHistory = 'DescribeLiveStreamsControlHistory';

function handled(over: Partial<HandledRequest>): HandledRequest {
  return { operation: get, outcome: 'ok', windowMs: 60_000, rows: 12, reply: { kind: 'hang' }, ...over };
}

test('counts requests by operation, outcome and calendar second', () => {
  const log = createRequestLog();
  log.add(handled({}), start);
  log.add(handled({ outcome: 'empty', rows: 0 }), start + 999);
  log.add(handled({ outcome: '1202', rows: 0 }), start + 999);
  log.add(handled({ outcome: '1202', rows: 0, windowMs: undefined }), start + 1_000);
  log.add(handled({ windowMs: 2 * hour + 1 }), start + 1_000);
  log.add(handled({ operation: 'unknown', outcome: '1204', rows: 0 }), start);

  expect(log.read()).toEqual({
    Get_LivePushStatHistory: {
      calls: 5,
      accepted: 3,
      refused: { '1202': 2 },
      rows: 24,
      longestWindowSeconds: 7_200.001,
      windowsTooLong: 1,
      mostInOneSecond: 3,
      bySecond: [
        { second: 1_700_000_000, accepted: 2, refused: 1 },
        { second: 1_700_000_001, accepted: 1, refused: 1 },
      ],
    },
    unknown: {
      calls: 1,
      accepted: 0,
      refused: { '1204': 1 },
      rows: 0,
      longestWindowSeconds: 60,
      windowsTooLong: 0,
      mostInOneSecond: 1,
      bySecond: [{ second: 1_700_000_000, accepted: 0, refused: 1 }],
    },
  });
});

test('retains the last 600 seconds with requests', () => {
  const log = createRequestLog();
  for (let second = 0; second < 1_000; second += 1) log.add(handled({}), start + second * 1_000);

  const { calls, bySecond } = log.read()[get] ?? {};

  expect(calls).toBe(1_000);
  expect(bySecond?.length).toBe(600);
  expect(bySecond?.[0]?.second).toBe(1_700_000_400);
});

test('counts windows that exceed the maximum of the operation', () => {
  const log = createRequestLog();
  for (const days of [1, 7, 8]) {
    log.add(handled({ operation: describeHistory, windowMs: days * 24 * hour }), start);
  }

  expect(log.read()[describeHistory]).toMatchObject({ longestWindowSeconds: 691_200, windowsTooLong: 1 });
});
