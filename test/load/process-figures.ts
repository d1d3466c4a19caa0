import { readdir, readFile, readlink } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { readResident, resetPeak } from '../bench/resident.ts';

/** Resources of a process at one moment. */
export interface ProcessFigures {
  readonly residentBytes: number;
  readonly files: number;
  readonly sockets: number;
  /** CPU time of all threads since the start, in seconds. */
  readonly cpuSeconds: number;
}

/** Clock ticks per second in /proc/PID/stat, which is the same on all systems with Linux. */
const ticksPerSecond = 100;

/** Reads the resources of a process from /proc. */
export async function readFigures(pid: number): Promise<ProcessFigures> {
  const folder = `/proc/${pid}/fd`;
  const names = await readdir(folder);
  const links = await Promise.all(names.map((name) => readlink(`${folder}/${name}`).catch(() => '')));
  const [, stat = ''] = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ');
  const [user, system] = stat.split(' ').slice(11, 13).map(Number);
  return {
    residentBytes: (await readResident(pid))?.now ?? 0,
    files: links.filter((link) => link !== '').length,
    sockets: links.filter((link) => link.startsWith('socket:')).length,
    cpuSeconds: ((user ?? 0) + (system ?? 0)) / ticksPerSecond,
  };
}

/** Largest resources during a time. */
export interface Peak {
  readonly residentBytes: number;
  readonly sockets: number;
}

/** Starts to watch the resources of a process. The function that it returns ends the watch. */
export async function watchPeak(pid: number): Promise<() => Promise<Peak>> {
  await resetPeak(pid);
  const stopped = new AbortController();
  let sockets = 0;
  const run = async () => {
    while (!stopped.signal.aborted) {
      sockets = Math.max(sockets, (await readFigures(pid)).sockets);
      await sleep(500, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  };
  const running = run();
  return async () => {
    stopped.abort();
    await running;
    return { residentBytes: (await readResident(pid))?.peak ?? 0, sockets };
  };
}
