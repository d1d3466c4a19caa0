import { expect, test } from 'vitest';
import {
  capabilities,
  capabilityOf,
  operationsOf,
  questionOf,
  questions,
  questionsOf,
} from '../../src/model/capabilities.ts';

test('has one capability per operation, with consistent limits', () => {
  expect(new Set(capabilities.map(({ operation }) => operation)).size).toBe(capabilities.length);
  for (const { spanMs, retentionMs, periodMs, requestsPerSecond } of capabilities) {
    expect(spanMs).toBeGreaterThan(periodMs);
    expect(retentionMs).toBeGreaterThanOrEqual(spanMs);
    expect(requestsPerSecond).toBeGreaterThan(0);
  }
});

test('looks up capabilities, questions and operations', () => {
  expect(capabilityOf('Get_LivePushStatHistory')).toMatchObject({
    provider: 'tencent',
    question: 'push_stats',
  });
  expect(questionOf('DescribeLiveStreamsControlHistory')).toBe('control_history');
  expect(questionOf('DescribeX')).toBeUndefined();
  expect(questions).toEqual(['push_stats', 'control_history']);
  expect(operationsOf('alibaba')).toEqual(['DescribeLiveStreamsControlHistory']);
  expect(questionsOf('tencent')).toEqual(['push_stats']);
});
