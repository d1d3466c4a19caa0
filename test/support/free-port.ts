import { once } from 'node:events';
import { createServer } from 'node:net';

/** Returns a free port of 127.0.0.1, for programs that cannot report the port they get for port 0. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}

/**
 * Starts a program on a free port. If another process takes the port before the program does, and the program ends with
 * this reason, starts it again on another port.
 */
export async function startOnFreePort<T>(start: (port: number) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await start(await freePort());
    } catch (error) {
      if (tries === 3 || !/address already in use/i.test(String(error))) throw error;
    }
  }
}
