import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Daemon, startDaemon } from '../support/daemon.ts';
import { startTcpFront } from '../support/tcp-front.ts';
import { waitFor } from '../support/wait-for.ts';
import { type DrillConfig, toText } from './watched.ts';

const maxStopMs = 20_000;

/** Exporter at a constant address, with one state across its restarts. */
export interface DrillExporter {
  /** host:port. */
  readonly address: string;
  readonly configFile: string;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Reloads the config and waits until it is active. */
  reload(config: DrillConfig): Promise<void>;
  /** Reloads a text that is no config. */
  reloadBroken(): Promise<void>;
  /** Limits the size of each file that it writes, so that writes beyond it fail. */
  limitFiles(bytes: number | 'unlimited'): void;
  /** Replaces its state by a text that is no state; before the start. */
  spoilState(): void;
}

export async function createDrillExporter({
  directory,
  config,
  environment,
  parts,
}: {
  /** Directory of its files. */
  readonly directory: string;
  readonly config: DrillConfig;
  readonly environment: Readonly<Record<string, string>>;
  readonly parts: AsyncDisposableStack;
}): Promise<DrillExporter> {
  const configFile = join(directory, 'config.yaml');
  const storage = join(directory, 'data');
  mkdirSync(storage, { recursive: true, mode: 0o700 });
  writeFileSync(configFile, toText(config));
  const front = parts.use(await startTcpFront());
  let daemon: Daemon | undefined;

  const running = () => {
    if (daemon === undefined) throw new Error('the exporter is not running');
    return daemon;
  };
  const reload = async (text: string, word: string) => {
    writeFileSync(configFile, text);
    const count = () => running().output().split(word).length;
    const before = count();
    running().process.kill('SIGHUP');
    await waitFor(word, () => count() > before || undefined);
  };
  const exporter: DrillExporter = {
    address: front.address,
    configFile,
    async start() {
      daemon = startDaemon(
        [`--config.file=${configFile}`, `--storage.path=${storage}`, '--web.listen-address=127.0.0.1:0'],
        environment,
      );
      front.target = await daemon.url();
    },
    async stop() {
      front.target = undefined;
      front.reset();
      const stopping = daemon;
      daemon = undefined;
      const timer = setTimeout(() => stopping?.process.kill('SIGKILL'), maxStopMs);
      await stopping?.end('SIGTERM');
      clearTimeout(timer);
    },
    reload: (next) => reload(toText(next), 'config reloaded'),
    reloadBroken: () => reload('accounts: 5\n', 'config not reloaded'),
    limitFiles(bytes) {
      execFileSync('prlimit', ['--pid', String(running().process.pid), `--fsize=${bytes}:unlimited`]);
    },
    spoilState() {
      writeFileSync(join(storage, 'state.db'), 'not a database\n'.repeat(1_000));
    },
  };
  parts.defer(exporter.stop);
  return exporter;
}
