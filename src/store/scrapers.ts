import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EpochMs } from '../model/time.ts';

/**
 * Beside the ledgers and not among them: without it no total is wrong, and only a scraper that was slow to come back
 * may miss the zero of a counter that was born at that time.
 */
const fileName = 'scrapers.json';

/** Who scraped before, and when each asked last; nobody where that was never saved, or can't be read. */
export function loadScrapers(folder: string): ReadonlyMap<string, EpochMs> {
  try {
    const saved: unknown = JSON.parse(readFileSync(join(folder, fileName), 'utf8'));
    if (!Array.isArray(saved)) return new Map();
    return new Map(saved.filter(isScraper));
  } catch {
    return new Map();
  }
}

/** In whole or not at all. Throws when the disk refuses. */
export function saveScrapers(folder: string, scrapers: ReadonlyMap<string, EpochMs>): void {
  const file = join(folder, fileName);
  writeFileSync(`${file}.new`, JSON.stringify([...scrapers]));
  renameSync(`${file}.new`, file);
}

function isScraper(entry: unknown): entry is [string, EpochMs] {
  if (!Array.isArray(entry)) return false;
  const [name, askedAt]: unknown[] = entry;
  return typeof name === 'string' && typeof askedAt === 'number' && Number.isFinite(askedAt);
}
