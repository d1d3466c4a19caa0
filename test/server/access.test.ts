import { once } from 'node:events';
import { createServer, request as httpRequest, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { withAccess } from '../../src/server/access.ts';
import { createPasswords } from '../../src/server/passwords.ts';
import { createTokenBucket } from '../../src/server/token-bucket.ts';
import { createManualClock, settle } from '../support/manual-clock.ts';
import { request, start, webOf } from './start.ts';

/** bcrypt hash of `wonderland`, with the lowest cost. */
const hash = '$2b$04$78i.BSYL0DyTfFuT5SXteO0kNQhM1/74LMRlnOd4VBJ8627LyG4Py';
const users = new Map([['alice', hash]]);

function login(text: string) {
  return { authorization: `Basic ${Buffer.from(text).toString('base64')}` };
}

test.each([
  ['the right password', login('alice:wonderland'), 200],
  ['the right password again', login('alice:wonderland'), 200],
  [
    'a scheme in other letters',
    { authorization: login('alice:wonderland').authorization.replace('Basic', 'bASIC') },
    200,
  ],
  ['no login', {}, 401],
  ['a wrong password', login('alice:looking-glass'), 401],
  ['an empty password', login('alice:'), 401],
  ['an unknown user', login('bob:wonderland'), 401],
  ['the name of an object property', login('__proto__:wonderland'), 401],
  ['a login without a colon', login('alice'), 401],
  ['another scheme', { authorization: 'Bearer wonderland' }, 401],
  ['no base64', { authorization: 'Basic ???' }, 401],
])('answers %s with its status on every path', async (_name, headers, status) => {
  const { url } = await start({ web: webOf({ users }) });

  for (const path of ['/metrics', '/', '/-/healthy', '/none']) {
    const found = await request(`${url}${path}`, 'GET', headers);
    expect([path, found.status]).toEqual([path, status === 200 && path === '/none' ? 404 : status]);
    if (status === 401) {
      expect(found.headers['www-authenticate']).toBe('Basic realm="livestream-exporter", charset="UTF-8"');
      expect(found.text).toBe('user and password required\n');
    }
  }
});

test('sets the headers of the config on every response, in place of its own', async () => {
  const headers = { 'Content-Security-Policy': "default-src 'self'", 'X-Frame-Options': 'deny' };
  const { url } = await start({ web: webOf({ headers, users }) });

  for (const [found, status] of [
    [await request(`${url}/`, 'GET', login('alice:wonderland')), 200],
    [await request(`${url}/`), 401],
  ] as const) {
    expect(found.status).toBe(status);
    expect(found.headers).toMatchObject({
      'content-security-policy': "default-src 'self'",
      'x-frame-options': 'deny',
      'x-content-type-options': 'nosniff',
    });
  }
});

test.each([
  [{}, 'none'],
  [{ 'X-Frame-Options': 'deny' }, 'none'],
  [{ 'X-Frame-Options': 'sameorigin' }, 'self'],
])('with %j, lets pages be in frames of: %s', async (headers, ancestors) => {
  const { url } = await start({ web: webOf({ headers }) });
  const { headers: found } = await request(`${url}/`);

  expect(found['content-security-policy']).toMatch(new RegExp(`; frame-ancestors '${ancestors}'$`));
});

test('rejects requests beyond the rate limit', async () => {
  const { url } = await start({ web: webOf({ rateLimit: { intervalMs: 1_000, burst: 2 } }) });
  const statuses = [];
  for (let i = 0; i < 3; i++) statuses.push((await request(`${url}/metrics`)).status);

  expect(statuses).toEqual([200, 200, 429]);
});

test('gives a token back after each interval, up to the burst', () => {
  let now = 0;
  const take = createTokenBucket(() => now);
  const limit = { intervalMs: 1_000, burst: 2 };
  const takeAll = () => [1, 2, 3].map(() => take(limit));

  expect(takeAll()).toEqual([true, true, false]);
  now += 999;
  expect(take(limit)).toBe(false);
  now += 1;
  expect([take(limit), take(limit)]).toEqual([true, false]);
  now += 60_000;
  expect(takeAll()).toEqual([true, true, false]);
});

/** A comparison that waits for the test, and counts. */
function slowComparison() {
  const compared: [password: string, hash: string][] = [];
  const answers: ((isEqual: boolean | undefined) => void)[] = [];
  const passwords = createPasswords(({ password, hash }) => {
    compared.push([password, hash]);
    return new Promise((resolve) => answers.push(resolve));
  }, 'the-secret');
  const client = { address: '192.0.2.1', identity: '' };
  const check = (known: typeof users, user: string, password: string) =>
    passwords(known, user, password, client);
  return { check, compared, answer: (isEqual: boolean | undefined) => answers.shift()?.(isEqual) };
}

test('compares a login once, and remembers the result', async () => {
  const { check, compared, answer } = slowComparison();
  const both = [check(users, 'alice', 'wonderland'), check(users, 'alice', 'wonderland')];
  answer(true);

  expect(await Promise.all(both)).toEqual([true, true]);
  expect(check(users, 'alice', 'wonderland')).toBe(true);
  expect(compared).toEqual([['wonderland', hash]]);
});

test('compares again after the hash of the user has changed', async () => {
  const { check, compared, answer } = slowComparison();
  const first = check(users, 'alice', 'wonderland');
  answer(true);
  expect(await first).toBe(true);
  const second = check(new Map([['alice', 'another-hash']]), 'alice', 'wonderland');
  answer(false);

  expect(await second).toBe(false);
  expect(compared).toHaveLength(2);
});

test('does not accept an unknown user even with the password of the hash that it is compared with', async () => {
  const { check, compared, answer } = slowComparison();
  const result = check(users, 'bob', 'anything');
  answer(true);

  expect(await result).toBe(false);
  expect(compared).toEqual([['anything', hash]]);
});

test('refuses a removed user and accepts a new one, even if both have the same hash', async () => {
  const { check, answer } = slowComparison();
  const compare = (known: typeof users, user: string) => {
    const result = check(known, user, 'wonderland');
    answer(true);
    return result;
  };
  expect([await compare(users, 'alice'), await compare(users, 'bob')]).toEqual([true, false]);
  const renamed = new Map([['bob', hash]]);

  expect([await compare(renamed, 'alice'), await compare(renamed, 'bob')]).toEqual([false, true]);
});

test('compares an unknown user with the slowest hash, so that the time tells nothing', async () => {
  const { check, compared, answer } = slowComparison();
  const hashes = [hash, hash.replace('$04$', '$12$'), hash.replace('$04$', '$10$')];
  const result = check(new Map(hashes.map((each, i) => [`user-${i}`, each])), 'bob', 'anything');
  answer(false);

  expect(await result).toBe(false);
  expect(compared).toEqual([['anything', hashes[1]]]);
});

test('starts nothing for a client that has left while its password was compared', async () => {
  const compared = Promise.withResolvers<boolean>();
  const asked = Promise.withResolvers<void>();
  let requests = 0;
  const server = createServer(
    withAccess(() => void requests++, {
      ...webOf({ users }),
      clock: createManualClock(),
      comparePassword: () => {
        asked.resolve();
        return compared.promise;
      },
    }),
  );
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  // The cast is safe: the server listens on an address.
  const { port } = server.address() as AddressInfo;
  const [, response] = await Promise.all([
    asked.promise,
    once(server, 'request').then(([, found]) => found as ServerResponse),
    new Promise<void>((resolve) => {
      const client = httpRequest({
        port,
        host: '127.0.0.1',
        headers: login('alice:wonderland'),
        agent: false,
      });
      client.on('error', () => resolve()).end();
      void asked.promise.then(() => client.destroy(new Error('left')));
    }),
  ]);
  if (!response.closed) await once(response, 'close');
  compared.resolve(true);
  await settle();

  expect(requests).toBe(0);
});

test('does not remember a login that was not compared', async () => {
  const { check, answer } = slowComparison();
  const first = check(users, 'alice', 'wonderland');
  answer(undefined);
  expect(await first).toBeUndefined();
  const second = check(users, 'alice', 'wonderland');
  answer(true);

  expect(await second).toBe(true);
});

test('forgets wrong passwords, but no right one', async () => {
  const { check, compared, answer } = slowComparison();
  const compare = async (password: string, isEqual: boolean) => {
    const result = check(users, 'alice', password);
    answer(isEqual);
    await result;
  };
  await compare('wonderland', true);
  for (let i = 0; i < 101; i++) await compare(`wrong-${i}`, false);
  const count = compared.length;

  expect(check(users, 'alice', 'wonderland')).toBe(true);
  expect(check(users, 'alice', 'wrong-100')).toBe(false);
  expect(check(users, 'alice', 'wrong-0')).toBeInstanceOf(Promise);
  expect(compared.length).toBe(count + 1);
});
