import { expect, test } from 'vitest';
import { webSettings } from '../server/start.ts';
import { startTestApp } from '../support/app.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { noon } from '../support/samples.ts';

const yaml = 'accounts: [{name: t, provider: tencent, statcgi: {app_id: 1234, key_env: KEY}}]';
const env = { KEY: 'the-key' };
const family = 'livestream_exporter_web_config_last_reload_successful';

test('shows that changed files of the web config are not in use, and why', async () => {
  let problems: readonly string[] = [];
  let reloaded: (isSuccessful: boolean) => void = () => undefined;
  await using daemon = await startTestApp(yaml, env, createManualClock(noon), {
    web: {
      current: () => webSettings({}),
      onChange: () => undefined,
      problems: () => problems,
      onReload(listener) {
        reloaded = listener;
      },
    },
  });
  const valueIn = (text: string) => new RegExp(`^${family} (.*)$`, 'm').exec(text)?.[1];
  const warnings = async () => {
    const response = await fetch(new URL('api/v1/status', daemon.app.addresses[0]?.url));
    return ((await response.json()) as { exporter: { warnings: readonly string[] } }).exporter.warnings;
  };
  expect([valueIn(await daemon.scrape()), await warnings()]).toEqual(['1', []]);

  problems = ['web.yml:1:1: tls_server_config.key_file: file not found'];
  reloaded(false);
  expect(valueIn(await daemon.scrape())).toBe('0');
  expect(await warnings()).toEqual([
    'web config not reloaded; the old one stays active: web.yml:1:1: tls_server_config.key_file: file not found',
  ]);

  problems = [];
  reloaded(true);
  expect([valueIn(await daemon.scrape()), await warnings()]).toEqual(['1', []]);
});

test('has no series about a web config without one', async () => {
  await using daemon = await startTestApp(yaml, env, createManualClock(noon));

  expect(await daemon.scrape()).not.toMatch(new RegExp(`^${family}`, 'm'));
});
