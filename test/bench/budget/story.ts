import type { Scenario } from '../../../src/simulator/scenario/scenario.ts';
import { scenarioOf } from '../../support/scenarios.ts';

/** Time until a sample becomes visible. */
export const delayMs = 3_000;

export const operation = 'Get_LivePushStatHistory';

export interface Load {
  readonly streams: number;
  /** Budget in calls per second. The rate limit of the provider is twice as high. */
  readonly perSecond: number;
}

/** Returns a scenario whose streams push from its start. */
export function storyOf({ streams, perSecond }: Load): Scenario {
  return scenarioOf(`
name: budget
account: {app_id: 1234, key: the-key}
provider: {delay: ${delayMs / 1_000}s, rate_limit: ${2 * perSecond}}
streams: [{name: "s{n}", count: ${streams}, start: 0s}]
`);
}

/** Returns the daemon's config in JSON. It reads the key from STAT_KEY. */
export function configOf({ streams, perSecond }: Load, endpoint: string): string {
  return JSON.stringify({
    accounts: [
      {
        name: 't',
        provider: 'tencent',
        statcgi: { app_id: 1234, key_env: 'STAT_KEY', endpoint },
        requests_per_second: { [operation]: perSecond },
      },
    ],
    streams: Array.from({ length: streams }, (_, i) => ({ account: 't', stream: `s${i + 1}` })),
  });
}
