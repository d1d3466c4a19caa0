import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { startOrResumePush } from '../../src/model/saved-record.ts';
import { hourMs } from '../../src/model/time.ts';
import { exporterEnvironment, toExporterConfig } from '../../src/simulator/exporter-config.ts';
import { type Simulator, startSimulator } from '../../src/simulator/server.ts';
import { type Daemon, startDaemon } from '../support/daemon.ts';
import { pushTarget, streamId } from '../support/samples.ts';
import { scenarioOf } from '../support/scenarios.ts';
import { openWithDamage } from '../support/state.ts';
import { describeWithTool } from '../support/tools.ts';
import { waitFor } from '../support/wait-for.ts';

/** All streams start after the daemon and stop before the final check, so that their whole story is counted. */
const scenario = scenarioOf(`
name: full
account: {app_id: 1234, key: the-key}
provider: {delay: 1s, doubled: {share: 10%}}
streams: [{name: "s-{n}", count: 60, start: 6s, stop: 40s}]
`);
const settledAfterMs = 42_000;

let directory: string;
let daemon: Daemon | undefined;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'livestream-full-'));
});

afterEach(async () => {
  await daemon?.end('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});

describeWithTool('prlimit', 'storage with failing writes', () => {
  test('keeps serving and counting, also across a reload that evicts records, then saves and counts nothing twice', {
    timeout: 120_000,
  }, async () => {
    await using simulator = await startSimulator({ scenario, clock: systemClock });
    await saveFrozen('old', Date.now() - 2 * hourMs);
    await start(simulator);
    await using scraper = startScraper();
    await waitFor('samples', () => (scraper.samples() > 0 ? true : undefined));

    // Limit all files to one byte, so that every write fails.
    prlimit('0:unlimited');
    await expectFailingFlushes(scraper, 'EFBIG: file too large, write');
    writeConfig(simulator, '\nlimits: {state_retention: 1h}\n', 59);
    daemon?.process.kill('SIGHUP');
    await waitFor('the reload', () => /config reloaded/.exec(daemon?.output() ?? '') ?? undefined);
    await waitFor('a scrape without the stream', () => (scraper.streams() === 59 ? true : undefined));
    expect(keysOnDisk().filter((key) => key.includes('"old"'))).toHaveLength(1);
    prlimit('unlimited:unlimited');
    await expectSuccessfulFlush(scraper);
    await waitFor(
      'the deletion of the expired record',
      () => !keysOnDisk().some((key) => key.includes('"old"')) || undefined,
    );

    await restartAfterKill();
    await countsTheTruth(simulator, scraper, 59);
  });
});

function writeConfig(simulator: Simulator, more = '', most = Number.POSITIVE_INFINITY): void {
  writeFileSync(
    join(directory, 'config.yaml'),
    toExporterConfig(simulator.world, simulator.endpoint, most) + more,
  );
}

async function start(simulator: Simulator, env: Readonly<Record<string, string>> = {}): Promise<void> {
  writeConfig(simulator);
  await startAgain(env);
}

async function startAgain(env: Readonly<Record<string, string>> = {}): Promise<void> {
  daemon = startDaemon(
    [
      `--config.file=${join(directory, 'config.yaml')}`,
      `--storage.path=${join(directory, 'data')}`,
      '--web.listen-address=127.0.0.1:0',
    ],
    { ...exporterEnvironment(scenario), ...env },
  );
  await daemon.url();
}

async function restartAfterKill(): Promise<void> {
  expect(await daemon?.end('SIGKILL')).toBe('SIGKILL');
  await startAgain();
}

/** Limits the size of each file that the daemon writes (RLIMIT_FSIZE), as soft:hard limit. */
function prlimit(limits: string): void {
  execFileSync('prlimit', ['--pid', String(daemon?.process.pid), `--fsize=${limits}`]);
}

interface Scraper extends AsyncDisposable {
  /** Returns the time of the last flush in seconds; undefined before the first. */
  lastSave(): number | undefined;
  /** Returns the total of all streams at the last scrape. */
  samples(): number;
  streams(): number;
}

/**
 * Scrapes the daemon continuously. Disposal rejects if a running daemon did not respond, or if a counter decreased, even
 * across a restart.
 */
function startScraper(): Scraper {
  const stopping = new AbortController();
  let samples = new Map<string, number>();
  let lastSave: number | undefined;
  const loop = async () => {
    while (!stopping.signal.aborted) {
      const scraped = daemon;
      const url = await scraped?.url();
      const response = await fetch(new URL('metrics', url)).catch(() => undefined);
      const text = await response?.text().catch(() => undefined);
      // A kill ends the connection some time before the exit is known.
      if (text === undefined) await sleep(500);
      if (scraped === daemon && scraped?.process.signalCode === null) expect(response?.status).toBe(200);
      if (text === undefined) continue;
      const now = valuesOf(text, /^livestream_push_samples_total\{.*stream="([^"]+)".*\} (\S+)$/gm);
      const decreased = [...now].filter(([stream, value]) => value < (samples.get(stream) ?? 0));
      expect(decreased).toEqual([]);
      samples = now;
      lastSave = valuesOf(text, /^(livestream_exporter_state_last_save_timestamp_seconds) (\S+)$/gm)
        .values()
        .next().value;
      await sleep(200);
    }
  };
  const looping = loop();
  // Disposal reports the rejection; prevent an unhandled rejection until then.
  looping.catch(() => {});
  return {
    lastSave: () => lastSave,
    samples: () => [...samples.values()].reduce((sum, value) => sum + value, 0),
    streams: () => samples.size,
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await looping;
    },
  };
}

function valuesOf(text: string, line: RegExp): Map<string, number> {
  return new Map([...text.matchAll(line)].map(([, name = '', value]) => [name, Number(value)]));
}

async function expectFailingFlushes(scraper: Scraper, why: string): Promise<void> {
  const warnings = () => linesWith('the state cannot be saved').filter((line) => line.includes(why));
  await waitFor(`a log line with ${why}`, () => warnings()[0]);
  const savedAt = scraper.lastSave();
  const before = scraper.samples();
  await waitFor('increasing totals', () => (scraper.samples() >= before + 120 ? true : undefined));

  expect(scraper.lastSave()).toBe(savedAt);
  const status = await (await fetch(new URL('api/v1/status', await daemon?.url()))).json();
  expect(status).toMatchObject({
    exporter: {
      warnings: [
        `the state cannot be saved: ${why}; check the disk, and do not restart the exporter before a save succeeds`,
      ],
    },
  });
  // Logged once, not for every failed flush.
  expect(warnings()).toHaveLength(1);
}

async function expectSuccessfulFlush(scraper: Scraper): Promise<void> {
  const savedAt = scraper.lastSave() ?? 0;
  // Logged once per period of failures.
  await waitFor(
    'the log line about the recovery',
    () =>
      linesWith('saving the state works again').length === linesWith('the state cannot be saved').length ||
      undefined,
  );
  await waitFor('a save on the metric', () => ((scraper.lastSave() ?? 0) > savedAt ? true : undefined));
  const status = await (await fetch(new URL('api/v1/status', await daemon?.url()))).json();
  expect(status).toMatchObject({ exporter: { warnings: [] } });
}

function linesWith(message: string): readonly string[] {
  return (daemon?.output() ?? '').split('\n').filter((line) => line.includes(message));
}

/** Expects that every stream reaches exactly its ground truth. */
async function countsTheTruth({ world }: Simulator, scraper: Scraper, streams: number): Promise<void> {
  const until = world.startedAt + settledAfterMs;
  const watermarks = /^livestream_push_watermark_timestamp_seconds\{.*stream="([^"]+)".*\} (\S+)$/gm;
  const samples = /^livestream_push_samples_total\{.*stream="([^"]+)".*\} (\S+)$/gm;
  const read = async (line: RegExp) =>
    valuesOf(await (await fetch(new URL('metrics', await daemon?.url()))).text(), line);
  const watched = await waitFor(
    'all watermarks to reach the end of the story',
    async () => {
      const reached = await read(watermarks);
      return reached.size === streams && Math.min(...reached.values()) * 1000 > until ? reached : undefined;
    },
    60_000,
  );
  const truth = new Map(
    watched.keys().map((stream) => [stream, world.truthOf(stream, world.startedAt, until).samples]),
  );
  // Watermarks are exposed immediately, totals after they are saved. If they fall short, the comparison names the stream.
  await waitFor('the totals', async () => {
    const counted = await read(samples);
    return [...truth].every(([stream, count]) => (counted.get(stream) ?? 0) >= count) || undefined;
  }).catch(() => undefined);
  // A flush later, nothing is counted twice.
  await sleep(1500);
  expect(Object.fromEntries(await read(samples))).toEqual(Object.fromEntries(truth));
  expect(scraper.streams()).toBe(streams);
}

/** Adds an expired record to the state before the daemon starts: a stream that no config contains. */
async function saveFrozen(stream: string, frozenAt: number): Promise<void> {
  const data = join(directory, 'data');
  mkdirSync(data);
  const { store } = openWithDamage(data, frozenAt);
  const record = startOrResumePush(undefined, pushTarget({ stream: streamId({ stream }) }), frozenAt);
  await store.save([{ record: { ...record, frozenAt }, saved: undefined }], frozenAt);
  store.close();
}

function keysOnDisk(): readonly string[] {
  const database = new DatabaseSync(join(directory, 'data', 'state.db'), { readOnly: true });
  const rows = database.prepare('SELECT key FROM ledgers').all();
  database.close();
  return rows.map(({ key }) => String(key));
}
