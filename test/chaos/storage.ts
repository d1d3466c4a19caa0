import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { hangDisk } from '../support/hung-disk.ts';
import { waitFor } from '../support/wait-for.ts';
import type { Draws } from './draws.ts';
import type { Exporter } from './exporter.ts';

/** Time from the start until the exporter has counted and saved something. */
const firstMs = 2_500;
const durationMs = 5_000;
/** Time until a running scrape has finished: the scrape timeout is 1 s. */
const scrapeMs = 1_200;
const limitedMs = 3_000;

/**
 * Makes all writes fail for some seconds and waits for the next flush. After a kill before that flush, the
 * counters would decrease to their last saved values, which Prometheus treats as a reset; the log
 * of the exporter warns about this.
 */
export async function withFailingWrites(exporter: Exporter, signal: AbortSignal): Promise<void> {
  await sleep(firstMs, undefined, { signal });
  exporter.limitFiles(0);
  await sleep(durationMs, undefined, { signal });
  const failedAt = exporter.output().lastIndexOf('the state cannot be saved');
  if (failedAt === -1) throw new Error(`expected failing writes: ${exporter.output().slice(-1_000)}`);
  exporter.limitFiles('unlimited');
  await waitFor(
    'a flush',
    () => exporter.output().includes('saving the state works again', failedAt) || undefined,
  );
}

/**
 * Limits the journal to a random size until the kill, so that it can end with a partial append. Prevents
 * scrapes in the meantime: the kill discards what was counted, which Prometheus would see as a counter reset. So all
 * totals must still be exact after the restart.
 */
export async function withFailingWritesUntilKill(
  exporter: Exporter,
  draws: Draws,
  signal: AbortSignal,
): Promise<void> {
  await sleep(firstMs, undefined, { signal });
  exporter.hide();
  await sleep(scrapeMs, undefined, { signal });
  exporter.limitFiles(Math.floor(draws.between(0, exporter.journalBytes())));
  await sleep(limitedMs, undefined, { signal });
  // A new journal can stay below the limit.
  if (!cannotSave(exporter)) exporter.limitFiles(0);
  await waitFor('failing writes', () => cannotSave(exporter) || undefined);
}

/**
 * Deletes or renames the directory of the state, or deletes its file, and waits until the exporter has written the state
 * again. A kill before that would lose all totals. Returns what was done.
 */
export async function withDeletedState(
  exporter: Exporter,
  draws: Draws,
  signal: AbortSignal,
): Promise<string> {
  const { storage } = exporter;
  await sleep(firstMs, undefined, { signal });
  const accident = Math.floor(draws.between(0, 3));
  const away = `${storage}-${performance.now()}`;
  if (accident === 0) rmSync(join(storage, 'state.db'));
  // Rename it first: otherwise, the exporter could create files again while they are being deleted.
  else renameSync(storage, away);
  if (accident === 1) rmSync(away, { recursive: true });
  await waitFor(
    'the state to be written again',
    () => exporter.output().includes('files of the state were deleted or replaced') || undefined,
  );
  return (
    ['state file deleted', 'directory of the state deleted', 'directory of the state renamed'][accident] ?? ''
  );
}

/**
 * Writes to the state file from another process and keeps the transaction open for some seconds. The exporter continues
 * to save, because its journal is another file.
 */
export async function withForeignWriter(exporter: Exporter, signal: AbortSignal): Promise<void> {
  await sleep(firstMs, undefined, { signal });
  const database = new DatabaseSync(join(exporter.storage, 'state.db'));
  try {
    database.exec('PRAGMA busy_timeout = 1000; BEGIN IMMEDIATE; CREATE TABLE foreign_rows (value TEXT)');
    database.exec("INSERT INTO foreign_rows VALUES ('written by another program')");
    await sleep(limitedMs, undefined, { signal });
    if (cannotSave(exporter)) throw new Error('expected saves beside the foreign writer');
    database.exec('DROP TABLE foreign_rows; COMMIT');
  } finally {
    database.close();
  }
}

/**
 * Lets the disk hang for 2 to 20 s. Meanwhile a scrape must not take longer than a second. Then waits for the next flush.
 * Returns how long the disk hung.
 */
export async function withHungDisk(exporter: Exporter, draws: Draws, signal: AbortSignal): Promise<string> {
  await sleep(firstMs, undefined, { signal });
  const hungMs = Math.round(draws.between(2_000, 20_000));
  const disk = await hangDisk(exporter.pid());
  try {
    await sleep(hungMs, undefined, { signal });
    const startedAt = performance.now();
    await exporter.metrics();
    const scrapeTookMs = performance.now() - startedAt;
    if (scrapeTookMs > 1_000)
      throw new Error(`a scrape took ${Math.round(scrapeTookMs)} ms while the disk hung`);
  } finally {
    await disk.release();
  }
  await waitFor('a flush', () => !cannotSave(exporter) || undefined);
  return `disk hung for ${hungMs / 1000} s`;
}

/** Reports whether the last flush failed. */
export function cannotSave(exporter: Exporter): boolean {
  const output = exporter.output();
  return output.lastIndexOf('the state cannot be saved') > output.lastIndexOf('saving the state works again');
}
