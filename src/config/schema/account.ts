import * as z from 'zod';
import { capabilityOf, type Operation } from '../../model/capabilities.ts';
import { hourMs } from '../../model/time.ts';
import { toDurationText } from '../../text/units.ts';
import { atMostOneOf, exactlyOneOf, secretKeys } from '../secret-keys.ts';
import { AccountPushStats, maxPushReachMs } from './push-stats.ts';
import { byProvider, duration, endpoint, envName, label, origin, section, zoneOffset } from './values.ts';

const common = {
  name: label().describe('Label "account": your own name for one customer at one provider.'),
  proxy_url_env: z
    .union([z.literal(''), envName()], { error: 'expected the name of an environment variable, or ""' })
    .default('')
    .describe(
      'Environment variable with the URL of a proxy. Empty: HTTPS_PROXY, HTTP_PROXY and NO_PROXY are honoured.',
    ),
};

function provider<Name extends 'tencent' | 'alibaba'>(name: Name) {
  return z
    .literal(name, {
      error: ({ input }) => (input === undefined ? undefined : 'expected tencent or alibaba'),
    })
    .describe('The company behind the API.');
}

function callsPerSecond(operation: Operation) {
  const { requestsPerSecond } = capabilityOf(operation);
  return z.number().min(0.01).max(1000).default(requestsPerSecond).describe('Calls per second at most.');
}

function expectedDelay(operation: Operation, maxMs: number) {
  return duration(0, maxMs).prefault(toDurationText(capabilityOf(operation).expectedDelayMs));
}

const budgets = 'The budget of each operation: calls per second, retries among them.';
const delays = 'How late the data of this account normally is.';

const Statcgi = section({
  app_id: z.int().positive().describe("The API's cmd: the APPID of the account."),
  ...secretKeys('key', 'the key of the API'),
  endpoint: endpoint()
    .prefault('http://statcgi.video.qcloud.com/common_access')
    .describe('Where the API is.'),
  time_zone: zoneOffset()
    .prefault('+08:00')
    .describe('Offset from UTC of the times that the API gives without a zone.'),
})
  .refine(...exactlyOneOf('key'))
  .describe('Access to Get_LivePushStatHistory.');

export const TencentAccountSchema = z
  .strictObject({
    ...common,
    provider: provider('tencent'),
    statcgi: Statcgi,
    requests_per_second: section({ Get_LivePushStatHistory: callsPerSecond('Get_LivePushStatHistory') })
      .prefault({})
      .describe(budgets),
    expected_delay: section({
      push_stats: expectedDelay('Get_LivePushStatHistory', maxPushReachMs).describe(
        'How late push samples normally are.',
      ),
    })
      .prefault({})
      .describe(delays),
    push_stats: AccountPushStats.optional(),
  })
  .describe('An account at Tencent Cloud.');

export const AlibabaAccountSchema = z
  .strictObject({
    ...common,
    provider: provider('alibaba'),
    ...secretKeys('access_key_id', 'the AccessKey ID'),
    ...secretKeys('access_key_secret', 'the AccessKey secret'),
    ...secretKeys('security_token', 'the token of temporary credentials, if they are'),
    endpoint: origin().prefault('https://live.aliyuncs.com').describe('Where the API is.'),
    signature: z
      .enum(['v3', 'v1'])
      .default('v3')
      .describe('How calls are signed: v3 (ACS3-HMAC-SHA256) or v1 (HMAC-SHA1).'),
    format: z.enum(['json', 'xml']).default('json').describe('What answers are asked for in.'),
    requests_per_second: section({
      DescribeLiveStreamsControlHistory: callsPerSecond('DescribeLiveStreamsControlHistory'),
    })
      .prefault({})
      .describe(budgets),
    expected_delay: section({
      control_history: expectedDelay('DescribeLiveStreamsControlHistory', hourMs).describe(
        'How late control actions normally are.',
      ),
    })
      .prefault({})
      .describe(delays),
  })
  .refine(...exactlyOneOf('access_key_id'))
  .refine(...exactlyOneOf('access_key_secret'))
  .refine(...atMostOneOf('security_token'))
  .describe('An account at Alibaba Cloud.');

export const AccountSchema = byProvider(TencentAccountSchema, AlibabaAccountSchema).describe(
  'One set of credentials and limits at a provider.',
);

export type AccountInput = z.output<typeof AccountSchema>;
export type TencentInput = z.output<typeof TencentAccountSchema>;
export type AlibabaInput = z.output<typeof AlibabaAccountSchema>;
