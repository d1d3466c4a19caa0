import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createSlices } from '../../src/model/slices.ts';
import { startSimulator } from '../../src/simulator/server.ts';
import { readYaml, startTestApp } from '../support/app.ts';
import { createManualClock, settle } from '../support/manual-clock.ts';
import { noon } from '../support/samples.ts';
import { scenarioOf } from '../support/scenarios.ts';
import { waitFor } from '../support/wait-for.ts';

const scenario = scenarioOf(`
name: slices
noise: 0%
account: {app_id: 1234, key: the-key}
provider: {delay: 0s}
streams: [{name: "kept-{n}", count: 40}, {name: "gone-{n}", count: 40}, {name: "new-{n}", count: 40}]
`);
const env = { STAT_KEY: 'the-key' };

test('processes items in order and yields when a slice is over, also across calls', async () => {
  let now = 0;
  const events: (number | 'yield')[] = [];
  const inSlices = createSlices({
    sliceMs: 3,
    elapsed: () => now,
    yieldNow: async () => void events.push('yield'),
  });
  const work = (item: number) => {
    now += 0.1;
    events.push(item);
  };
  const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

  await inSlices(numbers(0, 70), work);
  for (let i = 70; i < 110; i++) await inSlices([i], work);

  expect(events.filter((event) => event !== 'yield')).toEqual(numbers(0, 110));
  // First at a clock read after each 32 items of 0.1 ms, then after the short call that exceeds the slice.
  expect(events.flatMap((event, i) => (event === 'yield' ? [events[i - 1]] : []))).toEqual([31, 63, 94]);
});

test('serves scrapes between two slices of a reload, and defers a second reload', async () => {
  await using world = await startWorld();
  const { daemon } = world;
  await daemon.scrape();

  world.wanted = ['kept', 'new'];
  world.hold();
  const first = daemon.app.reload();
  await world.held();
  world.wanted = ['new'];
  const second = daemon.app.reload();
  const between = await daemon.scrape();
  world.release();

  expect(namesIn(between).filter((name) => name.startsWith('kept'))).toHaveLength(40);
  expect(namesIn(between).filter((name) => name.startsWith('gone'))).toHaveLength(24);
  expect([await first, await second]).toEqual([[], []]);
  const after = await daemon.scrape();
  expect(namesIn(after)).toHaveLength(40);
  expect(namesIn(after).every((name) => name.startsWith('new'))).toBe(true);
});

test('completes a reload at shutdown, stops what it started, and resumes totals after a restart', async () => {
  await using world = await startWorld();
  const { daemon, clock } = world;
  await daemon.app.start(clock.now());
  await daemon.scrape();
  await clock.advance(5000);
  await daemon.app.start(clock.now());
  const before = samplesIn(await daemon.scrape());

  world.wanted = ['kept', 'new'];
  daemon.app.run();
  world.hold();
  const reload = daemon.app.reload();
  await world.held();
  const stopped = daemon.app.stop();
  await waitFor('the server to close', () =>
    daemon.scrape().then(
      () => undefined,
      () => true,
    ),
  );
  world.release();
  await stopped;

  expect(await reload).toEqual([]);
  await clock.advance(1000);
  expect(clock.sleepers()).toBe(0);
  await using next = await world.restart(['kept', 'gone']);
  expect(samplesIn(await next.scrape())).toEqual(before);
});

/** Starts a daemon whose streams have the wanted prefixes. A test can hold its reload between two slices. */
async function startWorld() {
  const clock = createManualClock(noon);
  const simulator = await startSimulator({ scenario, clock });
  const directory = mkdtempSync(join(tmpdir(), 'livestream-slices-'));
  const config = (kinds: readonly string[]) => configText(simulator.endpoint, kinds);
  let clockReads = 0;
  let yieldsUntilHold = 0;
  const held = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const world = {
    clock,
    wanted: ['kept', 'gone'],
    /** Holds the next reload after it has read the 40 targets of the first account and removed 16 targets. */
    hold() {
      yieldsUntilHold = 6;
    },
    held: () => held.promise,
    release: () => released.resolve(),
    restart: (kinds: readonly string[]) => startTestApp(config(kinds), env, clock, { folder: directory }),
  };
  // At each clock read, a slice has passed.
  const ticking = {
    ...clock,
    elapsed: () => clock.elapsed() + 5 * clockReads++,
    async yieldNow() {
      await settle();
      if (yieldsUntilHold === 0 || --yieldsUntilHold > 0) return;
      held.resolve();
      await released.promise;
    },
  };
  const daemon = await startTestApp(config(world.wanted), env, ticking, {
    folder: directory,
    readConfig: () => readYaml(config(world.wanted), env),
  });
  return Object.assign(world, {
    daemon,
    async [Symbol.asyncDispose]() {
      await daemon[Symbol.asyncDispose]();
      await simulator[Symbol.asyncDispose]();
      rmSync(directory, { recursive: true });
    },
  });
}

function namesIn(text: string): string[] {
  return [...text.matchAll(/^livestream_stream_info\{.*stream="([^"]*)".*\} 1$/gm)].map(
    ([, name = '']) => name,
  );
}

/** Returns "stream value" of each samples counter. */
function samplesIn(text: string): string[] {
  const lines = text.matchAll(/^livestream_push_samples_total\{.*stream="([^"]*)".*\} (.*)$/gm);
  return [...lines].map(([, name, value]) => `${name} ${value}`).sort();
}

/** Streams of the kind `new` belong to another account. */
function configText(endpoint: string, kinds: readonly string[]): string {
  const accountOf = (kind: string) => (kind === 'new' ? 'other' : 't');
  const accounts = [...new Set(kinds.map(accountOf))].map(
    (name) =>
      `  - {name: ${name}, provider: tencent, statcgi: {app_id: 1234, key_env: STAT_KEY, endpoint: "${endpoint}"}, requests_per_second: {Get_LivePushStatHistory: 1000}}`,
  );
  const streams = kinds.flatMap((kind) =>
    Array.from({ length: 40 }, (_, i) => `  - {account: ${accountOf(kind)}, stream: ${kind}-${i + 1}}`),
  );
  return `accounts:\n${accounts.join('\n')}\nstreams:\n${streams.join('\n')}\n`;
}
