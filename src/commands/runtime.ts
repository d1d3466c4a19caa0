import type { Clock } from '../model/time.ts';

/** Process environment of a command, created by `main.ts`. */
export interface Runtime {
  /** Writes to standard output and standard error; the text contains its line breaks. */
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Returns a random number from 0 (included) to 1 (excluded). */
  readonly random: () => number;
  /** Returns a unique text. */
  readonly nonce: () => string;
  readonly version: string;
  readonly nodeVersion: string;
  readonly pid: number;
  /** Registers a handler of SIGHUP. Without a handler, SIGHUP terminates the process. */
  readonly onHangup: (handler: () => void) => void;
  /** Aborted when the process must stop, for example on SIGTERM. */
  readonly signal: AbortSignal;
}
