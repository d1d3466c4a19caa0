/**
 * Fault of the connection or of the body. `hang`: no response at all. `reset`: the connection is closed.
 * `not_json`: the body is not JSON.
 */
type TransportFault = 'hang' | 'reset' | 'not_json';

/**
 * What the simulator sends in response to one request. For `hang`, it sends nothing and keeps the connection
 * open.
 */
export type Reply =
  | { readonly kind: 'json'; readonly body: unknown }
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: TransportFault }
  | Document;

/**
 * Response with text, status and headers. For `document`, the whole text is sent. For `truncated`, the first
 * half of the text is sent as if it were the complete body. For `stuck`, the full length is announced, but
 * only the first half of the text is sent and the response never ends.
 */
export interface Document {
  readonly kind: 'document' | 'truncated' | 'stuck';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** Reply to one request, with the facts that the request log records. */
export interface HandledRequest {
  /** Operation that the client requested; `unknown` if the simulator does not implement it. */
  readonly operation: string;
  /**
   * `ok` for a response with rows, `empty` for a response without rows, otherwise the code or name of the
   * failure.
   */
  readonly outcome: string;
  /** Length of the requested window in ms; undefined if the request has no valid window. */
  readonly windowMs: number | undefined;
  readonly rows: number;
  readonly reply: Reply;
}

/** Returns the reply for `fault`: the name of a transport fault, or an HTTP status in decimal digits. */
export function toFaultReply(fault: TransportFault | `${number}`): Reply {
  if (fault === 'hang' || fault === 'reset' || fault === 'not_json') return { kind: fault };
  return { kind: 'status', status: Number(fault) };
}
