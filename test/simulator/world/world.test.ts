import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PushSample } from '../../../src/model/push-sample.ts';
import { createWorld, type World } from '../../../src/simulator/world/world.ts';
import { quietScenario, scenarioOf, start } from '../support.ts';

const minute = 60_000;
const day = 1_440 * minute;

/** Lists the samples of the only stream, with their times in seconds since the start. */
function samplesIn(world: World, fromS: number, toS: number): readonly string[] {
  const samples = world.samplesOf('news', start + fromS * 1_000, start + toS * 1_000);
  return samples.map(
    ({ measuredAt, clientIp, serverIp, framesPerSecond, bitsPerSecond }) =>
      `${(measuredAt - start) / 1_000}s ${clientIp} ${serverIp} ${framesPerSecond} ${bitsPerSecond}`,
  );
}

function worldOf(story: string, top = ''): World {
  return createWorld(
    scenarioOf(`
name: samples
noise: 0%
${top}
streams:
  - name: news
    fps: 25
    bitrate: 2Mbit
    client_ip: 192.0.2.1
    server_ip: 198.51.100.1
    ${story}`),
    start,
  );
}

test('returns a sample of a healthy stream every five seconds at a constant phase', () => {
  const world = createWorld(quietScenario(), start);

  expect(samplesIn(world, 0, 15)).toEqual([
    '3s 192.0.2.1 198.51.100.1 25 2000000',
    '8s 192.0.2.1 198.51.100.1 25 2000000',
    '13s 192.0.2.1 198.51.100.1 25 2000000',
  ]);
  expect(world.samplesOf('news', start + 3_000, start + 8_000)).toEqual<PushSample[]>([
    {
      measuredAt: start + 3_000,
      periodMs: 5_000,
      clientIp: '192.0.2.1',
      serverIp: '198.51.100.1',
      session: undefined,
      framesPerSecond: 25,
      bitsPerSecond: 2_000_000,
    },
  ]);
});

test('returns healthy streams before the start of a story without loop', () => {
  const world = worldOf('story: [{at: 0s, for: 1h, fps: 0}]');

  expect(samplesIn(world, -10, 5)).toEqual([
    '-7s 192.0.2.1 198.51.100.1 25 2000000',
    '-2s 192.0.2.1 198.51.100.1 25 2000000',
    '3s 192.0.2.1 198.51.100.1 0 2000000',
  ]);
});

test('repeats a looping story also before the start', () => {
  const world = worldOf('story: [{at: 0s, for: 10s, fps: 60%}]', 'loop: 1m');

  const framesAt = (s: number) =>
    world.samplesOf('news', start + s * 1_000, start + (s + 5) * 1_000)[0]?.framesPerSecond;
  expect([-180, -60, 0, 60, 6_000].map(framesAt)).toEqual([15, 15, 15, 15, 15]);
  expect([-170, -50, 10, 70, 6_010].map(framesAt)).toEqual([25, 25, 25, 25, 25]);
});

test('plays a story at double speed in half the time with the same sample period', () => {
  const world = worldOf('story: [{at: 10s, for: 20s, fps: 10}]', 'speed: 2');

  expect(samplesIn(world, 0, 20).map((line) => line.replace(/ .* (\d+) \d+$/, ' $1'))).toEqual([
    '3s 25',
    '8s 10',
    '13s 10',
    '18s 25',
  ]);
});

test('keeps the audio bit rate during a stall and returns no samples during silence', () => {
  const world = worldOf(
    'story: [{at: 0s, for: 10s, fps: 0, bitrate: 128kbit}, {at: 10s, for: 10s, silent: true}]',
  );

  expect(samplesIn(world, 0, 25)).toEqual([
    '3s 192.0.2.1 198.51.100.1 0 128000',
    '8s 192.0.2.1 198.51.100.1 0 128000',
    '23s 192.0.2.1 198.51.100.1 25 2000000',
  ]);
});

test('starts flapping with the down phase', () => {
  const world = worldOf('story: [{at: 0s, for: 40s, flapping: {down: 10s, up: 5s}}]');

  expect(samplesIn(world, 0, 50).map((line) => line.split(' ')[0])).toEqual(['13s', '28s', '43s', '48s']);
});

test('changes the publisher and the ingest node during an event', () => {
  const world = worldOf('story: [{at: 5s, for: 5s, client_ip: 203.0.113.1, server_ip: 198.51.100.2}]');

  expect(samplesIn(world, 0, 15)).toEqual([
    '3s 192.0.2.1 198.51.100.1 25 2000000',
    '8s 203.0.113.1 198.51.100.2 25 2000000',
    '13s 192.0.2.1 198.51.100.1 25 2000000',
  ]);
});

