import type { Request, Response } from 'express';
import type { AlibabaCall } from './alibaba/call.ts';
import type { Reply } from './reply.ts';

/**
 * Parses the query of the request URL. Does not use `request.query` of Express, which converts repeated
 * parameters to lists.
 */
export function queryOf({ url }: Request): URLSearchParams {
  return new URLSearchParams(url.replace(/^[^?]*/, ''));
}

/**
 * Converts an Express request to an AlibabaCall. If the request has a body, the body must be a Buffer, as
 * `express.raw` provides.
 */
export function alibabaCallOf(request: Request): AlibabaCall {
  const body: unknown = request.body;
  // The value of a repeated header is a list, which `String` joins with commas.
  const headers = Object.entries(request.headers).map(([name, value = '']) => [name, String(value)] as const);
  return {
    method: request.method,
    query: queryOf(request),
    headers: new Map(headers),
    // If the request has no body, `express.raw` does not set `request.body` to a Buffer.
    body: Buffer.isBuffer(body) ? body : new Uint8Array(),
  };
}

/** Sends the reply to the client, or simulates the fault that the reply names. */
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
      // Keep the connection open until the client or the simulator closes it.
      return;
    case 'document':
    case 'truncated':
    case 'stuck': {
      const firstHalf = reply.text.slice(0, reply.text.length / 2);
      response.status(reply.status).set(reply.headers);
      if (reply.kind !== 'stuck') response.end(reply.kind === 'truncated' ? firstHalf : reply.text);
      else response.set('Content-Length', `${Buffer.byteLength(reply.text)}`).write(firstHalf);
      return;
    }
    default:
      reply satisfies never;
  }
}
