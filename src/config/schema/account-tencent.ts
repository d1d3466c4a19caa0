import * as z from 'zod';
import {
  type AccountKind,
  commonKeys,
  expectedDelay,
  expectedDelayText,
  proxySecret,
  requestsPerSecond,
} from './account-parts.ts';
import { AccountPushStats, maxPushReachMs } from './push-stats.ts';
import { oneReferenceOf, secretKeys } from './secret-keys.ts';
import { endpoint, fixedTimeZone, section } from './values.ts';

const Statcgi = section({
  app_id: z.int().positive().describe('APPID of the account. The API calls this number cmd.'),
  ...secretKeys('key', 'the key of the API'),
  endpoint: endpoint().prefault('http://statcgi.video.qcloud.com/common_access').describe('URL of the API.'),
  time_zone: fixedTimeZone()
    .prefault('+08:00')
    .describe('Time zone of times that the API returns without a zone, without daylight saving time.'),
})
  .refine(...oneReferenceOf('key'))
  .describe('Access to the operation Get_LivePushStatHistory.');

export const TencentAccountSchema = z
  .strictObject({
    ...commonKeys('tencent'),
    statcgi: Statcgi,
    requests_per_second: requestsPerSecond('Get_LivePushStatHistory'),
    expected_delay: section({
      push_stats: expectedDelay('Get_LivePushStatHistory', maxPushReachMs).describe(
        'Normal time from the measurement of a push sample until the API can return it.',
      ),
    })
      .prefault({})
      .describe(expectedDelayText),
    push_stats: AccountPushStats.optional(),
  })
  .describe('Account at Tencent Cloud.');

export const tencentAccount: AccountKind = {
  provider: 'tencent',
  secrets: [{ name: 'key', path: ['statcgi', 'key'], kind: 'key' }, proxySecret],
  laterKeys: new Map([
    ['api3', 'statcgi'],
    ['expected_delay.control_history', undefined],
  ]),
};
