import { expect, test } from 'vitest';
import type { SecondLog } from '../../src/simulator/request-log.ts';
import { startSimulator } from '../../src/simulator/server.ts';
import { startTestApp } from '../support/app.ts';
import { createManualClock, type ManualClock, settle } from '../support/manual-clock.ts';
import { noon } from '../support/samples.ts';
import { scenarioOf } from '../support/scenarios.ts';

const streams = Array.from({ length: 30 }, (_, i) => `s${i + 1}`);

// Seconds. The streams end early enough for the exporter to collect all their samples.
const stormFrom = 20;
const stormUntil = 80;
const streamsUntil = 130;
const end = 150;

const scenario = scenarioOf(`
name: storm
account: {app_id: 1234, key: the-key}
provider:
  delay: 3s
  rate_limit: 40
  story: [{at: ${stormFrom}s, for: ${stormUntil - stormFrom}s, rate_limit: 10}]
streams: [{name: "s{n}", count: ${streams.length}, start: 5s, stop: ${streamsUntil}s}]
`);

/** 30 streams polled every second exceed the budget of 20 requests per second, so that all of it is used. */
const config = (endpoint: string) => `
accounts:
  - name: t
    provider: tencent
    statcgi: {app_id: 1234, key_env: STAT_KEY, endpoint: "${endpoint}"}
    requests_per_second: {Get_LivePushStatHistory: 20}
push_stats: {interval: 1s}
streams: [${streams.map((stream) => `{account: t, stream: ${stream}}`).join(', ')}]
`;

test('lowers the rate during throttling, recovers soon after it, and loses no samples', {
  timeout: 60_000,
}, async () => {
  const clock = createManualClock(noon);
  await using simulator = await startSimulator({ scenario, clock });
  await using daemon = await startTestApp(config(simulator.endpoint), { STAT_KEY: 'the-key' }, clock);
  const budgets: number[] = [];

  daemon.app.run();
  for (let second = 0; second < end; second++) {
    await advanceOneSecond(clock);
    budgets.push(...valuesOf(await daemon.scrape(), 'livestream_api_budget_requests_per_second'));
  }

  const { bySecond = [], refused = {} } = simulator.requests().Get_LivePushStatHistory ?? {};
  const settled = callsIn(bySecond, stormFrom + 5, stormUntil);
  expect(Object.keys(refused)).toEqual(['1202']);
  expect(settled.refused / settled.all).toBeLessThan(0.1);
  // Every second has a call.
  expect(bySecond.filter(({ second }) => second < noon / 1_000 + end)).toHaveLength(end);
  expect(Math.min(...budgets)).toBeGreaterThanOrEqual(1);
  expect(budgets.slice(0, stormFrom)).toEqual(Array(stormFrom).fill(20));
  expect(Math.max(...budgets.slice(stormFrom, stormUntil))).toBeLessThan(12);
  expect(budgets[stormUntil + 60]).toBeGreaterThanOrEqual(18);
  expect(callsIn(bySecond, stormUntil + 55, stormUntil + 60).all / 5).toBeGreaterThanOrEqual(18);

  const text = await daemon.scrape();
  for (const stream of streams) {
    const truth = simulator.world.truthOf(stream, noon, noon + end * 1_000);
    const { samples, observedMs, milliframes, bytes } = truth;
    const totals = ['samples', 'observed_seconds', 'frames', 'bytes'].flatMap((what) =>
      valuesOf(text, `livestream_push_${what}_total`, stream),
    );
    expect(totals).toEqual([samples, observedMs / 1_000, milliframes / 1_000, bytes]);
    expect(samples).toBe((streamsUntil - 5) / 5);
  }
});

/** Advances in small steps: the simulator's responses need event loop turns while the clock stands still. */
async function advanceOneSecond(clock: ManualClock): Promise<void> {
  for (let step = 0; step < 50; step++) {
    await clock.advance(20);
    for (let i = 0; i < 8; i++) await settle();
  }
}

/** Returns the number of calls in the seconds after noon from `from` (inclusive) to `to` (exclusive). */
function callsIn(bySecond: readonly SecondLog[], from: number, to: number) {
  const seconds = bySecond.filter(
    ({ second }) => second >= noon / 1_000 + from && second < noon / 1_000 + to,
  );
  const refused = seconds.reduce((sum, calls) => sum + calls.refused, 0);
  return { refused, all: seconds.reduce((sum, { accepted }) => sum + accepted, refused) };
}

function valuesOf(text: string, family: string, stream = ''): number[] {
  const lines = text.matchAll(new RegExp(`^${family}\\{(.*)\\} (.*)$`, 'gm'));
  return [...lines].flatMap(([, labels, value]) =>
    stream === '' || labels?.includes(`stream="${stream}"`) ? [Number(value)] : [],
  );
}
