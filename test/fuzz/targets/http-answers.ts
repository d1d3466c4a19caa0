import { law } from '../target.ts';

/** Response in the bytes that a server sent. */
export interface RawResponse {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  /** Body, without its chunks; of a response to HEAD it is empty. */
  readonly body: string;
  /** Whether the connection was open until the end of the body. */
  readonly isWhole: boolean;
}

/** Parses all responses in the bytes that a server sent on one connection. The last one can be incomplete. */
export function parseResponses(bytes: string): readonly RawResponse[] {
  const responses: RawResponse[] = [];
  for (let rest = bytes; rest !== ''; ) {
    const end = rest.indexOf('\r\n\r\n');
    law(end !== -1, 'a response has whole headers', rest.slice(0, 200));
    const [first = '', ...lines] = rest.slice(0, end).split('\r\n');
    const status = Number(/^HTTP\/1\.1 (\d{3}) [ -~]*$/.exec(first)?.[1]);
    law(Number.isInteger(status), 'a response starts with a status', first);
    const headers = new Map(
      lines.map((line) => [
        line.slice(0, line.indexOf(':')).toLowerCase(),
        line.slice(line.indexOf(':') + 1).trim(),
      ]),
    );
    const after = rest.slice(end + 4);
    const { length, ...content } = bodyOf(after, headers);
    responses.push({ status, headers, ...content });
    rest = after.slice(length);
  }
  return responses;
}

function bodyOf(after: string, headers: ReadonlyMap<string, string>) {
  // A response to HEAD has the length of a body, but the next response or nothing follows.
  if (after === '' || after.startsWith('HTTP/1.1 ')) return { body: '', length: 0, isWhole: false };
  if (headers.get('transfer-encoding') !== 'chunked') {
    const length = Number(headers.get('content-length') ?? after.length);
    return { body: after.slice(0, length), length, isWhole: after.length >= length };
  }
  let body = '';
  let at = 0;
  for (;;) {
    const lineEnd = after.indexOf('\r\n', at);
    const size = Number.parseInt(after.slice(at, lineEnd), 16);
    // The connection was closed within the response.
    if (lineEnd === -1 || Number.isNaN(size)) return { body, length: after.length, isWhole: false };
    body += after.slice(lineEnd + 2, lineEnd + 2 + size);
    at = lineEnd + 2 + size + 2;
    if (size === 0) return { body, length: at, isWhole: true };
  }
}
