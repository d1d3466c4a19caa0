import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { AlertmanagerSecretName } from '../../src/config/config.ts';
import { ProviderError } from '../../src/model/answer.ts';
import { createAlertmanagerClient, type PostingSecrets } from '../../src/posting/client.ts';
import { startFakeAlertmanager } from '../support/fake-alertmanager.ts';

const never = new AbortController().signal;
const body = [{ labels: { alertname: 'A' }, annotations: {}, startsAt: 'x', endsAt: 'y' }];

/** Secrets that change when the client renews them, if there are new ones. */
function secretsOf(
  current: Partial<Record<AlertmanagerSecretName, string>>,
  renewed?: Partial<Record<AlertmanagerSecretName, string>>,
): PostingSecrets {
  let values = current;
  let version = 0;
  return {
    get: (name) => values[name],
    version: () => version,
    async renew() {
      if (renewed === undefined) return;
      values = renewed;
      version++;
    },
  };
}

async function failureOf(post: Promise<void>): Promise<string> {
  const error = await post.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ProviderError)) throw new Error(`expected a ProviderError, got ${error}`);
  return `${error.kind}: ${error.message}`;
}

test('posts to the API below the path prefix, without credentials', async () => {
  await using alertmanager = await startFakeAlertmanager();
  const client = createAlertmanagerClient(
    `${alertmanager.url}/team/am`,
    { username: undefined },
    secretsOf({}),
  );

  await client.post(body, never);

  expect(alertmanager.posts).toEqual([
    { path: '/team/am/api/v2/alerts', authorization: undefined, alerts: body },
  ]);
  await client.close();
});

test('sends a user name with the password, or a token', async () => {
  await using alertmanager = await startFakeAlertmanager();
  const basic = createAlertmanagerClient(
    alertmanager.url,
    { username: 'user' },
    secretsOf({ password: 'p\u00e4ss:word' }),
  );
  const bearer = createAlertmanagerClient(
    alertmanager.url,
    { username: undefined },
    secretsOf({ bearerToken: 'the-token' }),
  );

  await basic.post(body, never);
  await bearer.post(body, never);

  expect(alertmanager.posts.map(({ authorization }) => authorization)).toEqual([
    `Basic ${Buffer.from('user:p\u00e4ss:word').toString('base64')}`,
    'Bearer the-token',
  ]);
  await Promise.all([basic.close(), bearer.close()]);
});

test('repeats a rejected post once if its token file has a newer token', async () => {
  await using alertmanager = await startFakeAlertmanager();
  alertmanager.answer = { status: 401 };
  const secrets = secretsOf({ bearerToken: 'old' }, { bearerToken: 'new' });
  const client = createAlertmanagerClient(
    alertmanager.url,
    { username: undefined },
    {
      ...secrets,
      async renew() {
        alertmanager.answer = { status: 200 };
        await secrets.renew();
      },
    },
  );

  await client.post(body, never);

  expect(alertmanager.posts.map(({ authorization }) => authorization)).toEqual(['Bearer new']);
  await client.close();
});

test('does not wait for a token file that hangs after the deadline of the post', async () => {
  await using alertmanager = await startFakeAlertmanager();
  alertmanager.answer = { status: 401 };
  const deadline = new AbortController();
  const client = createAlertmanagerClient(
    alertmanager.url,
    { username: undefined },
    {
      ...secretsOf({ bearerToken: 'old' }),
      renew: () => {
        deadline.abort(new ProviderError('unavailable', 'no response'));
        return new Promise(() => {});
      },
    },
  );

  const failure = await failureOf(client.post(body, deadline.signal));

  expect(failure).toContain('auth: ');
  await client.close();
});

test.each([
  [
    { status: 400, text: '{"code":601,\n "message":"bad"}' },
    'refused: Alertmanager HOST: HTTP 400: {"code":601, "message":"bad"}',
  ],
  [{ status: 401 }, 'auth: Alertmanager HOST: HTTP 401: check basic_auth or bearer_token_file'],
  [{ status: 302 }, 'refused: Alertmanager HOST: HTTP 302, a redirect: write the final URL in the config'],
  [{ status: 404 }, 'refused: Alertmanager HOST: HTTP 404: check the path of the URL'],
  [{ status: 429 }, 'throttled: Alertmanager HOST: HTTP 429'],
  [{ status: 503 }, 'unavailable: Alertmanager HOST: HTTP 503'],
  [
    { status: 200, text: '<!doctype html><title>Login</title>' },
    'malformed: Alertmanager HOST: the response is a page and not that of an Alertmanager: check the URL',
  ],
])('fails if the response is %o', async (answer, expected) => {
  await using alertmanager = await startFakeAlertmanager();
  alertmanager.answer = answer;
  const client = createAlertmanagerClient(
    alertmanager.url,
    { username: 'user' },
    secretsOf({ password: 'hunter2' }),
  );

  const failure = await failureOf(client.post(body, never));

  expect(failure.replace(alertmanager.host, 'HOST')).toBe(expected);
  await client.close();
});

test('names the host of an Alertmanager that is down', async () => {
  const { url, host } = await (async () => {
    await using alertmanager = await startFakeAlertmanager();
    return alertmanager;
  })();
  const client = createAlertmanagerClient(url, { username: undefined }, secretsOf({}));

  expect(await failureOf(client.post(body, never))).toBe(`unavailable: ${host} refused the connection`);
  await client.close();
});

test('trusts the certificates of ca_file, and only them', async () => {
  const tls = (name: string) =>
    readFileSync(join(import.meta.dirname, '..', 'fixtures', 'tls', name), 'utf8');
  await using alertmanager = await startFakeAlertmanager({ cert: tls('cert.pem'), key: tls('key.pem') });
  // The certificate is for this name.
  const url = alertmanager.url.replace('127.0.0.1', 'api.example');
  const values: Partial<Record<AlertmanagerSecretName, string>> = {};
  const client = createAlertmanagerClient(
    url,
    { username: undefined },
    { get: (name) => values[name], version: () => 0, renew: async () => {} },
    { lookup: (_name, _options, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]) },
  );

  expect(await failureOf(client.post(body, never))).toBe(
    `unavailable: ${new URL(url).host}: certificate not trusted: set ca_file in the section alertmanager to a PEM file with the certificate of the authority that issued it`,
  );
  values.certificates = tls('cert.pem');
  await client.post(body, never);

  expect(alertmanager.posts).toHaveLength(1);
  await client.close();
});
