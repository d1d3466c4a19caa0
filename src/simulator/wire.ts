import type { Request, Response } from 'express';
import type { AlibabaCall } from './alibaba/call.ts';
import type { Reply } from './reply.ts';

/** The query as it stood in the URL: express would turn repeated parameters into lists. */
export function queryOf({ url }: Request): URLSearchParams {
  const start = url.indexOf('?');
  return new URLSearchParams(start === -1 ? '' : url.slice(start + 1));
}

/** A request whose body was read as bytes. */
export function alibabaCallOf(request: Request): AlibabaCall {
  const body: unknown = request.body;
  const headers = Object.entries(request.headers).map(
    ([name, value]) => [name, Array.isArray(value) ? value.join(',') : (value ?? '')] as const,
  );
  return {
    method: request.method,
    query: queryOf(request),
    headers: new Map(headers),
    // Where nothing was sent, there is no body to read.
    body: Buffer.isBuffer(body) ? body : new Uint8Array(),
  };
}

/** Puts an answer of the provider on the wire, or leaves the wire as the story wants it. */
export function sendReply(reply: Reply, request: Request, response: Response): void {
  switch (reply.kind) {
    case 'json':
      response.type('application/json').end(JSON.stringify(reply.body));
      return;
    case 'status':
      response.status(reply.status).type('text/html').end(`<html><body>${reply.status}</body></html>`);
      return;
    case 'not_json':
      response.type('text/html').end('<html><body>Please try again later.</body></html>');
      return;
    case 'reset':
      request.socket.resetAndDestroy();
      return;
    case 'hang':
      // The connection stays open until the client gives up, or the simulator closes.
      return;
    case 'document':
    case 'truncated':
      response.status(reply.status).set(reply.headers);
      response.end(reply.kind === 'document' ? reply.text : halfOf(reply.text));
      return;
    case 'stuck':
      response
        .status(reply.status)
        .set(reply.headers)
        .set('Content-Length', `${Buffer.byteLength(reply.text)}`);
      response.write(halfOf(reply.text));
      return;
    default:
      reply satisfies never;
  }
}

function halfOf(text: string): string {
  return text.slice(0, text.length / 2);
}
