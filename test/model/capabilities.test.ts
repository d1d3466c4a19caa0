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
  for (const capability of capabilities) {
    expect(capability.requestsPerSecond).toBeGreaterThan(0);
    expect(capability.intervalMs).toBeGreaterThan(0);
    if (!('spanMs' in capability)) continue;
    expect(capability.spanMs).toBeGreaterThan(capability.periodMs);
    expect(capability.retentionMs).toBeGreaterThanOrEqual(capability.spanMs);
  }
});

test('looks up capabilities, questions and operations', () => {
  expect(capabilityOf('Get_LivePushStatHistory')).toMatchObject({
    provider: 'tencent',
    question: 'push_stats',
  });
  expect(questionOf('DescribeLiveStreamsControlHistory')).toBe('control_history');
  expect(questionOf('DescribeX')).toBeUndefined();
  expect(questions).toEqual([
    'push_stats',
    'online_streams',
    'live_push_stats',
    'control_history',
    'forbidden_streams',
    'stream_state',
  ]);
  expect(operationsOf('alibaba')).toEqual([
    'DescribeLiveStreamsControlHistory',
    'DescribeLiveCenterStreamRateData',
    'DescribeLiveStreamsOnlineList',
    'DescribeLiveStreamsBlockList',
    'DescribeLiveDomainFrameRateAndBitRateData',
    'DescribeLiveDomainMapping',
    'DescribeLiveStreamPushMetricDetailData',
  ]);
  expect(questionsOf('alibaba')).toEqual([
    'control_history',
    'push_stats',
    'online_streams',
    'forbidden_streams',
    'live_push_stats',
  ]);
  expect(questionOf('DescribeLiveDomainMapping')).toBeUndefined();
  expect(questionsOf('tencent')).toEqual(questions);
});
