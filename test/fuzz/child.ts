import { writeSync } from 'node:fs';
import { settledHeap } from './heap.ts';
import { type Failure, runCases } from './run-cases.ts';
import { targetNamed } from './targets/list.ts';

/*
 * Process that runs the cases of one target. `supervise.ts` starts it and ends it if a case hangs. The arguments are a
 * ChildRequest as JSON. File descriptor 3 receives the number of the current case, as eight bytes at its start; -1 outside
 * the cases.
 */

export interface ChildRequest {
  readonly target: string;
  readonly seed: number;
  readonly first: number;
  /** Number of the case before which the run ends. */
  readonly end: number;
  /** Time until the run ends, in ms. */
  readonly ms: number;
}

/** Messages to the parent. */
export type ChildMessage =
  | { readonly is: 'failure'; readonly failure: Failure }
  | { readonly is: 'ended'; readonly next: number; readonly warmHeap?: number; readonly endHeap?: number };

/** Part of the run after which the heap must be steady. */
const warmUp = 0.25;
const maxFailures = 200;

const request: ChildRequest = JSON.parse(process.argv[2] ?? '');
const send = (message: ChildMessage) =>
  new Promise<void>((resolve) => process.send?.(message, undefined, undefined, () => resolve()));
// A rejection or exception outside the case is a failure of the case that runs. The parent sees the exit code and stderr.
await run(request);
process.disconnect?.();

async function run({ target, seed, first, end, ms }: ChildRequest): Promise<void> {
  const session = await targetNamed(target).open();
  const startedAt = performance.now();
  const progress = Buffer.alloc(8);
  const note = (number: number) => {
    progress.writeDoubleLE(number);
    writeSync(3, progress, 0, 8, 0);
  };
  const part = (number: number) =>
    Math.max((performance.now() - startedAt) / ms, (number - first) / (end - first));
  let failures = 0;
  const onFailure = (failure: Failure) => {
    failures++;
    void send({ is: 'failure', failure });
  };
  const runUntil = (from: number, until: number) =>
    runCases(session, {
      target,
      seed,
      first: from,
      onCase(number) {
        note(number);
        return part(number) < until && failures < maxFailures;
      },
      onFailure,
    });
  const heap = () => {
    // Collecting the garbage is work of no case.
    note(-1);
    return settledHeap(globalThis.gc);
  };
  const warmed = first + (await runUntil(first, warmUp));
  const warmHeap = await heap();
  const next = warmed + (await runUntil(warmed, 1));
  const endHeap = await heap();
  await session.close();
  await send({
    is: 'ended',
    next,
    ...(warmHeap !== undefined && { warmHeap }),
    ...(endHeap !== undefined && { endHeap }),
  });
}
