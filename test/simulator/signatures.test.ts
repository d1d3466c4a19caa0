import { expect, test } from 'vitest';
import { acs3Signature, isSameText, isStatcgiSign, rpcSignature } from '../../src/simulator/signatures.ts';

const key = '5d41402abc4b2a76b9719d911017c592';

// Examples of the stream management page and of its newer international version.
test.each([
  ['1471850187', 'b17971b51ba0fe5916ddcd96692e9fb3'],
  ['1626839220', '5ee8ca6c28cbe415b40352969cdf8249'],
])('accepts the documented example with t=%s', (t, sign) => {
  expect(isStatcgiSign(sign, key, t)).toBe(true);
});

test.each([
  ['of another t', 'b17971b51ba0fe5916ddcd96692e9fb3', key, '1471850188'],
  ['of another key', 'b17971b51ba0fe5916ddcd96692e9fb3', `${key}0`, '1471850187'],
  ['in upper case', 'B17971B51BA0FE5916DDCD96692E9FB3', key, '1471850187'],
  ['cut short', 'b17971b51ba0fe5916ddcd96692e9fb', key, '1471850187'],
  ['that is empty', '', key, '1471850187'],
  ['as long in letters but not in bytes', 'ü'.repeat(32), key, '1471850187'],
])('rejects a signature %s', (_, sign, withKey, t) => {
  expect(isStatcgiSign(sign, withKey, t)).toBe(false);
});

const rpc = { Format: 'XML', SignatureMethod: 'HMAC-SHA1', SignatureVersion: '1.0' };
const history = {
  DomainName: 'play.example.com',
  AppName: 'live app*',
  StartTime: '2024-01-15T00:00:00Z',
  EndTime: '2024-01-16T00:00:00Z',
};
const ours = {
  ...rpc,
  ...history,
  Format: 'JSON',
  Action: 'DescribeLiveStreamsControlHistory',
  Version: '2016-11-01',
  AccessKeyId: 'testid',
  SignatureNonce: '3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf',
  Timestamp: '2024-01-16T00:00:05Z',
};

test.each([
  [
    'from the page on the signature of RPC requests',
    'GET',
    'testsecret',
    {
      ...rpc,
      AccessKeyId: 'testid',
      Action: 'DescribeRegions',
      SignatureNonce: '3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf',
      Timestamp: '2016-02-23T12:46:24Z',
      Version: '2014-05-26',
    },
    'OLeaidS1JvxuMvnyHOwuJ+uX5qY=',
  ],
  [
    'from the page on the signature of Live requests',
    'GET',
    'testsecret',
    {
      ...rpc,
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
    'with non-ASCII letters',
    'GET',
    'testSecret',
    {
      ...rpc,
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
  ['of the official client', '', 'accessKeySecret', { test: 'ok' }, 'jHx/oHoHNrbVfhncHEvPdHXZwHU='],
  ['for control history by GET', 'GET', 'testsecret', ours, 'zE9ImpeU+pGeQwM+Ps+VOVi3YHI='],
  ['for control history by POST', 'POST', 'testsecret', ours, '2dn360NbIZ0q4HYiBRBLsXkGuQQ='],
  [
    'for control history with a token',
    'GET',
    'testsecret',
    { ...ours, SecurityToken: 'STS/tok+en==' },
    'OtT7oAnynn2E9UfL+neJGo6kpoc=',
  ],
])('computes the V1 signature of the example %s', (_, method, secret, parameters, signature) => {
  expect(rpcSignature(method, new URLSearchParams(parameters), secret)).toBe(signature);
});

const ecs = {
  method: 'POST',
  query: { ImageId: 'win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd', RegionId: 'cn-shanghai' },
  secret: 'YourAccessKeySecret',
  headers: {
    host: 'ecs.cn-shanghai.aliyuncs.com',
    'x-acs-action': 'RunInstances',
    'x-acs-version': '2014-05-26',
    'x-acs-date': '2023-10-26T10:22:32Z',
    'x-acs-signature-nonce': '3156853299f313e23d1673dc12e1703d',
    'x-acs-content-sha256': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  },
};
const live = {
  method: 'POST',
  query: history,
  secret: 'testsecret',
  headers: {
    ...ecs.headers,
    host: 'live.aliyuncs.com',
    'x-acs-action': 'DescribeLiveStreamsControlHistory',
    'x-acs-version': '2016-11-01',
    'x-acs-date': '2024-01-16T00:00:05Z',
  },
};
const token = { 'x-acs-accesskey-id': 'testid', 'x-acs-security-token': 'STS/tok+en==' };

test.each([
  ['of the page', ecs, '06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0'],
  ['for control history by POST', live, '6a94830d100c5cb5b9942f89a7c19555aae004eba96f4d419a501db0630ddef5'],
  [
    'for control history by GET',
    { ...live, method: 'GET' },
    'fd2c0745275df9d1ccdbf1873bf2ea897c58def82e21c222c84adeb07dc80048',
  ],
  [
    'for control history with a token',
    { ...live, headers: { ...live.headers, ...token } },
    '1dff80dd51f04b6de4b7dcb5e166d88e84e46102a99734f27c00e14ba466e9ef',
  ],
])('computes the V3 signature of the example %s', (_, { method, query, headers, secret }, signature) => {
  const request = {
    method,
    query: new URLSearchParams(query),
    headers: new Map(Object.entries(headers)),
    signedHeaders: Object.keys(headers),
    body: new Uint8Array(),
  };

  expect(acs3Signature(request, secret)).toBe(signature);
});

test('compares texts of equal and different lengths', () => {
  expect(isSameText('', '')).toBe(true);
  expect(isSameText('token', 'token')).toBe(true);
  expect(isSameText('token', 'tokem')).toBe(false);
  expect(isSameText('token', 'token ')).toBe(false);
});
