import { expect, test } from 'vitest';
import { emptyBodyHash, signV3 } from '../../../src/providers/alibaba/sign-v3.ts';

test('uses the hash of an empty body', () => {
  expect(emptyBodyHash).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
});

// Date and nonce are from the table of the page. Its final request shows others, which give another signature.
test('signs the documented example', () => {
  const request = {
    method: 'POST',
    query: 'ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai',
    headers: {
      'x-acs-version': '2014-05-26',
      'x-acs-action': 'RunInstances',
      'x-acs-date': '2023-10-26T10:22:32Z',
      'x-acs-signature-nonce': '3156853299f313e23d1673dc12e1703d',
      'x-acs-content-sha256': emptyBodyHash,
      host: 'ecs.cn-shanghai.aliyuncs.com',
    },
  };

  expect(signV3(request, 'YourAccessKeyId', 'YourAccessKeySecret')).toBe(
    'ACS3-HMAC-SHA256 Credential=YourAccessKeyId' +
      ',SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version' +
      ',Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0',
  );
});

// Not an official vector: computed from the rules in both Python and Node.
const query =
  'AppName=live%20app%2A&DomainName=play.example.com' +
  '&EndTime=2024-01-16T00%3A00%3A00Z&StartTime=2024-01-15T00%3A00%3A00Z';
const headers = {
  host: 'live.aliyuncs.com',
  'x-acs-action': 'DescribeLiveStreamsControlHistory',
  'x-acs-content-sha256': emptyBodyHash,
  'x-acs-date': '2024-01-16T00:00:05Z',
  'x-acs-signature-nonce': '3156853299f313e23d1673dc12e1703d',
  'x-acs-version': '2016-11-01',
};
const names = 'host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version';

test.each([
  ['POST', '6a94830d100c5cb5b9942f89a7c19555aae004eba96f4d419a501db0630ddef5'],
  ['GET', 'fd2c0745275df9d1ccdbf1873bf2ea897c58def82e21c222c84adeb07dc80048'],
])('signs a %s for control history', (method, signature) => {
  expect(signV3({ method, query, headers }, 'testid', 'testsecret')).toBe(
    `ACS3-HMAC-SHA256 Credential=testid,SignedHeaders=${names},Signature=${signature}`,
  );
});

test('signs a security token and its key ID', () => {
  const withToken = {
    ...headers,
    'x-acs-security-token': 'STS/tok+en==',
    'x-acs-accesskey-id': 'testid',
  };

  expect(signV3({ method: 'POST', query, headers: withToken }, 'testid', 'testsecret')).toBe(
    'ACS3-HMAC-SHA256 Credential=testid' +
      ',SignedHeaders=host;x-acs-accesskey-id;x-acs-action;x-acs-content-sha256;x-acs-date' +
      ';x-acs-security-token;x-acs-signature-nonce;x-acs-version' +
      ',Signature=1dff80dd51f04b6de4b7dcb5e166d88e84e46102a99734f27c00e14ba466e9ef',
  );
});

test('ignores whitespace around a header value, which HTTP removes', () => {
  const request = {
    method: 'POST',
    query,
    headers: { ...headers, 'x-acs-action': ` ${headers['x-acs-action']} ` },
  };

  expect(signV3(request, 'testid', 'testsecret')).toContain(
    'Signature=6a94830d100c5cb5b9942f89a7c19555aae004eba96f4d419a501db0630ddef5',
  );
});
