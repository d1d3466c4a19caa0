import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { HttpProxy } from '../../../src/calls/call.ts';
import { systemClock } from '../../../src/clock.ts';
import type { Clock } from '../../../src/model/time.ts';
import type { LibraryRequest } from '../../../src/providers/kit/library.ts';
import { createLibraryThread } from '../../../src/providers/kit/library-thread.ts';

const tls = join(import.meta.dirname, '../../fixtures/tls');

export interface FakeAnswer {
  readonly status?: number;
  readonly body?: string | object;
  /** Do not answer at all. */
  readonly hangs?: boolean;
}

/** Answers one request: `line` is `METHOD /path`, without query. */
export type FakeHandler = (line: string, body: string) => FakeAnswer;

/** Metadata service and STS of a provider on loopback ports, with the requests that they received. */
export async function startFakeService() {
  const requests: string[] = [];
  const bodies: string[] = [];
  let handle: FakeHandler = () => ({ status: 404 });
  const listener = async (request: IncomingMessage, response: Parameters<RequestListener>[1]) => {
    const line = `${request.method} ${request.url?.split('?')[0]}`;
    const body = await text(request);
    requests.push(line);
    bodies.push(body);
    const { status = 200, body: answer = '', hangs = false } = handle(line, body);
    if (hangs) return;
    response.writeHead(status).end(typeof answer === 'string' ? answer : JSON.stringify(answer));
  };
  const onRequest: RequestListener = (request, response) => void listener(request, response);
  const plain = createServer(onRequest);
  const secure = createTlsServer(
    { cert: readFileSync(join(tls, 'cert.pem')), key: readFileSync(join(tls, 'key.pem')) },
    onRequest,
  );
  const ports = await Promise.all([plain, secure].map(portOf));
  const closing = new AbortController();
  return {
    requests,
    bodies,
    port: ports[0],
    tlsPort: ports[1],
    answer(next: FakeHandler) {
      handle = next;
    },
    openSockets: () =>
      new Promise<number>((resolve, reject) =>
        plain.getConnections((error, count) => (error ? reject(error) : resolve(count))),
      ),
    /** Creates the function that asks a library whose network has nothing but this service. */
    asking(
      script: string,
      env: Readonly<Record<string, string>> = {},
      { clock = systemClock, proxy }: { clock?: Pick<Clock, 'sleep'>; proxy?: HttpProxy } = {},
    ) {
      const ask = createLibraryThread({
        env: {
          FAKE_HTTP_PORT: String(ports[0]),
          FAKE_TLS_PORT: String(ports[1]),
          NODE_TLS_REJECT_UNAUTHORIZED: '0',
          ...env,
        },
        proxyOf: () => proxy,
        clock,
        signal: closing.signal,
      });
      const url = new URL(`../../fixtures/credentials/${script}.ts`, import.meta.url);
      return (from: string, proxiedUrl?: LibraryRequest['proxiedUrl']) =>
        ask({ script: url, from, proxiedUrl });
    },
    async [Symbol.asyncDispose]() {
      closing.abort(new Error('the test has ended'));
      for (const server of [plain, secure]) {
        server.closeAllConnections();
        server.close();
      }
    },
  };
}

async function portOf(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A server that listens on TCP has an address with a port.
  return (server.address() as AddressInfo).port;
}
