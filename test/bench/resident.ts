import { readFile, writeFile } from 'node:fs/promises';

/** Bytes of a process's memory that are in RAM. */
export interface Resident {
  readonly now: number;
  /** Since `resetPeak`. */
  readonly peak: number;
}

/** Of Linux; undefined elsewhere. */
export async function readResident(pid: number): Promise<Resident | undefined> {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    return { now: field(status, 'VmRSS'), peak: field(status, 'VmHWM') };
  } catch {
    return undefined;
  }
}

/** The kernel forgets the peak. Where it does not let us, the peak is the largest ever. */
export async function resetPeak(pid: number): Promise<void> {
  await writeFile(`/proc/${pid}/clear_refs`, '5').catch(() => undefined);
}

function field(status: string, name: string): number {
  const [, kilobytes = ''] = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status) ?? [];
  return Number(kilobytes) * 1024;
}
