import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { expect, test } from 'vitest';
import { attemptTimeoutMs } from '../../src/calls/connect.ts';
import { client, get, never, serve, serveAt } from './loopback.ts';

/** Address of the loopback network on which nothing listens. */
const dead: LookupAddress = { address: '127.0.0.2', family: 4 };
const live: LookupAddress = { address: '127.0.0.1', family: 4 };

/** Creates a resolver that finds these addresses for every name. */
function resolver(...addresses: readonly LookupAddress[]): LookupFunction {
  return (_name, _options, callback) => queueMicrotask(() => callback(null, [...addresses]));
}

/** Creates a resolver that fails. */
function failing(code: string): LookupFunction {
  return (_name, _options, callback) =>
    queueMicrotask(() => callback(Object.assign(new Error('hush'), { code }), '', 4));
}

test('connects to the next address of a host if one refuses', async () => {
  const { port } = new URL(await serve((_, response) => response.end('ok')));

  const response = client({ lookup: resolver(dead, live) }).send(get(`http://api.example:${port}/`), never);

  await expect(response).resolves.toMatchObject({ text: 'ok' });
});

test('reports a host whose addresses all refuse', async () => {
  const lookup = resolver(dead, { address: '127.0.0.3', family: 4 });

  await expect(client({ lookup }).send(get('http://api.example:1/'), never)).rejects.toMatchObject({
    kind: 'unavailable',
    message: 'api.example:1 refused the connection',
  });
});

test('gives an address on another continent the time to answer, also if its first packet is lost', () => {
  const connectTimeoutMs = 8_000;
  const roundTripMs = 300;
  const retransmissionMs = 1_000;

  const attempt = attemptTimeoutMs(connectTimeoutMs);

  expect(attempt).toBeGreaterThan(retransmissionMs + 2 * roundTripMs);
  // After a dead address of each family, there is time for a third address and its TLS handshake.
  expect(2 * attempt + retransmissionMs + 4 * roundTripMs).toBeLessThan(connectTimeoutMs);
});

test('tries the address that worked last before the others', async () => {
  const { port } = new URL(
    await serve((_, response) => response.writeHead(200, { connection: 'close' }).end('live')),
  );
  const { send } = client({ lookup: resolver(dead, live) });
  await send(get(`http://api.example:${port}/`), never);
  await serveAt(dead.address, Number(port), (_, response) => response.end('no longer dead'));

  const response = send(get(`http://api.example:${port}/`), never);

  await expect(response).resolves.toMatchObject({ text: 'live' });
});

test.each([
  ['ENOTFOUND', 'unavailable', 'cannot resolve api.example'],
  ['EAI_AGAIN', 'unavailable', 'cannot resolve api.example: the name server gives no answer (EAI_AGAIN)'],
  [
    'EMFILE',
    'internal',
    'too many open files: raise the limit of the exporter, such as LimitNOFILE (EMFILE)',
  ],
])('reports a name lookup that fails with %s', async (code, kind, message) => {
  const response = client({ lookup: failing(code) }).send(get('http://api.example:1/'), never);

  await expect(response).rejects.toMatchObject({ kind, message });
});

test('reports a name server that does not answer', async () => {
  const response = client({ lookup: () => {}, connectTimeoutMs: 50 }).send(
    get('http://api.example:1/'),
    never,
  );

  await expect(response).rejects.toMatchObject({
    kind: 'unavailable',
    message: 'cannot resolve api.example: timeout while waiting for the name server',
  });
});

test('asks a name server that does not answer once per name, however many requests need it', async () => {
  const asked: string[] = [];
  const answers: (() => void)[] = [];
  const lookup: LookupFunction = (name, options, callback) => {
    asked.push(name);
    answers.push(() => resolver(live)(name, options, callback));
  };
  const { port } = new URL(await serve((_, response) => response.end('ok')));
  const { send } = client({ lookup, connectTimeoutMs: 100 });
  const ask = (host: string) => send(get(`http://${host}:${port}/`), never);
  const late = { message: expect.stringContaining('timeout while waiting for the name server') };

  await expect(ask('api.example')).rejects.toMatchObject(late);
  await Promise.all([
    expect(ask('api.example')).rejects.toMatchObject(late),
    expect(ask('api.example')).rejects.toMatchObject(late),
    expect(ask('other.example')).rejects.toMatchObject(late),
  ]);
  expect(asked).toEqual(['api.example', 'other.example']);

  const both = [ask('api.example'), ask('api.example')];
  for (const answer of answers) answer();
  for (const response of both) await expect(response).resolves.toMatchObject({ text: 'ok' });
  const next = ask('other.example');
  answers.at(-1)?.();
  await expect(next).resolves.toMatchObject({ text: 'ok' });
  expect(asked).toEqual(['api.example', 'other.example', 'other.example']);
});
