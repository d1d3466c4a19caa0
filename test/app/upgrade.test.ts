import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { minuteMs } from '../../src/model/time.ts';
import { startSimulator } from '../../src/simulator/server.ts';
import { startTestApp } from '../support/app.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { noon } from '../support/samples.ts';
import { bothProvidersEnv as env, bothProviders as scenario } from '../support/scenarios.ts';
import { openWithDamage } from '../support/state.ts';

const fixture = join(import.meta.dirname, '..', 'fixtures', 'state');

const scraper = { 'user-agent': 'Prometheus/3', 'x-prometheus-scrape-timeout-seconds': '10' };

test('continues the totals of a state file that commit 51501f7 wrote', { timeout: 60_000 }, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'livestream-upgrade-'));
  cpSync(fixture, directory, { recursive: true });
  const clock = createManualClock(noon + 5 * minuteMs);
  await using simulator = await startSimulator({ scenario, clock, startedAt: noon });
  const yaml = `
accounts:
  - {name: t, provider: tencent, statcgi: {app_id: 1234, key_env: STAT_KEY, endpoint: "${simulator.url}/common_access"}}
  - {name: a, provider: alibaba, access_key_id_env: KEY_ID, access_key_secret_env: KEY_SECRET, security_token_env: TOKEN, endpoint: "${simulator.url}"}
streams: [{account: t, stream: news}]
domains: [{account: a, domain: play.example.com}]
`;
  {
    await using daemon = await startTestApp(yaml, env, clock, { folder: directory });
    const values = async () => {
      const text = await daemon.scrape(scraper);
      const names = [
        'push_samples_total',
        'push_bytes_total',
        'push_gap_seconds_total',
        'control_actions_total',
        'push_measured_seconds_total',
      ];
      return names.map((name) =>
        Number(new RegExp(`^livestream_${name}\\{.*\\} (.*)$`, 'm').exec(text)?.[1]),
      );
    };

    expect(await values()).toEqual([45, 70_312_500, 0, 68, 225]);
    daemon.app.run();
    for (let step = 0; step < 8 * 60; step++) {
      await clock.advance(1000);
      // The simulator responds in real time.
      await sleep(4);
      if (step % 60 === 0) await values();
    }

    const { samples, bytes } = simulator.world.truthOf('news', noon, noon + 60 * minuteMs);
    const [actions] = simulator.world.truthOfActions('play.example.com', noon, noon + 60 * minuteMs);
    expect(await values()).toEqual([samples, bytes, 0, actions?.actions, 5 * samples]);
    expect(daemon.log.join('')).not.toMatch(/state (was|file)/);
  }
  // The scrapers are a row now.
  expect(readdirSync(directory)).not.toContain('scrapers.json');
  const { store, scrapers } = openWithDamage(directory, clock.now());
  store.close();
  expect([...scrapers.keys()]).toEqual(['["127.0.0.1","Prometheus/3",10]']);
  rmSync(directory, { recursive: true });
});
