import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';
import { request } from 'undici';
import type { Pauses } from './preload.ts';

/** What was measured of one daemon in one phase of its life. */
export interface Phase extends Pauses {
  readonly name: string;
  /** How long the phase took. */
  readonly tookMs: number;
  /** How many streams the scrape at its end showed. */
  readonly streams: number;
}

export interface StartOptions {
  readonly streams: number;
  /** An account may be asked 1000 times a second at most, so there are several. */
  readonly accounts: number;
  /** Each phase fails that takes longer. */
  readonly deadlineMs: number;
  /** How long collection alone is watched, at least: up to three times that, until V8 has marked the whole heap. */
  readonly watchMs: number;
}

/**
 * A daemon with so many streams in a JSON config, against a provider in a process of its own that answers at once: from
 * the start to the first scrape that shows every stream, with no state and with the state of the first; a while of
 * collection; and a reload with a tenth of the streams other than before.
 */
export async function measureStart(options: StartOptions): Promise<readonly Phase[]> {
  const { streams, deadlineMs } = options;
  const folder = await mkdtemp(join(tmpdir(), 'livestream-start-'));
  const config = join(folder, 'config.json');
  const phases: Phase[] = [];
  try {
    for (const name of ['start, cold', 'start, restored'] as const) {
      await using provider = await startProvider(streams);
      await writeFile(config, configText(options, provider.port, 0));
      const beganAt = performance.now();
      await using daemon = await startDaemon(config, join(folder, 'data'));
      const signal = AbortSignal.timeout(deadlineMs);
      await waitFor(provider.allAsked, signal);
      const shown = await scrapeUntil(daemon.url, streams, signal);
      phases.push({ name, tookMs: performance.now() - beganAt, streams: shown, ...(await daemon.pauses()) });
      if (name === 'start, cold') continue;

      phases.push({
        name: 'collection alone',
        streams: shown,
        ...(await watchAlone(daemon, options.watchMs)),
      });

      await writeFile(config, configText(options, provider.port, 1));
      const reloadedAt = performance.now();
      const { statusCode, body } = await request(new URL('-/reload', daemon.url), { method: 'POST' });
      const told = await body.text();
      if (statusCode !== 200) throw new Error(`not reloaded: ${told}`);
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
    await rm(folder, { recursive: true, force: true });
  }
}

/** A while of collection. All of the heap is marked every ten seconds or so: what that costs has to be in it. */
async function watchAlone(
  { pauses }: { pauses(): Promise<Pauses> },
  ms: number,
): Promise<Pauses & Pick<Phase, 'tookMs'>> {
  const beganAt = performance.now();
  const watched: Pauses[] = [];
  do {
    await sleep(ms);
    watched.push(await pauses());
  } while (watched.length < 3 && watched.every(({ markings }) => markings === 0));
  const most = (of: (one: Pauses) => number) => Math.max(...watched.map(of));
  const sum = (of: (one: Pauses) => number) => watched.reduce((total, one) => total + of(one), 0);
  return {
    tookMs: performance.now() - beganAt,
    wallMs: most(({ wallMs }) => wallMs),
    busyMs: most(({ busyMs }) => busyMs),
    unmarkedMs: most(({ unmarkedMs }) => unmarkedMs),
    residentBytes: most(({ residentBytes }) => residentBytes),
    markings: sum(({ markings }) => markings),
    cpuMs: sum(({ cpuMs }) => cpuMs),
  };
}

/** In each version one in twenty streams is another, and one in twenty has other labels and limits. */
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

async function startProvider(streams: number) {
  const child = fork(join(import.meta.dirname, 'answerer.ts'), [String(streams)], { execArgv: [] });
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return {
    port,
    allAsked: once(child, 'message'),
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
    // Its last words are enough, should it fail.
    log = (log + text).slice(-10_000);
    const url = /msg=listening .*?url=(\S+)/.exec(log)?.[1];
    if (url !== undefined) listening.resolve(url);
  });
  child.once('exit', () => listening.reject(new Error(`the daemon ended: ${log}`)));
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

/** How many streams a scrape shows, each with a fresh sample. */
async function countStreams(url: string): Promise<number> {
  const { body } = await request(new URL('metrics', url), { headers: { 'accept-encoding': 'gzip' } });
  let count = 0;
  for await (const line of createInterface({ input: body.pipe(createGunzip()) })) {
    if (line.startsWith('livestream_push_up{') && line.endsWith(' 1')) count++;
  }
  return count;
}
