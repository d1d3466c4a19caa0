import type { Http } from '../../../src/calls/call.ts';
import type { ProviderModule } from '../../../src/providers/provider.ts';
import type { TestApp } from '../../support/app.ts';
import type { ManualClock } from '../../support/manual-clock.ts';
import { law } from '../target.ts';

type Provider = 'tencent' | 'alibaba';

const expect = 'expect: {fps: 25, bitrate: 2Mbit, live: true}';

/** Configs by API, with the operations that they use. */
export const configs: Readonly<
  Record<
    string,
    { readonly provider: Provider; readonly yaml: string; readonly operations: readonly string[] }
  >
> = {
  statcgi: {
    provider: 'tencent',
    yaml: `
accounts: [{name: t, provider: tencent, statcgi: {app_id: 1234, key_env: key}}]
streams: [{account: t, stream: 1234_xxx, ${expect}}]
`,
    operations: ['Get_LivePushStatHistory'],
  },
  api3: {
    provider: 'tencent',
    yaml: `
accounts: [{name: t, provider: tencent, api3: {site: international, secret_id_env: secretId, secret_key_env: secretKey, token_env: token}}]
streams: [{account: t, domain: push.example.com, app_name: live, stream: room-1, ${expect}}]
domains: [{account: t, domain: push.example.com, app_names: [live], discover: true}]
limits: {max_streams: 50}
`,
    operations: [
      'DescribeStreamPushInfoList',
      'DescribeLiveStreamOnlineList',
      'DescribeLiveStreamPushInfoList',
      'DescribeLiveStreamEventList',
      'DescribeLiveForbidStreamList',
      'DescribeLiveStreamState',
    ],
  },
  alibaba: {
    provider: 'alibaba',
    yaml: `
accounts: [{name: a, provider: alibaba, access_key_id_env: accessKeyId, access_key_secret_env: accessKeySecret, security_token_env: securityToken}]
streams: [{account: a, domain: play.example.com, app_name: live, stream: room-1, ${expect}}]
domains: [{account: a, domain: play.example.com, app_names: [live], discover: true}]
limits: {max_streams: 50}
`,
    operations: [
      'DescribeLiveStreamsControlHistory',
      'DescribeLiveCenterStreamRateData',
      'DescribeLiveStreamsOnlineList',
      'DescribeLiveStreamsBlockList',
      'DescribeLiveDomainFrameRateAndBitRateData',
      'DescribeLiveDomainMapping',
    ],
  },
};

/** Returns the provider with another transport. `startApp` passes the function that finds it on to the collectors. */
export function withHttp(provider: ProviderModule, http: Http): ProviderModule {
  return {
    ...provider,
    createSources: (account, parts) => provider.createSources(account, { ...parts, http }),
  };
}

/** Advances the clock and completes the due runs, whose retries also wait for the clock. */
export async function pass({ app }: TestApp, clock: ManualClock, ms: number): Promise<void> {
  await clock.advance(ms);
  let isDone = false;
  const polled = app.start(clock.now()).finally(() => {
    isDone = true;
  });
  for (let i = 0; i < 500 && !isDone; i++) await clock.advance(500);
  law(isDone, 'a poll ends');
  await polled;
}
