import { readFile, writeFile } from 'node:fs/promises';

/** Resident memory of a process in bytes. */
export interface Resident {
  readonly now: number;
  /** Maximum since `resetPeak`. */
  readonly peak: number;
}

/** Returns undefined on systems without /proc. */
export async function readResident(pid: number): Promise<Resident | undefined> {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    return { now: field(status, 'VmRSS'), peak: field(status, 'VmHWM') };
  } catch {
    return undefined;
  }
}

/** Resets the peak. Without permission, the peak stays the maximum of the whole lifetime. */
export async function resetPeak(pid: number): Promise<void> {
  await writeFile(`/proc/${pid}/clear_refs`, '5').catch(() => undefined);
}

function field(status: string, name: string): number {
  const [, kilobytes = ''] = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status) ?? [];
  return Number(kilobytes) * 1024;
}
