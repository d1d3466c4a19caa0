import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, beforeEach, expect, test } from 'vitest';
import { openState } from '../../src/app/state.ts';
import { createLog } from '../../src/log.ts';
import { startOrResumePush } from '../../src/model/saved-record.ts';
import { hourMs } from '../../src/model/time.ts';
import { startSimulator } from '../../src/simulator/server.ts';
import { openStateStore } from '../../src/store/state-store.ts';
import { startTestApp, type TestApp } from '../support/app.ts';
import { createManualClock, type ManualClock, settle } from '../support/manual-clock.ts';
import { noon, pushTarget, streamId } from '../support/samples.ts';
import { scenarioOf } from '../support/scenarios.ts';

const scenario = scenarioOf(`
name: state
noise: 0%
account: {app_id: 1234, key: the-key}
provider: {delay: 3s}
streams: [{name: news, fps: 25, bitrate: 2Mbit}]
`);

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'livestream-lost-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

test('a state that was lost is said in log and metric, and of the hours before only the lookback is counted', {
  timeout: 60_000,
}, async () => {
  const clock = createManualClock(noon);
  await using simulator = await startSimulator({ scenario, clock });
  const before = await watched(simulator.endpoint, clock, hourMs);
  expect(before.samples).toBeGreaterThan(700);

  for (const { harm, said, isMoved } of harms) {
    harm();
    const after = await watched(simulator.endpoint, clock, 0);

    expect(after.log).toContain('state was lost, its totals start from 0');
    expect(after.log).toContain(said);
    expect(after.resets).toBeGreaterThan(0);
    expect(readdirSync(folder).some((file) => file.startsWith('state.db.unusable-'))).toBe(isMoved);
    // The seventy seconds before the start, and what was pushed since.
    expect(after.samples).toBeLessThanOrEqual(17);
    expect(after.samples).toBeGreaterThan(0);
    for (const file of readdirSync(folder)) if (file.includes('unusable')) rmSync(join(folder, file));
  }
});

test('a state that is as it was left is not said to be lost', { timeout: 60_000 }, async () => {
  const clock = createManualClock(noon);
  await using simulator = await startSimulator({ scenario, clock });
  const before = await watched(simulator.endpoint, clock, hourMs);

  const after = await watched(simulator.endpoint, clock, 0);

  expect([after.resets, after.log]).toEqual([0, expect.not.stringContaining('lost')]);
  expect(after.samples).toBeGreaterThanOrEqual(before.samples);
});

test('a state that is damaged where it holds nothing is saved again, which is told, and no total falls', {
  timeout: 60_000,
}, async () => {
  const clock = createManualClock(noon);
  await using simulator = await startSimulator({ scenario, clock });
  const before = await watched(simulator.endpoint, clock, hourMs);
  const file = join(folder, 'state.db');
  const bytes = readFileSync(file);
  // The list of the free room of the page with all rows, which leads beyond it; only a save follows it.
  bytes.writeUInt16BE(8190, 8192 + 1);
  writeFileSync(file, bytes);

  const after = await watched(simulator.endpoint, clock, 0);

  expect(after.log).toMatch(/level=warn msg="the state was damaged" .*every row could be read/);
  expect(after.log).not.toContain('cannot be saved');
  expect([after.resets, after.samples]).toEqual([0, expect.any(Number)]);
  expect(after.samples).toBeGreaterThanOrEqual(before.samples);
  const again = await watched(simulator.endpoint, clock, 0);
  expect([again.resets, again.log]).toEqual([0, expect.not.stringContaining('damaged')]);
});

