/** The part of a clock that the server needs. Rejects when `signal` is aborted. */
export interface Sleeper {
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export interface ServerLog {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** Result of a health or readiness check. */
export interface Health {
  readonly ok: boolean;
  /** One line of text, also if `ok`. */
  readonly reason: string;
}
