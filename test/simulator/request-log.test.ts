import { expect, test } from 'vitest';
import type { HandledRequest } from '../../src/simulator/reply.ts';
import { createRequestLog } from '../../src/simulator/request-log.ts';
import { start } from './support.ts';

const hour = 3_600_000;
const get = 'Get_LivePushStatHistory';
const describeHistory = 'DescribeLiveStreamsControlHistory';

function answered(over: Partial<HandledRequest>): HandledRequest {
  return { operation: get, outcome: 'ok', windowMs: 60_000, rows: 12, reply: { kind: 'hang' }, ...over };
}

test('calls are counted by operation, outcome and calendar second', () => {
  const log = createRequestLog();
  log.add(answered({}), start);
  log.add(answered({ outcome: 'empty', rows: 0 }), start + 999);
  log.add(answered({ outcome: '1202', rows: 0 }), start + 999);
  log.add(answered({ outcome: '1202', rows: 0, windowMs: undefined }), start + 1_000);
  log.add(answered({ windowMs: 2 * hour + 1 }), start + 1_000);
  log.add(answered({ operation: 'unknown', outcome: '1204', rows: 0 }), start);

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

test('only the last ten minutes of calls are kept by second', () => {
  const log = createRequestLog();
  for (let second = 0; second < 1_000; second += 1) log.add(answered({}), start + second * 1_000);

  const { calls, bySecond } = log.read()[get] ?? {};

  expect(calls).toBe(1_000);
  expect(bySecond?.length).toBe(600);
  expect(bySecond?.[0]?.second).toBe(1_700_000_400);
});

test('what window is too long depends on the operation', () => {
  const log = createRequestLog();
  for (const days of [1, 7, 8]) {
    log.add(answered({ operation: describeHistory, windowMs: days * 24 * hour }), start);
  }

  expect(log.read()[describeHistory]).toMatchObject({ longestWindowSeconds: 691_200, windowsTooLong: 1 });
});
