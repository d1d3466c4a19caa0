import type { PassedSocket } from '../app/app.ts';
import type { Runtime } from './runtime.ts';

/** First file descriptor that systemd passes, after those of standard input, output and error. */
const firstDescriptor = 3;

/**
 * Returns the sockets that systemd has passed to this process, or the reason why there are none. See the manual
 * page sd_listen_fds(3): `LISTEN_FDS` is their number, and `LISTEN_PID` the process that they are for.
 */
export function systemdSockets({
  env,
  pid,
}: Pick<Runtime, 'env' | 'pid'>):
  | { readonly sockets: readonly PassedSocket[] }
  | { readonly problem: string } {
  const { LISTEN_FDS: count, LISTEN_PID: owner, LISTEN_FDNAMES: names = '' } = env;
  const fail = (reason: string) => ({ problem: `--web.systemd-socket: ${reason}` });
  if (count === undefined || owner === undefined) {
    return fail('systemd has passed no socket; start the service by its .socket unit');
  }
  if (owner !== String(pid)) {
    return fail(
      'systemd has passed its sockets to another process; the service must start the exporter itself, not npm or a shell',
    );
  }
  if (!/^[1-9]\d{0,3}$/.test(count)) return fail('systemd has passed no socket; check the .socket unit');
  const nameOf = names.split(':');
  const sockets = Array.from({ length: Number(count) }, (_, i) => ({
    fd: firstDescriptor + i,
    name: `socket ${nameOf[i] || i + 1} of systemd`,
  }));
  return { sockets };
}
