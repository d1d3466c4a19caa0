import { parentPort, workerData } from 'node:worker_threads';
import type { Issued, LibraryAnswer, LibraryKeys, LibraryTask } from './library.ts';
import { toLibraryFailure } from './library-failure.ts';

/**
 * Runs `ask` with the task from the parent thread, and sends its result there. Only the script of a library
 * thread calls it.
 */
export async function answerParent(ask: (task: LibraryTask) => Promise<Issued<LibraryKeys>>): Promise<void> {
  // The cast is safe: `createLibraryThread` passes a LibraryTask.
  const answer = await ask(workerData as LibraryTask).then(
    (issued): LibraryAnswer => ({ issued }),
    (error: unknown): LibraryAnswer => ({ failure: toLibraryFailure(error) }),
  );
  parentPort?.postMessage(answer);
}
