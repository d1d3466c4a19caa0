/** A request to the simulated API, with nothing of the web server in it. */
export interface AlibabaCall {
  readonly method: string;
  readonly query: URLSearchParams;
  /** Names in small letters. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
}

/** Query and form together, as a new object. */
export function parametersOf({ query, headers, body }: AlibabaCall): URLSearchParams {
  const isForm = headers.get('content-type')?.startsWith('application/x-www-form-urlencoded') ?? false;
  const form = isForm ? new URLSearchParams(Buffer.from(body).toString()) : [];
  return new URLSearchParams([...query, ...form]);
}

/** Signed by ACS3-HMAC-SHA256; the official client sends `x-acs-action` with the older signature too. */
export function isV3(call: AlibabaCall): boolean {
  return (
    call.headers.has('authorization') ||
    (call.headers.has('x-acs-action') && !parametersOf(call).has('Signature'))
  );
}
