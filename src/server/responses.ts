import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ErrorRequestHandler, Express, RequestHandler, Response } from 'express';
import type { ServerLog } from './ports.ts';

export function sendText(response: Response, status: number, text: string): void {
  response.status(status).type('text/plain').set('Cache-Control', 'no-store').send(`${text}\n`);
}

/** Registers the handler of one path. Other methods get 405 with an `Allow` header. GET includes HEAD. */
export function route(app: Express, method: 'GET' | 'POST', path: string, handler: RequestHandler): void {
  const allowed = method === 'GET' ? 'GET, HEAD' : method;
  const pathRoute = app.route(path);
  if (method === 'GET') pathRoute.get(handler);
  else pathRoute.post(handler);
  pathRoute.all((_request, response) => {
    response.set('Allow', allowed);
    sendText(response, 405, `method not allowed (allowed: ${allowed})`);
  });
}

export const sendNotFound: RequestHandler = (_request, response) => sendText(response, 404, 'not found');

/** Logs an error of any handler and sends 500 without details. */
export function createErrorHandler(log: ServerLog): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    log.error('request failed', { path: request.path, error });
    if (response.headersSent) {
      // The client has received 200 already. Only an aborted connection tells it that the body is incomplete.
      response.destroy();
      return;
    }
    for (const name of response.getHeaderNames()) {
      if (name.startsWith('content-') && name !== 'content-security-policy') response.removeHeader(name);
    }
    sendText(response, 500, 'internal server error (see the exporter log)');
  };
}

const rawHeaders = {
  Connection: 'close',
  'Content-Type': 'text/plain; charset=utf-8',
  'X-Content-Type-Options': 'nosniff',
};

/** Rejects a pipelined request: one that arrives before the previous response on its connection is complete. */
export function rejectPipelined(response: ServerResponse): void {
  response.writeHead(503, rawHeaders).end('HTTP pipelining is not supported; send one request at a time\n');
}

/** Responds to input that Node cannot parse as HTTP, and for which it therefore creates no request object. */
export function sendParseError(error: Error & { code?: string; reason?: string }, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const [status, text] = parseErrorOf(error);
  const headers = { ...rawHeaders, 'Content-Length': Buffer.byteLength(text) + 1 };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', `${text}\n`].join('\r\n'));
}

function parseErrorOf(error: Error & { code?: string; reason?: string }): readonly [number, string] {
  switch (error.code) {
    case 'HPE_HEADER_OVERFLOW':
      return [431, 'request header fields too large (limit 16 KiB)'];
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return [408, 'request timeout'];
    default:
      return [400, `malformed HTTP request: ${error.reason ?? 'parse error'}`];
  }
}
