import type { Clock } from '../model/time.ts';

/** Access of a command to its process: output, environment, clock and signals. `main.ts` creates it. */
export interface Runtime {
  /** Writes a text to standard output. Adds no line break at the end. */
  readonly out: (text: string) => void;
  /** Writes a text to standard error. Adds no line break at the end. */
  readonly err: (text: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Limit of open files of the process; undefined if unknown. */
  readonly maxOpenFiles?: number | undefined;
  readonly clock: Clock;
  /** Returns a random number from 0 (included) to 1 (excluded). */
  readonly random: () => number;
  /** Returns a different text on each call, for use as a nonce. */
  readonly nonce: () => string;
  readonly version: string;
  readonly nodeVersion: string;
  readonly pid: number;
  /**
   * Sets the handler of the signal SIGHUP for the daemon (the commands serve and demo). It also handles earlier signals.
   * The other commands end by SIGHUP.
   */
  readonly onHangup: (handler: () => void) => void;
  /** Adapts the heap size to the number of targets (streams and domains) in the config. */
  readonly sizeHeap: (targets: number) => void;
  /** Aborted when the process must stop, for example on SIGTERM. */
  readonly signal: AbortSignal;
}
