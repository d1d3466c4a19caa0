import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
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
 * Limits the write-ahead log to a random size until the kill, so that it can end with a partial transaction. Prevents
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
  exporter.limitFiles(Math.floor(draws.between(0, exporter.walBytes())));
  await sleep(limitedMs, undefined, { signal });
  // SQLite can restart at the beginning of the log and stay below the limit.
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
 * Writes to the state file from another process and keeps the transaction open for some seconds, so that the exporter
 * cannot save. Then waits for the next flush, as after failing writes.
 */
export async function withForeignWriter(exporter: Exporter, signal: AbortSignal): Promise<void> {
  await sleep(firstMs, undefined, { signal });
  const database = new DatabaseSync(join(exporter.storage, 'state.db'));
  try {
    database.exec('PRAGMA busy_timeout = 1000; BEGIN IMMEDIATE; CREATE TABLE foreign_rows (value TEXT)');
    database.exec("INSERT INTO foreign_rows VALUES ('written by another program')");
    await waitFor('failing writes', () => cannotSave(exporter) || undefined);
    await sleep(limitedMs, undefined, { signal });
    database.exec('DROP TABLE foreign_rows; COMMIT');
  } finally {
    database.close();
  }
  await waitFor('a flush', () => !cannotSave(exporter) || undefined);
}

/** Reports whether the last flush failed. */
export function cannotSave(exporter: Exporter): boolean {
  const output = exporter.output();
  return output.lastIndexOf('the state cannot be saved') > output.lastIndexOf('saving the state works again');
}
