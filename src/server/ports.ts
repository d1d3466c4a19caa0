export interface ServerLog {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** Result of the health check or of the readiness check. */
export interface Health {
  readonly ok: boolean;
  /** One line of text for the response body, even if `ok` is true. */
  readonly reason: string;
}
