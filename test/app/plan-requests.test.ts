import { expect, test } from 'vitest';
import { planOf } from '../../src/commands/plan-load.ts';
import { type Simulator, startSimulator } from '../../src/simulator/server.ts';
import { passSeconds, readYaml, startTestApp } from '../support/app.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { noon } from '../support/samples.ts';
import { scenarioOf } from '../support/scenarios.ts';

const env = { ID: 'the-id', SECRET: 'the-secret' };

/** The budget suffices for one ingest domain per stream, but not for two. */
const alibaba = {
  scenario: `
name: ingest-domains
alibaba: {access_key_id: the-id, access_key_secret: the-secret}
domains: [{name: play.example.com, push_domains: [in-1.example.com, in-2.example.com]}]
streams: [{name: "room-{n}", count: 10, domain: play.example.com}]
`,
  configOf: ({ alibabaEndpoint }: Simulator) => `
accounts:
  - name: a
    provider: alibaba
    access_key_id_env: ID
    access_key_secret_env: SECRET
    endpoint: "${alibabaEndpoint}"
    requests_per_second: {DescribeLiveCenterStreamRateData: 3}
domains:
  - account: a
    domain: play.example.com
    push_domains: [in-1.example.com, in-2.example.com]
streams:
${Array.from({ length: 10 }, (_, i) => `  - {account: a, domain: play.example.com, app_name: live, stream: room-${i + 1}}`).join('\n')}
`,
  operation: 'DescribeLiveCenterStreamRateData',
  perMinute: 163,
};

/** The applications of one domain. */
const tencent = {
  scenario: `
name: applications
account: {secret_id: the-id, secret_key: the-secret}
domains: [{name: push.example.com, app_names: [live, show, third]}]
`,
  configOf: ({ url }: Simulator) => `
accounts:
  - name: t
    provider: tencent
    api3: {secret_id_env: ID, secret_key_env: SECRET, endpoint: "${url}"}
domains:
  - {account: t, domain: push.example.com, app_names: [live, show, third]}
`,
  operation: 'DescribeLiveStreamEventList',
  perMinute: 6,
};

test.each([alibaba, tencent])(
  'sends as many requests of $operation as plan predicts if a poll needs several',
  async ({ scenario, configOf, operation, perMinute }) => {
    const clock = createManualClock(noon);
    await using simulator = await startSimulator({ scenario: scenarioOf(scenario), clock });
    const config = configOf(simulator);
    const loaded = await readYaml(config, env);
    if ('problems' in loaded) throw new Error('the config is invalid');
    const planned = planOf(loaded.config).find((each) => each.operation === operation);
    await using daemon = await startTestApp(config, env, clock);
    const calls = () => simulator.requests()[operation]?.calls ?? 0;

    daemon.app.run();
    await passSeconds(clock, 60);
    const before = calls();
    await passSeconds(clock, 60);
    const measured = calls() - before;

    expect(Math.abs(measured - perMinute)).toBeLessThanOrEqual(1);
    const { required = 0, budget = 0 } = planned ?? {};
    // Tokens are spaced a tenth wider than the budget.
    expect(Math.floor(60 * Math.min(required, budget / 1.1))).toBe(perMinute);
  },
);
