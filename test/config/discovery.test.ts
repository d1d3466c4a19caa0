import { expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';

const accounts = `
accounts:
  - name: a
    provider: tencent
    api3: {secret_id_env: ID, secret_key_env: KEY}
    expected_delay: {push_stats: 20s}
    push_stats: {lookback: 2m, stale_after: 40s}
`;

function load(text: string) {
  const loaded = loadConfig(accounts + text, 'live.yaml');
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
  return loaded.config;
}

test('converts a domain with discovery to one target per application', () => {
  const { discoveryTargets, controlTargets, pushTargets } = load(`
defaults: {expect: {live: true}}
domains:
  - account: a
    domain: PUSH.example.com
    discover: true
    discover_interval: 1m
    app_names: [live, show]
    streams: {include: "room-.*"}
    expect: {fps: 50, fps_ratio: 0.5}
    push_stats: {stale_after: 1m}
    labels: {team: news}
`);

  const push = {
    expectation: {
      framesPerSecond: 50,
      bitsPerSecond: undefined,
      minFramesPerSecond: 25,
      minBitsPerSecond: undefined,
      live: true,
    },
    labels: { team: 'news' },
    intervalMs: 5_000,
    expectedDelayMs: 20_000,
    lookbackMs: 120_000,
    staleAfterMs: 60_000,
  };
  const filter = { include: 'room-.*', exclude: '' };
  const target = {
    account: 'a',
    provider: 'tencent',
    domain: 'push.example.com',
    intervalMs: 60_000,
    filter,
    push,
  };
  expect(discoveryTargets).toEqual([
    { ...target, appName: 'live' },
    { ...target, appName: 'show' },
  ]);
  expect(controlTargets).toEqual([
    {
      account: 'a',
      provider: 'tencent',
      domain: 'push.example.com',
      appName: undefined,
      appNames: ['live', 'show'],
      intervalMs: 30_000,
      expectedDelayMs: 30_000,
      lookbackMs: 600_000,
    },
  ]);
  expect(pushTargets).toEqual([]);
});

test('discovers all streams of the application live every 15 s by default', () => {
  const { discoveryTargets } = load('domains: [{account: a, domain: push.example.com, discover: true}]');

  expect(discoveryTargets).toMatchObject([
    { appName: 'live', intervalMs: 15_000, filter: { include: '.*', exclude: '' } },
  ]);
});

test('accepts a discovered domain without discovery keys, and a stream of another application', () => {
  const { discoveryTargets, pushTargets } = load(`
domains: [{account: a, domain: push.example.com, discover: true, app_names: [show]}]
streams: [{account: a, domain: push.example.com, stream: s}]
`);

  expect([discoveryTargets.length, pushTargets.length]).toEqual([1, 1]);
});

test('reports an unreadable duration of a domain once, and not that of its account instead', () => {
  const own = '{lookback: 10 parsecs, stale_after: 5m}';
  const text = `domains: [{account: a, domain: push.example.com, discover: true, push_stats: ${own}}]`;
  const loaded = loadConfig(accounts + text, 'live.yaml');

  expect('problems' in loaded && loaded.problems.map(({ text }) => text)).toEqual([
    'expected a duration from 5s to 30m, such as "30s" or "1h30m"',
  ]);
});
