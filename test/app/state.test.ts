import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { afterEach, beforeEach, expect, test } from 'vitest';
import { hourMs, secondMs } from '../../src/model/time.ts';
import { startSimulator } from '../../src/simulator/server.ts';
import { round, startTestApp, type TestApp } from '../support/app.ts';
import { createManualClock, type ManualClock } from '../support/manual-clock.ts';
import { numberIn, oneStream, oneStreamConfig, samplesIn } from '../support/one-stream.ts';
import { noon } from '../support/samples.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'livestream-lost-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

test('reports a lost state in log and metric, and counts only one lookback of the time before', {
  timeout: 60_000,
}, async () => {
  const clock = createManualClock(noon);
  await using simulator = await startSimulator({ scenario: oneStream, clock });

  for (const { damage, reason } of damages) {
    // Long enough that the journal is folded into the state file.
    await watched(simulator.endpoint, clock, hourMs);
    damage();
    removeJournals();
    const after = await watched(simulator.endpoint, clock, 0);

    expect(after.log).toContain(
      'saved state was lost: the affected totals are 0 or older (reason in the field why)',
    );
    expect(after.log).toContain(reason);
    expect(after.resets).toBeGreaterThan(0);
    expect(readdirSync(directory).some((file) => file.startsWith('state.db.unusable-'))).toBe(true);
    // The 70 seconds before the start, and the samples since then.
    expect(after.samples).toBeLessThanOrEqual(17);
    expect(after.samples).toBeGreaterThan(0);
    for (const file of readdirSync(directory)) if (file.includes('unusable')) rmSync(join(directory, file));
  }
});

test('reports no loss of an intact state', { timeout: 60_000 }, async () => {
  const clock = createManualClock(noon);
  await using simulator = await startSimulator({ scenario: oneStream, clock });
  const before = await watched(simulator.endpoint, clock, hourMs);

  const after = await watched(simulator.endpoint, clock, 0);

  expect([after.resets, after.log]).toEqual([0, expect.not.stringContaining('lost')]);
  expect(after.samples).toBeGreaterThanOrEqual(before.samples);
});

test('restores from the journal what was not folded into a lost state file', {
  timeout: 60_000,
}, async () => {
  const clock = createManualClock(noon);
  await using simulator = await startSimulator({ scenario: oneStream, clock });
  const before = await watched(simulator.endpoint, clock, 5 * secondMs);
  writeFileSync(join(directory, 'state.db'), 'no database');

  const after = await watched(simulator.endpoint, clock, 0);

  expect(after.resets).toBe(1);
  expect(after.samples).toBeGreaterThan(before.samples);
});

test('recovers a file whose free space is damaged, logs it, and no total decreases', {
  timeout: 60_000,
}, async () => {
  const clock = createManualClock(noon);
  await using simulator = await startSimulator({ scenario: oneStream, clock });
  const before = await watched(simulator.endpoint, clock, hourMs);
  const file = join(directory, 'state.db');
  const bytes = readFileSync(file);
  // The list of free space of the page with all rows points beyond the page; only a save uses it.
  bytes.writeUInt16BE(8190, 8192 + 1);
  writeFileSync(file, bytes);

  const after = await watched(simulator.endpoint, clock, 0);

  expect(after.log).toMatch(
    /level=warn msg="the state file was damaged, but all records were recovered; check the disk" .*moved_to=\S+unusable-\S+ why="Tree 2 page 2: free space corruption"/,
  );
  expect(after.log).not.toContain('cannot be saved');
  expect([after.resets, after.samples]).toEqual([0, expect.any(Number)]);
  expect(after.samples).toBeGreaterThanOrEqual(before.samples);
  const again = await watched(simulator.endpoint, clock, 0);
  expect([again.resets, again.log]).toEqual([0, expect.not.stringContaining('damaged')]);
});

test('restores the watermark of a stream before its first poll', async () => {
  const clock = createManualClock(noon);
  await using simulator = await startSimulator({ scenario: oneStream, clock });
  const start = (streams = '') =>
    startTestApp(oneStreamConfig(simulator.endpoint) + streams, { STAT_KEY: 'the-key' }, clock, {
      folder: directory,
    });
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

  // A stream that was never polled has no watermark.
  expect(await watermarks(daemon)).toEqual(before);
});

test('exposes the time of the last save from the start, if there was a save', async () => {
  const clock = createManualClock(noon);
  await using simulator = await startSimulator({ scenario: oneStream, clock });
  const start = () =>
    startTestApp(oneStreamConfig(simulator.endpoint), { STAT_KEY: 'the-key' }, clock, { folder: directory });
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

const damages: readonly { readonly damage: () => void; readonly reason: string }[] = [
  {
    damage: () => writeFileSync(join(directory, 'state.db'), 'no database '.repeat(2000)),
    reason: 'file is not a database',
  },
  {
    damage: () => writeFileSync(join(directory, 'state.db'), ''),
    reason: 'file is not a database',
  },
  {
    damage: () => run('PRAGMA application_id = 1'),
    reason: 'the file belongs to another program',
  },
  {
    damage: () => run(`UPDATE ledgers SET checksum = checksum + 1`),
    reason: 'checksum mismatch',
  },
];

/** Removes what could be restored although the state file is damaged. */
function removeJournals(): void {
  for (const name of readdirSync(directory))
    if (name.startsWith('state.journal')) rmSync(join(directory, name));
}

function run(sql: string): void {
  const database = new DatabaseSync(join(directory, 'state.db'));
  database.exec(sql);
  database.close();
}

/** Runs a daemon on the state for `ms` and two more rounds. Returns its log and metrics. */
async function watched(endpoint: string, clock: ManualClock, ms: number) {
  await using daemon = await startTestApp(oneStreamConfig(endpoint), { STAT_KEY: 'the-key' }, clock, {
    folder: directory,
  });
  await round(daemon, clock);
  await daemon.scrape();
  await clock.advance(ms);
  await round(daemon, clock);
  await round(daemon, clock);
  const text = await daemon.scrape();
  return {
    log: daemon.log.join(''),
    resets: numberIn(text, /^livestream_exporter_state_resets_total (\S+)$/m),
    samples: samplesIn(text),
  };
}
