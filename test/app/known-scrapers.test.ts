import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keepScrapers } from '../../src/app/known-scrapers.ts';
import { startSimulator } from '../../src/simulator/server.ts';
import { readYaml, startTestApp, type TestApp } from '../support/app.ts';
import { createManualClock, type ManualClock } from '../support/manual-clock.ts';
import { noon } from '../support/samples.ts';
import { scenarioOf } from '../support/scenarios.ts';

const scenario = scenarioOf(`
name: scrapers
noise: 0%
account: {app_id: 1234, key: the-key}
provider: {delay: 0s}
streams: [{name: news}, {name: sport}]
`);
const env = { STAT_KEY: 'the-key' };

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'livestream-known-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

test.each([
  { awayMs: 60_000, isWaitedFor: true },
  { awayMs: 301_000, isWaitedFor: false },
])('holds zeros for the slow scraper after a restart of $awayMs ms: $isWaitedFor', async (setting) => {
  const clock = createManualClock(noon);
  await using simulator = await startSimulator({ scenario, clock });
  const yaml = (streams: readonly string[]) => `
accounts: [{name: t, provider: tencent, statcgi: {app_id: 1234, key_env: STAT_KEY, endpoint: "${simulator.endpoint}"}}]
streams:
${streams.map((stream) => `  - {account: t, stream: ${stream}}`).join('\n')}
`;
  const both = yaml(['news', 'sport']);
  {
    await using daemon = await startTestApp(yaml(['news']), env, clock, {
      folder,
      readConfig: () => readYaml(both, env),
    });
    await by(daemon, 'slow');
    await by(daemon, 'fast');
    expect(await daemon.app.reload()).toEqual([]);
    await turn(daemon, clock);
    expect(sportOf(await by(daemon, 'fast'))).toBe('0');
  }
  await clock.advance(setting.awayMs);

  await using daemon = await startTestApp(both, env, clock, { folder });
  await turn(daemon, clock);
  await daemon.scrape();
  await by(daemon, 'fast');
  await turn(daemon, clock);
  const waiting = sportOf(await by(daemon, 'fast'));
  await by(daemon, 'slow');
  await turn(daemon, clock);

  expect(waiting === '0').toBe(setting.isWaitedFor);
  expect(sportOf(await by(daemon, 'fast'))).not.toBe('0');
});

test('saves known scrapers when one is new, and then once a minute', () => {
  let asked = new Map<string, number>();
  const save = keepScrapers({ scrapers: () => asked, expectScrapers: () => undefined }, folder, noon);
  const saved = () => JSON.parse(readFileSync(join(folder, 'scrapers.json'), 'utf8'));
  asked = new Map([['a', noon]]);
  save(noon);
  expect(saved()).toEqual([['a', noon]]);

  asked = new Map([['a', noon + 59_000]]);
  save(noon + 59_000);
  expect(saved()).toEqual([['a', noon]]);
  asked = new Map([['a', noon + 60_000]]);
  save(noon + 60_000);
  expect(saved()).toEqual([['a', noon + 60_000]]);

  asked = new Map([['b', noon + 60_000]]);
  save(noon + 61_000);
  expect(saved()).toEqual([['b', noon + 60_000]]);
});

test('continues if the file of scrapers cannot be written', () => {
  const save = keepScrapers(
    { scrapers: () => new Map([['a', noon]]), expectScrapers: () => undefined },
    join(folder, 'not there'),
    noon,
  );

  expect(() => save(noon)).not.toThrow();
});

/** A turn of those who are due, and a save. The answers come in real time, and the budget's turns in the clock's. */
async function turn({ app }: TestApp, clock: ManualClock): Promise<void> {
  let isDone = false;
  const started = app.start(clock.now()).finally(() => {
    isDone = true;
  });
  for (await sleep(5); !isDone; await sleep(5)) await clock.advance(50);
  await started;
}

/** What a scraper of this name gets, as Prometheus asks. */
function by(daemon: TestApp, name: string): Promise<string> {
  return daemon.scrape({ 'user-agent': name, 'x-prometheus-scrape-timeout-seconds': '10' });
}

function sportOf(text: string): string | undefined {
  return /^livestream_push_samples_total\{.*stream="sport".*\} (.*)$/m.exec(text)?.[1];
}
