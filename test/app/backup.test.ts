import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hourMs, minuteMs } from '../../src/model/time.ts';
import { startSimulator } from '../../src/simulator/server.ts';
import { round, startTestApp } from '../support/app.ts';
import { createManualClock, type ManualClock } from '../support/manual-clock.ts';
import { blocksIn } from '../support/markdown.ts';
import { numberIn, oneStream, oneStreamConfig, samplesIn } from '../support/one-stream.ts';
import { noon } from '../support/samples.ts';
import { describeWithTool } from '../support/tools.ts';

const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'upgrading.md'), 'utf8');

/** Returns the documented commands that contain `text`, with their directories `data` and `backup`. */
function commandsWith(text: string): string {
  return blocksIn(page).find(({ language, code }) => language === 'sh' && code.includes(text))?.code ?? '';
}

describeWithTool('sqlite3', 'a restored copy of the state', () => {
  test('continues the totals, and counts what was counted after the copy exactly once', {
    timeout: 60_000,
  }, async () => {
    const directory = mkdtempSync(join(tmpdir(), 'livestream-backup-'));
    const clock = createManualClock(noon);
    await using simulator = await startSimulator({ scenario: oneStream, clock });
    let atCopy: number;
    let before: Counted;
    {
      await using daemon = await startOn(directory, simulator.endpoint, clock);
      // So long that the journal was folded, and so that it then has new changes.
      await countFor(hourMs + 5 * minuteMs, daemon, clock);
      atCopy = samplesIn(await daemon.scrape());
      execFileSync('sh', ['-c', commandsWith('.backup')], { cwd: directory, stdio: 'pipe' });
      await countFor(20 * minuteMs, daemon, clock);
      before = countedIn(await daemon.scrape());
    }

    execFileSync('sh', ['-ec', commandsWith('cp -a backup data')], { cwd: directory, stdio: 'pipe' });
    await using restored = await startOn(directory, simulator.endpoint, clock);
    expect(samplesIn(await restored.scrape())).toBe(atCopy);
    await countFor(0, restored, clock);

    const after = countedIn(await restored.scrape());
    expect(after.newestAt).toBeGreaterThan(before.newestAt);
    expect(after.firstAt).toBe(before.firstAt);
    expect(restored.log.join('')).not.toContain('lost');
    rmSync(directory, { recursive: true });
  });
});

function startOn(directory: string, endpoint: string, clock: ManualClock) {
  return startTestApp(oneStreamConfig(endpoint), { STAT_KEY: 'the-key' }, clock, {
    folder: join(directory, 'data'),
  });
}

/** Polls, lets the time pass and polls again, so that everything until then is counted and shown. */
async function countFor(ms: number, daemon: Awaited<ReturnType<typeof startOn>>, clock: ManualClock) {
  await round(daemon, clock);
  await daemon.scrape();
  await clock.advance(ms);
  await round(daemon, clock);
  await round(daemon, clock);
}

interface Counted {
  /** Time of the newest sample, in seconds. */
  readonly newestAt: number;
  /**
   * Time of the first sample, if each of the samples between, one in 5 s, counted exactly once. It changes if one is
   * lost or counts twice.
   */
  readonly firstAt: number;
}

function countedIn(text: string): Counted {
  const newestAt = numberIn(text, /^livestream_push_sample_timestamp_seconds\{.*\} (\S+)$/m);
  return { newestAt, firstAt: newestAt - 5 * (samplesIn(text) - 1) };
}
