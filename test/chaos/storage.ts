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

/** Reports whether the last flush failed. */
export function cannotSave(exporter: Exporter): boolean {
  const output = exporter.output();
  return output.lastIndexOf('the state cannot be saved') > output.lastIndexOf('saving the state works again');
}