test('returns separate samples of a second publisher, two seconds after the first', () => {
  const world = worldOf('story: [{at: 5s, for: 5s, second_publisher: 203.0.113.1}]');

  expect(samplesIn(world, 0, 15)).toEqual([
    '3s 192.0.2.1 198.51.100.1 25 2000000',
    '5s 203.0.113.1 198.51.100.1 25 2000000',
    '8s 192.0.2.1 198.51.100.1 25 2000000',
    '13s 192.0.2.1 198.51.100.1 25 2000000',
  ]);
});

test('gives the last listed of overlapping events precedence', () => {
  const world = worldOf('story: [{at: 0s, fps: 10, bitrate: 50%}, {at: 5s, for: 5s, fps: 12}]');

  expect(samplesIn(world, 0, 15)).toEqual([
    '3s 192.0.2.1 198.51.100.1 10 1000000',
    '8s 192.0.2.1 198.51.100.1 12 1000000',
    '13s 192.0.2.1 198.51.100.1 10 1000000',
  ]);
});

test('returns samples only between start and stop, and none for a stream that never starts', () => {
  const world = createWorld(
    scenarioOf('{name: x, streams: [{name: news, start: 10s, stop: 20s}, {name: night, start: never}]}'),
    start,
  );

  expect(samplesIn(world, -86_400, 86_400).map((line) => line.split(' ')[0])).toEqual(['13s', '18s']);
  expect(world.truthOf('night', start - day, start + day).samples).toBe(0);
});

test('returns no samples for an unknown stream', () => {
  expect(createWorld(quietScenario(), start).samplesOf('other', start - day, start)).toEqual([]);
});

test('returns no negative rate, whatever the noise', () => {
  const world = createWorld(scenarioOf('{name: x, noise: 100%, streams: [{name: news}]}'), start);

  const rates = world
    .samplesOf('news', start, start + 60 * minute)
    .map(({ bitsPerSecond = -1 }) => bitsPerSecond);

  expect(Math.min(...rates)).toBe(0);
});

test('adds small, deterministic, integer noise that depends on the seed', () => {
  const noisy = (seed: number) =>
    createWorld(scenarioOf(`{name: x, seed: ${seed}, noise: 4%, streams: [{name: news}]}`), start);
  const samples = noisy(1).samplesOf('news', start, start + day);

  expect(samples).toHaveLength(17_280);
  expect(new Set(samples.map((sample) => sample.framesPerSecond))).toEqual(new Set([24, 25, 26]));
  expect(Math.min(...samples.map((sample) => sample.bitsPerSecond ?? 0))).toBeGreaterThanOrEqual(2_300_000);
  expect(Math.max(...samples.map((sample) => sample.bitsPerSecond ?? 0))).toBeLessThanOrEqual(2_700_000);
  expect(Math.max(...samples.map((sample) => sample.bitsPerSecond ?? 0))).toBeGreaterThan(2_650_000);
  expect(samples.every((sample) => Number.isInteger(sample.bitsPerSecond))).toBe(true);
  expect(noisy(1).samplesOf('news', start, start + day)).toEqual(samples);
  expect(noisy(2).samplesOf('news', start, start + day)).not.toEqual(samples);
});

test('sums the samples of a window to its totals', () => {
  const world = worldOf('story: [{at: 5s, for: 5s, fps: 10, second_publisher: 203.0.113.1}]');

  // 25 + 10 + 10 + 25 frames a second, 2 Mbit each, for five seconds each.
  expect(world.truthOf('news', start, start + 15_000)).toEqual({
    samples: 4,
    observedMs: 20_000,
    milliframes: 350_000,
    bytes: 5_000_000,
  });
});

test('returns totals that add up, however a time range is split', () => {
  const world = createWorld(
    scenarioOf(`
name: eventful
loop: 3m
streams:
  - name: news
    story:
      - {at: 10s, for: 20s, fps: 60%, bitrate: 33%}
      - {at: 40s, for: 30s, flapping: {up: 7s, down: 4s}}
      - {at: 1m, for: 1m, second_publisher: 203.0.113.1}
`),
    start,
  );
  // Use whole seconds, so that some boundaries coincide with a sample.
  const time = fc.integer({ min: -600, max: 600 }).map((s) => start + s * 1_000);

  fc.assert(
    fc.property(fc.array(time, { minLength: 2, maxLength: 12 }), (times) => {
      const cuts = times.toSorted((a, b) => a - b);
      const parts = cuts.slice(1).map((to, index) => world.truthOf('news', cuts[index] ?? 0, to));
      const sum = { samples: 0, observedMs: 0, milliframes: 0, bytes: 0 };
      for (const part of parts) {
        sum.samples += part.samples;
        sum.observedMs += part.observedMs;
        sum.milliframes += part.milliframes;
        sum.bytes += part.bytes;
      }
      expect(sum).toEqual(world.truthOf('news', cuts[0] ?? 0, cuts.at(-1) ?? 0));
    }),
  );
});

