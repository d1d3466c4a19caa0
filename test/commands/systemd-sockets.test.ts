import { expect, test } from 'vitest';
import { systemdSockets } from '../../src/commands/systemd-sockets.ts';

test('returns the sockets with their names', () => {
  const env = { LISTEN_FDS: '3', LISTEN_PID: '42', LISTEN_FDNAMES: 'metrics.socket::admin' };

  expect(systemdSockets({ env, pid: 42 })).toEqual({
    sockets: [
      { fd: 3, name: 'socket metrics.socket of systemd' },
      { fd: 4, name: 'socket 2 of systemd' },
      { fd: 5, name: 'socket admin of systemd' },
    ],
  });
});

test.each([
  [{}, 'systemd has passed no socket; start the service by its .socket unit'],
  [{ LISTEN_FDS: '1' }, 'systemd has passed no socket; start the service by its .socket unit'],
  [
    { LISTEN_FDS: '1', LISTEN_PID: '41' },
    'systemd has passed its sockets to another process; the service must start the exporter itself, not npm or a shell',
  ],
  [{ LISTEN_FDS: '0', LISTEN_PID: '42' }, 'systemd has passed no socket; check the .socket unit'],
  [{ LISTEN_FDS: '1e9', LISTEN_PID: '42' }, 'systemd has passed no socket; check the .socket unit'],
])('says why %j contains no sockets', (env, reason) => {
  expect(systemdSockets({ env, pid: 42 })).toEqual({ problem: `--web.systemd-socket: ${reason}` });
});
