import { once } from 'node:events';
import { Agent, get } from 'node:https';
import { type AddressInfo, connect as connectTcp, createServer } from 'node:net';
import { type ConnectionOptions, connect } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import type { ServerOptions } from '../../src/server/server.ts';
import { alternativeNames } from '../../src/server/tls.ts';
import type { ClientAuthType, TlsSettings, WebSettings } from '../../src/server/web-settings.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { pem, tls } from '../support/tls-files.ts';
import { waitFor } from '../support/wait-for.ts';
import { neverReloaded } from '../support/web-settings.ts';
import { request, sendRaw, start, webSettings } from './start.ts';

/** Starts a server with these settings, and returns the function that replaces them. */
async function startTls(part: Partial<TlsSettings> = {}, options: Partial<ServerOptions> = {}) {
  let settings = webSettings({ tls: { ...tls, ...part } });
  const listeners: ((settings: WebSettings) => void)[] = [];
  const source = {
    current: () => settings,
    ...neverReloaded,
    onChange: (changed: (settings: WebSettings) => void) => void listeners.push(changed),
  };
  const server = await start({ ...options, web: { settings: source, secret: 'the-secret' } });
  const change = (other: Partial<TlsSettings>) => {
    settings = { ...settings, tls: { ...tls, ...part, ...other } };
    for (const changed of listeners) changed(settings);
  };
  return { ...server, change };
}

/** Sends a request, and returns the status, or the text of the failure. */
function statusOf(url: string, options: ConnectionOptions = {}): Promise<number | string> {
  return new Promise((resolve) => {
    get(`${url}/metrics`, { ca: pem('ca'), agent: false, ...options }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0));
    }).on('error', (error) => resolve(error.message));
  });
}

const client = { cert: pem('client'), key: pem('client.key') };
const stranger = { cert: pem('stranger'), key: pem('stranger.key') };

test('serves HTTPS, and answers HTTP at the same port with the reason', async () => {
  const { url, port } = await startTls();

  expect(url).toBe(`https://127.0.0.1:${port}`);
  expect(await statusOf(url)).toBe(200);
  const found = await request(`http://127.0.0.1:${port}/metrics`);
  expect([found.status, found.text, found.headers.connection]).toEqual([
    400,
    'the server speaks HTTPS, and this request is plain HTTP: use https:// in the URL\n',
    'close',
  ]);
  expect(await sendRaw(port, '\0 neither')).toBe('');
});

test('reads a handshake that comes in parts', async () => {
  const { port } = await startTls();
  const front = createServer((client) => {
    const upstream = connectTcp(port, '127.0.0.1');
    client.on('data', (chunk) => {
      for (const byte of chunk.subarray(0, 20)) upstream.write(Buffer.of(byte));
      upstream.write(chunk.subarray(20));
    });
    upstream.setNoDelay(true).pipe(client);
    client.on('error', () => upstream.destroy());
    upstream.on('error', () => client.destroy());
  });
  await once(front.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void front.close());
  // The cast is safe: the server listens on an address.
  const frontPort = (front.address() as AddressInfo).port;

  expect(await statusOf(`https://127.0.0.1:${frontPort}`)).toBe(200);
});

test('closes a connection that sends only the begin of a handshake', async () => {
  const { port } = await startTls({}, { handshakeMs: 50 });

  expect(await sendRaw(port, '\x16\x03\x01')).toBe('');
});

test('closes a connection that sends nothing', async () => {
  const clock = createManualClock();
  const { port } = await startTls({}, { clock });
  let isClosed = false;
  void sendRaw(port, '').then(() => {
    isClosed = true;
  });

  await waitFor('the connection to close', async () => {
    await clock.advance(10_000);
    return isClosed || undefined;
  });
});

test('closes connections without a handshake on close, before and after their first byte', async () => {
  const { server, port } = await startTls();
  const sockets = [connectTcp(port, '127.0.0.1'), connectTcp(port, '127.0.0.1')];
  const ended = sockets.map((socket) =>
    once(
      socket.on('error', () => undefined),
      'close',
    ),
  );
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  sockets[1]?.write(Buffer.of(0x16));
  // This connection comes later, so the server has accepted the others.
  expect(await statusOf(`https://127.0.0.1:${port}`)).toBe(200);

  await server.close();
  await Promise.all(ended);
});

