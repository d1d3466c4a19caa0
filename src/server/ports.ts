/** The part of a clock that the server needs. Rejects when `signal` is aborted. */
export interface Sleeper {
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** Where the server says what no answer can say. */
export interface ServerLog {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** What is known of one scrape before it is answered. */
export interface ScrapeRequest {
  readonly accept: string | undefined;
  readonly acceptEncoding: string | undefined;
  /** The address of the other end of the connection. */
  readonly peer: string;
  readonly userAgent: string | undefined;
  /** How long the scraper says it waits; undefined: it said nothing that can be read, so it is no Prometheus. */
  readonly timeoutSeconds: number | undefined;
}

export interface ScrapeResponse {
  readonly headers: Readonly<Record<string, string>>;
  /** A piece may be written over once two more were asked for. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Called once when all of the body was handed over, and not at all when the scraper went away or was cut off. */
  completed(): void;
}

export interface Verdict {
  readonly ok: boolean;
  /** One line for who asks: why not, or that all is well. */
  readonly reason: string;
}

export interface StreamsQuery {
  readonly offset: number;
  readonly limit: number;
  readonly worstFirst: boolean;
}
