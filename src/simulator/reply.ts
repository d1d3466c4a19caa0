/** Transport fault: no response at all, a closed connection, or a body that is not JSON. */
type TransportFault = 'hang' | 'reset' | 'not_json';

/** What the server sends; `hang` sends nothing and keeps the connection open. */
export type Reply =
  | { readonly kind: 'json'; readonly body: unknown }
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: TransportFault }
  | Document;

/**
 * Body with status and headers. `truncated` sends the first half as a complete body. `stuck` announces the full length,
 * sends the first half and never ends.
 */
export interface Document {
  readonly kind: 'document' | 'truncated' | 'stuck';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** Reply to one request, with the facts that the request log needs. */
export interface HandledRequest {
  /** `unknown` if the simulator does not implement the operation. */
  readonly operation: string;
  /** `ok`, `empty`, or the failure. */
  readonly outcome: string;
  /** Length of the requested window; undefined if the request has no valid window. */
  readonly windowMs: number | undefined;
  readonly rows: number;
  readonly reply: Reply;
}

/** Returns the reply for a transport fault, or for an HTTP status in decimal digits. */
export function toFaultReply(fault: TransportFault | `${number}`): Reply {
  if (fault === 'hang' || fault === 'reset' || fault === 'not_json') return { kind: fault };
  return { kind: 'status', status: Number(fault) };
}
