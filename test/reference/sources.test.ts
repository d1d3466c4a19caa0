import { expect, test } from 'vitest';
import { controlFamilies } from '../../src/metrics/control/control-families.ts';
import { pushFamilies } from '../../src/metrics/push/push-families.ts';
import { lineName } from '../../src/metrics/table/text-format.ts';
import { startSimulator } from '../../src/simulator/server.ts';
import { round, startTestApp } from '../support/app.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { noon } from '../support/samples.ts';
import { scenarioOf } from '../support/scenarios.ts';
import { apis, sourceOf } from './metric-sources.ts';

test('the APIs that feed a metric are those whose accounts have its series', async () => {
  const scenario = scenarioOf(`
name: all-apis
account: {site: international}
streams:
  - name: news
    start: 10s
    story:
      - {at: 60s, for: 70s, cut: forbid}
domains:
  - name: play.example.com
    story:
      - {at: 5s, stream: news, action: forbid}
`);
  const clock = createManualClock(noon);
  await using simulator = await startSimulator({ scenario, clock });
  const env = { STAT_KEY: 'simulator-demo-key', ...keys('SECRET', 'secret-'), ...keys('ACCESS', '') };
  await using daemon = await startTestApp(
    `
accounts:
  - {name: statcgi, provider: tencent, statcgi: {app_id: 1234, key_env: STAT_KEY, endpoint: "${simulator.endpoint}"}}
  - name: api3
    provider: tencent
    api3: {site: international, secret_id_env: SECRET_ID, secret_key_env: SECRET_KEY, endpoint: "${simulator.url}"}
  - {name: alibaba, provider: alibaba, access_key_id_env: ACCESS_ID, access_key_secret_env: ACCESS_KEY, endpoint: "${simulator.url}"}
streams:
  - {account: statcgi, stream: news, domain: push.example.com, app_name: live, ${expectation}}
  - {account: api3, stream: news, domain: push.example.com, app_name: live, ${expectation}}
  - {account: alibaba, stream: news, domain: push.example.com, app_name: live, ${expectation}}
domains:
  - {account: api3, domain: push.example.com}
  - {account: alibaba, domain: play.example.com}
`,
    env,
    clock,
  );

  const found = new Map<string, Set<string>>();
  for (let n = 0; n < 40; n++) {
    await round(daemon, clock);
    for (const [, metric = '', account = ''] of (await daemon.scrape()).matchAll(
      /^(livestream_\w+)\{account="(\w+)"/gm,
    )) {
      found.set(metric, (found.get(metric) ?? new Set()).add(account));
    }
  }

  // The simulator does not tell in its history when a push began, only in its lists of large fleets.
  const names = [...pushFamilies, ...controlFamilies]
    .map(lineName)
    .filter((name) => name !== 'livestream_push_start_timestamp_seconds');
  const actual = names.map((name) => [name, apis.filter((api) => found.get(name)?.has(api))]);
  expect(actual).toEqual(names.map((name) => [name, sourceOf(name)?.apis ?? apis]));
});

const expectation = 'expect: {fps: 25, bitrate: 2500kbit, live: true}';

function keys(prefix: string, word: string): Readonly<Record<string, string>> {
  return {
    [`${prefix}_ID`]: `simulator-demo-${word}id`,
    [`${prefix}_KEY`]: `simulator-demo-${word === '' ? 'secret' : 'secret-key'}`,
  };
}
