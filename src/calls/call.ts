/** Unsigned parameters of one call. */
export type Query = Readonly<Record<string, string | number>>;

/**
 * Cancels one attempt at a call: the part of AbortSignal that HTTP needs. An AbortSignal per attempt would
 * cost as much CPU as all other wrappers together, and so would one listener per attempt on a shared signal.
 */
export interface CancelSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/**
 * One request to a provider. Resolves with the payload of the response envelope, unread, or with undefined if
 * the provider reports that there is no data. Rejects with a ProviderError, or with the signal's reason after
 * an abort.
 */
export type Call = (operation: string, query: Query, signal: AbortSignal) => Promise<unknown>;

/** One signed attempt at a call. */
export type SignedCall = (operation: string, query: Query, signal: CancelSignal) => Promise<unknown>;

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  /**
   * Encoded query string without `?`. It is appended to the path, so the endpoint URL must not have a query.
   */
  readonly query?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpResponse {
  readonly status: number;
  /** Header values by lower-case name. Contains only the first value of a repeated header. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/**
 * Sends one request and reads the whole response, whatever its status. Rejects with a ProviderError
 * `unavailable` if no complete response arrives or `malformed` if the body is too large, and with the
 * signal's reason after an abort. Error messages contain neither URLs nor headers.
 */
export type Http = (request: HttpRequest, signal: CancelSignal) => Promise<HttpResponse>;
