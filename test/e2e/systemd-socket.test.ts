import { once } from 'node:events';
import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startDaemon } from '../support/daemon.ts';
import { freePort } from '../support/free-port.ts';
import { hasIpv6 } from '../support/ipv6.ts';
import { describeWithTool } from '../support/tools.ts';
import { waitFor } from '../support/wait-for.ts';

/** Sets LISTEN_PID to its own process ID, then replaces itself by the program, which keeps the ID. */
const withOwnPid = ['sh', '-c', 'LISTEN_PID=$$ exec "$@"', 'sh'];
const arguments_ = ['demo', '--web.systemd-socket', '--web.route-prefix=/live'];

async function listening(
  target: { readonly host: string; readonly port: number } | { readonly path: string },
) {
  const server = createServer();
  await once(server.listen(target), 'listening');
  return server;
}

/** Returns the file descriptor of a server, for which Node has no public property. */
function fdOf(server: Server): number {
  return (server as unknown as { readonly _handle: { readonly fd: number } })._handle.fd;
}

function healthy(
  options: { readonly port: number; readonly host: string } | { readonly socketPath: string },
) {
  return new Promise((resolve, reject) => {
    request({ ...options, path: '/live/-/healthy', agent: false }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode));
    })
      .once('error', reject)
      .end();
  });
}

test.runIf(hasIpv6)('serves on the sockets that it inherits, of IPv4, IPv6 and Unix', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'socket-'));
  const socketPath = join(directory, 'exporter.sock');
  const servers: Server[] = [
    await listening({ host: '127.0.0.1', port: 0 }),
    await listening({ host: '::1', port: 0 }),
    await listening({ path: `${socketPath}.old` }),
  ];
  // Closing the server in this process removes the file.
  renameSync(`${socketPath}.old`, socketPath);
  // The casts are safe: both listen on an address.
  const [port = 0, port6 = 0] = servers.map((server) => (server.address() as AddressInfo).port);
  const env = { LISTEN_FDS: '3', LISTEN_FDNAMES: 'ipv4::unix' };
  const daemon = startDaemon(arguments_, env, undefined, withOwnPid, servers.map(fdOf));
  // This process must not accept the connections.
  for (const server of servers) server.close();
  try {
    expect(await daemon.url()).toBe(`http://127.0.0.1:${port}/live/`);
    await waitFor(
      'the last socket',
      () => /socket="?socket unix of systemd/.exec(daemon.output()) ?? undefined,
    );

    expect(await healthy({ host: '127.0.0.1', port })).toBe(200);
    expect(await healthy({ host: '::1', port: port6 })).toBe(200);
    expect(await healthy({ socketPath })).toBe(200);
  } finally {
    expect(await daemon.end('SIGTERM')).toBe(0);
    rmSync(directory, { recursive: true });
  }
});

test('says why it cannot listen on a socket', { timeout: 120_000 }, async () => {
  const closed = startDaemon(arguments_, { LISTEN_FDS: '1' }, undefined, withOwnPid);
  expect(await closed.ended()).toBe(1);
  expect(closed.output()).toContain(
    'cannot listen on socket 1 of systemd (file descriptor 3): not a listening stream socket; the unit needs ListenStream= and Accept=no',
  );
});

describeWithTool('systemd-socket-activate', 'systemd-socket-activate', () => {
  test('starts the exporter at the first connection', { timeout: 120_000 }, async () => {
    const port = await freePort();
    const wrapper = ['systemd-socket-activate', `--listen=127.0.0.1:${port}`];
    const daemon = startDaemon(arguments_, {}, undefined, wrapper);
    try {
      await waitFor('the socket', () => /Listening on/.exec(daemon.output()) ?? undefined);

      expect(await healthy({ host: '127.0.0.1', port })).toBe(200);
      expect(await daemon.url()).toBe(`http://127.0.0.1:${port}/live/`);
    } finally {
      expect(await daemon.end('SIGTERM')).toBe(0);
    }
  });
});
