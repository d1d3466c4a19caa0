import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { createRequestLog } from '../../src/simulator/request-log.ts';
import { createStatcgi } from '../../src/simulator/statcgi/api.ts';
import { createWorld, type World } from '../../src/simulator/world/world.ts';
import { startTestApp } from '../support/app.ts';
import { createManualClock, type ManualClock, settle } from '../support/manual-clock.ts';
import { noon } from '../support/samples.ts';
import { scenarioOf } from '../support/scenarios.ts';

const names = Array.from({ length: 2_000 }, (_, i) => `s${i + 1}`);
const operation = 'Get_LivePushStatHistory';
const seconds = 600;
const delayMs = 3_000;

const scenario = scenarioOf(`
name: many
account: {app_id: 1234, key: the-key}
provider: {delay: ${delayMs / 1_000}s, rate_limit: 40}
streams: [{name: "s{n}", count: ${names.length}, start: 5s}]
`);

/** The budget is the default one: 20 calls a second. */
const config = (endpoint: string) => `
accounts: [{name: t, provider: tencent, statcgi: {app_id: 1234, key_env: STAT_KEY, endpoint: "${endpoint}"}}]
streams: [${names.map((name) => `{account: t, stream: ${name}}`).join(', ')}]
`;

test('polls 2,000 streams at 20 requests/s without loss, staleness or flapping, within the limit of each second', {
  timeout: 300_000,
}, async () => {
  // Turns at the ends of the provider's seconds: calls that are on their way for longer arrive in the next.
  const clock = createManualClock(noon + 985);
  const world = createWorld(scenario, noon);
  await using provider = await startProvider(world, clock);
  await using daemon = await startTestApp(config(provider.endpoint), { STAT_KEY: 'the-key' }, clock);
  const up = new Set<string>();
  const flapped = new Set<string>();
  let oldestMs = 0;

  daemon.app.run();
  for (let second = 1; second <= seconds; second++) {
    await letASecondPass(clock);
    if (second % 10 !== 0) continue;
    const text = await daemon.scrape();
    const ups = valuesOf(text, 'livestream_push_up');
    const gauges = ['fps', 'bitrate_bps'].map((what) => valuesOf(text, `livestream_push_${what}`));
    for (const name of up) {
      if (ups.get(name) !== 1 || !gauges.every((gauge) => (gauge.get(name) ?? 0) > 0)) flapped.add(name);
    }
    for (const [name, value] of ups) if (value === 1) up.add(name);
    if (second >= 120) oldestMs = Math.max(oldestMs, clock.now() - Math.min(...watermarksOf(text).values()));
  }
  const { mostInOneSecond, calls, refused } = provider.requests();
  provider.fallSilent();
  await letASecondPass(clock);
  await letASecondPass(clock);

  expect(mostInOneSecond).toBeLessThanOrEqual(20);
  expect(refused).toEqual({});
  expect(calls / seconds).toBeGreaterThan(17.5);
  expect(up.size).toBe(names.length);
  expect([...flapped]).toEqual([]);
  expect(oldestMs).toBeLessThan(130_000);

  const text = await daemon.scrape();
  const watermarks = watermarksOf(text);
  const totals = ['samples', 'observed_seconds', 'frames', 'bytes'].map((what) =>
    valuesOf(text, `livestream_push_${what}_total`),
  );
  const wrong = names.filter((name) => {
    const watermark = watermarks.get(name) ?? 0;
    // A call sees what is visible when it arrives: after its watermark, which is a whole second, and soon after.
    const truths = [0, 1_300].map((arrivedMs) => {
      const truth = world.truthOf(name, noon, watermark + arrivedMs - delayMs + 1);
      return [truth.samples, truth.observedMs / 1_000, truth.milliframes / 1_000, truth.bytes].join();
    });
    return !truths.includes(totals.map((total) => total.get(name)).join());
  });
  expect(wrong).toEqual([]);
});

/** The simulator's answers, by a server that lets calls and answers be on their way for a while, some for longer. */
async function startProvider(world: World, clock: ManualClock) {
  const answer = createStatcgi(world);
  const log = createRequestLog();
  const closing = new AbortController();
  let asked = 0;
  let isSilent = false;
  const server = createServer(async (request, response) => {
    // Never the same twice in a row, and the same in every run.
    const chance = (asked++ * 0.618_034) % 1;
    await clock.sleep(60 * chance, closing.signal);
    const answered = answer(new URL(request.url ?? '', 'http://x').searchParams, clock.now());
    log.add(answered, clock.now());
    await clock.sleep(20 + 300 * ((chance * 7) % 1) ** 3, closing.signal);
    if (isSilent || answered.reply.kind !== 'json') return;
    response.setHeader('date', new Date(clock.now()).toUTCString());
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(answered.reply.body));
  });
  server.keepAliveTimeout = 300_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  return {
    endpoint: `http://127.0.0.1:${typeof bound === 'object' ? bound?.port : ''}/common_access`,
    requests() {
      const told = log.read()[operation];
      if (told === undefined) throw new Error('no request was sent');
      return told;
    },
    fallSilent() {
      isSilent = true;
    },
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** Advances in small steps, because requests need iterations of the event loop while the clock stands. */
async function letASecondPass(clock: ManualClock): Promise<void> {
  for (let step = 0; step < 50; step++) {
    await clock.advance(20);
    for (let turn = 0; turn < 6; turn++) await settle();
  }
}

function watermarksOf(text: string): ReadonlyMap<string, number> {
  const watermarks = valuesOf(text, 'livestream_push_watermark_timestamp_seconds');
  return new Map([...watermarks].map(([name, at]) => [name, at * 1_000]));
}

/** By stream. */
function valuesOf(text: string, family: string): ReadonlyMap<string, number> {
  const lines = text.matchAll(new RegExp(`^${family}\\{.*stream="([^"]*)".*\\} (.*)$`, 'gm'));
  return new Map([...lines].map(([, name = '', value]) => [name, Number(value)]));
}
