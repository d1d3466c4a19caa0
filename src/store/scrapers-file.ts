import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { EpochMs } from '../model/time.ts';

/** File of earlier versions. Now the known scrapers are a row of the state file. */
const fileName = 'scrapers.json';

/** Returns the scrapers that an earlier version saved; none if there is no file or it is unreadable. */
export function readScrapersFile(directory: string): ReadonlyMap<string, EpochMs> {
  try {
    const saved: unknown = JSON.parse(readFileSync(join(directory, fileName), 'utf8'));
    return new Map(Array.isArray(saved) ? saved.filter(isScraper) : []);
  } catch {
    return new Map();
  }
}

export function removeScrapersFile(directory: string): void {
  rmSync(join(directory, fileName), { force: true });
}

function isScraper(entry: unknown): entry is [string, EpochMs] {
  if (!Array.isArray(entry)) return false;
  const [name, scrapedAt]: unknown[] = entry;
  return typeof name === 'string' && Number.isFinite(scrapedAt);
}
