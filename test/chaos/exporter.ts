import { execFileSync } from 'node:child_process';
import { readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parse, stringify } from 'yaml';
import type { EpochMs } from '../../src/model/time.ts';
import { exporterEnvironment, toExporterConfig } from '../../src/simulator/exporter-config.ts';
import type { World } from '../../src/simulator/world/world.ts';
import { type Daemon, startDaemon } from '../support/daemon.ts';
import type { TcpFront } from '../support/tcp-front.ts';
import { waitFor } from '../support/wait-for.ts';
import { dueWindow, reach } from './story.ts';

/** Exporter under test: one state directory and one address across many restarts. */
export interface Exporter {
  /** Directory of its state. */
  readonly storage: string;
  start(): Promise<void>;
  /** Starts it without waiting until it serves. */
  startOnly(): void;
  /** Kills it with SIGKILL. Rejects if it has already exited. */
  kill(): Promise<void>;
  /** Stops it gracefully; a no-op if it is not running. */
  stop(): Promise<void>;
  /** Reloads the config, by SIGHUP, with this endpoint for both providers. */
  reloadWithEndpoint(endpoint: string): Promise<void>;
  /** Limits the size of each file that it writes (RLIMIT_FSIZE), so that writes beyond it fail. */
  limitFiles(bytes: number | 'unlimited'): void;
  /** Returns the id of its process. */
  pid(): number;
  /** Returns the size of the largest journal in bytes. */
  journalBytes(): number;
  /** Sets how far its wall clock is ahead of the world, now and after restarts; negative if behind. */
  setClock(aheadMs: number): void;
  /** Prevents further scrapes of this process. */
  hide(): void;
  /** Returns the output of this process so far. */
  output(): string;
  /** Returns the text of /metrics. */
  metrics(): Promise<string>;
  /** Returns the text of the first page of the JSON API for streams, with their last failures. */
  streams(): Promise<string>;
}

export function createExporter({
  directory,
  world,
  endpoint,
  front,
  leaptMs,
}: {
  readonly directory: string;
  readonly world: World;
  /** Returns how far the clock of the world is ahead of the system clock, in ms. */
  readonly leaptMs: () => number;
  /** Endpoint of both providers: scheme, host and port. */
  readonly endpoint: string;
  readonly front: TcpFront;
}): Exporter {
  const configFile = join(directory, 'config.yaml');
  const storage = join(directory, 'data');
  const clockFile = join(directory, 'clock-ahead-ms');
  let daemon: Daemon | undefined;

  const write = (at: string) => replaceFile(configFile, toConfig(world, at));
  const setClock = (aheadMs: number) => replaceFile(clockFile, String(leaptMs() + aheadMs));
  setClock(0);

  const running = (): Daemon => {
    if (daemon === undefined) throw new Error('the exporter is not running');
    return daemon;
  };

  function startOnly(): void {
    write(endpoint);
    daemon = startDaemon(
      [`--config.file=${configFile}`, `--storage.path=${storage}`, '--web.listen-address=127.0.0.1:0'],
      { ...exporterEnvironment(world.scenario), ...runtime, CHAOS_CLOCK_FILE: clockFile },
    );
  }

  return {
    storage,
    startOnly,
    async start() {
      startOnly();
      front.target = await running().url();
    },
    async kill() {
      front.target = undefined;
      const result = await running().end('SIGKILL');
      const output = running().output().slice(-2_000);
      daemon = undefined;
      if (result !== 'SIGKILL') throw new Error(`the exporter exited unexpectedly with ${result}: ${output}`);
    },
    async stop() {
      front.target = undefined;
      const stopping = daemon;
      daemon = undefined;
      const killTimer = setTimeout(() => stopping?.process.kill('SIGKILL'), maxStopMs);
      await stopping?.end('SIGTERM');
      clearTimeout(killTimer);
    },
    async reloadWithEndpoint(at) {
      const before = reloadsIn(running().output());
      write(at);
      running().process.kill('SIGHUP');
      await waitFor('the reload', () => reloadsIn(running().output()) > before || undefined);
    },
    limitFiles(bytes) {
      execFileSync('prlimit', ['--pid', String(running().process.pid), `--fsize=${bytes}:unlimited`]);
    },
    pid: () => running().process.pid ?? 0,
    journalBytes() {
      const sizes = readdirSync(storage)
        .filter((name) => name.startsWith('state.journal-'))
        .map((name) => statSync(join(storage, name)).size);
      return Math.max(0, ...sizes);
    },
    setClock,
    hide() {
      front.target = undefined;
      front.reset();
    },
    output: () => daemon?.output() ?? '',
    metrics: () => textAt('/metrics'),
    streams: () => textAt('/api/v1/streams?limit=200'),
  };

  async function textAt(path: string): Promise<string> {
    const response = await fetch(`http://${front.address}${path}`);
    if (!response.ok) throw new Error(`${path}: HTTP ${response.status}`);
    return response.text();
  }
}

const maxStopMs = 20_000;

/** Environment: no HTTP proxy, a resolver that fails quickly, and an adjustable clock. */
const runtime = {
  HTTP_PROXY: '',
  http_proxy: '',
  HTTPS_PROXY: '',
  https_proxy: '',
  RES_OPTIONS: 'timeout:1 attempts:1',
  NODE_OPTIONS: `--import=${pathToFileURL(join(import.meta.dirname, 'wrong-clock.ts')).href}`,
};

/** Replaces a file atomically, so that the exporter never reads a partial file. */
function replaceFile(file: string, text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

function reloadsIn(output: string): number {
  return output.split('config reloaded').length - 1;
}

/**
 * Returns the config of the simulator with a higher rate limit, because faults cost requests, and a minimal
 * lookback.
 */
function toConfig(world: World, endpoint: string): string {
  // Shape: toExporterConfig.
  const config = parse(toExporterConfig(world, `${endpoint}/common_access`)) as {
    accounts: { provider: string }[];
    streams: { expect: object }[];
    domains: object[];
  };
  const due = dueWindow(world);
  const live = [{ from: clockText(due.from), to: clockText(due.to), time_zone: 'UTC' }];
  const { lookback, expected_delay } = reach.control_history;
  return stringify({
    ...config,
    accounts: config.accounts.map((account) =>
      account.provider === 'tencent'
        ? { ...account, requests_per_second: { Get_LivePushStatHistory: 60 } }
        : { ...account, expected_delay: { control_history: expected_delay } },
    ),
    streams: config.streams.map((stream) => ({ ...stream, expect: { ...stream.expect, live } })),
    push_stats: reach.push_stats,
    domains: config.domains.map((domain) => ({ ...domain, control_history: { interval: '2s', lookback } })),
  });
}

/** Returns hours and minutes in UTC. */
function clockText(at: EpochMs): string {
  return new Date(at).toISOString().slice(11, 16);
}
