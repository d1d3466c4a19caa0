import { expect, test } from 'vitest';
import { createTc3Signer, type Tc3Request } from '../../../../src/providers/tencent/api3/sign-tc3.ts';

const stars = '*'.repeat(32);
const secretId = `AKID${stars}`;

/** Example of cloud.tencent.com/document/api/267/30661. The escapes in the body are six ASCII characters each. */
const documented: Tc3Request = {
  service: 'cvm',
  host: 'cvm.tencentcloudapi.com',
  contentType: 'application/json; charset=utf-8',
  action: 'DescribeInstances',
  body: String.raw`{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}`,
  timestamp: 1_551_113_065,
};

const history: Tc3Request = {
  service: 'live',
  host: 'live.tencentcloudapi.com',
  contentType: 'application/json; charset=utf-8',
  action: 'DescribeStreamPushInfoList',
  body: '{"StreamName":"stream1","StartTime":"2019-02-25T16:40:00Z","EndTime":"2019-02-25T16:44:00Z","PushDomain":"5000.livepush.com","AppName":"live"}',
  timestamp: 1_551_113_065,
};

const online: Tc3Request = {
  ...history,
  action: 'DescribeLiveStreamOnlineList',
  body: '{"PageNum":1,"PageSize":100}',
};

test('returns the authorization of the documented example', () => {
  expect(createTc3Signer()(documented, secretId, stars)).toEqual({
    authorization:
      `TC3-HMAC-SHA256 Credential=AKID${stars}/2019-02-25/cvm/tc3_request, ` +
      'SignedHeaders=content-type;host;x-tc-action, ' +
      'Signature=10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f',
    signature: '10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f',
  });
});

test.each([
  ['China', 'live.tencentcloudapi.com', '4ec505c5d031a284caef835d285e05cbf17294adf72f127096cdfe3a598a743f'],
  [
    'international',
    'live.intl.tencentcloudapi.com',
    '746cf40c7460d8d966255d8dcf5d720ec260ecead4ebec09c3449f044c706493',
  ],
])('signs a request to the %s site', (_site, host, signature) => {
  expect(createTc3Signer()({ ...history, host }, secretId, stars).signature).toBe(signature);
});

test('changes the scope and the signing key at midnight in UTC', () => {
  const sign = createTc3Signer();

  const [before, after] = [1_577_836_799, 1_577_836_800].map((timestamp) =>
    sign({ ...online, timestamp }, secretId, stars),
  );

  expect(before?.signature).toBe('6deeac803ebfb71c736d3cf0faf83e29248e0d55d26977dd1a97d10472ed84c5');
  expect(before?.authorization).toContain('/2019-12-31/live/tc3_request');
  expect(after?.signature).toBe('acb8de7ef22fd93f6847af74adadde2b8337f0554ed474488f09460c0818948d');
  expect(after?.authorization).toContain('/2020-01-01/live/tc3_request');
});

test('uses a new secret key at once', () => {
  const sign = createTc3Signer();
  sign(documented, secretId, 'another key');

  expect(sign(documented, secretId, stars)).toEqual(createTc3Signer()(documented, secretId, stars));
});
