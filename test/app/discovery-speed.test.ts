import { expect, test } from 'vitest';
import { planOf } from '../../src/commands/plan-load.ts';
import { type Simulator, startSimulator } from '../../src/simulator/server.ts';
import { passSeconds, readYaml, startTestApp } from '../support/app.ts';
import { createManualClock, type ManualClock } from '../support/manual-clock.ts';
import { noon } from '../support/samples.ts';
import { scenarioOf } from '../support/scenarios.ts';

const env = { SECRET_ID: 'the-id', SECRET_KEY: 'the-key' };

async function simulate(count: number, clock: ManualClock): Promise<Simulator> {
  const scenario = scenarioOf(`
name: many
noise: 0%
account: {secret_id: the-id, secret_key: the-key}
provider: {delay: 3s, rate_limit: 30, list: {delay: 2s, page_lag: 1s}}
streams: [{name: "room-{n}", count: ${count}, fps: 25, bitrate: 2500kbit}]
`);
  return startSimulator({ scenario, clock });
}

/** Ten lines, with the default budgets of the China site. */
const configOf = ({ url }: Simulator) => `
accounts:
  - name: tencent
    provider: tencent
    api3:
      secret_id_env: SECRET_ID
      secret_key_env: SECRET_KEY
      endpoint: "${url}"
domains:
  - {account: tencent, domain: push.example.com, discover: true}
`;

function valuesOf(text: string, family: string): readonly number[] {
  const lines = text.split('\n').filter((line) => line.startsWith(`${family}{`));
  return lines.map((line) => Number(line.split(' ').at(-1)));
}

/** Returns the effective intervals in seconds that `plan` predicts, by operation. */
async function predicted(config: string, streams: number): Promise<Readonly<Record<string, number>>> {
  const loaded = await readYaml(config, env);
  if ('problems' in loaded) throw new Error('the config is invalid');
  // Control actions are requested too rarely to measure their interval here.
  const planned = planOf(loaded.config, streams).filter(
    ({ targets, question }) =>
      targets > 0 && question !== 'control_history' && question !== 'forbidden_streams',
  );
  return Object.fromEntries(planned.map((each) => [each.operation, each.effectiveIntervalMs / 1_000]));
}

test.each([
  { count: 200, withinSeconds: 20, forSeconds: 45 },
  { count: 5_000, withinSeconds: 90, forSeconds: 120 },
])(
  'shows $count live streams of a domain within $withinSeconds s, at the intervals that plan predicts',
  {
    timeout: 600_000,
  },
  async ({ count, withinSeconds, forSeconds }) => {
    const clock = createManualClock(noon);
    await using simulator = await simulate(count, clock);
    const config = configOf(simulator);
    await using daemon = await startTestApp(config, env, clock);

    daemon.app.run();
    let took = 0;
    let text = '';
    while (took++ < withinSeconds) {
      await passSeconds(clock, 1);
      text = await daemon.scrape();
      if (valuesOf(text, 'livestream_push_fps').length === count) break;
    }

    expect(took).toBeLessThanOrEqual(withinSeconds);
    expect(valuesOf(text, 'livestream_push_up').filter((up) => up === 1)).toHaveLength(count);
    expect(new Set(valuesOf(text, 'livestream_push_fps'))).toEqual(new Set([25]));
    const bitRates = valuesOf(text, 'livestream_push_bitrate_bps');
    expect(bitRates.filter((bps) => bps >= 2_250_000 && bps <= 2_750_000)).toHaveLength(count);

    // The first requests of a stream come sooner than the others.
    await passSeconds(clock, 30);
    const before = simulator.requests();
    await passSeconds(clock, forSeconds);
    const after = simulator.requests();
    const callsOf = (operation: string) => (after[operation]?.calls ?? 0) - (before[operation]?.calls ?? 0);
    const measured = {
      DescribeStreamPushInfoList: (count * forSeconds) / callsOf('DescribeStreamPushInfoList'),
      DescribeLiveStreamOnlineList:
        (forSeconds * requestsPerOnlineList(count)) / callsOf('DescribeLiveStreamOnlineList'),
      ...(count > 1_000 && {
        DescribeLiveStreamPushInfoList: (forSeconds * 11) / callsOf('DescribeLiveStreamPushInfoList'),
      }),
    };
    const plan = await predicted(config, count);

    expect(Object.keys(measured)).toEqual(Object.keys(plan));
    for (const [operation, interval] of Object.entries(measured)) {
      const ratio = interval / (plan[operation] ?? 0);
      expect([operation, ratio > 0.9 && ratio < 1.1]).toEqual([operation, true]);
    }
    // The China site does not offer the list of forbidden streams.
    const { DescribeLiveForbidStreamList: _, ...offered } = after;
    expect(Object.values(offered).flatMap(({ refused }) => Object.keys(refused))).toEqual([]);
  },
);

/** A page has 2,000 rows. A list of several pages is read twice, after its first page. */
function requestsPerOnlineList(count: number): number {
  const pages = Math.ceil(count / 2_000);
  return pages === 1 ? 1 : 1 + 2 * pages;
}
