import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '../support/wait-for.ts';
import type { Exporter } from './exporter.ts';

/** This life has counted and saved by then. */
const firstMs = 2_500;
const lastsMs = 5_000;

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
