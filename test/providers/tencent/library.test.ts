import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createCredentialCache } from '../../../src/providers/kit/credential-cache.ts';
import type { LibraryKeys } from '../../../src/providers/kit/library.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { waitFor } from '../../support/wait-for.ts';
import { type FakeHandler, startFakeService } from '../kit/fake-service.ts';

/* The real library, in a thread whose network has nothing but a fake metadata service and a fake STS. */

const script = 'tencent-worker';
const path = '/latest/meta-data/cam/security-credentials/';
const nowS = Math.floor(Date.now() / 1000);
const session = (ExpiredTime: number) => ({
  Code: 'Success',
  TmpSecretId: 'AKID1',
  TmpSecretKey: 'hunter2',
  Token: 'token-hunter2',
  ExpiredTime,
});
const keys = { id: 'AKID1', secret: 'hunter2', token: 'token-hunter2' };
const role =
  (ExpiredTime = nowS + 3600): FakeHandler =>
  (line) => ({ body: line === `GET ${path}` ? 'live-reader' : session(ExpiredTime) });

test('gets the keys of the role of a CVM instance, never through a proxy', async () => {
  await using service = await startFakeService();
  service.answer(role());
  const proxy = {
    origin: 'http://127.0.0.1:1',
    hostname: '127.0.0.1',
    name: 'proxy',
    authorization: undefined,
  };
  const ask = service.asking(script, { http_proxy: 'http://127.0.0.1:1' }, { proxy });

  expect(await ask('cvm_role')).toEqual({ credentials: keys, expiresAt: (nowS + 3600) * 1000 });
  expect(service.requests).toEqual([`GET ${path}`, `GET ${path}live-reader`]);
});

test('exchanges the token of the service account, and reads its rotated file again', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'credentials-'));
  await using service = await startFakeService();
  service.answer((_, body) => {
    const { WebIdentityToken: TmpSecretId } = JSON.parse(body);
    const { ExpiredTime, ...Credentials } = session(nowS + 3600);
    return { body: { Response: { Credentials: { ...Credentials, TmpSecretId }, ExpiredTime } } };
  });
  const file = join(directory, 'token');
  const ask = service.asking(script, tkeEnv(file));
  const ids: string[] = [];

  for (const token of ['jwt-1', 'jwt-2']) {
    await writeFile(file, token);
    const { credentials, expiresAt } = await ask('tke_oidc');
    ids.push(credentials.id);
    expect(expiresAt).toBe((nowS + 3600) * 1000);
  }

  expect(ids).toEqual(['jwt-1', 'jwt-2']);
  await rm(directory, { recursive: true });
});

test('stops the library when it repeats a request because the answer has expired', async () => {
  await using service = await startFakeService();
  service.answer(role(nowS - 60));

  await expect(service.asking(script)('cvm_role')).rejects.toMatchObject({
    kind: 'unavailable',
    message:
      'credentials from cvm_role: the service returns expired keys, or the clock of this host is ahead',
  });
  expect(service.requests).toHaveLength(3);
});

test('closes the connection to a service that does not answer', async () => {
  await using service = await startFakeService();
  service.answer(() => ({ hangs: true }));
  const clock = createManualClock();
  const failure = expect(service.asking(script, {}, { clock })('cvm_role')).rejects.toMatchObject({
    kind: 'unavailable',
    message: 'credentials from cvm_role: no response within 8 s',
  });
  await waitFor('the request', () => service.requests[0]);

  await clock.advance(8_000);

  await failure;
  await waitFor('a closed socket', async () => ((await service.openSockets()) === 0 ? true : undefined));
});

test('heals within 30 s of the return of a role endpoint that failed for 10 minutes', {
  timeout: 60_000,
}, async () => {
  await using service = await startFakeService();
  const clock = createManualClock(nowS * 1000);
  const ask = service.asking(script);
  const { get } = createCredentialCache<LibraryKeys>({
    issue: () => ask('cvm_role'),
    onRenewal: () => undefined,
    now: clock.now,
    elapsed: clock.elapsed,
  });
  const request = () => Promise.resolve(get(new AbortController().signal));
  service.answer((line) => (line === `GET ${path}` ? { body: 'live-reader' } : { status: 500 }));
  while (clock.elapsed() < 600_000) {
    await expect(request()).rejects.toMatchObject({ kind: 'unavailable' });
    await clock.advance(60_000);
  }
  const failed = service.requests.length;
  service.answer(role(nowS + 7200));

  await clock.advance(15_000);

  expect(await request()).toEqual(keys);
  expect(failed).toBe(20);
});

describe('failures', () => {
  test.each<[string, FakeHandler, string, string]>([
    [
      'no role',
      () => ({ status: 404 }),
      'unavailable',
      'the metadata service names no role; check that a role is bound to the instance',
    ],
    [
      'a server error',
      (line) => (line === `GET ${path}` ? { body: 'r' } : { status: 502 }),
      'unavailable',
      'HTTP 502',
    ],
    [
      'a failed role',
      (line) => ({ body: line === `GET ${path}` ? 'r' : { Code: 'Failed' } }),
      'unavailable',
      'the metadata service returned no keys of the role',
    ],
    ['a page', () => ({ body: '<html>hunter2</html>' }), 'unavailable', 'unreadable response'],
    [
      'empty keys',
      (line) => ({ body: line === `GET ${path}` ? 'r' : { ...session(nowS + 3600), TmpSecretId: '' } }),
      'auth',
      'the library returned no keys',
    ],
  ])('reports %s of the metadata service', async (_, answer, kind, text) => {
    await using service = await startFakeService();
    service.answer(answer);

    await expect(service.asking(script)('cvm_role')).rejects.toMatchObject({
      kind,
      message: `credentials from cvm_role: ${text}`,
    });
  });

  test.each<[string, FakeHandler, string, string]>([
    [
      'a rejected token',
      () => ({ body: { Response: { Error: { Code: 'AuthFailure', Message: 'jwt-hunter2 is invalid' } } } }),
      'auth',
      'STS rejected the token of the service account; check role, OIDC provider and trust policy',
    ],
    ['a server error', () => ({ status: 503 }), 'unavailable', 'HTTP status Service Unavailable'],
  ])('reports %s of STS', async (_, answer, kind, text) => {
    const directory = await mkdtemp(join(tmpdir(), 'credentials-'));
    await using service = await startFakeService();
    service.answer(answer);
    const file = join(directory, 'token');
    await writeFile(file, 'jwt-hunter2');

    await expect(service.asking(script, tkeEnv(file))('tke_oidc')).rejects.toMatchObject({
      kind,
      message: `credentials from tke_oidc: ${text}`,
    });
    await rm(directory, { recursive: true });
  });

  test('reports a missing variable and a missing file', async () => {
    await using service = await startFakeService();
    const { TKE_REGION: _, ...env } = tkeEnv('/does/not/exist');

    await expect(service.asking(script, env)('tke_oidc')).rejects.toMatchObject({
      kind: 'auth',
      message: 'credentials from tke_oidc: environment variable TKE_REGION is not set',
    });
    await expect(service.asking(script, tkeEnv('/does/not/exist'))('tke_oidc')).rejects.toMatchObject({
      kind: 'auth',
      message: 'credentials from tke_oidc: cannot read /does/not/exist (ENOENT)',
    });
  });
});

function tkeEnv(file: string) {
  return {
    TKE_REGION: 'ap-guangzhou',
    TKE_PROVIDER_ID: 'tke-1',
    TKE_WEB_IDENTITY_TOKEN_FILE: file,
    TKE_ROLE_ARN: 'qcs::cam::uin/1:roleName/live',
  };
}
