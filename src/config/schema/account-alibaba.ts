import * as z from 'zod';
import { hourMs } from '../../model/time.ts';
import {
  type AccountKind,
  commonKeys,
  expectedDelay,
  expectedDelayText,
  proxySecret,
  requestsPerSecond,
} from './account-parts.ts';
import { credentialSource, noUnusedReferenceOf, usesSecrets } from './credential-sources.ts';
import { AccountPushStats, maxPushReachMs } from './push-stats.ts';
import { noneIsRequired, oneIsRequiredIfStatic, oneReferenceOf, secretKeys } from './secret-keys.ts';
import { origin, section } from './values.ts';

export const AlibabaAccountSchema = z
  .strictObject({
    ...commonKeys('alibaba'),
    ...secretKeys('access_key_id', 'the AccessKey ID', oneIsRequiredIfStatic),
    ...secretKeys('access_key_secret', 'the AccessKey secret', oneIsRequiredIfStatic),
    ...secretKeys('security_token', 'the token of temporary credentials', noneIsRequired),
    credentials: credentialSource(
      z
        .enum(['static', 'default', 'oidc', 'ecs_role', 'profile', 'uri'])
        .default('static')
        .describe('static: the keys above; otherwise a source of the library @alicloud/credentials.'),
    ),
    endpoint: origin().prefault('https://live.aliyuncs.com').describe('URL of the API.'),
    signature: z
      .enum(['v3', 'v1'])
      .default('v3')
      .describe('Signature of requests: v3 (ACS3-HMAC-SHA256) or v1 (HMAC-SHA1).'),
    format: z.enum(['json', 'xml']).default('json').describe('Format of responses.'),
    requests_per_second: requestsPerSecond(
      'DescribeLiveStreamsControlHistory',
      'DescribeLiveCenterStreamRateData',
      'DescribeLiveStreamsOnlineList',
      'DescribeLiveStreamsBlockList',
      'DescribeLiveDomainFrameRateAndBitRateData',
      'DescribeLiveDomainMapping',
      'DescribeLiveStreamPushMetricDetailData',
    ),
    expected_delay: section({
      push_stats: expectedDelay('DescribeLiveCenterStreamRateData', maxPushReachMs).describe(
        'Normal time from the measurement of a push sample until the API can return it.',
      ),
      control_history: expectedDelay('DescribeLiveStreamsControlHistory', hourMs).describe(
        'Normal time from a control action until the API can return it.',
      ),
    })
      .prefault({})
      .describe(expectedDelayText),
    bitrate_unit: section({
      DescribeLiveCenterStreamRateData: z
        .enum(['bit', 'byte', 'kbit'])
        .optional()
        .describe('bit: bit/s; byte: byte/s; kbit: kbit/s. Default: bit.'),
      DescribeLiveDomainFrameRateAndBitRateData: z
        .enum(['bit', 'byte', 'kbit'])
        .optional()
        .describe('bit: bit/s; byte: byte/s; kbit: kbit/s. Default: byte.'),
    })
      .prefault({})
      .describe('Unit of the bit rates in the responses of an operation.'),
    push_stats: AccountPushStats.optional(),
  })
  .refine(...oneReferenceOf('access_key_id', { isUsed: usesSecrets }))
  .refine(...oneReferenceOf('access_key_secret', { isUsed: usesSecrets }))
  .refine(...oneReferenceOf('security_token', { isOptional: true, isUsed: usesSecrets }))
  .refine(...noUnusedReferenceOf(['access_key_id', 'access_key_secret', 'security_token']))
  .describe('Account at Alibaba Cloud.');

export const alibabaAccount: AccountKind = {
  provider: 'alibaba',
  secrets: [
    { name: 'accessKeyId', path: ['access_key_id'], kind: 'key' },
    { name: 'accessKeySecret', path: ['access_key_secret'], kind: 'key' },
    { name: 'securityToken', path: ['security_token'], kind: 'token' },
    proxySecret,
  ],
  neededStreamKeys: () => ({
    domain:
      'domain is missing: the provider finds a stream only by its main streaming domain, app_name and stream',
    app_name: 'app_name is missing: the provider finds a stream only by its domain, app_name and stream',
  }),
  hasPushDomains: true,
  hasControlPerApp: false,
};
