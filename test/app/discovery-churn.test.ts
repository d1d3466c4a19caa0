import { expect, test } from 'vitest';
import { startSimulator } from '../../src/simulator/server.ts';
import { round, startTestApp } from '../support/app.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { noon } from '../support/samples.ts';
import { scenarioOf } from '../support/scenarios.ts';

const env = { SECRET_ID: 'the-id', SECRET_KEY: 'the-key' };
/** Streams come and go until this time, and then all are live, in seconds after the start. */
const churnSeconds = 900;
const streams = 130;

/** Returns the story of stream `n`: it is not pushed for several minutes, once or twice. */
function storyOf(n: number): string {
  const first = 20 + ((n * 37) % 400);
  const silent = [{ at: first, for: 60 + ((n * 53) % 440) }];
  if (n % 3 === 0) silent.push({ at: 700 + (n % 60), for: 90 });
  const events = silent.map((event) => `{at: ${event.at}s, for: ${event.for}s, silent: true}`);
  return n % 4 === 0 ? `start: ${first}s` : `story: [${events.join(', ')}]`;
}

test('counts each sample once while streams come and go, and the list moves between its pages', {
  timeout: 300_000,
}, async () => {
  const clock = createManualClock(noon);
  const lines = Array.from({ length: streams }, (_, n) => `  - {name: room-${n}, ${storyOf(n)}}`);
  const scenario = scenarioOf(`
name: churn
noise: 0%
account: {secret_id: the-id, secret_key: the-key, site: international}
provider: {delay: 3s, time: iso, empty: list, list: {delay: 4s, page_lag: 2s}}
streams:
${lines.join('\n')}
`);
  await using simulator = await startSimulator({ scenario, clock });
  const config = `
accounts:
  - name: a
    provider: tencent
    api3: {site: international, secret_id_env: SECRET_ID, secret_key_env: SECRET_KEY, endpoint: "${simulator.url}"}
domains:
  - {account: a, domain: push.example.com, discover: true}
`;
  await using daemon = await startTestApp(config, env, clock);
  const valuesOf = async (family: string) => {
    const text = await daemon.scrape();
    const series = text.split('\n').filter((line) => line.startsWith(`${family}{`));
    return new Map(
      series.map((line) => [/stream="([^"]*)"/.exec(line)?.[1] ?? '', Number(line.split(' ')[1])]),
    );
  };

  const shown: number[] = [];
  while (clock.now() < noon + (churnSeconds + 60) * 1_000) {
    await round(daemon, clock);
    if ((clock.now() - noon) % 30_000 === 0)
      shown.push((await valuesOf('livestream_push_samples_total')).size);
  }
  await daemon.scrape();
  for (let n = 0; n < 6; n++) await round(daemon, clock);

  // Some streams were away for so long that their series ended.
  expect(Math.min(...shown)).toBeLessThan(streams);
  const samples = await valuesOf('livestream_push_samples_total');
  const watermarks = await valuesOf('livestream_push_watermark_timestamp_seconds');
  expect(samples.size).toBe(streams);
  for (let n = 0; n < streams; n++) {
    const name = `room-${n}`;
    const visibleTo = ((watermarks.get(name) ?? 0) - 3) * 1_000 + 1;
    const { samples: expected } = simulator.world.truthOf(name, noon - 70_000, visibleTo);
    expect([name, samples.get(name)]).toEqual([name, expected]);
  }
  expect([...(await valuesOf('livestream_push_gap_seconds_total')).values()]).toEqual(Array(streams).fill(0));
  const requests = simulator.requests();
  expect(requests.DescribeLiveStreamOnlineList?.accepted).toBe(requests.DescribeLiveStreamOnlineList?.calls);
});
