import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { hasIpv6 } from '../support/ipv6.ts';

const dockerfile = readFileSync(join(import.meta.dirname, '..', '..', 'Dockerfile'), 'utf8');

/** Runs the health check of the image. Resolves with its exit code. */
async function healthCheck(url: string): Promise<number | null> {
  const command = /^HEALTHCHECK .*\\\n +CMD (\[.*\])$/m.exec(dockerfile)?.[1] ?? '[]';
  const [program, ...args] = JSON.parse(command) as readonly string[];
  expect(program).toBe('node');
  const child = execFile(process.execPath, args, { env: { HEALTH_URL: url } });
  await once(child, 'exit');
  return child.exitCode;
}

test('the health check tells a healthy daemon from an unhealthy one, and from one that demands a password', async () => {
  await using server = createServer(({ url }, response) => {
    response.statusCode = { '/healthy': 200, '/stuck': 503 }[url ?? ''] ?? 401;
    response.end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  // The cast is safe: the server listens at a port.
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;

  expect(await healthCheck(`http://${address}/healthy`)).toBe(0);
  expect(await healthCheck(`http://${address}/stuck`)).toBe(1);
  expect(await healthCheck(`http://${address}/secured`)).toBe(1);
  expect(await healthCheck(`tcp://${address}`)).toBe(0);
});

test.runIf(hasIpv6)('the health check connects to an IPv6 address', async () => {
  await using server = createServer((_request, response) => void response.end());
  await once(server.listen(0, '::1'), 'listening');
  // The cast is safe: the server listens at a port.
  const address = `[::1]:${(server.address() as AddressInfo).port}`;

  expect(await healthCheck(`http://${address}/healthy`)).toBe(0);
  expect(await healthCheck(`tcp://${address}`)).toBe(0);
});

test('an image that a page builds on this one has its user, by number', () => {
  const users = (text: string) => [...text.matchAll(/^ *USER (\S+)$/gm)].map(([, user]) => user);
  const docs = join(import.meta.dirname, '..', '..', 'docs');
  const pages = ['configuration.md', join('zh-CN', 'configuration.md')].map((file) =>
    readFileSync(join(docs, file), 'utf8'),
  );

  for (const page of pages) expect(users(page)).toEqual(['root', ...users(dockerfile)]);
});

test('the health check fails if nothing listens', async () => {
  const address = `127.0.0.1:${await freePort()}`;

  expect(await healthCheck(`http://${address}/-/healthy`)).toBe(1);
  expect(await healthCheck(`tcp://${address}`)).toBe(1);
});
