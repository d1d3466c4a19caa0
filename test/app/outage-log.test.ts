import { expect, test } from 'vitest';
import { startSimulator } from '../../src/simulator/server.ts';
import { startTestApp } from '../support/app.ts';
import { createManualClock, settle } from '../support/manual-clock.ts';
import { noon } from '../support/samples.ts';
import { scenarioOf } from '../support/scenarios.ts';

const scenario = scenarioOf(`
name: outage
account: {app_id: 1234, key: the-key}
provider: {rate_limit: 1000, story: [{at: 20s, for: 60s, answer: "503"}]}
streams: [{name: "s{n}", count: 300}]
`);

const config = (endpoint: string) => `
accounts:
  - name: t
    provider: tencent
    requests_per_second: {Get_LivePushStatHistory: 500}
    statcgi: {app_id: 1234, key_env: STAT_KEY, endpoint: "${endpoint}"}
streams: [${Array.from({ length: 300 }, (_, i) => `{account: t, stream: s${i + 1}}`).join(', ')}]
`;

test('logs an outage of 300 targets as one line at its start and one at its end', {
  timeout: 120_000,
}, async () => {
  const clock = createManualClock(noon);
  await using simulator = await startSimulator({ scenario, clock });
  await using daemon = await startTestApp(config(simulator.endpoint), { STAT_KEY: 'the-key' }, clock);
  daemon.app.run();

  for (let step = 0; step < 1_200; step++) {
    await clock.advance(100);
    // The responses arrive in real time.
    for (let turn = 0; turn < 10; turn++) await settle();
  }

  const lines = daemon.log.filter((line) => line.includes('target'));
  expect(lines).toEqual([
    expect.stringMatching(/level=warn msg="targets started to fail" account=t .*HTTP 503.* failing=300 /),
    expect.stringMatching(
      /level=info msg="targets no longer fail" account=t .* targets=300 .* recovered=300\n/,
    ),
  ]);
});
