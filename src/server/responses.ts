import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ErrorRequestHandler, Express, RequestHandler, Response } from 'express';
import type { ServerLog } from './ports.ts';

/** Answers with one line for a person. */
export function sendLine(response: Response, status: number, line: string): void {
  response.status(status).type('text/plain').set('Cache-Control', 'no-store').send(`${line}\n`);
}

/**
 * On every answer. Nothing is loaded from elsewhere, nothing runs, no other page frames or reads ours; `styleHash` allows
 * the one style sheet that the page brings along.
 */
export function createSecurityHeaders(styleHash: string): RequestHandler {
  const policy = [
    "default-src 'none'",
    `style-src '${styleHash}'`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  return (_request, response, next) => {
    response.set({
      'Content-Security-Policy': policy,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      'Cross-Origin-Resource-Policy': 'same-origin',
    });
    next();
  };
}

/** Routes one path; any other method than `method` (GET brings HEAD) is told which one there is. */
export function route(app: Express, method: 'GET' | 'POST', path: string, handler: RequestHandler): void {
  const allowed = method === 'GET' ? 'GET, HEAD' : method;
  const one = app.route(path);
  if (method === 'GET') one.get(handler);
  else one.post(handler);
  one.all((_request, response) => {
    response.set('Allow', allowed);
    sendLine(response, 405, `this path takes ${allowed} only`);
  });
}

export const sendNotFound: RequestHandler = (_request, response) => {
  sendLine(response, 404, 'there is nothing at this path; / shows what there is');
};

/** The last stop of every fault: one line in the log, one line for who asked, and no stack for anybody. */
export function createErrorHandler(log: ServerLog): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    log.error('a request could not be answered', { path: request.path, error });
    if (response.headersSent) {
      // The status said that all is well; a broken connection is the only way left to say that it isn't.
      response.destroy();
      return;
    }
    for (const name of response.getHeaderNames()) {
      if (name.startsWith('content-') && name !== 'content-security-policy') response.removeHeader(name);
    }
    sendLine(
      response,
      500,
      'this could not be answered because of a fault; the log of the exporter says which',
    );
  };
}

/** What Node's parser refuses never becomes a request, so it is answered here, on the socket. */
export function sendUnreadable(error: Error & { code?: string }, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const [status, line] = unreadable(error.code);
  const body = `${line}\n`;
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n` +
      `X-Content-Type-Options: nosniff\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

function unreadable(code: string | undefined): readonly [status: number, line: string] {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return [431, 'the address and headers of the request are longer than 16 KiB'];
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return [408, 'the request did not arrive in time'];
    case 'HPE_INVALID_METHOD':
      return [400, 'the request begins with no method of HTTP'];
    case 'HPE_INVALID_URL':
      return [400, 'the address of the request cannot be read'];
    default:
      return [400, 'the request cannot be read as HTTP/1.1'];
  }
}
