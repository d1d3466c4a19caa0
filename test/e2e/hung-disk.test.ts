import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { exporterEnvironment, toExporterConfig } from '../../src/simulator/exporter-config.ts';
import { type Simulator, startSimulator } from '../../src/simulator/server.ts';
import { type Daemon, startDaemon } from '../support/daemon.ts';
import { type HungDisk, hangDisk } from '../support/hung-disk.ts';
import { scenarioOf } from '../support/scenarios.ts';
import { describeWithTool } from '../support/tools.ts';
import { waitFor } from '../support/wait-for.ts';

const scenario = scenarioOf(`
name: hung
account: {app_id: 1234, key: the-key}
provider: {delay: 1s}
streams: [{name: news}]
`);

let directory: string;
let daemon: Daemon | undefined;
let disk: HungDisk | undefined;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'livestream-hung-'));
});

afterEach(async () => {
  await disk?.release();
  await daemon?.end('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});

describeWithTool('strace', 'a disk that hangs', () => {
  test('delays counters, but neither scrapes nor gauges nor polls', {
    timeout: 180_000,
  }, async () => {
    await using simulator = await startSimulator({ scenario, clock: systemClock });
    daemon = start(simulator);
    const running = daemon;
    await waitFor('samples', async () => ((await samples(running)) > 0 ? true : undefined));
    disk = await hangDisk(running.process.pid ?? 0);

    const [countedBefore, shownBefore] = [await samples(running), await watermark(running)];
    await waitFor(
      'newer gauges',
      async () => ((await watermark(running)) > shownBefore + 14 ? true : undefined),
      60_000,
    );
    // One save can have ended before the disk hung.
    const whileHung = await samples(running);
    expect(whileHung).toBeLessThanOrEqual(countedBefore + 2);
    await waitFor(
      'the report',
      () => running.output().includes('the disk has not responded') || undefined,
      60_000,
    );
    await disk.release();
    await waitFor('the counters', async () => ((await samples(running)) >= whileHung + 3 ? true : undefined));
    await waitFor('the end of the report', () => running.output().includes('works again') || undefined);
  });
});

describeWithTool('mkfifo', 'a stop while the disk hangs', () => {
  test('ends at its deadline, although a thread waits in a system call', { timeout: 90_000 }, async () => {
    const data = join(directory, 'data');
    mkdirSync(data);
    // Reading a pipe without a writer hangs, like reading a disk that does not respond.
    execFileSync('mkfifo', [join(data, 'scrapers.json')]);
    await using simulator = await startSimulator({ scenario, clock: systemClock });
    daemon = start(simulator);
    await waitFor('the open state', () => readdirSync(data).includes('state.db-wal') || undefined);

    expect(await daemon.end('SIGTERM')).toBe(1);

    expect(daemon.output()).toContain('not stopped after 25 s');
  });
});

function start(simulator: Simulator): Daemon {
  const config = join(directory, 'config.yaml');
  writeFileSync(config, toExporterConfig(simulator.world, simulator.endpoint));
  const flags = [`--config.file=${config}`, `--storage.path=${join(directory, 'data')}`];
  return startDaemon([...flags, '--web.listen-address=127.0.0.1:0'], exporterEnvironment(scenario));
}

function samples(of: Daemon): Promise<number> {
  return readValue(of, /^livestream_push_samples_total\{.*\} (\S+)$/m);
}

/** Returns the end of the last answered request. */
function watermark(of: Daemon): Promise<number> {
  return readValue(of, /^livestream_push_watermark_timestamp_seconds\{.*\} (\S+)$/m);
}

/** Returns a value of a scrape, which must not wait for the disk: that hangs until it is released. */
async function readValue(of: Daemon, line: RegExp): Promise<number> {
  const response = await fetch(new URL('metrics', await of.url()), { signal: AbortSignal.timeout(20_000) });
  return Number(line.exec(await response.text())?.[1] ?? 0);
}
