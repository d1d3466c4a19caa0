import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type FakeHandler, startFakeService } from '../kit/fake-service.ts';

/* The real library, in a thread whose network has nothing but a fake metadata service and a fake STS. */

const script = 'alibaba-worker';
const expiration = '2026-03-01T10:00:00Z';
const expiresAt = Date.parse(expiration);
const session = (id = 'STS.1') => ({
  AccessKeyId: id,
  AccessKeySecret: 'hunter2',
  SecurityToken: 'token-hunter2',
  Expiration: expiration,
});
const keys = (id = 'STS.1') => ({ id, secret: 'hunter2', token: 'token-hunter2' });

const metadata = '/latest/meta-data/ram/security-credentials/';
const role: FakeHandler = (line) => {
  if (line.startsWith('PUT')) return { body: 'metadata-token' };
  if (line.endsWith(metadata)) return { body: 'live-reader' };
  return { body: { Code: 'Success', ...session() } };
};

test('gets the keys of the role of an ECS instance', async () => {
  await using service = await startFakeService();
  service.answer(role);

  expect(await service.asking(script)('ecs_role')).toEqual({ credentials: keys(), expiresAt });
  expect(service.requests).toEqual([
    'PUT /latest/api/token',
    `GET ${metadata}`,
    'PUT /latest/api/token',
    `GET ${metadata}live-reader`,
  ]);
});

test('exchanges the token of the service account, and reads its rotated file again', async () => {
  await using directory = await createDirectory();
  await using service = await startFakeService();
  service.answer((_, body) => ({ body: { Credentials: session(/OIDCToken=([\w-]+)/.exec(body)?.[1]) } }));
  const file = join(directory.path, 'token');
  const ask = service.asking(script, oidcEnv(file));
  const ids: string[] = [];

  for (const token of ['jwt-1', 'jwt-2']) {
    await writeFile(file, token);
    ids.push((await ask('oidc')).credentials.id);
  }

  expect(ids).toEqual(['jwt-1', 'jwt-2']);
  expect(service.requests).toEqual(['POST /', 'POST /']);
  expect(service.bodies[0]).toContain('RoleArn=acs%3Aram%3A%3A1%3Arole%2Flive');
});

test('gets keys from a URI', async () => {
  await using service = await startFakeService();
  service.answer(() => ({ body: session() }));
  const env = { ALIBABA_CLOUD_CREDENTIALS_URI: `http://127.0.0.1:${service.port}/keys` };

  expect(await service.asking(script, env)('uri')).toEqual({ credentials: keys(), expiresAt });
});

describe('the source profile', () => {
  test.each([
    ['access_key', 'type = access_key\naccess_key_id = AK\naccess_key_secret = hunter2', 'AK', undefined],
    ['ecs_ram_role', 'type = ecs_ram_role\nrole_name = live-reader', 'STS.1', expiresAt],
  ])('reads a profile with %s', async (_, profile, id, expiry) => {
    await using directory = await createDirectory();
    await using service = await startFakeService();
    service.answer(role);
    const file = join(directory.path, 'credentials');
    await writeFile(file, `[default]\n${profile}\n`);

    const issued = await service.asking(script, profileEnv(file))('profile');

    expect(issued).toMatchObject({ credentials: { id, secret: 'hunter2' }, expiresAt: expiry });
  });

  test('says that there is none', async () => {
    await using service = await startFakeService();

    await expect(service.asking(script, profileEnv('/does/not/exist'))('profile')).rejects.toMatchObject({
      kind: 'auth',
      message:
        'credentials from profile: no profile: neither ~/.aliyun/config.json nor ~/.alibabacloud/credentials can be read',
    });
  });
});

describe('the source default', () => {
  test('sends no request if nothing is configured, neither to the metadata service nor to another host', async () => {
    await using service = await startFakeService();
    service.answer(role);

    await expect(service.asking(script, profileEnv('/does/not/exist'))('default')).rejects.toMatchObject({
      kind: 'auth',
      message: expect.stringContaining('no source is configured'),
    });
    expect(service.requests).toEqual([]);
  });

  test.each([
    ['the metadata service', { ALIBABA_CLOUD_ECS_METADATA: 'live-reader' }, 'STS.1'],
    ['access keys', { ALIBABA_CLOUD_ACCESS_KEY_ID: 'AK', ALIBABA_CLOUD_ACCESS_KEY_SECRET: 'hunter2' }, 'AK'],
  ])('uses %s if the environment names it', async (_, env, id) => {
    await using service = await startFakeService();
    service.answer(role);

    const { credentials } = await service.asking(script, { ...profileEnv('/does/not/exist'), ...env })(
      'default',
    );

    expect(credentials.id).toBe(id);
  });

  test('does not take the keys of another source while the configured one fails', async () => {
    await using directory = await createDirectory();
    await using service = await startFakeService();
    service.answer(() => ({ status: 503, body: { Code: 'ServiceUnavailable', Message: 'hunter2' } }));
    const file = join(directory.path, 'token');
    await writeFile(file, 'jwt');
    const profile = join(directory.path, 'credentials');
    await writeFile(
      profile,
      '[default]\ntype = access_key\naccess_key_id = AK\naccess_key_secret = hunter2\n',
    );

    await expect(
      service.asking(script, { ...profileEnv(profile), ...oidcEnv(file) })('default'),
    ).rejects.toMatchObject({
      kind: 'unavailable',
      message: 'credentials from default: rejected with ServiceUnavailable',
    });
  });

  test('names the missing half of an access key', async () => {
    await using service = await startFakeService();

    await expect(
      service.asking(script, { ALIBABA_CLOUD_ACCESS_KEY_ID: 'AK' })('default'),
    ).rejects.toMatchObject({
      kind: 'auth',
      message: 'credentials from default: environment variable ALIBABA_CLOUD_ACCESS_KEY_SECRET is not set',
    });
  });
});

