import type { Clock } from '../model/time.ts';

/** Access of a command to its process: output, environment, clock and signals. Created by `main.ts`. */
export interface Runtime {
  /** Writes a text to standard output. The text must contain its line breaks. */
  readonly out: (text: string) => void;
  /** Writes a text to standard error. The text must contain its line breaks. */
  readonly err: (text: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Returns a random number from 0 (included) to 1 (excluded). */
  readonly random: () => number;
  /** Returns a different text on each call, for use as a nonce. */
  readonly nonce: () => string;
  readonly version: string;
  readonly nodeVersion: string;
  readonly pid: number;
  /**
   * Registers a handler of the signal SIGHUP. Without a registered handler, SIGHUP terminates the process.
   */
  readonly onHangup: (handler: () => void) => void;
  /** Signal that is aborted when the process must stop, for example on SIGTERM. */
  readonly signal: AbortSignal;
}
