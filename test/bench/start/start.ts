import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';
import { request } from 'undici';
import { startChild } from '../commands.ts';
import type { Pauses } from './preload.ts';

/** Measurement of one phase of a daemon. */
export interface Phase extends Pauses {
  readonly name: string;
  readonly tookMs: number;
  /** Streams in the scrape at the end of the phase. */
  readonly streams: number;
}

export interface StartOptions {
  readonly streams: number;
  /** Several, because the budget of an account is at most 1000 requests per second. */
  readonly accounts: number;
  /** Maximum duration of a phase. */
  readonly deadlineMs: number;
  /**
   * Minimum duration of the collection phase; up to three times as long, until V8 has marked the whole heap.
   */
  readonly watchMs: number;
}

/**
 * Measures a daemon against a provider process that responds immediately: the start until a scrape shows
 * every stream, without state and with the state of the first start; collection alone; and a reload that
 * changes a tenth of the streams.
 */
export async function measureStart(options: StartOptions): Promise<readonly Phase[]> {
  const { streams, deadlineMs } = options;
  const directory = await mkdtemp(join(tmpdir(), 'livestream-start-'));
  const config = join(directory, 'config.json');
  const phases: Phase[] = [];
  try {
    for (const name of ['start, cold', 'start, restored'] as const) {
      await using provider = await startProvider(streams);
      await writeFile(config, configText(options, provider.port, 0));
      const startedAt = performance.now();
      await using daemon = await startDaemon(config, join(directory, 'data'));
      const signal = AbortSignal.timeout(deadlineMs);
      await waitFor(provider.allRequested, signal);
      const shown = await scrapeUntil(daemon.url, streams, signal);
      phases.push({
        name,
        tookMs: performance.now() - startedAt,
        streams: shown,
        ...(await daemon.pauses()),
      });
      if (name === 'start, cold') continue;

      phases.push({
        name: 'collection alone',
        streams: shown,
        ...(await watchAlone(daemon, options.watchMs)),
      });

      await writeFile(config, configText(options, provider.port, 1));
      const reloadedAt = performance.now();
      const { statusCode, body } = await request(new URL('-/reload', daemon.url), { method: 'POST' });
      const reply = await body.text();
      if (statusCode !== 200) throw new Error(`reload failed: ${reply}`);
      const tookMs = performance.now() - reloadedAt;
      const pauses = await daemon.pauses();
      phases.push({
        name: 'reload, 10 % changed',
        tookMs,
        streams: await countStreams(daemon.url),
        ...pauses,
      });
    }
    return phases;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/**
 * Measures collection alone, including one marking of the whole heap, which happens about every ten seconds.
 */
async function watchAlone(
  { pauses }: { pauses(): Promise<Pauses> },
  ms: number,
): Promise<Pauses & Pick<Phase, 'tookMs'>> {
  const startedAt = performance.now();
  const watched: Pauses[] = [];
  do {
    await sleep(ms);
    watched.push(await pauses());
  } while (watched.length < 3 && watched.every(({ markings }) => markings === 0));
  const maxOf = (of: (pauses: Pauses) => number) => Math.max(...watched.map(of));
  const sum = (of: (pauses: Pauses) => number) => watched.reduce((total, pauses) => total + of(pauses), 0);
  return {
    tookMs: performance.now() - startedAt,
    wallMs: maxOf(({ wallMs }) => wallMs),
    busyMs: maxOf(({ busyMs }) => busyMs),
    unmarkedMs: maxOf(({ unmarkedMs }) => unmarkedMs),
    residentBytes: maxOf(({ residentBytes }) => residentBytes),
    markings: sum(({ markings }) => markings),
    cpuMs: sum(({ cpuMs }) => cpuMs),
  };
}

/**
 * Returns the config. A new version replaces a stream in twenty and changes labels and limits of another one.
 */
function configText({ streams, accounts }: StartOptions, port: number, version: number): string {
  const endpoint = `http://127.0.0.1:${port}/common_access`;
  return JSON.stringify({
    accounts: Array.from({ length: accounts }, (_, i) => ({
      name: `account-${i}`,
      provider: 'tencent',
      statcgi: { app_id: 1234, key_env: 'STAT_KEY', endpoint },
      requests_per_second: { Get_LivePushStatHistory: 1000 },
    })),
    limits: { max_streams: 100_000 },
    streams: Array.from({ length: streams }, (_, i) => ({
      account: `account-${i % accounts}`,
      domain: 'push.example.com',
      app_name: 'live',
      stream: i % 20 === 0 ? `stream-${i}-v${version}` : `stream-${i}`,
      expect: { fps: i % 20 === 1 ? 25 + version : 25, bitrate: '2500kbit', live: true },
      labels: { channel: `channel ${i}`, tier: i % 20 === 1 ? `v${version}` : 'gold' },
    })),
  });
}

/** Returns the time in ms for which a bare loop of undici requests all streams once from the same provider. */
export async function measureBareLoop(streams: number): Promise<number> {
  await using provider = await startProvider(streams);
  await using child = await startChild('collect.ts', 'undici', `http://127.0.0.1:${provider.port}/`);
  // V8 compiles the code.
  await child.ask('collect', streams);
  const startedAt = performance.now();
  await child.ask('collect', streams);
  return performance.now() - startedAt;
}

async function startProvider(streams: number) {
  const child = fork(join(import.meta.dirname, 'answerer.ts'), [String(streams)], { execArgv: [] });
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return {
    port,
    allRequested: once(child, 'message'),
    [Symbol.asyncDispose]: () => end(child),
  };
}

async function startDaemon(config: string, storage: string) {
  const root = join(import.meta.dirname, '..', '..', '..');
  const flags = ['--web.listen-address', '127.0.0.1:0', '--web.enable-lifecycle', '--log.level', 'info'];
  const child = fork(
    join(root, 'src', 'main.ts'),
    ['--config.file', config, '--storage.path', storage, ...flags],
    {
      execArgv: ['--import', join(import.meta.dirname, 'preload.ts')],
      env: { ...process.env, STAT_KEY: 'the-key' },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    },
  );
  let log = '';
  const listening = Promise.withResolvers<string>();
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    // The end is enough if the daemon fails.
    log = (log + text).slice(-10_000);
    const url = /msg=listening .*?url=(\S+)/.exec(log)?.[1];
    if (url !== undefined) listening.resolve(url);
  });
  child.once('exit', () => listening.reject(new Error(`the daemon exited: ${log}`)));
  const url = await listening.promise;
  return {
    url,
    async pauses(): Promise<Pauses> {
      child.send('take');
      const [pauses] = (await once(child, 'message')) as [Pauses];
      return pauses;
    },
    [Symbol.asyncDispose]: () => end(child),
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

function waitFor<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  signal.addEventListener('abort', () => aborted.reject(signal.reason), { once: true });
  return Promise.race([promise, aborted.promise]);
}

async function scrapeUntil(url: string, streams: number, signal: AbortSignal): Promise<number> {
  for (;;) {
    const shown = await countStreams(url);
    if (shown >= streams) return shown;
    signal.throwIfAborted();
    await sleep(500);
  }
}

/** Returns the number of live streams in a scrape. */
async function countStreams(url: string): Promise<number> {
  const { body } = await request(new URL('metrics', url), { headers: { 'accept-encoding': 'gzip' } });
  let count = 0;
  for await (const line of createInterface({ input: body.pipe(createGunzip()) })) {
    if (line.startsWith('livestream_push_up{') && line.endsWith(' 1')) count++;
  }
  return count;
}
