import { expect, test } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/server.ts';
import { startTestApp } from '../support/app.ts';
import { createManualClock, type ManualClock, settle } from '../support/manual-clock.ts';
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

/** Advances in small steps, because requests need iterations of the event loop while the clock stands. */
async function letSecondsPass(clock: ManualClock, seconds: number): Promise<void> {
  for (let step = 0; step < seconds * 50; step++) {
    await clock.advance(20);
    for (let turn = 0; turn < 6; turn++) await settle();
  }
}

function valuesOf(text: string, family: string): readonly number[] {
  const lines = text.split('\n').filter((line) => line.startsWith(`${family}{`));
  return lines.map((line) => Number(line.split(' ').at(-1)));
}

test.each([
  { count: 200, withinSeconds: 20 },
  { count: 5_000, withinSeconds: 90 },
])('shows $count live streams of a domain within $withinSeconds s', { timeout: 300_000 }, async (bar) => {
  const clock = createManualClock(noon);
  await using simulator = await simulate(bar.count, clock);
  const config = configOf(simulator);
  await using daemon = await startTestApp(config, env, clock);

  daemon.app.run();
  let took = 0;
  let text = '';
  for (; took < bar.withinSeconds; took++) {
    await letSecondsPass(clock, 1);
    text = await daemon.scrape();
    if (valuesOf(text, 'livestream_push_fps').length === bar.count) break;
  }

  expect(valuesOf(text, 'livestream_push_up').filter((up) => up === 1)).toHaveLength(bar.count);
  expect(new Set(valuesOf(text, 'livestream_push_fps'))).toEqual(new Set([25]));
  expect(valuesOf(text, 'livestream_push_bitrate_bps').filter((bps) => bps > 2_000_000)).toHaveLength(
    bar.count,
  );
});
