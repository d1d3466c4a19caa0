import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { runSimulate } from '../../src/commands/simulate.ts';
import { loadConfig } from '../../src/config/load.ts';

let directory = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'simulate-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

/** Runs the command and stops it when `onOut` has processed the output. */
async function run(scenario: string | undefined, listenAddress: string, onOut = async (_text: string) => {}) {
  const scenarioFile = join(directory, 'drill.yaml');
  if (scenario !== undefined) writeFileSync(scenarioFile, scenario);
  const stop = new AbortController();
  let out = '';
  let err = '';
  let seen = Promise.resolve();
  const runtime = {
    out: (text: string) => {
      out += text;
      seen = onOut(text).finally(() => stop.abort());
    },
    err: (text: string) => {
      err += text;
    },
    signal: stop.signal,
    clock: { ...systemClock, now: () => 1_700_000_000_000 },
  };
  const code = await runSimulate({ scenarioFile, listenAddress }, runtime);
  await seen;
  return { code, out, err: err.replaceAll(scenarioFile, 'drill.yaml') };
}

test('serves until it is stopped and prints an exporter config', async () => {
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
# events, starting now, repeated every 2m, at 2 times the speed:
#   30s to 40s        news: fps 0
#
# stream totals:   http://HOST/-/truth?stream=NAME&from=SECONDS&to=SECONDS
# request log:     http://HOST/-/requests
#
# This output is an exporter config for the simulator. Before you start the exporter, set these variables (all values are made up):
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

test.each([':0', '0.0.0.0:0'])('prints URLs that can be opened if it listens on %s', async (address) => {
  let healthy = '';

  const { out } = await run('{name: x, streams: [{name: news}]}', address, async (text) => {
    const url = /http:\/\/localhost:\d+/.exec(text)?.[0];
    healthy = await (await fetch(`${url}/-/healthy`)).text();
  });

  expect(healthy).toBe('the simulator is healthy\n');
  expect(out.match(/endpoint: .*/)?.[0]).toMatch(/^endpoint: http:\/\/localhost:\d+\/common_access$/);
  expect(out).not.toContain('0.0.0.0');
});

test('prints the config and the keys of domains', async () => {
  const scenario = `
name: drill
account: {key: "it's-made-up"}
streams: [{name: news}]
domains: [{name: play.example.com, story: [{at: 30s, stream: cam1, action: forbid}]}]
`;

  const { out } = await run(scenario, '127.0.0.1:0');

  const [comments] = out.replace(/127\.0\.0\.1:\d+/g, 'HOST').split('accounts:');
  expect(comments).toBe(`# simulator: "drill" at http://HOST
#
# events, starting now, once:
#   30s               play.example.com/live/cam1: forbid
#
# stream totals:   http://HOST/-/truth?stream=NAME&from=SECONDS&to=SECONDS
# domain actions:  http://HOST/-/truth?domain=NAME&from=SECONDS&to=SECONDS
# request log:     http://HOST/-/requests
#
# This output is an exporter config for the simulator. Before you start the exporter, set these variables (all values are made up):
#   export SIMULATOR_STAT_KEY='it'\\''s-made-up'
#   export SIMULATOR_ACCESS_KEY_ID=simulator-demo-id
#   export SIMULATOR_ACCESS_KEY_SECRET=simulator-demo-secret
`);
  expect(out).toContain('provider: alibaba');
});

test('omits streams if the scenario has only domains', async () => {
  const { out } = await run('{name: drill, domains: [{name: play.example.com}]}', '127.0.0.1:0');

  expect(out).not.toMatch(/stream=NAME|SIMULATOR_STAT_KEY|tencent/);
});

test.each([
  [
    'unusual rates',
    '{name: x, streams: [{name: "0123", fps: 0, bitrate: 1234567bit}, {name: "1e3", bitrate: 0bit}]}',
    2,
  ],
  ['a delay of hours', '{name: x, provider: {delay: 2h}, streams: [{name: "a:b{n}", count: 9}]}', 9],
])('prints a valid exporter config for a scenario with %s', async (_, scenario, targets) => {
  const { out } = await run(scenario, '127.0.0.1:0');

  const loaded = loadConfig(out, 'printed.yaml');

  expect('problems' in loaded ? loaded.problems : loaded.config.pushTargets.length).toBe(targets);
});

test('prints the first fifty streams and refers to the page with all', async () => {
  const { out } = await run('{name: many, streams: [{name: "s-{n}", count: 60}]}', '127.0.0.1:0');

  expect(out.match(/stream: /g)).toHaveLength(50);
  expect(out).toMatch(
    /^# The last 10 streams are omitted; http:\/\/127\.0\.0\.1:\d+\/-\/config has all streams\.$/m,
  );
  expect(out).toMatch(/^# The scenario has no events\.$/m);
});

test('exits with 2 for an invalid scenario and prints the position of each problem', async () => {
  expect(await run('name: drill\nloop: 5\nstreams: []\n', '127.0.0.1:0')).toEqual({
    code: 2,
    out: '',
    err: `drill.yaml:2:7: loop: expected a duration above 0, such as "30s"
drill.yaml:3:10: streams: expected at least one item
`,
  });
});

test('exits with 2 if the scenario file does not exist', async () => {
  const { code, err } = await run(undefined, '127.0.0.1:0');

  expect([code, err]).toEqual([2, 'drill.yaml: file not found\n']);
});

test.each(['127.0.0.1', 'a:b', '127.0.0.1:70000', '::1:80', ''])(
  'exits with 2 for the address %j',
  async (address) => {
    const { code, err } = await run('{name: x, streams: [{name: news}]}', address);

    expect([code, err]).toEqual([
      2,
      `--listen-address: expected host:port such as 127.0.0.1:0, got "${address}"\n`,
    ]);
  },
);

test('exits with 1 if the port is in use', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  const port = typeof address === 'object' ? address?.port : undefined;

  const { code, err } = await run('{name: x, streams: [{name: news}]}', `127.0.0.1:${port}`);

  expect([code, err]).toEqual([
    1,
    `simulator: cannot listen on 127.0.0.1:${port}: listen EADDRINUSE: address already in use 127.0.0.1:${port}\n`,
  ]);
  other.close();
});