test.each([
  [{ minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' }, '200'],
  [{ minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3' }, '200'],
  [{ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }, 'alert protocol version'],
] as const)('answers a client that offers %j with %s', async (offered, expected) => {
  const { url } = await startTls();

  expect(String(await statusOf(url, offered))).toContain(expected);
});

test('offers only the versions of the config', async () => {
  const { url } = await startTls({ minVersion: 'TLSv1.3' });

  expect(await statusOf(url, { maxVersion: 'TLSv1.2' })).toContain('alert protocol version');
});

test('offers only the cipher suites and curves of the config', async () => {
  const { url } = await startTls({
    ciphers: ['TLS_AES_128_GCM_SHA256', 'ECDHE-ECDSA-AES128-GCM-SHA256'],
    curves: ['P-256'],
  });
  const old = { maxVersion: 'TLSv1.2' } as const;

  expect(await statusOf(url)).toBe(200);
  expect(await statusOf(url, { ...old, ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' })).toBe(200);
  expect(await statusOf(url, { ...old, ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384' })).toMatch(
    /handshake failure/,
  );
  expect(await statusOf(url, { ecdhCurve: 'P-384' })).toMatch(/handshake failure/);
});

/** What each type demands: without a certificate, with one of another CA, with one of the CA of the config. */
test.each([
  ['NoClientCert', [true, true, true]],
  ['RequestClientCert', [true, true, true]],
  ['RequireAnyClientCert', [false, true, true]],
  ['VerifyClientCertIfGiven', [true, false, true]],
  ['RequireAndVerifyClientCert', [false, false, true]],
] as const satisfies readonly (readonly [ClientAuthType, readonly boolean[]])[])(
  '%s accepts no, a strange and a known certificate: %j',
  async (clientAuth, expected) => {
    const { url } = await startTls({ clientAuth, clientCa: pem('ca') });
    const statuses = [await statusOf(url), await statusOf(url, stranger), await statusOf(url, client)];

    expect(statuses.map((status) => status === 200)).toEqual(expected);
  },
);

test('logs why the certificate of a client was refused', async () => {
  const { url, lines } = await startTls({ clientAuth: 'RequireAndVerifyClientCert', clientCa: pem('ca') });
  await statusOf(url, stranger);

  const [line] = await waitFor('the log', async () => (lines.length > 0 ? lines : undefined));
  expect(line).toMatchObject({
    message: 'TLS handshake failed',
    fields: { problem: 'the certificate of the client was refused: UNABLE_TO_VERIFY_LEAF_SIGNATURE' },
  });
});

test.each([
  [['prometheus.example'], true],
  [['192.0.2.1'], true],
  [['spiffe://example/prometheus'], true],
  [['ops@example.com'], true],
  [['example', 'other', 'prometheus.example.com'], false],
])('accepts a client whose certificate has one of the names %j: %s', async (allowedNames, expected) => {
  const { url } = await startTls({
    clientAuth: 'RequireAndVerifyClientCert',
    clientCa: pem('ca'),
    allowedNames,
  });

  expect((await statusOf(url, client)) === 200).toBe(expected);
});

test.each([
  ['', []],
  ['DNS:a.example', ['a.example']],
  ['DNS:a.example, IP Address:192.0.2.1, URI:https://x/', ['a.example', '192.0.2.1', 'https://x/']],
  // A name that contains the text of others is one name.
  ['DNS:"good.example, DNS:evil.example", email:a@b', ['good.example, DNS:evil.example', 'a@b']],
  ['DirName:"CN=x, DNS:y", DNS:z', ['z']],
  [String.raw`DNS:"a\"b, DNS:c", DNS:z`, ['a"b, DNS:c', 'z']],
  ['othername:<unsupported>, DNS:z', ['z']],
  // OpenSSL writes all zeros and capital letters; a config has the usual form.
  ['IP Address:2001:DB8:0:0:0:0:0:1, DNS:z', ['2001:db8::1', 'z']],
  ['IP Address:0:0:0:0:0:FFFF:C000:201', ['192.0.2.1']],
])('reads the names of %j', (text, expected) => {
  expect(alternativeNames(text)).toEqual(expected);
});

test('uses a renewed certificate for new connections, and keeps those that exist', async () => {
  const { url, port, change } = await startTls();
  const socket = connect({ port, host: '127.0.0.1', ca: pem('ca') });
  await new Promise((resolve) => socket.once('secureConnect', resolve));
  const before = socket.getPeerCertificate().serialNumber;
  change({ cert: pem('renewed'), key: pem('renewed.key') });

  const after = await new Promise((resolve) => {
    const other = connect({ port, host: '127.0.0.1', ca: pem('ca') }, () => {
      resolve(other.getPeerCertificate().serialNumber);
      other.destroy();
    });
  });
  expect(after).not.toBe(before);
  expect(await statusOf(url)).toBe(200);
  expect(socket.destroyed).toBe(false);
  socket.destroy();
});

test.each([
  ['a renewed certificate', { cert: pem('renewed'), key: pem('renewed.key') }, 'keep-alive'],
  ['another name', { allowedNames: ['other.example'] }, 'close'],
  ['another CA', { clientCa: pem('stranger') }, 'close'],
] as const)(
  'keeps the connection of a client after %s, or closes it: %j',
  async (_name, changed, expected) => {
    const { url, change } = await startTls({
      clientAuth: 'RequireAndVerifyClientCert',
      clientCa: pem('ca'),
      allowedNames: ['prometheus.example'],
    });
    const agent = new Agent({ keepAlive: true, ca: pem('ca'), ...client });
    onTestFinished(() => agent.destroy());
    const connectionOf = () =>
      new Promise((resolve, reject) => {
        get(`${url}/metrics`, { agent }, (response) => {
          response.resume().on('end', () => resolve(response.headers.connection));
        }).on('error', reject);
      });
    expect(await connectionOf()).toBe('keep-alive');
    change(changed);

    expect(await connectionOf()).toBe(expected);
  },
);
