import { expect, test } from 'vitest';
import { ProviderError } from '../../../src/model/answer.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { startFakeService } from './fake-service.ts';

test('gives a library the environment without variables that print secrets or set a proxy', async () => {
  await using service = await startFakeService();
  const env = { A: 'a', DEBUG: '*', NODE_DEBUG: 'http', http_proxy: 'http://proxy.example.com' };
  const ask = service.asking('environment-worker', env);

  const { credentials, expiresAt } = await ask('profile');

  expect(credentials).toMatchObject({ id: 'profile', secret: 'hunter2' });
  expect(expiresAt).toBeUndefined();
  const seen = JSON.parse(credentials.token ?? '');
  expect(seen.process).toEqual(seen.env);
  expect(seen.env).toMatchObject({ A: 'a' });
  for (const name of ['DEBUG', 'NODE_DEBUG', 'http_proxy']) expect(seen.env).not.toHaveProperty(name);
});

test.each([
  [undefined, 'http://proxy.example.com:8080/'],
  [
    `Basic ${Buffer.from('user:p@ss:w%rd').toString('base64')}`,
    'http://user:p%40ss%3Aw%25rd@proxy.example.com:8080/',
  ],
])('gives a library the proxy of the account for the URL that it calls', async (authorization, expected) => {
  await using service = await startFakeService();
  const origin = 'http://proxy.example.com:8080';
  const proxy = { origin, hostname: 'proxy.example.com', name: 'proxy.example.com:8080', authorization };
  const ask = service.asking('environment-worker', {}, { proxy });

  const viaProxy = await ask('tke_oidc', 'https://sts.example.com');
  const direct = await ask('cvm_role');

  expect(JSON.parse(viaProxy.credentials.token ?? '').env).toMatchObject({ http_proxy: expected });
  expect(JSON.parse(direct.credentials.token ?? '').env).not.toHaveProperty('http_proxy');
});

test.each([
  ['missing', 'auth', 'the package no-such-package is not installed'],
  ['throws', 'internal', 'the thread of the library failed (unknown)'],
  ['exits', 'internal', 'the thread of the library ended'],
])('reports the failure %s without the text of the library', async (from, kind, text) => {
  await using service = await startFakeService();

  const failure = await service
    .asking('failing-worker')(from)
    .catch((error: unknown) => error);

  expect(failure).toBeInstanceOf(ProviderError);
  expect(failure).toMatchObject({ kind, message: `credentials from ${from}: ${text}` });
});

test('ends a library that does not answer within 8 s', async () => {
  await using service = await startFakeService();
  const clock = createManualClock();
  const asked = service.asking('failing-worker', {}, { clock })('never');
  const failure = expect(asked).rejects.toMatchObject({
    kind: 'unavailable',
    message: 'credentials from never: no response within 8 s',
  });

  await clock.advance(8_000);

  await failure;
  expect(clock.sleepers()).toBe(0);
});

test('ends at once when the sources are closed', async () => {
  const service = await startFakeService();
  const ask = service.asking('failing-worker');
  const failure = expect(ask('never')).rejects.toMatchObject({ kind: 'unavailable' });

  await service[Symbol.asyncDispose]();

  await failure;
  await expect(ask('never')).rejects.toMatchObject({ kind: 'unavailable' });
});
