import { Buffer } from 'node:buffer';
import type { CancelSignal, HttpResponse } from '../calls/call.ts';
import { createHttp, type HttpClient, type HttpSettings } from '../calls/http.ts';
import { unlessAborted } from '../calls/unless-aborted.ts';
import type { AlertmanagerSecretName, AlertmanagerSettings } from '../config/config.ts';
import { type FailureKind, ProviderError } from '../model/answer.ts';
import { secondMs } from '../model/time.ts';
import type { AlertBody } from './alert-set.ts';

/** Secrets and certificates, of which the newest ones are returned. */
export interface PostingSecrets {
  get(name: AlertmanagerSecretName): string | undefined;
  /** Returns a number that changes whenever one of them changes. */
  version(): number;
  /** Reads changed files again. */
  renew(): Promise<void>;
}

/** Client of one Alertmanager. */
export interface AlertmanagerClient {
  /** Posts alerts. Rejects with a ProviderError if the Alertmanager did not receive them. */
  post(alerts: readonly AlertBody[], signal: CancelSignal): Promise<void>;
  close(): Promise<void>;
}

/**
 * Deadline of opening a connection, in ms. It is shorter than that of a post, so that the failure names it.
 */
const connectTimeoutMs = 5 * secondMs;
const responseTimeoutMs = 10 * secondMs;

/** Maximum number of characters of a rejection that a message contains. */
const maxReason = 200;

/** Creates the client of the Alertmanager at `url`, which ends in no slash. `lookup` resolves its host. */
export function createAlertmanagerClient(
  url: string,
  { username }: Pick<AlertmanagerSettings, 'username'>,
  secrets: PostingSecrets,
  { lookup }: Pick<HttpSettings, 'lookup'> = {},
): AlertmanagerClient {
  const { host } = new URL(url);
  let http: { readonly client: HttpClient; readonly ca: string | undefined } | undefined;

  /** Returns the HTTP client, which is another one if the trusted certificates have changed. */
  function currentHttp(): HttpClient {
    const ca = secrets.get('certificates');
    if (http !== undefined && http.ca === ca) return http.client;
    // Nothing uses the old connections any more.
    void http?.client.close().catch(() => undefined);
    const client = createHttp({
      connectTimeoutMs,
      responseTimeoutMs,
      ca,
      setting: 'Alertmanager URL',
      ...(lookup !== undefined && { lookup }),
    });
    http = { client, ca };
    return client;
  }

  async function postOnce(body: string, signal: CancelSignal): Promise<void> {
    const authorization = authorizationOf(username, secrets);
    const response = await currentHttp().send(
      {
        method: 'POST',
        url: `${url}/api/v2/alerts`,
        headers: {
          'content-type': 'application/json',
          ...(authorization !== undefined && { authorization }),
        },
        body,
      },
      signal,
    );
    check(response, host);
  }

  return {
    async post(alerts, signal) {
      const body = JSON.stringify(alerts);
      const version = secrets.version();
      try {
        await postOnce(body, signal);
      } catch (error) {
        if (!(error instanceof ProviderError) || error.kind !== 'auth') throw error;
        // A file on a network file system can hang. Then the rejection is the failure to report.
        await unlessAborted(secrets.renew(), signal).catch(() => undefined);
        if (secrets.version() === version) throw error;
        await postOnce(body, signal);
      }
    },
    async close() {
      await http?.client.close();
    },
  };
}

/** Returns the header `Authorization`; undefined without credentials. */
function authorizationOf(
  username: string | undefined,
  secrets: Pick<PostingSecrets, 'get'>,
): string | undefined {
  const token = secrets.get('bearerToken');
  if (token !== undefined) return `Bearer ${token}`;
  if (username === undefined) return undefined;
  return `Basic ${Buffer.from(`${username}:${secrets.get('password') ?? ''}`).toString('base64')}`;
}

/** Throws if the response is not that of an Alertmanager that has received the alerts. */
function check({ status, text }: HttpResponse, host: string): void {
  const fail = (kind: FailureKind, why: string): never => {
    throw new ProviderError(kind, `Alertmanager ${host}: ${why}`);
  };
  if (status >= 200 && status < 300) {
    if (!text.trimStart().startsWith('<')) return;
    fail('malformed', 'the response is a page and not that of an Alertmanager: check the URL');
  }
  const http = `HTTP ${status}`;
  if (status === 401 || status === 403) fail('auth', `${http}: check basic_auth or bearer_token_file`);
  if (status >= 300 && status < 400)
    fail('refused', `${http}, a redirect: write the final URL in the config`);
  if (status === 404 || status === 405) fail('refused', `${http}: check the path of the URL`);
  if (status === 429) fail('throttled', http);
  if (status >= 500) fail('unavailable', http);
  const reason = text.replaceAll(/\s+/g, ' ').trim().slice(0, maxReason);
  fail('refused', reason === '' ? http : `${http}: ${reason}`);
}
