import { randomInt } from 'node:crypto';
import { createFailures, readFailure, replayCommand } from './failures.ts';
import { type FuzzFlags, parseFlags, usageOf } from './flags.ts';
import { heapProblem, toMebibytes } from './heap.ts';
import { problemOf } from './run-cases.ts';
import { supervise } from './supervise.ts';
import { targetNamed, targets } from './targets/list.ts';

const minuteMs = 60_000;
const names = targets.map(({ name }) => name);
const flags = parseFlags(process.argv.slice(2), names, randomInt(2 ** 32));
if (flags === 'help') {
  process.stdout.write(usageOf(names));
} else if ('problem' in flags) {
  process.stderr.write(`fuzz: ${flags.problem}\n\n${usageOf(names)}`);
  process.exitCode = 2;
} else {
  process.exitCode = await (flags.replay === undefined ? fuzz(flags) : replay(flags.replay));
}

/** Runs the targets in turn. Returns the exit code. */
async function fuzz({ target, minutes, runs, seed, out }: FuzzFlags): Promise<number> {
  const wanted = target === undefined ? names : [target];
  const ms = minutes === undefined ? Number.MAX_SAFE_INTEGER : (minutes * minuteMs) / wanted.length;
  const failures = createFailures(out);
  const startedAt = performance.now();
  const report = (line: string) =>
    process.stdout.write(`fuzz: ${Math.round((performance.now() - startedAt) / 1000)} s: ${line}\n`);
  report(`seed ${seed}, ${wanted.length} targets`);
  let toldAt = performance.now();
  for (const name of wanted) {
    const add = (problem: string) =>
      failures.add({ target: name, seed, number: undefined, problem, input: undefined });
    const outcome = await supervise({
      target: name,
      seed,
      ms,
      runs: runs ?? Number.MAX_SAFE_INTEGER,
      onFailure(failure) {
        const file = failures.add(failure);
        if (file !== undefined)
          report(`${name}: failure: ${failure.problem.slice(0, 300)}\n  ${replayCommand(file)}`);
      },
      onProgress(number) {
        if (performance.now() - toldAt < minuteMs) return;
        toldAt = performance.now();
        report(`${name}: case ${number}`);
      },
    });
    const { cases, warmHeap, endHeap } = outcome;
    const problem = heapProblem(warmHeap, endHeap);
    if (problem !== undefined) add(problem);
    if (cases === 0) add('no case ran');
    report(
      `${name}: ${cases} cases, heap ${toText(warmHeap)} after the warm-up, ${toText(endHeap)} at the end`,
    );
  }
  const lines = failures.lines();
  for (const line of lines) process.stdout.write(`${line}\n`);
  process.stdout.write(`fuzz: ${lines.length === 0 ? 'PASS' : 'FAIL'}, seed ${seed}\n`);
  return lines.length === 0 ? 0 : 1;
}

function toText(bytes: number | undefined): string {
  return bytes === undefined ? 'unknown' : toMebibytes(bytes);
}

/** Checks one saved input again. Returns the exit code. */
async function replay(file: string): Promise<number> {
  const { target, input } = readFailure(file);
  const session = await targetNamed(target).open();
  const problem = await problemOf(session, input);
  await session.close();
  process.stdout.write(problem === undefined ? 'fuzz: PASS\n' : `${problem}\nfuzz: FAIL\n`);
  return problem === undefined ? 0 : 1;
}
