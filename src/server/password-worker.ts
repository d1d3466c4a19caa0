import { platform, setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { compareSync } from 'bcryptjs';
import type { PasswordResult, PasswordTask } from './password-thread.ts';

/* Entry point of the thread that `createPasswordThread` starts: compares one password after another. */

/** Priority that gets a quarter of a core if the exporter needs all of it. */
const lowPriority = 5;

// On Linux, the priority is that of the calling thread, so that guessed passwords do not delay scrapes on a machine
// with one core. Elsewhere it would be that of the whole process.
if (platform() === 'linux') {
  try {
    setPriority(lowPriority);
  } catch {
    // A filter of system calls, such as systemd's ~@resources, can forbid it. A login must work all the same.
  }
}

parentPort?.on('message', ({ id, password, hash }: PasswordTask) => {
  const result: PasswordResult = { id, isEqual: compareSync(password, hash) };
  parentPort?.postMessage(result);
});
