import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OperationLog } from '../../../src/simulator/request-log.ts';
import { createWorld } from '../../../src/simulator/world/world.ts';
import { type Daemon, startDaemon } from '../../support/daemon.ts';
import { configOf, type Load, operation, storyOf } from './story.ts';
import { type Measured, roundMs } from './verdict.ts';
import { createWatch, wrongStreams } from './watch.ts';

export interface BudgetOptions extends Load {
  readonly durationMs: number;
  readonly scrapeEveryMs: number;
  /** Ends the run early; it rejects then. */
  readonly signal?: AbortSignal;
}

/** Time in which the last response is counted and saved. */
const settleMs = 3_000;

/**
 * Runs a daemon and a provider in real time, each in its own process, with more streams than the budget can
 * poll at the configured interval. Scrapes throughout the run, and compares the totals with the truth at the
 * end.
 */
export async function runBudget(options: BudgetOptions): Promise<Measured> {
  const { streams, perSecond, durationMs, scrapeEveryMs, signal } = options;
  const directory = await mkdtemp(join(tmpdir(), 'livestream-budget-'));
  // Within the lookback of a first start, so that samples are visible immediately.
  const startedAt = Date.now() - 20_000;
  const world = createWorld(storyOf(options), startedAt);
  let daemon: Daemon | undefined;
  try {
    await using provider = await startProvider(options, startedAt);
    const config = join(directory, 'config.json');
    await writeFile(config, configOf(options, provider.endpoint));
    daemon = startDaemon(
      [
        `--config.file=${config}`,
        `--storage.path=${join(directory, 'data')}`,
        '--web.listen-address=127.0.0.1:0',
      ],
      { STAT_KEY: 'the-key' },
    );
    const url = await daemon.url();
    const watch = createWatch();
    const startedMs = performance.now();
    const elapsedMs = () => performance.now() - startedMs;
    for (let scrape = 1; scrape * scrapeEveryMs <= durationMs; scrape++) {
      await sleep(Math.max(0, scrape * scrapeEveryMs - elapsedMs()), undefined, { signal });
      const text = await scrapeOf(url);
      watch.see(text, elapsedMs() > 1.2 * roundMs(options) ? Date.now() : undefined);
    }
    const tookMs = elapsedMs();
    const { calls, mostInOneSecond, refused } = await provider.requests();

    // No watermark moves from here on. Watermarks are exposed immediately, totals after they are saved.
    await provider.end();
    await sleep(settleMs);
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
    await rm(directory, { recursive: true, force: true });
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
      const log = requests[operation];
      if (log === undefined) throw new Error('the provider received no request');
      return log;
    },
    end,
    [Symbol.asyncDispose]: end,
  };
}

async function scrapeOf(url: string): Promise<string> {
  const response = await fetch(new URL('/metrics', url), { signal: AbortSignal.timeout(30_000) });
  if (!response.ok) throw new Error(`scrape: HTTP ${response.status}`);
  return response.text();
}
