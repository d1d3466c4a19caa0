import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { startSimulator } from '../../src/simulator/server.ts';
import { startTestApp } from '../support/app.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { noon } from '../support/samples.ts';
import { scenarioOf } from '../support/scenarios.ts';
import { createHangingStorage, createSlowStorage } from '../support/storage.ts';

const scenario = scenarioOf(`
name: hung
noise: 0%
account: {app_id: 1234, key: the-key}
provider: {delay: 1s}
streams: [{name: news, stop: 60s}]
`);

test('a hanging disk delays counters, but neither scrapes nor gauges nor polls', {
  timeout: 60_000,
}, async () => {
  const clock = createManualClock(noon);
  await using simulator = await startSimulator({ scenario, clock });
  const storage = createHangingStorage();
  const yaml = `
accounts: [{name: t, provider: tencent, statcgi: {app_id: 1234, key_env: STAT_KEY, endpoint: "${simulator.endpoint}"}}]
streams: [{account: t, stream: news, domain: push.example.com, app_name: live}]
`;
  await using daemon = await startTestApp(yaml, { STAT_KEY: 'the-key' }, clock, {
    createStorage: storage.create,
  });
  const scrape = async () => {
    const text = await daemon.scrape();
    const value = (name: string) =>
      Number(new RegExp(`^livestream_${name}(?:\\{.*\\})? (.*)$`, 'm').exec(text)?.[1]);
    return {
      up: value('push_up'),
      samples: value('push_samples_total'),
      watermark: value('push_watermark_timestamp_seconds'),
      savedAt: value('exporter_state_last_save_timestamp_seconds'),
    };
  };
  const advance = async (seconds: number) => {
    for (let i = 0; i < seconds; i++) {
      await clock.advance(1000);
      // The simulator responds in real time.
      await sleep(4);
    }
  };
  daemon.app.run();
  await advance(30);
  await scrape();
  await advance(5);
  storage.hang();
  await advance(2);
  const before = await scrape();
  expect(before).toMatchObject({ up: 1, samples: expect.any(Number) });
  expect(before.samples).toBeGreaterThan(0);

  await advance(120);

  const hung = await scrape();
  // The gauges follow: the stream has ended meanwhile, and polls continue.
  expect(hung).toEqual({ ...before, up: 0, watermark: expect.any(Number) });
  expect(hung.watermark).toBeGreaterThan(before.watermark + 100);
  expect(daemon.log.filter((line) => line.includes('the disk has not responded'))).toHaveLength(1);
  const status = await fetch(new URL('api/v1/status', daemon.app.addresses[0]?.url));
  expect(await status.text()).toContain(
    'the state cannot be saved: the disk has not responded for more than 10 s',
  );

  storage.resume();
  await advance(5);
  const after = await scrape();
  expect(after.samples).toBeGreaterThan(before.samples);
  expect(after.savedAt).toBeGreaterThan(before.savedAt);
  expect(daemon.log.join('')).toContain('saving the state works again');
});

test('counters follow a disk whose writes always take longer than the interval', {
  timeout: 60_000,
}, async () => {
  const clock = createManualClock(noon);
  const endless = scenarioOf(`
name: slow
noise: 0%
account: {app_id: 1234, key: the-key}
provider: {delay: 1s}
streams: [{name: news}]
`);
  await using simulator = await startSimulator({ scenario: endless, clock });
  const yaml = `
accounts: [{name: t, provider: tencent, statcgi: {app_id: 1234, key_env: STAT_KEY, endpoint: "${simulator.endpoint}"}}]
streams: [{account: t, stream: news, domain: push.example.com, app_name: live}]
push_stats: {interval: 5s}
`;
  const recovery = new AbortController();
  await using daemon = await startTestApp(yaml, { STAT_KEY: 'the-key' }, clock, {
    createStorage: createSlowStorage(clock, 8000, recovery.signal),
  });
  const samples = async () => {
    const total = /^livestream_push_samples_total\{.*\} (.*)$/m.exec(await daemon.scrape())?.[1];
    return total === undefined ? undefined : Number(total);
  };
  const advance = async (seconds: number) => {
    for (let i = 0; i < seconds; i++) {
      await clock.advance(1000);
      await sleep(4);
    }
  };
  daemon.app.run();
  // The zero hold ends after a scrape that contains the 0.
  const shown: (number | undefined)[] = [];
  for (let i = 0; i < 6; i++) {
    await advance(20);
    shown.push(await samples());
  }
  recovery.abort();
  await advance(10);
  const all = (await samples()) ?? 0;

  expect(all).toBeGreaterThan(20);
  expect(shown.at(-1)).toBeGreaterThan(all / 2);
  expect(shown).toEqual(shown.toSorted((a, b) => (a ?? 0) - (b ?? 0)));
});

test('a disk that responds again is no problem any more, even if nothing is to be saved', async () => {
  const clock = createManualClock(noon);
  const storage = createHangingStorage();
  // No poll succeeds, so only the compaction uses the disk.
  const yaml = `
accounts: [{name: t, provider: tencent, statcgi: {app_id: 1234, key_env: STAT_KEY, endpoint: "http://127.0.0.1:9/x"}}]
streams: [{account: t, stream: news, domain: push.example.com, app_name: live}]
`;
  await using daemon = await startTestApp(yaml, { STAT_KEY: 'the-key' }, clock, {
    createStorage: storage.create,
  });
  const advance = async (seconds: number) => {
    for (let i = 0; i < seconds; i++) {
      await clock.advance(1000);
      await sleep(4);
    }
  };
  const status = async () => {
    const response = await fetch(new URL('api/v1/status', daemon.app.addresses[0]?.url));
    return response.text();
  };
  daemon.app.run();
  await advance(10);
  storage.hang();
  await advance(15);
  expect(await status()).toContain('the disk has not responded');

  storage.resume();
  await advance(3);

  expect(await status()).not.toContain('the disk has not responded');
  expect(daemon.log.filter((line) => line.includes('saving the state works again'))).toHaveLength(1);
});

test('a stop waits for a hanging disk, so that nothing is lost if the disk responds in time', async () => {
  const clock = createManualClock(noon);
  await using simulator = await startSimulator({ scenario, clock });
  const storage = createHangingStorage();
  const yaml = `
accounts: [{name: t, provider: tencent, statcgi: {app_id: 1234, key_env: STAT_KEY, endpoint: "${simulator.endpoint}"}}]
streams: [{account: t, stream: news, domain: push.example.com, app_name: live}]
`;
  const daemon = await startTestApp(yaml, { STAT_KEY: 'the-key' }, clock, { createStorage: storage.create });
  storage.hang();
  let isStopped = false;
  const stopping = daemon.app.stop().then(() => {
    isStopped = true;
  });
  await sleep(20);
  expect(isStopped).toBe(false);

  storage.resume();
  await stopping;
});
