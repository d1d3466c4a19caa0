import type { Clock } from '../model/time.ts';

/** What a command gets of the world outside; `main.ts` brings it. */
export interface Runtime {
  /** Standard output and standard error; each text ends its own lines. */
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** 0 to 1. */
  readonly random: () => number;
  /** Never the same twice. */
  readonly nonce: () => string;
  readonly version: string;
  readonly nodeVersion: string;
  readonly pid: number;
  /** Has `told` called at each SIGHUP, which else ends the program. */
  readonly onHangup: (told: () => void) => void;
  /** Aborted when the program is to stop. */
  readonly signal: AbortSignal;
}
