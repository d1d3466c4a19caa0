import { readFile } from 'node:fs/promises';

/** Clock ticks per second of /proc, which Linux fixes at 100 for all programs. */
const ticksPerSecond = 100;

/** What Linux knows about the resources of a process. */
export interface Usage {
  readonly residentBytes: number;
  /** Maximum of `residentBytes` since the start of the process. */
  readonly peakBytes: number;
  /** User and system time of all threads since the start. */
  readonly cpuSeconds: number;
  /** Bytes that the process has caused to be written to disks since the start. */
  readonly writtenBytes: number;
}

/** Reads the resources of a process of the same user. */
export async function readUsage(pid: number): Promise<Usage> {
  const [status, stat, io] = await Promise.all(
    ['status', 'stat', 'io'].map((name) => readFile(`/proc/${pid}/${name}`, 'utf8')),
  );
  return toUsage({ status, stat, io });
}

/** Converts the texts of three files below /proc. */
export function toUsage({ status = '', stat = '', io = '' }): Usage {
  // The second field is the name of the program, which can contain blanks and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [userTicks, systemTicks] = [fields[11], fields[12]].map(Number);
  return {
    residentBytes: numberOf(status, 'VmRSS') * 1024,
    peakBytes: numberOf(status, 'VmHWM') * 1024,
    cpuSeconds: ((userTicks ?? 0) + (systemTicks ?? 0)) / ticksPerSecond,
    writtenBytes: numberOf(io, 'write_bytes'),
  };
}

function numberOf(text: string, name: string): number {
  const [, digits] = new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text) ?? [];
  if (digits === undefined) throw new Error(`/proc has no ${name}`);
  return Number(digits);
}
