import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { isDiscovered, toExporterConfig } from '../../../src/simulator/exporter-config.ts';
import { parseScenario } from '../../../src/simulator/scenario/parse-scenario.ts';
import { createWorld } from '../../../src/simulator/world/world.ts';
import { start } from '../support.ts';

const directory = new URL('../../../config/scenarios/', import.meta.url);
const files = readdirSync(directory);
const textOf = (file: string) => readFileSync(new URL(file, directory), 'utf8');

function worldOf(file: string) {
  const parsed = parseScenario(textOf(file), file);
  if ('problems' in parsed) throw new Error(parsed.problems.join('\n'));
  return createWorld(parsed.scenario, start);
}

test('contains the demo and three drills', () => {
  expect(files.toSorted()).toEqual(['demo.yaml', 'forbid.yaml', 'fps-drop.yaml', 'outage.yaml']);
});

test.each(files)('%s is valid, and has the name of its file and a description', (file) => {
  const { scenario } = worldOf(file);

  expect(`${scenario.name}.yaml`).toBe(file);
  expect(scenario.description).not.toBe('');
});

test.each(files)('the exporter accepts the generated config for %s', (file) => {
  const world = worldOf(file);

  const loaded = loadConfig(toExporterConfig(world, 'http://127.0.0.1:1/common_access'), file);

  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
  const { pushTargets, controlTargets, discoveryTargets } = loaded.config;
  const [discovered = [], listed = []] = [true, false].map((is) =>
    world.streams.filter((stream) => isDiscovered(world.scenario, stream) === is),
  );
  const pushDomains = new Set(discovered.map(({ domain }) => domain)).size;
  expect([pushTargets.length, discoveryTargets.length, controlTargets.length]).toEqual([
    listed.length,
    pushDomains,
    world.scenario.domains.length + pushDomains,
  ]);
});

test.each(files)('%s only contains IP addresses reserved for documentation', (file) => {
  const addresses = textOf(file).match(/\b\d+\.\d+\.\d+\.\d+\b/g) ?? [];

  expect(addresses.length).toBeGreaterThan(0);
  expect(addresses.filter((address) => !/^(192\.0\.2|198\.51\.100|203\.0\.113)\./.test(address))).toEqual([]);
});

test('drops a channel of the demo to 60% of its frames, from 30 s to 75 s', () => {
  const world = worldOf('demo.yaml');
  const framesAt = (s: number) =>
    world.samplesOf('1234_city-cam', start + s * 1_000, start + (s + 5) * 1_000)[0]?.framesPerSecond;

  expect([25, 30, 70, 75].map(framesAt).map((fps) => (fps ?? 0) > 20)).toEqual([true, false, false, true]);
});

test('in each five minutes of the demo each channel does what it is there for', () => {
  const world = worldOf('demo.yaml');
  const fromHour = start - 3_600_000;
  const facts = world.streams.map(({ name }) => {
    const samples = world.samplesOf(name, fromHour, fromHour + 300_000);
    const publishers = new Set(samples.map(({ clientIp }) => clientIp)).size;
    const stalled = samples.filter(({ framesPerSecond }) => framesPerSecond === 0).length;
    return [name, samples.length, publishers, stalled];
  });

  expect(facts).toEqual([
    ['1234_news', 60, 1, 0],
    ['1234_music', 60, 1, 0],
    ['1234_sport', 60, 1, 0],
    ['1234_city-cam', 60, 1, 0],
    ['1234_studio', 60, 1, 8],
    ['1234_drone', 41, 1, 0],
    ['1234_van', 60, 2, 0],
    ['1234_arena', 72, 2, 0],
    ['1234_night', 0, 0, 0],
    ['room-1', 60, 1, 0],
    ['room-2', 30, 1, 0],
    ['room-3', 60, 1, 0],
  ]);
});

test('in the first five minutes of the demo two streams are forbidden and resumed', () => {
  const world = worldOf('demo.yaml');
  const actions = world.actionsOf('play.example.com', start, start + 300_000);

  expect(
    actions.map(({ actedAt, visibleAt, stream, action }) => {
      return [(actedAt - start) / 1_000, (visibleAt - start) / 1_000, stream, action];
    }),
  ).toEqual([
    [40, 50, 'guest-1', 'forbid'],
    [100, 110, 'guest-1', 'resume'],
    [200, 250, 'guest-2', 'forbid'],
    [270, 280, 'guest-2', 'resume'],
  ]);
});

test('the drill forbids one stream twice and another with a twin, while a third is cut twelve times', () => {
  const world = worldOf('forbid.yaml');
  const truth = world.truthOfActions('play.example.com', start - 86_400_000, start + 86_400_000);

  expect(truth.map(({ appName, stream, action, actions }) => [appName, stream, action, actions])).toEqual([
    ['live', 'drill', 'forbid', 2],
    ['live', 'drill', 'resume', 2],
    ['live', 'flapper', 'forbid', 12],
    ['live', 'flapper', 'resume', 12],
    ['backup', 'twin', 'forbid', 2],
    ['backup', 'twin', 'resume', 1],
  ]);
});
