import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Failure } from './run-cases.ts';

/** Distinct failures of a run. */
export interface Failures {
  /** Adds a failure, and saves its input if it is the first of its kind. Returns the file. */
  add(failure: Failure): string | undefined;
  /** Returns one line per kind of failure, with their number and the first file. */
  lines(): readonly string[];
}

/** Collects failures and writes the first input of each kind to a file in `directory`. */
export function createFailures(directory: string): Failures {
  const kinds = new Map<string, { count: number; readonly line: string; readonly file: string }>();
  return {
    add(failure) {
      const kind = `${failure.target}: ${kindOf(failure.problem)}`;
      const known = kinds.get(kind);
      if (known !== undefined) {
        known.count++;
        return undefined;
      }
      mkdirSync(directory, { recursive: true });
      const file = join(directory, `${failure.target}-${failure.seed}-${failure.number ?? 'none'}.json`);
      writeFileSync(file, `${JSON.stringify(failure, null, 2)}\n`);
      const [line = ''] = failure.problem.split('\n');
      kinds.set(kind, { count: 1, line: `${failure.target}: ${line.slice(0, 300)}`, file });
      return file;
    },
    lines: () =>
      [...kinds.values()].map(({ count, line, file }) => `${count} x ${line}\n  ${replayCommand(file)}`),
  };
}

/** Returns the command that checks a saved input again. */
export function replayCommand(file: string): string {
  return `npm run fuzz -- --replay ${file}`;
}

/** Reads a file that `createFailures` has written. */
export function readFailure(file: string): Failure {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** Two failures are of one kind if their messages differ only in numbers and quoted values, at the same code. */
function kindOf(problem: string): string {
  const [first = '', ...stack] = problem.split('\n');
  const places = stack.filter((line) => /^\s+at /.test(line)).slice(0, 3);
  return [first.slice(0, 120).replaceAll(/"(?:[^"\\]|\\.)*"?|\d+/g, '#'), ...places].join('\n');
}
