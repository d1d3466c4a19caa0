import { expect, test } from 'vitest';
import type { Query } from '../../../src/calls/call.ts';
import { signV1 } from '../../../src/providers/alibaba/sign-v1.ts';

const common = { Format: 'XML', SignatureMethod: 'HMAC-SHA1', SignatureVersion: '1.0' };

test.each<[string, string, string, Query, string]>([
  [
    'for all products',
    'GET',
    'testsecret',
    {
      ...common,
      AccessKeyId: 'testid',
      Action: 'DescribeRegions',
      SignatureNonce: '3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf',
      Timestamp: '2016-02-23T12:46:24Z',
      Version: '2014-05-26',
    },
    'OLeaidS1JvxuMvnyHOwuJ+uX5qY=',
  ],
  [
    'of Live',
    'GET',
    'testsecret',
    {
      ...common,
      AccessKeyId: 'testid',
      Action: 'DescribeLiveSnapshotConfig',
      AppName: 'test',
      DomainName: 'test.com',
      RegionId: 'cn-shanghai',
      ServiceCode: 'live',
      SignatureNonce: 'c2fe8fbb-2977-4414-8d39-348d02419c1c',
      Timestamp: '2017-06-14T09:51:14Z',
      Version: '2016-11-01',
    },
    '3I5a3myPjp8FXWT4rvxX5pKb/aw=',
  ],
  [
    'with values that are not ASCII',
    'GET',
    'testSecret',
    {
      ...common,
      AccessKeyId: 'testId',
      Action: 'SendSms',
      OutId: '123',
      PhoneNumbers: '15300000001',
      RegionId: 'cn-hangzhou',
      SignName: '阿里云短信测试专用',
      SignatureNonce: '45e25e9b-0a6f-4070-8c85-2956eda1b466',
      TemplateCode: 'SMS_71390007',
      TemplateParam: '{"customer":"test"}',
      Timestamp: '2017-07-12T02:42:19Z',
      Version: '2017-05-25',
    },
    'zJDF+Lrzhj/ThnlvIToysFRq6t4=',
  ],
  [
    'of the official SDK, without a method',
    '',
    'accessKeySecret',
    { test: 'ok' },
    'jHx/oHoHNrbVfhncHEvPdHXZwHU=',
  ],
])('signs the documented example %s', (_, method, secret, parameters, signature) => {
  expect(signV1(method, parameters, secret)).toBe(signature);
});

// Not an official vector: computed from the rules in both Python and Node.
const controlHistory = {
  Action: 'DescribeLiveStreamsControlHistory',
  DomainName: 'play.example.com',
  AppName: 'live app*',
  StartTime: '2024-01-15T00:00:00Z',
  EndTime: '2024-01-16T00:00:00Z',
  Format: 'JSON',
  Version: '2016-11-01',
  AccessKeyId: 'testid',
  SignatureMethod: 'HMAC-SHA1',
  SignatureVersion: '1.0',
  SignatureNonce: '3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf',
  Timestamp: '2024-01-16T00:00:05Z',
};

test.each<[string, string, Query, string]>([
  ['a GET', 'GET', controlHistory, 'zE9ImpeU+pGeQwM+Ps+VOVi3YHI='],
  ['a POST', 'POST', controlHistory, '2dn360NbIZ0q4HYiBRBLsXkGuQQ='],
  [
    'a GET with a security token',
    'GET',
    { ...controlHistory, SecurityToken: 'STS/tok+en==' },
    'OtT7oAnynn2E9UfL+neJGo6kpoc=',
  ],
])('signs %s for control history', (_, method, parameters, signature) => {
  expect(signV1(method, parameters, 'testsecret')).toBe(signature);
});
