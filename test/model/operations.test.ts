import { expect, test } from 'vitest';
import {
  capabilityOf,
  operationsOf,
  questionOf,
  questions,
  questionsOf,
} from '../../src/model/operations.ts';

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
