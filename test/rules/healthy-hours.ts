import { createCollectors } from '../../src/collectors/collectors.ts';
import { createZeroRelease } from '../../src/collectors/zero-release.ts';
import { createSlices } from '../../src/model/slices.ts';
import { type EpochMs, hourMs, minuteMs, secondMs } from '../../src/model/time.ts';
import { createRecordCache } from '../../src/polling/record-cache.ts';
import { providerOf } from '../../src/providers/registry.ts';
import { visibleSamples } from '../../src/simulator/world/visible-samples.ts';
import { createWorld, type World } from '../../src/simulator/world/world.ts';
import { toYaml } from '../../src/text/yaml.ts';
import { readYaml } from '../support/app.ts';
import { collectorParts, publishRecord } from '../support/collectors.ts';
import { scrapeText } from '../support/exposition.ts';
import { createManualClock, type ManualClock, settle } from '../support/manual-clock.ts';
import { disklessParts } from '../support/record-cache.ts';
import { noon } from '../support/samples.ts';
import { scenarioOf } from '../support/scenarios.ts';
import { recordScrapes, scrapeMs } from './recorded.ts';

/** Frame rates of the streams, in turn. */
const frameRates = [15, 24, 25, 30, 50, 60];

/** Time before the begin of the expected hours of a stream that has them, and their length, in ms. */
const startsAfterMs = 20 * minuteMs;
const isLiveMs = 25 * minuteMs;

/** Fewer runs than the exporter has in progress at a time. */
const runsTogether = 25;

/** Name of the account. */
export const account = 'healthy';

export interface HealthyHours {
  readonly streams: number;
  readonly hours: number;
  /** Seed of the noise. */
  readonly seed: number;
  /** Keys of the first stream in the scenario, which make it unhealthy. */
  readonly bad?: string;
  /** Interval of the scrapes in ms, a multiple of 5 s; absent: 5 s. */
  readonly scrapesMs?: number;
}

/**
 * Healthy streams: frame rates of 15 to 60 with 5 % noise, samples that come late or twice, pairs of a main
 * and a backup push, and streams that start and end with their expected hours.
 */
function healthyScenario({ streams, seed, bad = '' }: Pick<HealthyHours, 'streams' | 'seed' | 'bad'>) {
  const groups = Array.from({ length: streams }, (_, i) => {
    const fps = frameRates[i % frameRates.length];
    const starts = `start: ${startsAfterMs / secondMs}s, stop: ${(startsAfterMs + isLiveMs) / secondMs}s`;
    const kind =
      i % 10 === 1
        ? 'story: [{at: 10m, for: 20m, second_publisher: 203.0.113.9}]'
        : i % 10 === 2
          ? starts
          : i === 0
            ? bad
            : '';
    return `  - {name: "s${seed}-${i}", fps: ${fps}, ${kind}}`;
  });
  return scenarioOf(`
name: healthy
seed: ${seed}
noise: 5%
provider: {delay: 5s, late: {share: 2%, by: 20s}, doubled: {share: 1%}}
streams:
${groups.join('\n')}
`);
}

/** Returns the config of an exporter for the streams. Those with a start are expected only then. */
function configOf({ streams, startedAt }: World): string {
  const clock = (ms: number) => new Date(startedAt + ms).toISOString().slice(11, 16);
  const hours = { from: clock(startsAfterMs), to: clock(startsAfterMs + isLiveMs), time_zone: 'UTC' };
  return toYaml({
    accounts: [
      {
        name: account,
        provider: 'tencent',
        statcgi: { app_id: 1, key_env: 'KEY' },
        requests_per_second: { Get_LivePushStatHistory: 1_000 },
      },
    ],
    streams: streams.map(({ name, framesPerSecond, bitsPerSecond, startMs }) => ({
      account,
      stream: name,
      domain: 'push.example.com',
      app_name: 'live',
      expect: {
        fps: framesPerSecond,
        bitrate: `${bitsPerSecond / 1_000}kbit`,
        live: startMs > 0 ? [hours] : true,
      },
    })),
  });
}

/** Exporter of healthy streams in simulated time. */
export interface HealthyExporter extends AsyncDisposable {
  /** Returns what it exposes. */
  scrape(): Promise<string>;
  /** Lets 5 s pass, in which it polls each stream. */
  advance(): Promise<void>;
  readonly clock: ManualClock;
}

/**
 * Starts an exporter of healthy streams at the time `startedAt`. The collectors, the counting and the
 * exposition are those of the exporter; the provider answers without HTTP, and nothing is saved.
 */
export async function startHealthyExporter(
  options: Omit<HealthyHours, 'hours' | 'scrapesMs'>,
  startedAt: EpochMs,
): Promise<HealthyExporter> {
  const clock = createManualClock(startedAt);
  const world = createWorld(healthyScenario(options), startedAt);
  const parts = collectorParts(clock, (streamKeys) => zeroRelease.releasePushes(streamKeys));
  const { metrics } = parts;
  const cache = createRecordCache({
    ...disklessParts,
    publish: (record) => publishRecord(metrics, record),
    yieldNow: settle,
  });
  const zeroRelease = createZeroRelease(cache, createSlices({ ...clock, sliceMs: 1_000 }), (error) => {
    throw error;
  });
  const collectors = createCollectors({
    ...parts,
    cache,
    providerOf(name) {
      const provider = providerOf(name);
      return {
        ...provider,
        createSources(of, sourceParts) {
          const { push_stats } = provider.createSources(of, sourceParts);
          if (push_stats === undefined) throw new Error('no source of push statistics');
          return {
            push_stats: {
              ...push_stats,
              async listPushSamples({ stream }, window) {
                const { samples } = visibleSamples(world, stream, window, 24 * hourMs, clock.now());
                return { items: samples, malformed: 0, warnings: [] };
              },
            },
          };
        },
      };
    },
  });
  const loaded = await readYaml(configOf(world), { KEY: 'the-key' });
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
  await collectors.apply(loaded.config, loaded.secrets, clock.now());

  return {
    clock,
    async scrape() {
      for (const collector of collectors.all()) collector.setState();
      await metrics.control.updated();
      const lines = (await scrapeText(metrics)).split('\n');
      // The start of the process is in real time, which the rules must not compare with simulated time.
      return lines.filter((line) => !line.startsWith('process_start_time_seconds ')).join('\n');
    },
    async advance() {
      // Fewer runs at a time than streams: each call starts as many as may run together.
      const streams = world.streams.length;
      for (let started = 0; started < streams; started += runsTogether) {
        await Promise.all(collectors.all().map(({ poller }) => poller.start(clock.now())));
      }
      await zeroRelease.apply();
      await cache.flush(clock.now());
      await clock.advance(scrapeMs);
      await metrics.expire(clock.now());
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([collectors.close(), clock.advance(minuteMs)]);
    },
  };
}

/**
 * Records what an exporter exposes about healthy streams for some hours, as series in the notation of
 * promtool.
 */
export async function recordHealthyHours(options: HealthyHours): Promise<Readonly<Record<string, string>>> {
  await using exporter = await startHealthyExporter(options, noon);
  const { scrapesMs = scrapeMs } = options;
  return recordScrapes(exporter, exporter.clock, (options.hours * hourMs) / scrapesMs, async () => {
    for (let passedMs = 0; passedMs < scrapesMs; passedMs += scrapeMs) await exporter.advance();
  });
}
