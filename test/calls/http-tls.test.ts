import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, createServer as createTcpServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { getCACertificates, type SecureVersion, setDefaultCACertificates } from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import { client, get, listen, never, serve } from './loopback.ts';

const tls = join(import.meta.dirname, '../fixtures/tls');
/** Self-signed, for the name api.example. */
const cert = readFileSync(join(tls, 'cert.pem'), 'utf8');
const key = readFileSync(join(tls, 'key.pem'), 'utf8');
const trusted = getCACertificates();

const trust = () => setDefaultCACertificates([...trusted, cert]);
afterEach(() => setDefaultCACertificates(trusted));

/** Starts a TLS server. Returns its host and port. */
async function serveTls(maxVersion: SecureVersion = 'TLSv1.3'): Promise<string> {
  const server = createTlsServer(
    { cert, key, minVersion: 'TLSv1', maxVersion, ciphers: 'DEFAULT@SECLEVEL=0' },
    (request, response) => response.end(`secret answer to ${request.headers.host}${request.url}`),
  );
  return new URL(await listen(server, () => server.closeAllConnections())).host;
}

/** Starts a proxy that connects every tunnel to `target`. */
async function tunnelTo(target: string) {
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer();
  server.on('connect', (request, incoming: Socket) => {
    requests.push(`${request.url} ${request.headers.host} ${request.headers['proxy-authorization']}`);
    const outgoing = connect(Number(target.split(':')[1]), '127.0.0.1', () => {
      incoming.write('HTTP/1.1 200 Connection established\r\n\r\n');
      incoming.pipe(outgoing).pipe(incoming);
    });
    for (const socket of [incoming, outgoing]) sockets.add(socket.on('error', () => {}));
  });
  const origin = await listen(server, () => {
    for (const socket of sockets) socket.destroy();
  });
  return { origin, requests, sockets };
}

test('reports a certificate that is not trusted', async () => {
  const host = await serveTls();

  await expect(client().send(get(`https://${host}/`), never)).rejects.toMatchObject({
    kind: 'unavailable',
    message: `${host}: certificate not trusted: set NODE_EXTRA_CA_CERTS to a PEM file with the certificate of the proxy or gateway that issued it`,
  });
});

test('reports a certificate for another host name', async () => {
  const host = await serveTls();
  trust();

  await expect(client().send(get(`https://${host}/`), never)).rejects.toMatchObject({
    kind: 'unavailable',
    message: `${host}: certificate is for another host name: check the endpoint`,
  });
});

test('reports a server without a common TLS version', async () => {
  const host = await serveTls('TLSv1.1');

  await expect(client().send(get(`https://${host}/`), never)).rejects.toMatchObject({
    kind: 'unavailable',
    message: expect.stringMatching(
      /^127\.0\.0\.1:\d+ supports no TLS version of the exporter \(ERR_SSL_\w+\)$/,
    ),
  });
});

test('reports a server that does not speak TLS', async () => {
  const origin = await serve((_, response) => response.end());
  const { host } = new URL(origin);

  await expect(client().send(get(`https://${host}/`), never)).rejects.toMatchObject({
    kind: 'unavailable',
    message: `${host} does not speak TLS: check scheme and port of the endpoint`,
  });
});

test.each([
  ['closes', (socket: Socket) => socket.end()],
  ['resets', (socket: Socket) => socket.resetAndDestroy()],
])('reports a server that %s the connection during the TLS handshake', async (_, end) => {
  const server = createTcpServer((socket) => socket.on('error', () => {}).once('data', () => end(socket)));
  const { host } = new URL(await listen(server, () => {}));

  await expect(client().send(get(`https://${host}/`), never)).rejects.toMatchObject({
    kind: 'unavailable',
    message: `${host} reset the connection during the TLS handshake`,
  });
});

test('reports a TLS handshake that takes too long', async () => {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => void sockets.add(socket));
  const { host } = new URL(
    await listen(server, () => {
      for (const socket of sockets) socket.destroy();
    }),
  );

  await expect(client({ connectTimeoutMs: 50 }).send(get(`https://${host}/`), never)).rejects.toMatchObject({
    kind: 'unavailable',
    message: `timeout during the TLS handshake with ${host}`,
  });
});

