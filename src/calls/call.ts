/** Parameters of one call, without those that the signature adds. */
export type Query = Readonly<Record<string, string | number>>;

/**
 * Signal that cancels one attempt at a call. It has only the members of AbortSignal that the HTTP client
 * needs. A real AbortSignal per attempt would cost as much CPU as all other wrappers together. So would one
 * listener per attempt on a shared AbortSignal.
 */
export interface CancelSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/**
 * Function that calls an operation (API method) of a provider. Resolves with the unparsed payload from the
 * response envelope, or with undefined if the provider reports that there is no data. Rejects with a
 * ProviderError, or with the signal's reason after an abort.
 */
export type Call = (operation: string, query: Query, signal: AbortSignal) => Promise<unknown>;

/** Function that makes one attempt at a call: it signs a request and sends it. */
export type SignedCall = (operation: string, query: Query, signal: CancelSignal) => Promise<unknown>;

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  /**
   * Encoded query string without `?`. The client appends it to the path, so `url` must not contain a query.
   */
  readonly query?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpResponse {
  readonly status: number;
  /** Header values by lower-case name. For a repeated header, only the first value. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/**
 * Function that sends one request and reads the whole response, with any status. Rejects with a ProviderError
 * of kind `unavailable` if no complete response arrives, or `malformed` if the body is too large. Rejects
 * with the signal's reason after an abort. Error messages contain no URLs and no headers.
 */
export type Http = (request: HttpRequest, signal: CancelSignal) => Promise<HttpResponse>;
