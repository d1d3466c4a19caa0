/** What to put on the wire; `hang`: nothing, for ever. */
export type Reply =
  | { readonly kind: 'json'; readonly body: unknown }
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'not_json' | 'hang' | 'reset' }
  | Document;

/** A body with its head. Of a `truncated` one half is sent as if it were all; of a `stuck` one, and no end of it. */
export interface Document {
  readonly kind: 'document' | 'truncated' | 'stuck';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** One call as answered, and what the request log wants to know of it. */
export interface HandledRequest {
  /** `unknown` for any that is not simulated. */
  readonly operation: string;
  /** `ok`, `empty`, or the failure. */
  readonly outcome: string;
  /** undefined where the call had no window to speak of. */
  readonly windowMs: number | undefined;
  readonly rows: number;
  readonly reply: Reply;
}