test('makes samples visible after the delay, and the configured share of them later', () => {
  const world = createWorld(
    quietScenario('provider: {delay: 5s, late: {share: 25%, by: 20s}, doubled: {share: 10%}}'),
    start,
  );
  const samples = world.samplesOf('news', start, start + day);
  const delays = samples.map((sample) => world.visibleAt('news', sample) - sample.measuredAt);

  expect(new Set(delays)).toEqual(new Set([5_000, 25_000]));
  expect(delays.filter((delay) => delay === 25_000).length / samples.length).toBeCloseTo(0.25, 1);
  const duplicated = samples.filter((sample) => world.isDuplicated('news', sample));
  expect(duplicated.length / samples.length).toBeCloseTo(0.1, 1);
});

test('delays the visibility of samples during a delay event', () => {
  const world = createWorld(
    quietScenario('provider: {delay: 5s, story: [{at: 10s, for: 10s, delay: 90s}]}'),
    start,
  );
  const samples = world.samplesOf('news', start + 5_000, start + 25_000);

  expect(samples.map((sample) => world.visibleAt('news', sample) - sample.measuredAt)).toEqual([
    5_000, 90_000, 90_000, 5_000,
  ]);
});

test('holds the samples of an event back until a time of the story', () => {
  const world = createWorld(
    quietScenario('provider: {delay: 5s, story: [{at: 10s, for: 10s, held_until: 40s}]}'),
    start,
  );
  const samples = world.samplesOf('news', start + 5_000, start + 25_000);

  expect(samples.map((sample) => world.visibleAt('news', sample) - start)).toEqual([
    13_000, 40_000, 40_000, 28_000,
  ]);
});

test('holds samples back in each repetition of a faster story', () => {
  const world = createWorld(
    quietScenario(`loop: 10m
speed: 10
provider: {delay: 5s, story: [{at: 2m, for: 2m, held_until: 8m}]}`),
    start,
  );
  const samples = world.samplesOf('news', start + 65_000, start + 90_000);

  expect(samples.map((sample) => world.visibleAt('news', sample) - start)).toEqual([
    73_000, 108_000, 108_000, 108_000, 93_000,
  ]);
});

test('omits the frame rate or the bit rate of the configured share of the samples', () => {
  const world = createWorld(quietScenario('provider: {partial: {share: 10%}}'), start);
  const samples = world.samplesOf('news', start, start + day);
  const shareOf = (name: 'framesPerSecond' | 'bitsPerSecond') =>
    samples.filter((sample) => sample[name] === undefined).length / samples.length;

  expect(shareOf('framesPerSecond')).toBeCloseTo(0.05, 2);
  expect(shareOf('bitsPerSecond')).toBeCloseTo(0.05, 2);
  expect(samples.filter((sample) => !sample.framesPerSecond && !sample.bitsPerSecond)).toEqual([]);
});

test('creates streams of a group with different name, address, bit rate and phase', () => {
  const world = createWorld(
    scenarioOf(`
name: many
noise: 0%
streams:
  - name: stream-{n}
    count: 2000
    bitrate: 1Mbit
    client_ip: 192.0.2.250
    story: [{at: 0s, client_ip: 203.0.113.5}]
`),
    start,
  );
  const { streams } = world;

  expect(streams.map(({ name }) => name).slice(0, 2)).toEqual(['stream-1', 'stream-2']);
  expect(new Set(streams.map(({ name }) => name)).size).toBe(2_000);
  expect(streams.map(({ clientIp }) => clientIp).slice(3, 7)).toEqual([
    '192.0.2.253',
    '192.0.2.254',
    '192.0.2.1',
    '192.0.2.2',
  ]);
  expect(streams[1]?.story[0]?.clientIp).toBe('203.0.113.6');
  expect(
    streams.every(({ bitsPerSecond: bps }) => bps >= 900_000 && bps <= 1_100_000 && bps % 1_000 === 0),
  ).toBe(true);
  const phases = streams.map(
    ({ name }) => ((world.samplesOf(name, start, start + 5_000)[0]?.measuredAt ?? 0) - start) / 1_000,
  );
  expect(new Set(phases)).toEqual(new Set([0, 1, 2, 3, 4]));
});
