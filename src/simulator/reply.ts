/**
 * Transport fault: `hang` is no response at all, `reset` a closed connection, `not_json` a body that is not
 * JSON.
 */
type TransportFault = 'hang' | 'reset' | 'not_json';

/**
 * Response that the simulator sends to one request. For `hang`, the simulator sends nothing and keeps the
 * connection open.
 */
export type Reply =
  | { readonly kind: 'json'; readonly body: unknown }
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: TransportFault }
  | Document;

/**
 * Response with body, status and headers. `document` sends the whole text. `truncated` sends the first half
 * of the text as if it were the complete body. `stuck` announces the full length, sends the first half of the
 * text and never ends the response.
 */
export interface Document {
  readonly kind: 'document' | 'truncated' | 'stuck';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** Reply to one request, with the facts about the request that the request log counts. */
export interface HandledRequest {
  /** Requested operation; `unknown` if the simulator does not implement the operation. */
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
