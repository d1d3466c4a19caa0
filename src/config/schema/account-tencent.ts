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
import { exactlyOneOf, secretKeys } from './secret-keys.ts';
import { endpoint, section, zoneOffset } from './values.ts';

const Statcgi = section({
  app_id: z.int().positive().describe('APPID of the account; the API calls it cmd.'),
  ...secretKeys('key', 'the key of the API'),
  endpoint: endpoint().prefault('http://statcgi.video.qcloud.com/common_access').describe('URL of the API.'),
  time_zone: zoneOffset()
    .prefault('+08:00')
    .describe('UTC offset of times that the API returns without a zone.'),
})
  .refine(...exactlyOneOf('key'))
  .describe('Access to Get_LivePushStatHistory.');

export const TencentAccountSchema = z
  .strictObject({
    ...commonKeys('tencent'),
    statcgi: Statcgi,
    requests_per_second: requestsPerSecond('Get_LivePushStatHistory'),
    expected_delay: section({
      push_stats: expectedDelay('Get_LivePushStatHistory', maxPushReachMs).describe(
        'Normal delay of push samples.',
      ),
    })
      .prefault({})
      .describe(expectedDelayText),
    push_stats: AccountPushStats.optional(),
  })
  .describe('Account at Tencent Cloud.');

export type TencentInput = z.output<typeof TencentAccountSchema>;

export const tencentAccount: AccountKind = {
  provider: 'tencent',
  secrets: [{ path: ['statcgi', 'key'], kind: 'key' }, proxySecret],
  laterKeys: new Map([
    ['api3', 'statcgi'],
    ['expected_delay.control_history', undefined],
  ]),
};
