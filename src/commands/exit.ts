import { createLog, type LogOptions } from '../log.ts';
import { type Clock, secondMs } from '../model/time.ts';

/**
 * Maximum duration of a stop in ms. It is less than the 30 s after which Kubernetes kills a container, so that
 * the log contains the reason.
 */
const maxStopMs = 25 * secondMs;

/** Maximum time in ms that the exit waits until the rest of the output is read. */
const maxFlushMs = 2 * secondMs;

/** Output stream of a process, such as process.stderr. */
interface Output {
  /** Writes a text and calls `done` when it and all earlier texts are written or cannot be written. */
  write(text: string, done: () => void): unknown;
}

interface ExitParts {
  readonly clock: Pick<Clock, 'sleep'>;
  /** Ends the process at once. */
  readonly exit: (code: number) => void;
}

const never = new AbortController().signal;

/**
 * Ends the process with `code` when all of its output is read, but after at most 2 s: a reader of the log that
 * hangs would otherwise keep the process alive forever.
 */
export async function exitWhenRead(
  code: number,
  outputs: readonly Output[],
  { clock, exit }: ExitParts,
): Promise<void> {
  const read = outputs.map((output) => new Promise<void>((resolve) => output.write('', () => resolve())));
  await Promise.race([Promise.all(read), clock.sleep(maxFlushMs, never)]);
  exit(code);
}

/**
 * Ends the process with code 1 if it still runs 25 s after it was asked to stop, for example because the disk
 * hangs. This loses nothing that the next start cannot request again, as after a crash.
 */
export async function exitAtDeadline(
  logOptions: Omit<LogOptions, 'level'>,
  { clock, exit }: ExitParts,
): Promise<void> {
  await clock.sleep(maxStopMs, never);
  const log = createLog({ ...logOptions, level: 'error' });
  log.error('not stopped after 25 s, so the process ends now; check the disk of --storage.path');
  exit(1);
}
