import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Recording } from '../doctor/record/recording.ts';
import { createDirectory } from '../store/private-files.ts';

/** Form of the names of recordings. */
const recordingName = /^[a-z\d]+\.\w+\.(\d+)\.recording\.json$/;

/**
 * Creates the directory if it does not exist. Returns the reason why recordings cannot be saved there;
 * undefined if they can. A directory with other files is not used, because it was probably not meant.
 */
export async function prepareRecordDirectory(directory: string): Promise<string | undefined> {
  try {
    createDirectory(directory);
    const entries = await readdir(directory, { withFileTypes: true });
    const other = entries.find((entry) => !(entry.isFile() && recordingName.test(entry.name)));
    return (
      other &&
      `the directory contains ${JSON.stringify(other.name)}, which is no recording; use an empty directory`
    );
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * Saves recordings beside earlier ones, with a number that continues theirs. Only the user can read the
 * files. Returns their number. Rejects if a file cannot be written.
 */
export async function saveRecordings(directory: string, recordings: readonly Recording[]): Promise<number> {
  const names = await readdir(directory);
  let number = Math.max(0, ...names.map((name) => Number(recordingName.exec(name)?.[1] ?? 0)));
  for (const recording of recordings) {
    number++;
    const { provider, operation } = recording;
    const file = join(directory, `${provider}.${operation}.${number}.recording.json`);
    await writeFile(file, `${JSON.stringify(recording, undefined, 2)}\n`, { mode: 0o600, flag: 'wx' });
  }
  return recordings.length;
}
