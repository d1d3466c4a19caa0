import * as z from 'zod';
import { hourMs } from '../../model/time.ts';
import { valueAt } from '../../text/plain-value.ts';
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
import {
  noneIsRequired,
  oneIsRequired,
  oneIsRequiredIfStatic,
  oneReferenceOf,
  secretKeys,
} from './secret-keys.ts';
import { endpoint, fixedTimeZone, origin, section } from './values.ts';

const Statcgi = section({
  app_id: z.int().positive().describe('APPID of the account. The API calls this number cmd.'),
  ...secretKeys('key', 'the key of the API', oneIsRequired),
  endpoint: endpoint().prefault('http://statcgi.video.qcloud.com/common_access').describe('URL of the API.'),
  time_zone: fixedTimeZone()
    .prefault('+08:00')
    .describe('Time zone of times that the API returns without a zone, without daylight saving time.'),
})
  .refine(...oneReferenceOf('key'))
  .describe(
    'Access to the statistics API with the operation Get_LivePushStatHistory, which Tencent Cloud enables by ticket. An account has either statcgi or api3.',
  );

const Api3 = section({
  site: z
    .enum(['china', 'international'])
    .default('china')
    .describe('Site of the account: china (cloud.tencent.com) or international (tencentcloud.com).'),
  ...secretKeys('secret_id', 'the SecretId', oneIsRequiredIfStatic),
  ...secretKeys('secret_key', 'the SecretKey', oneIsRequiredIfStatic),
  ...secretKeys('token', 'the token of temporary credentials', noneIsRequired),
  credentials: credentialSource(
    z
      .enum(['static', 'env', 'cvm_role', 'tke_oidc'])
      .default('static')
      .describe(
        'static: the keys above; env: TENCENTCLOUD_SECRET_ID, TENCENTCLOUD_SECRET_KEY, TENCENTCLOUD_SESSION_TOKEN; otherwise a source of the library tencentcloud-sdk-nodejs-common.',
      ),
  ),
  endpoint: origin().optional().describe('URL of the API. Default: the URL of the site.'),
})
  .refine(...oneReferenceOf('secret_id', { isUsed: usesSecrets }))
  .refine(...oneReferenceOf('secret_key', { isUsed: usesSecrets }))
  .refine(...oneReferenceOf('token', { isOptional: true, isUsed: usesSecrets }))
  .refine(...noUnusedReferenceOf(['secret_id', 'secret_key', 'token']))
  .describe('Access to API 3.0 (live, version 2018-08-01). An account has either api3 or statcgi.');

interface Apis {
  readonly statcgi?: unknown;
  readonly api3?: unknown;
}

/**
 * Reports whether all keys of an account are known. If not, an unknown key can be the missing one,
 * misspelled.
 */
const hasKnownKeys = ({ issues }: z.core.ParsePayload): boolean =>
  issues.every(({ code, path = [] }) => code !== 'unrecognized_keys' || path.length > 0);

export const TencentAccountSchema = z
  .strictObject({
    ...commonKeys('tencent'),
    statcgi: Statcgi.optional(),
    api3: Api3.optional(),
    requests_per_second: requestsPerSecond(
      'Get_LivePushStatHistory',
      'DescribeStreamPushInfoList',
      'DescribeLiveStreamOnlineList',
      'DescribeLiveStreamPushInfoList',
      'DescribeLiveStreamEventList',
      'DescribeLiveForbidStreamList',
      'DescribeLiveStreamState',
    ),
    expected_delay: section({
      push_stats: expectedDelay('Get_LivePushStatHistory', maxPushReachMs).describe(
        'Normal time from the measurement of a push sample until the API can return it.',
      ),
      control_history: expectedDelay('DescribeLiveStreamEventList', hourMs).describe(
        'Normal time from the end of a push until the API can return it, with its reason. Only api3 reports ends.',
      ),
    })
      .prefault({})
      .describe(expectedDelayText),
    push_stats: AccountPushStats.optional(),
  })
  .refine(({ statcgi, api3 }: Apis) => statcgi !== undefined || api3 !== undefined, {
    error: 'expected api3 (for a SecretId and a SecretKey) or statcgi (for the key of the statistics API)',
    when: hasKnownKeys,
  })
  .refine(({ statcgi, api3 }: Apis) => statcgi === undefined || api3 === undefined, {
    error: 'api3 and statcgi cannot be in one account; write two accounts, and each stream in one of them',
    when: hasKnownKeys,
  })
  .describe('Account at Tencent Cloud.');

export const tencentAccount: AccountKind = {
  provider: 'tencent',
  secrets: [
    { name: 'key', path: ['statcgi', 'key'], kind: 'key' },
    { name: 'secretId', path: ['api3', 'secret_id'], kind: 'key', variable: 'TENCENTCLOUD_SECRET_ID' },
    { name: 'secretKey', path: ['api3', 'secret_key'], kind: 'key', variable: 'TENCENTCLOUD_SECRET_KEY' },
    { name: 'token', path: ['api3', 'token'], kind: 'token', variable: 'TENCENTCLOUD_SESSION_TOKEN' },
    proxySecret,
  ],
  neededStreamKeys: (account) =>
    valueAt(account, ['api3']) === undefined
      ? {}
      : {
          domain: 'domain is missing: API 3.0 finds a stream only by its push domain, app_name and stream',
        },
  hasPushDomains: false,
  hasControlPerApp: true,
};
