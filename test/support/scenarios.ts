import { parseScenario } from '../../src/simulator/scenario/parse-scenario.ts';
import type { Scenario } from '../../src/simulator/scenario/scenario.ts';

/** Parses a scenario; throws its problems. */
export function scenarioOf(yaml: string): Scenario {
  const parsed = parseScenario(yaml, 'scenario.yaml');
  if ('problems' in parsed) throw new Error(parsed.problems.join('\n'));
  return parsed.scenario;
}

/** Both providers, without an initial delay. Some samples arrive late or twice. */
export const bothProviders = scenarioOf(`
name: both
noise: 0%
account: {app_id: 1234, key: the-key}
provider: {delay: 1s, late: {share: 20%, by: 20s}, doubled: {share: 10%}}
streams: [{name: news, start: 5s, stop: 9m}]
alibaba: {access_key_id: the-id, access_key_secret: the-secret, security_token: the-token, delay: 1s}
domains:
  - name: play.example.com
    story: [{at: 5s, every: 7s, until: 9m, stream: news, action: forbid, times: 2}]
`);

/** Environment with the secrets of `bothProviders`. */
export const bothProvidersEnv = {
  STAT_KEY: 'the-key',
  KEY_ID: 'the-id',
  KEY_SECRET: 'the-secret',
  TOKEN: 'the-token',
};
