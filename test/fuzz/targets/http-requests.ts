import type { Draws } from '../../chaos/draws.ts';
import { mutateText } from '../mutate-text.ts';
import { oddText } from '../odd-values.ts';
import { plantedSecret } from '../target.ts';

export type ServerName = 'plain' | 'users' | 'tls';

/** Bytes on one connection, as latin1 text. */
export interface Connection {
  /** Whether the bytes are sent within TLS. Otherwise, a server with TLS gets them in place of a handshake. */
  readonly isEncrypted: boolean;
  readonly parts: readonly string[];
  /** Whether there must be a response. */
  readonly isAnswered: boolean;
}

export interface HttpInput {
  readonly server: ServerName;
  readonly connections: readonly Connection[];
  /** Path of a normal request that follows. Inputs of earlier versions have none. */
  readonly path?: string;
}

export const user = 'alice';
/** bcrypt hash of `wonderland`, with the lowest cost. */
export const hash = '$2b$04$78i.BSYL0DyTfFuT5SXteO0kNQhM1/74LMRlnOd4VBJ8627LyG4Py';
export const authorization = `Basic ${Buffer.from(`${user}:wonderland`).toString('base64')}`;
export const wrongAuthorization = `Basic ${Buffer.from(`${user}:${plantedSecret}`).toString('base64')}`;
const paths = [
  '/',
  '/?search=room&sort=-fps&page=1&refresh=off&lang=zh',
  '/?view=recovered&state=up,missing',
  '/metrics',
  '/-/healthy',
  '/-/ready',
  '/-/reload',
  '/api/v1/status',
  '/api/v1/streams',
  '/api/v1/streams?limit=3&cursor=0&search=room&state=up&account=t&domain=push.example.com&stream=room-1',
  '/api/v1/streams/KEY',
  '/streams/KEY?lang=zh',
  '/streams/%00',
  '/streams/%E0%A4%A',
  '/..%2f..%2fetc/passwd',
  '//',
  '*',
  'http://example.com/metrics',
];
/** Paths with status 200. */
const normalPaths = [
  '/',
  '/metrics',
  '/-/healthy',
  '/-/ready',
  '/api/v1/status',
  '/api/v1/streams',
  '/api/v1/streams/KEY',
  '/streams/KEY',
];
const headerLines = [
  'Accept: application/openmetrics-text;version=1.0.0,text/plain;q=0.5',
  'Accept: */*;q=0',
  'Accept-Encoding: gzip',
  'Accept-Encoding: gzip;q=1.0, identity; q=0.5, *;q=0',
  'Accept-Language: zh-CN,zh;q=0.9,en;q=0.1',
  'X-Prometheus-Scrape-Timeout-Seconds: 10',
  'User-Agent: Prometheus/3.0',
  'X-Forwarded-For: 192.0.2.1, 192.0.2.2',
  'X-Forwarded-Proto: https',
  'Origin: http://example.com',
  'Connection: close',
  'Connection: upgrade',
  'Upgrade: websocket',
  'Upgrade: h2c',
  'Connection: Upgrade, HTTP2-Settings',
  'HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA',
  'Expect: 100-continue',
  'Expect: something',
  'Content-Length: 5',
  'Transfer-Encoding: chunked',
  'If-None-Match: "a"',
  'Range: bytes=0-1',
  'Cookie: a=b',
  `Authorization: ${authorization}`,
  `Authorization: ${wrongAuthorization}`,
  `Authorization: Bearer ${plantedSecret}`,
];

/** Returns the bytes of some connections. `key` is the key of a stream in URLs. */
export function generate(draws: Draws, key: string): HttpInput {
  const server = draws.pick<ServerName>(['plain', 'plain', 'users', 'tls']);
  const connections = Array.from({ length: draws.pick([1, 2, 8]) }, (): Connection => {
    const requests = Array.from({ length: draws.pick([1, 1, 1, 2, 20]) }, () => requestOf(draws, key)).join(
      '',
    );
    const isWhole = draws.below(2) === 0;
    const bytes = isWhole ? requests : mutateText(requests, draws);
    const cut = draws.below(bytes.length + 1);
    const parts = draws.below(3) === 0 ? [bytes.slice(0, cut), bytes.slice(cut)] : [bytes];
    const isEncrypted = server === 'tls' && draws.below(4) > 0;
    // A server with TLS takes only a capital letter for the begin of a plain request.
    const isReadable = server !== 'tls' || isEncrypted || /^[A-Z]/.test(bytes);
    return {
      isEncrypted,
      parts,
      isAnswered: isWhole && isReadable && parts.length === 1 && isOneRequest(bytes),
    };
  });
  return { server, connections, path: draws.pick(normalPaths).replace('KEY', key) };
}

/**
 * Maximum size in bytes of a request line and headers that Node parses. Node rejects longer ones and stops reading, so
 * that its closing resets the connection: the client can lose the response 431 that it was sent before.
 */
const maxHeadBytes = 16 * 1024;

/**
 * Reports whether the bytes are one request of HTTP/1.1 without a body, which must have a response. If more follows that
 * is no request, the server closes the connection, also before the response. Node does that for CONNECT.
 */
function isOneRequest(bytes: string): boolean {
  return (
    bytes.length < maxHeadBytes &&
    /^(?!CONNECT)\S+ \S+ HTTP\/1\.1\r\n/.test(bytes) &&
    bytes.indexOf('\r\n\r\n') === bytes.length - 4 &&
    !/^(Content-Length|Transfer-Encoding):/im.test(bytes)
  );
}

function requestOf(draws: Draws, key: string): string {
  const method = draws.pick([
    'GET',
    'GET',
    'GET',
    'HEAD',
    'POST',
    'PUT',
    'OPTIONS',
    'TRACE',
    'CONNECT',
    'DELETE',
    'get',
    'PRI',
  ]);
  const path = draws.pick(paths).replace('KEY', key);
  const changed =
    draws.below(3) === 0
      ? mutateText(path, draws)
      : path.replace(/=([^&]*)/, (whole) =>
          draws.below(2) === 0 ? whole : `=${encodeURIComponent(oddText(draws).toWellFormed())}`,
        );
  const count = draws.pick([0, 1, 3, 5, 200]);
  const lines = Array.from({ length: count }, () =>
    draws.below(8) === 0 ? mutateText(draws.pick(headerLines), draws) : draws.pick(headerLines),
  );
  const version = draws.pick([...Array<string>(6).fill('HTTP/1.1'), 'HTTP/1.0', 'HTTP/2.0', 'HTTP/0.9', '']);
  const body = draws.below(6) === 0 ? '5\r\nhello\r\n0\r\n\r\n' : '';
  return `${method} ${changed} ${version}\r\n${[...(draws.below(8) === 0 ? [] : ['Host: localhost']), ...lines].join('\r\n')}\r\n\r\n${body}`;
}