describe('failures of the metadata service', () => {
  test.each<[string, FakeHandler, string, string]>([
    ['a server error', () => ({ status: 503 }), 'unavailable', 'HTTP 503'],
    ['too many requests', () => ({ status: 429 }), 'unavailable', 'HTTP 429'],
    ['no role', () => ({ status: 404 }), 'auth', 'HTTP 404 (is a role bound to the instance?)'],
    ['a page', () => ({ body: '<html>hunter2</html>' }), 'unavailable', 'unreadable response'],
    [
      'empty keys',
      () => ({ body: { Code: 'Success', ...session(), AccessKeyId: '' } }),
      'unavailable',
      'the metadata service returned no keys of the role',
    ],
    [
      'a failed role',
      () => ({ body: { ...session(), Code: 'Failed' } }),
      'unavailable',
      'the metadata service returned no keys of the role',
    ],
  ])('reports %s without the text of the response', async (_, answer, kind, text) => {
    await using service = await startFakeService();
    service.answer(answer);

    await expect(service.asking(script)('ecs_role')).rejects.toMatchObject({
      kind,
      message: `credentials from ecs_role: ${text}`,
    });
  });

  test('uses the service again at once when it is back', async () => {
    await using service = await startFakeService();
    service.answer(() => ({ status: 503 }));
    const ask = service.asking(script, { ALIBABA_CLOUD_ECS_METADATA: 'live-reader' });
    await expect(ask('default')).rejects.toMatchObject({ kind: 'unavailable' });
    service.answer(role);

    expect((await ask('default')).credentials).toEqual(keys());
  });

  test('reports a closed port', async () => {
    await using service = await startFakeService();
    const env = { FAKE_HTTP_PORT: '1' };

    await expect(service.asking(script, env)('ecs_role')).rejects.toMatchObject({
      kind: 'unavailable',
      message: 'credentials from ecs_role: connection failed (ECONNREFUSED)',
    });
  });

  test('sends no request if the environment forbids it', async () => {
    await using service = await startFakeService();
    const env = { ALIBABA_CLOUD_ECS_METADATA_DISABLED: 'true' };

    await expect(service.asking(script, env)('ecs_role')).rejects.toMatchObject({
      kind: 'auth',
      message:
        'credentials from ecs_role: ALIBABA_CLOUD_ECS_METADATA_DISABLED forbids requests to the metadata service',
    });
    expect(service.requests).toEqual([]);
  });
});

describe('failures of STS', () => {
  test.each<[string, number, string, string, string]>([
    ['a missing role', 404, 'EntityNotExist.Role', 'auth', 'rejected with EntityNotExist.Role'],
    [
      'an expired token',
      400,
      'AuthenticationFail.OIDCToken.Expired',
      'auth',
      'rejected with AuthenticationFail.OIDCToken.Expired',
    ],
    ['an internal error', 500, 'InternalError', 'unavailable', 'rejected with InternalError'],
  ])('reports %s with its code', async (_, status, Code, kind, text) => {
    await using directory = await createDirectory();
    await using service = await startFakeService();
    const file = join(directory.path, 'token');
    await writeFile(file, 'jwt-hunter2');
    service.answer(() => ({ status, body: { RequestId: 'R', Code, Message: 'of jwt-hunter2' } }));

    await expect(service.asking(script, oidcEnv(file))('oidc')).rejects.toMatchObject({
      kind,
      message: `credentials from oidc: ${text}`,
    });
  });

  test('names a token file that cannot be read', async () => {
    await using service = await startFakeService();

    await expect(service.asking(script, oidcEnv('/does/not/exist'))('oidc')).rejects.toMatchObject({
      kind: 'auth',
      message: 'credentials from oidc: cannot read /does/not/exist (ENOENT)',
    });
  });
});

function oidcEnv(file: string) {
  return {
    ALIBABA_CLOUD_ROLE_ARN: 'acs:ram::1:role/live',
    ALIBABA_CLOUD_OIDC_PROVIDER_ARN: 'acs:ram::1:oidc-provider/ack',
    ALIBABA_CLOUD_OIDC_TOKEN_FILE: file,
  };
}

/** Environment with a shared file of profiles. The one of the command line tool is in the home directory. */
function profileEnv(file: string) {
  return { ALIBABA_CLOUD_CREDENTIALS_FILE: file, ALIBABA_CLOUD_CLI_PROFILE_DISABLED: 'true' };
}

async function createDirectory() {
  const path = await mkdtemp(join(tmpdir(), 'credentials-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}
