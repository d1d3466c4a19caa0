import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ErrorRequestHandler, Express, RequestHandler, Response } from 'express';
import type { ServerLog } from './ports.ts';

export function sendText(response: Response, status: number, text: string): void {
  response.status(status).type('text/plain').set('Cache-Control', 'no-store').send(`${text}\n`);
}

/**
 * Registers the handler of one path, which can end with the parameter `:key`. Requests with other methods get 405 with an `Allow` header. The method
 * `get` includes HEAD.
 */
export function route(
  app: Express,
  method: 'get' | 'post',
  path: string,
  handler: RequestHandler<{ key: string }>,
): void {
  const allowed = method === 'get' ? 'GET, HEAD' : 'POST';
  const pathRoute = app.route(path);
  pathRoute[method](handler);
  pathRoute.all((_request, response) => {
    response.set('Allow', allowed);
    sendText(response, 405, `method not allowed (allowed: ${allowed})`);
  });
}

export const sendNotFound: RequestHandler = (_request, response) => sendText(response, 404, 'not found');

/** Creates the last handler: it logs the error of a failed handler and sends 500 without details. */
export function createErrorHandler(log: ServerLog): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    // A percent sign in the path that is no UTF-8 is a fault of the client, and must not fill the log.
    if (error instanceof URIError && !response.headersSent) {
      sendText(response, 400, 'malformed URL');
      return;
    }
    log.error('HTTP request to the exporter failed', { path: request.path, error });
    if (response.headersSent) {
      // The client has already received status 200. Only a broken connection shows the client that the body
      // is incomplete.
      response.destroy();
      return;
    }
    response.removeHeader('content-encoding');
    sendText(response, 500, 'internal server error (see the exporter log)');
  };
}

const rawHeaders = {
  Connection: 'close',
  'Content-Type': 'text/plain; charset=utf-8',
  'X-Content-Type-Options': 'nosniff',
};

/**
 * Rejects a pipelined request, that is, a request that arrives before the response to the previous request on
 * the same connection is complete.
 */
export function rejectPipelined(response: ServerResponse): void {
  response.writeHead(503, rawHeaders).end('HTTP pipelining is not supported; send one request at a time\n');
}

/**
 * Rejects a request of HTTP/1.1 without exactly one Host header, as RFC 9112 (section 3.2) demands. Returns whether it
 * did.
 */
export function rejectWrongHost({ rawHeaders: raw, httpVersion }: IncomingMessage, response: ServerResponse) {
  const hosts = raw.filter((name, i) => i % 2 === 0 && name.toLowerCase() === 'host').length;
  if (hosts === 1 || (hosts === 0 && httpVersion === '1.0')) return false;
  response.writeHead(400, rawHeaders).end(`expected one Host header, got ${hosts}\n`);
  return true;
}

/** HTTP status and text of a response, by the error code of Node. */
const parseErrors: Readonly<Record<string, readonly [number, string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'request header fields too large (limit 16 KiB)'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'request timeout'],
};

/**
 * Responds to input that Node cannot parse as HTTP. Node has no request and response objects for such input,
 * only the socket.
 */
export function sendParseError(error: Error & { code?: string; reason?: string }, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const malformed = [400, `malformed HTTP request: ${error.reason ?? 'parse error'}`] as const;
  const [status, text] = parseErrors[error.code ?? ''] ?? malformed;
  sendRawResponse(socket, status, text);
}

/** Sends a response on a socket without a request object, and ends the connection. */
export function sendRawResponse(socket: Duplex, status: number, text: string): void {
  const headers = { ...rawHeaders, 'Content-Length': Buffer.byteLength(text) + 1 };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', `${text}\n`].join('\r\n'));
}
