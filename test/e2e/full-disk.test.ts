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
import { openStateStore } from '../../src/store/state-store.ts';
import { type Daemon, startDaemon } from '../support/daemon.ts';
import { pushTarget, streamId } from '../support/samples.ts';
import { scenarioOf } from '../support/scenarios.ts';
import { describeWithTool } from '../support/tools.ts';
import { waitFor } from '../support/wait-for.ts';

const preloads = [
  join(import.meta.dirname, '..', 'support', 'full-disk.ts'),
  join(import.meta.dirname, 'read-only.ts'),
];

/** All streams begin after the start and end before the last look, so that all of their story is counted. */
const scenario = scenarioOf(`
name: full
account: {app_id: 1234, key: the-key}
provider: {delay: 1s, doubled: {share: 10%}}
streams: [{name: "s-{n}", count: 60, start: 6s, stop: 40s}]
`);
const toldAfterMs = 42_000;

let folder: string;
let daemon: Daemon | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'livestream-full-'));
});

afterEach(async () => {
  await daemon?.end('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

test('while the disk is full, or may not be written, the daemon serves and counts on and says so; then it saves, and repeats nothing', {
  timeout: 120_000,
}, async () => {
  await using simulator = await startSimulator({ scenario, clock: systemClock });
  await start(simulator, { NODE_OPTIONS: preloads.map((file) => `--import=${file}`).join(' ') });
  await using scraper = scrapeOn();
  await waitFor('the first scrape', () => scraper.lastSave());

  // Before any sample: the rows of sixty streams have yet to grow.
  daemon?.process.kill('SIGUSR2');
  await tellsThatItCannotSave(scraper, 'database or disk is full');
  daemon?.process.kill('SIGUSR2');
  await tellsThatItSavesAgain(scraper);
  daemon?.process.kill('SIGWINCH');
  await tellsThatItCannotSave(scraper, 'attempt to write a readonly database');
  daemon?.process.kill('SIGWINCH');
  await tellsThatItSavesAgain(scraper);

  await restartAfterKill();
  await countsTheTruth(simulator, scraper, 60);
});

describeWithTool('prlimit', 'storage that refuses every write', () => {
  test('the daemon serves and counts on, also through a reload that forgets; then it saves, and repeats nothing', {
    timeout: 120_000,
  }, async () => {
    await using simulator = await startSimulator({ scenario, clock: systemClock });
    await saveFrozen('old', Date.now() - 2 * hourMs);
    await start(simulator);
    await using scraper = scrapeOn();
    await waitFor('samples', () => (scraper.samples() > 0 ? true : undefined));

    // No file may be written beyond its first byte.
    prlimit('0:unlimited');
    await tellsThatItCannotSave(scraper, 'disk I/O error');
    writeConfig(simulator, '\nlimits: {state_retention: 1h}\n', 59);
    daemon?.process.kill('SIGHUP');
    await waitFor('the reload', () => /config reloaded/.exec(daemon?.output() ?? '') ?? undefined);
    await waitFor('a scrape without the stream', () => (scraper.streams() === 59 ? true : undefined));
    expect(keysOnDisk().filter((key) => key.includes('"old"'))).toHaveLength(2);
    prlimit('unlimited:unlimited');
    await tellsThatItSavesAgain(scraper);
    expect(keysOnDisk().filter((key) => key.includes('"old"'))).toEqual([]);

    await restartAfterKill();
    await countsTheTruth(simulator, scraper, 59);
  });
});

function writeConfig(simulator: Simulator, more = '', most = Number.POSITIVE_INFINITY): void {
  writeFileSync(
    join(folder, 'config.yaml'),
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
      `--config.file=${join(folder, 'config.yaml')}`,
      `--storage.path=${join(folder, 'data')}`,
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

/** Lets the system refuse what the daemon writes to files from such a size on: the soft limit, and the hard one. */
function prlimit(limits: string): void {
  execFileSync('prlimit', ['--pid', String(daemon?.process.pid), `--fsize=${limits}`]);
}

interface Scraper extends AsyncDisposable {
  /** When the state was last saved, in seconds; undefined before. */
  lastSave(): number | undefined;
  /** Of all streams, on the last scrape. */
  samples(): number;
  streams(): number;
}

/**
 * Scrapes a daemon again and again, and fails at its end when one that ran did not answer, or when a counter fell, a
 * restart included.
 */
function scrapeOn(): Scraper {
  const stopping = new AbortController();
  let samples = new Map<string, number>();
  let lastSave: number | undefined;
  const loop = async () => {
    while (!stopping.signal.aborted) {
      const asked = daemon;
      const url = await asked?.url();
      const response = await fetch(new URL('metrics', url)).catch(() => undefined);
      const text = await response?.text().catch(() => undefined);
      if (asked === daemon && asked?.process.signalCode === null) expect(response?.status).toBe(200);
      if (text === undefined) continue;
      const now = valuesOf(text, /^livestream_push_samples_total\{.*stream="([^"]+)".*\} (\S+)$/gm);
      const fallen = [...now].filter(([stream, value]) => value < (samples.get(stream) ?? 0));
      expect(fallen).toEqual([]);
      samples = now;
      lastSave = valuesOf(text, /^(livestream_exporter_state_last_save_timestamp_seconds) (\S+)$/gm)
        .values()
        .next().value;
      await sleep(200);
    }
  };
  const looping = loop();
  // Told at the end; until then it is no unhandled rejection.
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

async function tellsThatItCannotSave(scraper: Scraper, why: string): Promise<void> {
  const said = () => linesWith('the state cannot be saved').filter((line) => line.includes(why));
  await waitFor(`the log to say ${why}`, () => said()[0]);
  const savedAt = scraper.lastSave();
  const before = scraper.samples();
  await waitFor('totals that go on', () => (scraper.samples() >= before + 120 ? true : undefined));

  expect(scraper.lastSave()).toBe(savedAt);
  const status = await (await fetch(new URL('api/v1/status', await daemon?.url()))).json();
  expect(status).toMatchObject({ exporter: { warnings: [`the state cannot be saved: ${why}`] } });
  // Once, not with every save that fails.
  expect(said()).toHaveLength(1);
}

async function tellsThatItSavesAgain(scraper: Scraper): Promise<void> {
  const savedAt = scraper.lastSave() ?? 0;
  // Once for each time that it could not.
  await waitFor(
    'the log to say so',
    () =>
      linesWith('the state is saved again').length === linesWith('the state cannot be saved').length ||
      undefined,
  );
  await waitFor('a save on the metric', () => ((scraper.lastSave() ?? 0) > savedAt ? true : undefined));
  const status = await (await fetch(new URL('api/v1/status', await daemon?.url()))).json();
  expect(status).toMatchObject({ exporter: { warnings: [] } });
}

function linesWith(message: string): readonly string[] {
  return (daemon?.output() ?? '').split('\n').filter((line) => line.includes(message));
}

/** After a while every stream that is watched has its truth, no more and no less. */
async function countsTheTruth({ world }: Simulator, scraper: Scraper, streams: number): Promise<void> {
  const toldAt = world.startedAt + toldAfterMs;
  const watermarks = /^livestream_push_watermark_timestamp_seconds\{.*stream="([^"]+)".*\} (\S+)$/gm;
  const samples = /^livestream_push_samples_total\{.*stream="([^"]+)".*\} (\S+)$/gm;
  const text = await waitFor(
    'every stream to be asked about up to its end',
    async () => {
      const scraped = await (await fetch(new URL('metrics', await daemon?.url()))).text();
      const reached = [...valuesOf(scraped, watermarks).values()];
      return reached.length === streams && Math.min(...reached) * 1000 > toldAt ? scraped : undefined;
    },
    60_000,
  );
  expect(text).toBeDefined();
  // One more save.
  await sleep(1500);
  const counted = valuesOf(await (await fetch(new URL('metrics', await daemon?.url()))).text(), samples);
  const truth = [...counted.keys()].map((stream) => [
    stream,
    world.truthOf(stream, world.startedAt, toldAt).samples,
  ]);
  expect(Object.fromEntries(counted)).toEqual(Object.fromEntries(truth));
  expect(scraper.streams()).toBe(streams);
}

/** Into the state of a daemon still to start: a stream that no config has named since then. */
async function saveFrozen(stream: string, frozenAt: number): Promise<void> {
  const data = join(folder, 'data');
  mkdirSync(data);
  const { store } = openStateStore(data, frozenAt, () => {});
  const record = startOrResumePush(undefined, pushTarget({ stream: streamId({ stream }) }), frozenAt);
  await store.save([{ record: { ...record, frozenAt }, saved: undefined }], frozenAt, async () => {});
  store.close();
}

function keysOnDisk(): readonly string[] {
  const database = new DatabaseSync(join(folder, 'data', 'state.db'), { readOnly: true });
  const rows = database.prepare('SELECT key FROM ledgers').all();
  database.close();
  return rows.map(({ key }) => String(key));
}
