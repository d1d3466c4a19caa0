import { createDraws } from '../chaos/draws.ts';
import type { FuzzSession } from './target.ts';

/**
 * CPU time in ms that one case may use, without the threads in which V8 compiles and collects garbage: these also do
 * the work that earlier cases caused. Wall time also contains the work of other processes.
 */
export const maxCaseMs = 2_000;

export interface Failure {
  readonly target: string;
  readonly seed: number;
  /** Number of the case, which determines the input together with target and seed; undefined: a replayed file. */
  readonly number: number | undefined;
  readonly problem: string;
  readonly input: unknown;
}

/** Returns the input of one case. It is the same in every run with this version of the fixtures. */
export function inputOf(session: FuzzSession, target: string, seed: number, number: number): unknown {
  return session.generate(createDraws(`${seed} ${target} ${number}`));
}

/** Checks one input. Returns the problem; undefined if it keeps all laws. */
export async function problemOf(session: FuzzSession, input: unknown): Promise<string | undefined> {
  const before = process.threadCpuUsage();
  try {
    await session.check(input);
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : `threw ${String(error)}`;
  }
  const { user, system } = process.threadCpuUsage(before);
  const ms = (user + system) / 1000;
  return ms > maxCaseMs ? `slow: the case used ${Math.round(ms)} ms of CPU time` : undefined;
}

export interface CasesOptions {
  readonly target: string;
  readonly seed: number;
  readonly first?: number;
  /** Called before each case. The run ends if it returns false. */
  readonly onCase: (number: number) => boolean;
  readonly onFailure: (failure: Failure) => void;
}

/** Runs cases until `onCase` ends the run. Returns their number. */
export async function runCases(session: FuzzSession, options: CasesOptions): Promise<number> {
  const { target, seed, first = 0, onCase, onFailure } = options;
  let number = first;
  for (; onCase(number); number++) {
    let input: unknown;
    let problem: string | undefined;
    try {
      input = inputOf(session, target, seed, number);
      problem = await problemOf(session, input);
    } catch (error) {
      problem = `the generator failed: ${error instanceof Error ? error.stack : String(error)}`;
    }
    if (problem !== undefined) onFailure({ target, seed, number, problem, input });
  }
  return number - first;
}
