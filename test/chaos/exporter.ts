import { execFileSync } from 'node:child_process';
import { renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parse, stringify } from 'yaml';
import type { EpochMs } from '../../src/model/time.ts';
import { exporterEnvironment, toExporterConfig } from '../../src/simulator/exporter-config.ts';
import type { World } from '../../src/simulator/world/world.ts';
import { type Daemon, startDaemon } from '../support/daemon.ts';
import type { Front } from '../support/front.ts';
import { waitFor } from '../support/wait-for.ts';
import { dueWindow, reach } from './story.ts';

/** The exporter under test: one state, one address, many lives. */
export interface Exporter {
  start(): Promise<void>;
  /** Starts it, and does not wait until it serves. */
  startOnly(): void;
  /** kill -9. Fails when it had ended by itself before. */
  kill(): Promise<void>;
  /** Ends it orderly; does nothing when it does not run. */
  stop(): Promise<void>;
  /** Has it read another config, by SIGHUP, in which both providers are at this endpoint. */
  moveTo(endpoint: string): Promise<void>;
  /** Lets the system refuse whatever it writes to files beyond so many bytes of each; or nothing more. */
  limitFiles(bytes: number | 'unlimited'): void;
  /** How large SQLite's log of saves is. */
  savesBytes(): number;
  /** Sets its wall clock ahead of the right one, or behind, in this life and in all to come. 0: it is right. */
  setClock(aheadMs: number): void;
  /** Nobody can scrape this life any more. */
  hide(): void;
  /** What this life wrote so far. */
  output(): string;
  /** All of its metrics, as text. */
  metrics(): Promise<string>;
}

export function createExporter({
  folder,
  world,
  endpoint,
  front,
}: {
  readonly folder: string;
  readonly world: World;
  /** Of both providers: scheme, host and port. */
  readonly endpoint: string;
  readonly front: Front;
}): Exporter {
  const configFile = join(folder, 'config.yaml');
  const storage = join(folder, 'data');
  const clockFile = join(folder, 'clock-ahead-ms');
  let daemon: Daemon | undefined;

  const write = (at: string) => writeWhole(configFile, toConfig(world, at));
  const setClock = (aheadMs: number) => writeWhole(clockFile, String(aheadMs));
  setClock(0);

  const running = (): Daemon => {
    if (daemon === undefined) throw new Error('the exporter does not run');
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
    startOnly,
    async start() {
      startOnly();
      front.target = await running().url();
    },
    async kill() {
      front.target = undefined;
      const ended = await running().end('SIGKILL');
      const said = running().output().slice(-2_000);
      daemon = undefined;
      if (ended !== 'SIGKILL') throw new Error(`the exporter ended by itself, with ${ended}: ${said}`);
    },
    async stop() {
      front.target = undefined;
      const stopping = daemon;
      daemon = undefined;
      const tooLong = setTimeout(() => stopping?.process.kill('SIGKILL'), longestStopMs);
      await stopping?.end('SIGTERM');
      clearTimeout(tooLong);
    },
    async moveTo(at) {
      const before = reloadsIn(running().output());
      write(at);
      running().process.kill('SIGHUP');
      await waitFor('the reload', () => reloadsIn(running().output()) > before || undefined);
    },
    limitFiles(bytes) {
      execFileSync('prlimit', ['--pid', String(running().process.pid), `--fsize=${bytes}:unlimited`]);
    },
    savesBytes: () => statSync(join(storage, 'state.db-wal')).size,
    setClock,
    hide() {
      front.target = undefined;
    },
    output: () => daemon?.output() ?? '',
    async metrics() {
      const answer = await fetch(`http://${front.address}/metrics`);
      if (!answer.ok) throw new Error(`/metrics: HTTP ${answer.status}`);
      return answer.text();
    },
  };
}

const longestStopMs = 20_000;

/** No proxy but our own, a resolver that says no at once where it would wait for an answer, and a clock that can be set. */
const runtime = {
  HTTP_PROXY: '',
  http_proxy: '',
  HTTPS_PROXY: '',
  https_proxy: '',
  RES_OPTIONS: 'timeout:1 attempts:1',
  NODE_OPTIONS: `--import=${pathToFileURL(join(import.meta.dirname, 'wrong-clock.ts')).href}`,
};

/** Nobody may read a half of it. */
function writeWhole(file: string, text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

function reloadsIn(output: string): number {
  return output.split('config reloaded').length - 1;
}

/** The config that the simulator suggests, with more turns to make up for what faults cost, and a reach that just suffices. */
function toConfig(world: World, endpoint: string): string {
  // The shape is that of toExporterConfig.
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

/** Hours and minutes in UTC. */
function clockText(at: EpochMs): string {
  return new Date(at).toISOString().slice(11, 16);
}