test('exposes the watermark after a restart before the first poll', async () => {
  const clock = createManualClock(noon);
  await using simulator = await startSimulator({ scenario, clock });
  const start = (streams = '') =>
    startTestApp(config(simulator.endpoint) + streams, { STAT_KEY: 'the-key' }, clock, { folder });
  const watermarks = async (daemon: TestApp) =>
    (await daemon.scrape()).match(/^livestream_push_watermark_timestamp_seconds\{.*$/gm);
  let before: RegExpMatchArray | null;
  {
    await using daemon = await start();
    expect(await watermarks(daemon)).toBeNull();
    await round(daemon, clock);
    before = await watermarks(daemon);
  }
  expect(before).toHaveLength(1);

  await using daemon = await start(
    '  - {account: t, stream: sport, domain: push.example.com, app_name: live}\n',
  );

  // Nothing is said of the one that was never asked.
  expect(await watermarks(daemon)).toEqual(before);
});

test('when the state was last saved is known from the start, and unknown where it never was', async () => {
  const clock = createManualClock(noon);
  await using simulator = await startSimulator({ scenario, clock });
  const start = () => startTestApp(config(simulator.endpoint), { STAT_KEY: 'the-key' }, clock, { folder });
  const lastSave = async (daemon: TestApp) =>
    /^livestream_exporter_state_last_save_timestamp_seconds .*$/m.exec(await daemon.scrape())?.[0];
  let before: string | undefined;
  {
    await using daemon = await start();
    expect(await lastSave(daemon)).toBeUndefined();
    await round(daemon, clock);
    await daemon.scrape();
    await round(daemon, clock);
    before = await lastSave(daemon);
  }
  expect(before).toBeDefined();
  await clock.advance(hourMs);

  await using daemon = await start();

  expect(await lastSave(daemon)).toBe(before);
});

test('a file with a fault in every row does not fill the log', async () => {
  const { store } = openStateStore(folder, noon);
  const changes = Array.from({ length: 15 }, (_, i) => {
    const target = pushTarget({ stream: streamId({ stream: `s${i}` }) });
    return { record: startOrResumePush(undefined, target, noon), saved: undefined };
  });
  await store.save(changes, noon, settle);
  store.close();
  run('UPDATE ledgers SET checksum = checksum + 1');
  const log: string[] = [];
  let resets = 0;

  const { state } = await openState(
    {
      storagePath: folder,
      lockTimeoutMs: 0,
      clock: createManualClock(noon),
      log: createLog({ level: 'info', format: 'logfmt', write: (line) => log.push(line), now: () => noon }),
      pid: 1,
      signal: new AbortController().signal,
    },
    { onReset: () => resets++ },
  );
  state.close();

  expect([resets, log.length]).toEqual([30, 21]);
  expect(log.at(-1)).toMatch(/level=error .*more state was lost.* rows=10/);
});

const harms: readonly { readonly harm: () => void; readonly said: string; readonly isMoved: boolean }[] = [
  {
    harm: () => writeFileSync(join(folder, 'state.db'), 'no database '.repeat(2000)),
    said: 'file is not a database',
    isMoved: true,
  },
  {
    // As a daemon leaves it that is killed before it tells that it moved one aside.
    harm() {
      writeFileSync(join(folder, 'state.db'), 'no database');
      openStateStore(folder, noon).store.close();
    },
    said: 'the start that found out why was broken off',
    isMoved: true,
  },
  {
    harm: () => writeFileSync(join(folder, 'state.db'), ''),
    said: 'file is not a database',
    isMoved: true,
  },
  {
    harm: () => run('PRAGMA application_id = 1'),
    said: 'it belongs to another program',
    isMoved: true,
  },
  {
    harm: () => run('PRAGMA user_version = 99'),
    said: 'written by a newer version of this program',
    isMoved: true,
  },
  {
    harm: () => run(`UPDATE ledgers SET checksum = checksum + 1`),
    said: 'the checksum does not fit',
    isMoved: false,
  },
  {
    harm: () => run(`DELETE FROM ledgers WHERE key LIKE 'push %'`),
    said: 'it is not there',
    isMoved: false,
  },
];

function run(sql: string): void {
  const database = new DatabaseSync(join(folder, 'state.db'));
  database.exec(sql);
  database.close();
}

/** What a daemon tells that runs for so long, and two rounds more, on the state in the folder. */
async function watched(endpoint: string, clock: ManualClock, ms: number) {
  await using daemon = await startTestApp(config(endpoint), { STAT_KEY: 'the-key' }, clock, { folder });
  await round(daemon, clock);
  await daemon.scrape();
  await clock.advance(ms);
  await round(daemon, clock);
  await round(daemon, clock);
  const text = await daemon.scrape();
  return {
    log: daemon.log.join(''),
    resets: numberIn(text, /^livestream_exporter_state_resets_total (\S+)$/m),
    samples: numberIn(text, /^livestream_push_samples_total\{.*\} (\S+)$/m),
  };
}

/** Five seconds, with the runs that are due in them. */
async function round({ app }: TestApp, clock: ManualClock): Promise<void> {
  for (let half = 0; half < 2; half++) {
    const end = clock.elapsed() + 2500;
    let isDone = false;
    const started = app.start(clock.now()).finally(() => {
      isDone = true;
    });
    // The answers come in real time, and turns of the budget in the clock's.
    await sleep(5);
    for (; !isDone && clock.elapsed() < end; await sleep(5)) await clock.advance(50);
    if (isDone) await started;
    await clock.advance(end - clock.elapsed());
  }
}

function numberIn(text: string, line: RegExp): number {
  return Number(line.exec(text)?.[1]);
}

function config(endpoint: string): string {
  return `
accounts: [{name: t, provider: tencent, statcgi: {app_id: 1234, key_env: STAT_KEY, endpoint: "${endpoint}"}}]
streams:
  - {account: t, stream: news, domain: push.example.com, app_name: live}
`;
}
