import { mkdtempSync, rmSync } from 'node:fs';
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

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'livestream-known-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

test.each([
  { downMs: 60_000, isHeld: true },
  { downMs: 301_000, isHeld: true },
  { downMs: 86_400_000, isHeld: false },
])('after a restart of $downMs ms, holds a new counter for the slow scraper: $isHeld', async (setting) => {
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
      folder: directory,
      readConfig: () => readYaml(both, env),
    });
    await scrapeAs(daemon, 'slow');
    await scrapeAs(daemon, 'fast');
    expect(await daemon.app.reload()).toEqual([]);
    await runDue(daemon, clock);
    expect(sportOf(await scrapeAs(daemon, 'fast'))).toBe('0');
  }
  await clock.advance(setting.downMs);

  await using daemon = await startTestApp(both, env, clock, { folder: directory });
  await runDue(daemon, clock);
  await daemon.scrape();
  await scrapeAs(daemon, 'fast');
  await runDue(daemon, clock);
  const beforeSlow = sportOf(await scrapeAs(daemon, 'fast'));
  await scrapeAs(daemon, 'slow');
  await runDue(daemon, clock);

  expect(beforeSlow === '0').toBe(setting.isHeld);
  expect(sportOf(await scrapeAs(daemon, 'fast'))).not.toBe('0');
});

test('saves the scrapers when one appears, and then once a minute', async () => {
  let current = new Map<string, number>();
  let saved: unknown;
  const save = keepScrapers(
    { scrapers: () => current, expectScrapers: () => undefined },
    {
      async saveScrapers(scrapers) {
        saved = [...scrapers];
      },
    },
    new Map(),
    noon,
  );
  current = new Map([['a', noon]]);
  await save(noon);
  expect(saved).toEqual([['a', noon]]);

  current = new Map([['a', noon + 59_000]]);
  await save(noon + 59_000);
  expect(saved).toEqual([['a', noon]]);
  current = new Map([['a', noon + 60_000]]);
  await save(noon + 60_000);
  expect(saved).toEqual([['a', noon + 60_000]]);

  current = new Map([['b', noon + 60_000]]);
  await save(noon + 61_000);
  expect(saved).toEqual([['b', noon + 60_000]]);
});

test('ignores a save that fails, and repeats it', async () => {
  let attempts = 0;
  const save = keepScrapers(
    { scrapers: () => new Map([['a', noon]]), expectScrapers: () => undefined },
    {
      async saveScrapers() {
        if (++attempts === 1) throw new Error('the write fails');
      },
    },
    new Map(),
    noon,
  );

  for (let second = 0; second < 3; second++) await save(noon + second);

  expect(attempts).toBe(2);
});

/**
 * Completes the due runs and a save. Responses arrive in real time; the rate limiter uses the manual clock.
 */
async function runDue({ app }: TestApp, clock: ManualClock): Promise<void> {
  let isDone = false;
  const started = app.start(clock.now()).finally(() => {
    isDone = true;
  });
  for (await sleep(5); !isDone; await sleep(5)) await clock.advance(50);
  await started;
}

/** Scrapes as a Prometheus with this User-Agent. */
function scrapeAs(daemon: TestApp, name: string): Promise<string> {
  return daemon.scrape({ 'user-agent': name, 'x-prometheus-scrape-timeout-seconds': '10' });
}

function sportOf(text: string): string | undefined {
  return /^livestream_push_samples_total\{.*stream="sport".*\} (.*)$/m.exec(text)?.[1];
}
