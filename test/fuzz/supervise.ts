import { spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChildMessage, ChildRequest } from './child.ts';
import { type Failure, inputOf, maxCaseMs } from './run-cases.ts';
import { targetNamed } from './targets/list.ts';

export interface Supervision {
  /** Number of cases. */
  readonly cases: number;
  readonly warmHeap: number | undefined;
  readonly endHeap: number | undefined;
}

export interface SuperviseParts {
  readonly target: string;
  readonly seed: number;
  /** Time in ms, and number of cases, after which the run ends. */
  readonly ms: number;
  readonly runs: number;
  readonly onFailure: (failure: Failure) => void;
  readonly onProgress: (number: number) => void;
  /** CPU time in ms after which a case hangs. */
  readonly hangMs?: number;
  /** Entry point of the process. */
  readonly script?: string;
}

/** Maximum wall time in ms of one case that uses little CPU: it waits, or other processes have the cores. */
const maxWaitMs = 180_000;
const lookMs = 200;
/** Number of crashes and hangs after which a target is given up. */
const maxLives = 20;

/**
 * Runs the cases of one target in another process, and watches it: a case that hangs or ends the process is a failure,
 * after which a new process continues with the next case.
 */
export async function supervise(parts: SuperviseParts): Promise<Supervision> {
  const endsAt = performance.now() + parts.ms;
  let first = 0;
  for (let life = 0; life < maxLives; life++) {
    const ms = Math.max(1000, endsAt - performance.now());
    const { ended, last, problem } = await live(parts, { ...parts, first, end: parts.runs, ms });
    if (problem !== undefined) {
      const { target, seed } = parts;
      const input = last < first ? undefined : await generated(target, seed, last);
      parts.onFailure({ target, seed, number: last < first ? undefined : last, problem, input });
    }
    if (ended !== undefined) return { cases: ended.next, warmHeap: ended.warmHeap, endHeap: ended.endHeap };
    first = Math.max(first, last + 1);
    if (last < 0 || first >= parts.runs || performance.now() >= endsAt) break;
  }
  return { cases: first, warmHeap: undefined, endHeap: undefined };
}

async function generated(target: string, seed: number, number: number): Promise<unknown> {
  const session = await targetNamed(target).open();
  try {
    return inputOf(session, target, seed, number);
  } finally {
    await session.close();
  }
}

interface Life {
  readonly ended: Extract<ChildMessage, { is: 'ended' }> | undefined;
  /** Number of the current case; -1 outside the cases. */
  readonly last: number;
  /** How the process ended; undefined if it ended as it should. */
  readonly problem: string | undefined;
}

/** Runs one process until it ends or hangs. */
async function live(parts: SuperviseParts, request: ChildRequest): Promise<Life> {
  const { hangMs = maxCaseMs, script = join(import.meta.dirname, 'child.ts') } = parts;
  const directory = mkdtempSync(join(tmpdir(), 'livestream-fuzz-run-'));
  const progress = join(directory, 'progress');
  const errors = join(directory, 'stderr');
  const files = [openSync(progress, 'w+'), openSync(errors, 'w+')] as const;
  const { target, seed, first, end, ms } = request;
  const child = spawn(
    process.execPath,
    ['--expose-gc', '--no-warnings', script, JSON.stringify({ target, seed, first, end, ms })],
    {
      stdio: ['ignore', 'ignore', files[1], files[0], 'ipc'],
      env: { ...process.env, TMPDIR: directoryInMemory() },
    },
  );
  let ended: Life['ended'];
  let hang: string | undefined;
  child.on('message', (message: ChildMessage) => {
    if (message.is === 'failure') parts.onFailure(message.failure);
    else ended = message;
  });
  const current = () => numberIn(files[0]) ?? -1;
  let watched = { number: -1, cpuMs: 0, at: performance.now() };
  const timer = setInterval(() => {
    const number = current();
    const cpuMs = cpuMsOf(child.pid);
    if (number !== watched.number) {
      watched = { number, cpuMs, at: performance.now() };
      if (number >= 0) parts.onProgress(number);
      return;
    }
    const usedMs = cpuMs - watched.cpuMs;
    const waitedMs = performance.now() - watched.at;
    // Outside the cases, the process creates what they share, or collects garbage.
    const isSlow = number >= 0 && usedMs >= hangMs;
    if (!isSlow && waitedMs < maxWaitMs) return;
    hang = `hang: ${number < 0 ? 'the process' : 'the case'} used ${Math.round(usedMs)} ms of CPU time in ${Math.round(waitedMs)} ms and did not end`;
    child.kill('SIGKILL');
  }, lookMs);
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve, reject) => {
    child.on('exit', (...exit) => resolve(exit));
    child.on('error', reject);
  });
  clearInterval(timer);
  const last = current();
  const told = readFileSync(errors, 'utf8').trim().slice(0, 4000);
  for (const file of files) closeSync(file);
  rmSync(directory, { recursive: true });
  if (hang !== undefined) return { ended: undefined, last, problem: hang };
  if (ended !== undefined && code === 0) return { ended, last, problem: undefined };
  return {
    ended: undefined,
    last,
    problem: `crash: the process ended with ${signal ?? `code ${code}`}\n${told}`,
  };
}

/** Returns a directory for temporary files that waits for no disk, if there is one. */
function directoryInMemory(): string {
  return existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
}

function numberIn(file: number): number | undefined {
  const bytes = Buffer.alloc(8);
  return readSync(file, bytes, 0, 8, 0) === 8 ? bytes.readDoubleLE() : undefined;
}

/**
 * Returns the CPU time in ms that the threads of a process have used, without those in which V8 compiles and collects
 * garbage; 0 where `/proc` does not tell it. The time of a thread that has ended is missing.
 */
function cpuMsOf(pid: number | undefined): number {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    return threads.reduce((sum, thread) => sum + threadCpuMsOf(`/proc/${pid}/task/${thread}/stat`), 0);
  } catch {
    return 0;
  }
}

function threadCpuMsOf(file: string): number {
  try {
    // proc(5): the name of the thread is in parentheses, and can contain blanks.
    const [, name, rest = ''] = /\((.*)\) (.*)/s.exec(readFileSync(file, 'utf8')) ?? [];
    // Fields 14 and 15, counted after the name; in ticks of 10 ms.
    const fields = rest.split(' ');
    return name === 'V8Worker' ? 0 : (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    // The thread has ended meanwhile.
    return 0;
  }
}
