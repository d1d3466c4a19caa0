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

/**
 * Secrets of an account that can change while it runs, such as temporary credentials in files or from a role.
 */
export interface RenewableSecrets {
  /** Returns a value that changes whenever a secret changes. */
  version(): unknown;
  /** Gets the secrets again if they can have changed. Never rejects. */
  renew(): Promise<void>;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  /**
   * Encoded query string without `?`. The client appends it to the path, so `url` must not contain a query.
   */
  readonly query?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /**
   * Maximum size of the response body in bytes, if it differs from that of the client. Set it only for a
   * response that cannot be requested in parts.
   */
  readonly maxBodyBytes?: number;
}

export interface HttpResponse {
  readonly status: number;
  /** Header values by lower-case name. For a repeated header, only the first value. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /**
   * Host and port of the proxy that forwarded the request, so that it can have sent the response itself.
   * Undefined without a proxy, and if the proxy only carries an encrypted connection to the provider.
   */
  readonly proxy?: string;
}

/** Proxy for HTTP requests. */
export interface HttpProxy {
  /** Scheme, host and port, without credentials. */
  readonly origin: string;
  readonly hostname: string;
  /** Host and port, for messages. */
  readonly name: string;
  /**
   * Value of the header `Proxy-Authorization`, which is a secret; undefined: the proxy needs no credentials.
   */
  readonly authorization: string | undefined;
}

/**
 * Function that sends one request and reads the whole response, with any status. Rejects with a ProviderError
 * of kind `unavailable` if no complete response arrives, `malformed` if the body is too large or cannot be
 * decompressed, or `internal` if this host has no file descriptor left. Rejects with the signal's reason
 * after an abort. Error messages name the host, but contain no paths, queries, headers or credentials.
 */
export type Http = (request: HttpRequest, signal: CancelSignal) => Promise<HttpResponse>;
