import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '../support/wait-for.ts';
import type { Draws } from './draws.ts';
import type { Exporter } from './exporter.ts';

/** This life has counted and saved by then. */
const firstMs = 2_500;
const lastsMs = 5_000;
/** A scrape under way has ended by then: it takes a second at most. */
const scrapedMs = 1_200;
const partMs = 3_000;

/**
 * For some seconds of a life the disk takes no write. It ends with a save: a kill before that would repeat what was shown
 * meanwhile, as the exporter says.
 */
export async function withoutStorage(exporter: Exporter, signal: AbortSignal): Promise<void> {
  await sleep(firstMs, undefined, { signal });
  exporter.limitFiles(0);
  await sleep(lastsMs, undefined, { signal });
  const saidAt = exporter.output().lastIndexOf('the state cannot be saved');
  if (saidAt === -1) throw new Error(`the disk should have refused: ${exporter.output().slice(-1_000)}`);
  exporter.limitFiles('unlimited');
  await waitFor('a save', () => exporter.output().includes('the state is saved again', saidAt) || undefined);
}

/**
 * To the end of a life the disk takes only a part of the log of saves, up to anywhere in it: so the last thing in it may
 * be a half of a save. Nobody sees what is counted meanwhile, since the kill takes it back, and in a Prometheus that would
 * be a reset. So all has to be exact after it, too.
 */
export async function withoutStorageToTheEnd(
  exporter: Exporter,
  draws: Draws,
  signal: AbortSignal,
): Promise<void> {
  await sleep(firstMs, undefined, { signal });
  exporter.hide();
  await sleep(scrapedMs, undefined, { signal });
  exporter.limitFiles(Math.floor(draws.between(0, exporter.savesBytes())));
  await sleep(partMs, undefined, { signal });
  // SQLite may write from the beginning of the log again, and be far from the end of what the disk takes.
  if (!cannotSave(exporter)) exporter.limitFiles(0);
  await waitFor('the disk to refuse', () => cannotSave(exporter) || undefined);
}

/** Whether the disk refused the last save. */
export function cannotSave(exporter: Exporter): boolean {
  const said = exporter.output();
  return said.lastIndexOf('the state cannot be saved') > said.lastIndexOf('the state is saved again');
}
