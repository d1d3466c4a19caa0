/** The parameters of one call, unsigned. */
export type Query = Readonly<Record<string, string | number>>;

/**
 * What tells a call that nobody waits for its answer any more. An AbortSignal does; but one for each attempt would cost as
 * much as all else that is wrapped round a call, and so does listening on one that many calls share.
 */
export interface CancelSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/**
 * One request to a provider: what the frame of its answer held, unread; undefined where the provider said that there is
 * nothing. Rejects with a ProviderError, or as aborted.
 */
export type Call = (operation: string, query: Query, signal: AbortSignal) => Promise<unknown>;

/** One attempt at a call, signed. */
export type SignedCall = (operation: string, query: Query, signal: CancelSignal) => Promise<unknown>;

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  /** What follows the URL's path, encoded. Apart from it, since the URL is then the same each time, and read once. */
  readonly query?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpResponse {
  readonly status: number;
  /** By lower-case name; of a repeated one, the first. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/**
 * Sends one request and reads all of its answer, whatever the status. Rejects with a ProviderError `unavailable` when
 * there was no whole answer, `malformed` when it was too large, and as aborted. No message holds the URL.
 */
export type Http = (request: HttpRequest, signal: CancelSignal) => Promise<HttpResponse>;
