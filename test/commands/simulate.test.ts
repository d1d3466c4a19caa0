import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runSimulate } from '../../src/commands/simulate.ts';
import { loadConfig } from '../../src/config/load.ts';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'simulate-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Runs the command; it is stopped as soon as `onOut` has seen its output. */
async function run(scenario: string | undefined, listenAddress: string, onOut = async (_text: string) => {}) {
  const scenarioFile = join(folder, 'drill.yaml');
  if (scenario !== undefined) writeFileSync(scenarioFile, scenario);
  const stop = new AbortController();
  let out = '';
  let err = '';
  let seen = Promise.resolve();
  const code = await runSimulate({
    scenarioFile,
    listenAddress,
    out: (text) => {
      out += text;
      seen = onOut(text).finally(() => stop.abort());
    },
    err: (text) => {
      err += text;
    },
    signal: stop.signal,
    clock: { now: () => 1_700_000_000_000 },
  });
  await seen;
  return { code, out, err: err.replaceAll(scenarioFile, 'drill.yaml') };
}

test('it serves until it is stopped, and what it prints is a config that watches it', async () => {
  const scenario = `
name: drill
description: |
  One channel
  that stalls.
loop: 2m
speed: 2
account: {key: "it's-made-up"}
streams: [{name: news, story: [{at: 30s, for: 10s, fps: 0}]}]
`;
  let healthy = '';

  const { code, out, err } = await run(scenario, '127.0.0.1:0', async (text) => {
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0];
    healthy = await (await fetch(`${url}/-/healthy`)).text();
  });

  expect(healthy).toBe('the simulator is healthy\n');
  expect([code, err]).toEqual([0, '']);
  expect(out.replace(/127\.0\.0\.1:\d+/g, 'HOST')).toBe(`# simulator: "drill" at http://HOST
# One channel
# that stalls.
#
# the story, from now on, again and again, 2m long, 2 times as fast as written:
#   30s to 40s        news: fps 0
#
# what is true: http://HOST/-/truth?stream=NAME&from=SECONDS&to=SECONDS
# what was asked: http://HOST/-/requests
#
# This output is a config that watches it. All keys are made up:
#   export SIMULATOR_STAT_KEY='it'\\''s-made-up'
accounts:
  - name: simulator
    provider: tencent
    statcgi:
      app_id: 1234
      key_env: SIMULATOR_STAT_KEY
      endpoint: http://HOST/common_access
streams:
  - account: simulator
    stream: news
    domain: push.example.com
    app_name: live
    expect:
      fps: 25
      bitrate: 2500kbit
      live: true
`);
});

test('of domains it prints how to watch them too, and the keys for it', async () => {
  const scenario = `
name: told
account: {key: "it's-made-up"}
streams: [{name: news}]
domains: [{name: play.example.com, story: [{at: 30s, stream: cam1, action: forbid}]}]
`;

  const { out } = await run(scenario, '127.0.0.1:0');

  const [comments] = out.replace(/127\.0\.0\.1:\d+/g, 'HOST').split('accounts:');
  expect(comments).toBe(`# simulator: "told" at http://HOST
#
# the story, from now on, once:
#   30s               play.example.com/live/cam1: forbid
#
# what is true: http://HOST/-/truth?stream=NAME&from=SECONDS&to=SECONDS
# what was done: http://HOST/-/truth?domain=NAME&from=SECONDS&to=SECONDS
# what was asked: http://HOST/-/requests
#
# This output is a config that watches it. All keys are made up:
#   export SIMULATOR_STAT_KEY='it'\\''s-made-up'
#   export SIMULATOR_ACCESS_KEY_ID=simulator-demo-id
#   export SIMULATOR_ACCESS_KEY_SECRET=simulator-demo-secret
`);
  expect(out).toContain('provider: alibaba');
});

test('of domains alone it has no word of streams', async () => {
  const { out } = await run('{name: told, domains: [{name: play.example.com}]}', '127.0.0.1:0');

  expect(out).not.toMatch(/stream=NAME|SIMULATOR_STAT_KEY|tencent/);
});

test.each([
  [
    'odd rates',
    '{name: x, streams: [{name: "0123", fps: 0, bitrate: 1234567bit}, {name: "1e3", bitrate: 0bit}]}',
    2,
  ],
  [
    'data that comes after hours',
    '{name: x, provider: {delay: 2h}, streams: [{name: "a:b{n}", count: 9}]}',
    9,
  ],
])('the exporter accepts the printed config of a scenario with %s', async (_, scenario, targets) => {
  const { out } = await run(scenario, '127.0.0.1:0');

  const loaded = loadConfig(out, 'printed.yaml');

  expect('problems' in loaded ? loaded.problems : loaded.config.pushTargets.length).toBe(targets);
});

test('of very many streams it prints the first fifty, and says where the others are', async () => {
  const { out } = await run('{name: many, streams: [{name: "s-{n}", count: 60}]}', '127.0.0.1:0');

  expect(out.match(/stream: /g)).toHaveLength(50);
  expect(out).toMatch(
    /^# Without the last 10 streams; http:\/\/127\.0\.0\.1:\d+\/-\/config has them all\.$/m,
  );
  expect(out).toMatch(/^# nothing happens in the story\.$/m);
});

test('a bad scenario ends it with 2, and every problem has its place', async () => {
  expect(await run('name: drill\nloop: 5\nstreams: []\n', '127.0.0.1:0')).toEqual({
    code: 2,
    out: '',
    err: `drill.yaml:2:7: loop: expected a duration above 0, such as "30s"
drill.yaml:3:10: streams: expected at least one item
`,
  });
});

test('a scenario that is not there ends it with 2', async () => {
  const { code, err } = await run(undefined, '127.0.0.1:0');

  expect([code, err]).toEqual([2, 'drill.yaml: file not found\n']);
});

test.each(['127.0.0.1', 'a:b', '127.0.0.1:70000', '::1:80', ''])(
  'the address %j ends it with 2',
  async (address) => {
    const { code, err } = await run('{name: x, streams: [{name: news}]}', address);

    expect([code, err]).toEqual([
      2,
      `--listen-address: expected host:port, such as 127.0.0.1:0, not ${address}\n`,
    ]);
  },
);

test('a port that is taken ends it with 1', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  const port = typeof address === 'object' ? address?.port : undefined;

  const { code, err } = await run('{name: x, streams: [{name: news}]}', `127.0.0.1:${port}`);

  expect([code, err]).toEqual([
    1,
    `the simulator cannot listen: listen EADDRINUSE: address already in use 127.0.0.1:${port}\n`,
  ]);
  other.close();
});
