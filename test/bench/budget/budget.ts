import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OperationLog } from '../../../src/simulator/request-log.ts';
import { createWorld, type World } from '../../../src/simulator/world.ts';
import { type Daemon, startDaemon } from '../../support/daemon.ts';
import { configOf, delayMs, type Load, operation, storyOf } from './story.ts';
import { type Measured, roundMs } from './verdict.ts';

export interface BudgetOptions extends Load {
  readonly durationMs: number;
  readonly scrapeEveryMs: number;
}

/** A sample for as long as each of these is above 0. */
const gauges = ['livestream_push_up', 'livestream_push_fps', 'livestream_push_bitrate_bps'];
const counters = ['samples', 'observed_seconds', 'frames', 'bytes'].map(
  (what) => `livestream_push_${what}_total`,
);

/** What was asked last is counted and saved by then. */
const silenceMs = 3_000;

/**
 * A daemon and a provider, each in a process of its own and in real time, with more streams than the budget can ask
 * about at each interval: scraped all through, and compared with what was true at the end.
 */
export async function runBudget(options: BudgetOptions): Promise<Measured> {
  const { streams, perSecond, durationMs, scrapeEveryMs } = options;
  const folder = await mkdtemp(join(tmpdir(), 'livestream-budget-'));
  // Within the lookback of a first start, so that there is something to see at once.
  const startedAt = Date.now() - 20_000;
  const world = createWorld(storyOf(options), startedAt);
  let daemon: Daemon | undefined;
  try {
    await using provider = await startProvider(options, startedAt);
    const config = join(folder, 'config.json');
    await writeFile(config, configOf(options, provider.endpoint));
    daemon = startDaemon(
      [
        `--config.file=${config}`,
        `--storage.path=${join(folder, 'data')}`,
        '--web.listen-address=127.0.0.1:0',
      ],
      { STAT_KEY: 'the-key' },
    );
    const url = await daemon.url();
    const watch = createWatch();
    const beganAt = performance.now();
    const elapsedMs = () => performance.now() - beganAt;
    for (let scrape = 1; scrape * scrapeEveryMs <= durationMs; scrape++) {
      await sleep(Math.max(0, scrape * scrapeEveryMs - elapsedMs()));
      const text = await scrapeOf(url);
      watch.see(text, elapsedMs() > 1.2 * roundMs(options) ? Date.now() : undefined);
    }
    const tookMs = elapsedMs();
    const { calls, mostInOneSecond, refused } = await provider.requests();

    // From here on no watermark moves: they are shown as soon as they do, totals once they are saved.
    await provider.end();
    await sleep(silenceMs);
    const text = await scrapeOf(url);
    return {
      streams,
      perSecond,
      tookMs,
      calls,
      mostInOneSecond,
      refused: Object.values(refused).reduce((sum, times) => sum + times, 0),
      ...watch.seen(),
      wrong: wrongStreams(world, text),
      daemonCpuSeconds: Number(/^process_cpu_seconds_total (.*)$/m.exec(text)?.[1]),
    };
  } finally {
    await daemon?.end('SIGTERM');
    await rm(folder, { recursive: true, force: true });
  }
}

async function startProvider({ streams, perSecond }: Load, startedAt: number) {
  const args = [streams, perSecond, startedAt].map(String);
  const child = fork(join(import.meta.dirname, 'provider.ts'), args, { execArgv: [] });
  const ended = once(child, 'exit');
  const [{ endpoint }] = (await once(child, 'message')) as [{ endpoint: string }];
  const end = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  return {
    endpoint,
    async requests(): Promise<OperationLog> {
      child.send('requests');
      const [requests] = (await once(child, 'message')) as [Record<string, OperationLog>];
      const told = requests[operation];
      if (told === undefined) throw new Error('nothing was asked');
      return told;
    },
    end,
    [Symbol.asyncDispose]: end,
  };
}

/** Looks at one scrape after the other. */
function createWatch() {
  let shown = gauges.map(() => new Set<string>());
  let scrapes = 0;
  let flaps = 0;
  let oldestWatermarkMs: number | undefined;
  return {
    /** `now`: when it is late enough for every stream to have been asked about. */
    see(text: string, now: number | undefined) {
      scrapes++;
      const before = shown;
      shown = gauges.map(
        (gauge) => new Set([...valuesOf(text, gauge)].flatMap(([name, value]) => (value > 0 ? [name] : []))),
      );
      for (const [i, names] of before.entries()) flaps += names.difference(shown[i] ?? new Set()).size;
      if (now === undefined) return;
      const watermarks = valuesOf(text, 'livestream_push_watermark_timestamp_seconds').values();
      const oldestMs = now - 1_000 * watermarks.reduce((a, b) => Math.min(a, b), Infinity);
      oldestWatermarkMs = Math.max(oldestWatermarkMs ?? 0, oldestMs);
    },
    seen: () => ({ scrapes, flaps, oldestWatermarkMs, streamsUp: shown[0]?.size ?? 0 }),
  };
}

/**
 * A call sees what is visible when it arrives: at its watermark or later, so of the last samples before the watermark,
 * as many as are shown late, it may have seen some and not others.
 */
function wrongStreams(world: World, text: string): readonly string[] {
  const watermarks = valuesOf(text, 'livestream_push_watermark_timestamp_seconds');
  const totals = counters.map((counter) => valuesOf(text, counter));
  return world.streams.flatMap(({ name }) => {
    const told = totals.map((total) => total.get(name)).join();
    const watermark = (watermarks.get(name) ?? 0) * 1_000;
    for (let lateMs = 0; lateMs <= delayMs; lateMs += 1_000) {
      const truth = world.truthOf(name, world.startedAt, watermark - lateMs + 1);
      const { samples, observedMs, milliframes, bytes } = truth;
      if (told === [samples, observedMs / 1_000, milliframes / 1_000, bytes].join()) return [];
    }
    return [`${name}: ${told} up to ${watermark}`];
  });
}

async function scrapeOf(url: string): Promise<string> {
  const response = await fetch(new URL('/metrics', url), { signal: AbortSignal.timeout(30_000) });
  if (!response.ok) throw new Error(`scrape: HTTP ${response.status}`);
  return response.text();
}

/** By stream. */
function valuesOf(text: string, family: string): ReadonlyMap<string, number> {
  const lines = text.matchAll(new RegExp(`^${family}\\{.*stream="([^"]*)".*\\} (.*)$`, 'gm'));
  return new Map([...lines].map(([, name = '', value]) => [name, Number(value)]));
}