describe('through a proxy', () => {
  test('sends requests in a tunnel, and reuses it', async () => {
    const { origin, requests } = await tunnelTo(await serveTls());
    trust();
    const { send } = client({ env: { HTTPS_PROXY: origin.replace('//', '//me:pass@') } });

    for (let i = 0; i < 3; i++) {
      const response = await send(get('https://api.example/a?b=c'), never);
      expect(response).toMatchObject({ status: 200, text: 'secret answer to api.example/a?b=c' });
      expect(response).not.toHaveProperty('proxy');
    }

    expect(requests).toEqual(['api.example:443 api.example:443 Basic bWU6cGFzcw==']);
  });

  test('opens a new tunnel if one was closed', async () => {
    const { origin, requests, sockets } = await tunnelTo(await serveTls());
    trust();
    const { send } = client({ env: { HTTPS_PROXY: origin } });
    await send(get('https://api.example/'), never);
    for (const socket of sockets) socket.destroy();
    for (const socket of sockets) if (!socket.closed) await once(socket, 'close');

    await expect(send(get('https://api.example/'), never)).resolves.toMatchObject({ status: 200 });

    expect(requests).toHaveLength(2);
  });

  test('tunnels to an IPv6 address and a port', async () => {
    const { origin, requests } = await tunnelTo(await serveTls());
    const { send } = client({ env: { HTTPS_PROXY: origin } });

    await expect(send(get('https://[2001:db8::1]:8443/'), never)).rejects.toMatchObject({
      kind: 'unavailable',
    });

    expect(requests).toEqual(['[2001:db8::1]:8443 [2001:db8::1]:8443 undefined']);
  });

  test('reports the certificate of the host, not of the proxy', async () => {
    const { origin } = await tunnelTo(await serveTls());

    const response = client({ env: { HTTPS_PROXY: origin } }).send(get('https://api.example/'), never);

    await expect(response).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining(
        `api.example (through proxy ${new URL(origin).host}): certificate not trusted: set NODE_EXTRA_CA_CERTS`,
      ),
    });
  });

  test('reports the certificate of a proxy that speaks TLS', async () => {
    const host = await serveTls();

    const response = client({ env: { HTTPS_PROXY: `https://${host}` } }).send(
      get('https://api.example/'),
      never,
    );

    await expect(response).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining(`proxy ${host}: certificate not trusted: set NODE_EXTRA_CA_CERTS`),
    });
  });

  test.each(['http', 'https'])('verifies a proxy for %s that speaks TLS by its own name', async (scheme) => {
    const host = await serveTls();
    trust();
    const env = { HTTP_PROXY: `https://${host}`, HTTPS_PROXY: `https://${host}` };

    await expect(client({ env }).send(get(`${scheme}://api.example/`), never)).rejects.toMatchObject({
      kind: 'unavailable',
      message: `proxy ${host}: certificate is for another host name: check the proxy URL`,
    });
  });

  test('forwards plain HTTP through a proxy that speaks TLS', async () => {
    const { port } = new URL(`https://${await serveTls()}`);
    trust();
    const { send } = client({
      env: { HTTP_PROXY: `https://api.example:${port}` },
      lookup: (_name, _options, callback) =>
        queueMicrotask(() => callback(null, [{ address: '127.0.0.1', family: 4 }])),
    });

    await expect(send(get('http://other.example/a'), never)).resolves.toMatchObject({
      text: 'secret answer to other.examplehttp://other.example/a',
    });
  });

  test('ends an open CONNECT when it is closed', async () => {
    const server = createServer();
    const received = new Promise<Socket>((resolve) => {
      server.on('connect', (_, socket: Socket) => resolve(socket.on('error', () => {})));
    });
    const http = client({ env: { HTTPS_PROXY: await listen(server, () => {}) }, connectTimeoutMs: 60_000 });
    const response = http.send(get('https://api.example/'), never);
    const rejected = expect(response).rejects.toMatchObject({ kind: 'unavailable' });
    const socket = await received;
    const ended = once(socket.resume(), 'end');

    await http.close();

    await rejected;
    await ended;
  });
});
