import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hourMs } from '../../src/model/time.ts';
import { startSimulator } from '../../src/simulator/server.ts';
import { round, startTestApp, type TestApp } from '../support/app.ts';
import { createManualClock, type ManualClock } from '../support/manual-clock.ts';
import { oneStream, oneStreamConfig, samplesIn } from '../support/one-stream.ts';
import { noon } from '../support/samples.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'livestream-deleted-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

/** Returns a function that starts an exporter on the directory. */
function starterOf(endpoint: string, clock: ManualClock) {
  return (pid = 1) =>
    startTestApp(oneStreamConfig(endpoint), { STAT_KEY: 'the-key' }, clock, {
      folder: directory,
      pid,
    });
}

test('keeps all totals if the state directory is deleted while the exporter runs', {
  timeout: 60_000,
}, async () => {
  const clock = createManualClock(noon);
  await using simulator = await startSimulator({ scenario: oneStream, clock });
  const start = starterOf(simulator.endpoint, clock);
  let before: number;
  {
    await using daemon = await start();
    await round(daemon, clock);
    await daemon.scrape();
    await clock.advance(hourMs);
    await round(daemon, clock);

    rmSync(directory, { recursive: true });
    await round(daemon, clock);
    await round(daemon, clock);

    const text = await daemon.scrape();
    before = samplesIn(text);
    expect(before).toBeGreaterThan(700);
    expect(text).toMatch(/^livestream_exporter_state_recreations_total 1$/m);
    expect(daemon.log.join('')).toMatch(
      /level=error msg="files of the state were deleted or replaced while the exporter was running: all saved totals were written again" state=\S+ why="state.db is missing"/,
    );
    await expect(start()).rejects.toThrow('is in use by process 1');
  }

  await using daemon = await start();

  await round(daemon, clock);
  const text = await daemon.scrape();
  expect(samplesIn(text)).toBeGreaterThanOrEqual(before);
  expect(text).toMatch(/^livestream_exporter_state_resets_total 0$/m);
  expect(text).toMatch(/^livestream_exporter_state_recreations_total 0$/m);
});

test('reports failing saves while a second exporter uses the directory, and saves everything afterwards', {
  timeout: 60_000,
}, async () => {
  const clock = createManualClock(noon);
  await using simulator = await startSimulator({ scenario: oneStream, clock });
  const start = starterOf(simulator.endpoint, clock);
  const warnings = async ({ app }: TestApp) => {
    const response = await fetch(new URL('api/v1/status', app.addresses[0]?.url));
    return JSON.stringify(await response.json());
  };
  let before: number;
  {
    await using daemon = await start(4711);
    await round(daemon, clock);
    await daemon.scrape();
    await clock.advance(hourMs);
    await round(daemon, clock);
    rmSync(directory, { recursive: true });
    {
      await using second = await start(4712);
      await round(second, clock);
      await round(daemon, clock);

      expect(daemon.log.join('')).toMatch(
        /level=error msg="the state cannot be saved: .* was deleted or replaced while this process was running, and process 4712, started/,
      );
      expect(await warnings(daemon)).toContain('process 4712');
      expect(await warnings(second)).not.toContain('cannot be saved');
    }
    await round(daemon, clock);

    expect(await warnings(daemon)).not.toContain('cannot be saved');
    expect(daemon.log.join('')).toContain('saving the state works again');
    expect(readdirSync(directory).filter((name) => name.includes('.replaced-'))).toHaveLength(2);
    before = samplesIn(await daemon.scrape());
    expect(before).toBeGreaterThan(700);
  }

  await using daemon = await start(4713);

  expect(samplesIn(await daemon.scrape())).toBeGreaterThanOrEqual(before);
});

test('says at the stop that the newest totals are not saved', { timeout: 60_000 }, async () => {
  const clock = createManualClock(noon);
  await using simulator = await startSimulator({ scenario: oneStream, clock });
  const start = starterOf(simulator.endpoint, clock);
  const notSaved =
    /level=error msg="stopped without saving the newest totals: the next start continues from the last save" state=\S+\n/;
  const daemon = await start(4711);
  await round(daemon, clock);
  rmSync(directory, { recursive: true });
  const second = await start(4712);
  await round(daemon, clock);

  await daemon[Symbol.asyncDispose]();
  await second[Symbol.asyncDispose]();

  expect(daemon.log.join('')).toMatch(notSaved);
  expect(second.log.join('')).not.toMatch(notSaved);
});
