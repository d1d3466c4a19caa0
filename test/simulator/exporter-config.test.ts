import { expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { exporterEnvironment, toExporterConfig } from '../../src/simulator/exporter-config.ts';
import { createWorld } from '../../src/simulator/world/world.ts';
import { scenarioOf, start } from './support.ts';

const endpoint = 'http://127.0.0.1:8080/common_access';

// Compares the text. scenario-files.test.ts loads the config with the exporter.
test('has one account at the root of the server if the scenario has only domains', () => {
  const scenario = scenarioOf('{name: x, domains: [{name: play.example.com}]}');

  expect(toExporterConfig(createWorld(scenario, start), endpoint)).toBe(`accounts:
  - name: simulator-alibaba
    provider: alibaba
    access_key_id_env: SIMULATOR_ACCESS_KEY_ID
    access_key_secret_env: SIMULATOR_ACCESS_KEY_SECRET
    endpoint: http://127.0.0.1:8080
    signature: v3
    format: json
domains:
  - account: simulator-alibaba
    domain: play.example.com
    control_history:
      interval: 10s
      lookback: 10m
`);
  expect(exporterEnvironment(scenario)).toEqual({
    SIMULATOR_ACCESS_KEY_ID: 'simulator-demo-id',
    SIMULATOR_ACCESS_KEY_SECRET: 'simulator-demo-secret',
  });
});

test('has an account of API 3.0 at the root of the server if the scenario says so', () => {
  const scenario = scenarioOf('{name: x, account: {api: api3, token: t}, streams: [{name: news}]}');

  expect(toExporterConfig(createWorld(scenario, start), endpoint)).toContain(`accounts:
  - name: simulator
    provider: tencent
    api3:
      secret_id_env: SIMULATOR_SECRET_ID
      secret_key_env: SIMULATOR_SECRET_KEY
      token_env: SIMULATOR_TOKEN
      endpoint: http://127.0.0.1:8080
streams:
`);
  expect(exporterEnvironment(scenario)).toEqual({
    SIMULATOR_SECRET_ID: 'simulator-demo-secret-id',
    SIMULATOR_SECRET_KEY: 'simulator-demo-secret-key',
    SIMULATOR_TOKEN: 't',
  });
});

test('discovers the streams of API 3.0 if the scenario says so', () => {
  const scenario = scenarioOf(`
name: x
account: {api: api3, site: international, discover: true}
streams:
  - {name: "room-{n}", count: 200}
  - {name: news, app_name: show}
  - {name: sport, domain: push2.example.com}
`);

  expect(toExporterConfig(createWorld(scenario, start), endpoint)).toBe(`accounts:
  - name: simulator
    provider: tencent
    api3:
      site: international
      secret_id_env: SIMULATOR_SECRET_ID
      secret_key_env: SIMULATOR_SECRET_KEY
      endpoint: http://127.0.0.1:8080
domains:
  - account: simulator
    domain: push.example.com
    app_names:
      - live
      - show
    discover: true
  - account: simulator
    domain: push2.example.com
    app_names:
      - live
    discover: true
`);
});

test('has an account for each API of the streams', () => {
  const scenario = scenarioOf(`
name: x
account: {discover: true}
streams: [{name: news}, {name: room, api: api3, domain: live.example.com}]
`);

  expect(toExporterConfig(createWorld(scenario, start), endpoint)).toBe(`accounts:
  - name: simulator
    provider: tencent
    statcgi:
      app_id: 1234
      key_env: SIMULATOR_STAT_KEY
      endpoint: http://127.0.0.1:8080/common_access
  - name: simulator-api3
    provider: tencent
    api3:
      secret_id_env: SIMULATOR_SECRET_ID
      secret_key_env: SIMULATOR_SECRET_KEY
      endpoint: http://127.0.0.1:8080
streams:
  - account: simulator
    stream: news
    domain: push.example.com
    app_name: live
    expect:
      fps: 25
      bitrate: 2500kbit
      live: true
domains:
  - account: simulator-api3
    domain: live.example.com
    app_names:
      - live
    discover: true
`);
  expect(exporterEnvironment(scenario)).toEqual({
    SIMULATOR_STAT_KEY: 'simulator-demo-key',
    SIMULATOR_SECRET_ID: 'simulator-demo-secret-id',
    SIMULATOR_SECRET_KEY: 'simulator-demo-secret-key',
  });
});

test('has both accounts for streams and domains, with the token, a long delay and late actions', () => {
  const scenario = scenarioOf(`
name: x
account: {key: secret-of-the-test}
streams: [{name: news}]
alibaba: {security_token: token, signature: v1, format: xml, delay: 1m}
domains:
  - name: play.example.com
    app_names: [live, tv]
    story: [{at: 1m, stream: a, action: forbid, late: 1h}]
`);

  expect(toExporterConfig(createWorld(scenario, start), endpoint)).toBe(`accounts:
  - name: simulator
    provider: tencent
    statcgi:
      app_id: 1234
      key_env: SIMULATOR_STAT_KEY
      endpoint: http://127.0.0.1:8080/common_access
  - name: simulator-alibaba
    provider: alibaba
    access_key_id_env: SIMULATOR_ACCESS_KEY_ID
    access_key_secret_env: SIMULATOR_ACCESS_KEY_SECRET
    security_token_env: SIMULATOR_SECURITY_TOKEN
    endpoint: http://127.0.0.1:8080
    signature: v1
    format: xml
    expected_delay:
      control_history: 1m
streams:
  - account: simulator
    stream: news
    domain: push.example.com
    app_name: live
    expect:
      fps: 25
      bitrate: 2500kbit
      live: true
domains:
  - account: simulator-alibaba
    domain: play.example.com
    control_history:
      interval: 10s
      lookback: 1h
`);
  expect(exporterEnvironment(scenario)).toEqual({
    SIMULATOR_STAT_KEY: 'secret-of-the-test',
    SIMULATOR_ACCESS_KEY_ID: 'simulator-demo-id',
    SIMULATOR_ACCESS_KEY_SECRET: 'simulator-demo-secret',
    SIMULATOR_SECURITY_TOKEN: 'token',
  });
});

test('limits delays and lookbacks to the maximum of the exporter', () => {
  const scenario = scenarioOf(`
name: x
provider: {delay: 2h}
streams: [{name: news}]
alibaba: {delay: 2h}
domains: [{name: play.example.com, story: [{at: 1m, stream: a, action: forbid, late: 30h}]}]
`);

  const config = toExporterConfig(createWorld(scenario, start), endpoint);

  expect(config.match(/(push_stats|control_history|lookback): .*/g)).toEqual([
    'push_stats: 29m',
    'control_history: 1h',
    'lookback: 23h',
  ]);
});

test('has no Alibaba account if the scenario has only streams', () => {
  const scenario = scenarioOf('{name: x, streams: [{name: news}]}');

  expect(toExporterConfig(createWorld(scenario, start), endpoint)).not.toContain('alibaba');
  expect(exporterEnvironment(scenario)).toEqual({ SIMULATOR_STAT_KEY: 'simulator-demo-key' });
});

const atAlibaba = `
alibaba: {bitrate_unit: byte, domain_bitrate_unit: kbit, DISCOVER}
provider: {delay: 40s}
streams:
  - {name: cam1, api: alibaba, domain: play.example.com}
  - {name: cam2, api: alibaba, domain: centre.example.com, app_name: show}
domains: [{name: play.example.com, push_domains: [push.example.com]}]
`;

test('has an account of Alibaba for its streams, with the delay of the samples and the unit of the bit rates', () => {
  const scenario = scenarioOf(`name: x${atAlibaba.replace('DISCOVER', 'discover: false')}`);

  const config = toExporterConfig(createWorld(scenario, start), endpoint);

  expect(config).toContain(`    format: json
    bitrate_unit:
      DescribeLiveCenterStreamRateData: byte
      DescribeLiveDomainFrameRateAndBitRateData: kbit
    expected_delay:
      push_stats: 40s
streams:
  - account: simulator-alibaba
    stream: cam1
    domain: play.example.com
    app_name: live
`);
  expect(exporterEnvironment(scenario)).toEqual({
    SIMULATOR_ACCESS_KEY_ID: 'simulator-demo-id',
    SIMULATOR_ACCESS_KEY_SECRET: 'simulator-demo-secret',
  });
  expect('problems' in loadConfig(config, 'x.yaml')).toBe(false);
});

test('discovers the streams of Alibaba if the scenario says so', () => {
  const scenario = scenarioOf(`name: x${atAlibaba.replace('DISCOVER', 'discover: true')}`);

  const config = toExporterConfig(createWorld(scenario, start), endpoint);

  expect(config).toContain(`domains:
  - account: simulator-alibaba
    domain: play.example.com
    control_history:
      interval: 10s
      lookback: 10m
    app_names:
      - live
    discover: true
  - account: simulator-alibaba
    domain: centre.example.com
    app_names:
      - show
    discover: true
`);
  expect(config).not.toContain('streams:');
  expect('problems' in loadConfig(config, 'x.yaml')).toBe(false);
});

test('has an account of Alibaba if only streams use it', () => {
  const scenario = scenarioOf('{name: x, streams: [{name: a}, {name: b, api: alibaba}]}');

  const config = toExporterConfig(createWorld(scenario, start), endpoint);

  expect(config.match(/account: .*/g)).toEqual(['account: simulator', 'account: simulator-alibaba']);
  expect(Object.keys(exporterEnvironment(scenario))).toEqual([
    'SIMULATOR_STAT_KEY',
    'SIMULATOR_ACCESS_KEY_ID',
    'SIMULATOR_ACCESS_KEY_SECRET',
  ]);
});
