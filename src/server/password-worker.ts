import { parentPort } from 'node:worker_threads';
import { compareSync } from 'bcryptjs';
import type { PasswordResult, PasswordTask } from './password-thread.ts';

/* Entry point of the thread that `createPasswordThread` starts: compares one password after another. */

parentPort?.on('message', ({ id, password, hash }: PasswordTask) => {
  const result: PasswordResult = { id, isEqual: compareSync(password, hash) };
  parentPort?.postMessage(result);
});
