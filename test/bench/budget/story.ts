import type { Scenario } from '../../../src/simulator/scenario/scenario.ts';
import { scenarioOf } from '../../support/scenarios.ts';

/** How late samples are shown. */
export const delayMs = 3_000;

export const operation = 'Get_LivePushStatHistory';

export interface Load {
  readonly streams: number;
  /** The budget, in calls a second; the provider bears twice as many. */
  readonly perSecond: number;
}

/** Streams that push from the beginning of the story on. */
export function storyOf({ streams, perSecond }: Load): Scenario {
  return scenarioOf(`
name: budget
account: {app_id: 1234, key: the-key}
provider: {delay: ${delayMs / 1_000}s, rate_limit: ${2 * perSecond}}
streams: [{name: "s{n}", count: ${streams}, start: 0s}]
`);
}

/** The daemon's config, in JSON. Its key is expected in STAT_KEY. */
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
