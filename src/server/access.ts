import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Clock } from '../model/time.ts';
import { type Client, clientOf } from './client.ts';
import { retryAfterSeconds } from './limits.ts';
import { createLoginQueue } from './login-queue.ts';
import { createPasswords } from './passwords.ts';
import { createTokenBucket } from './token-bucket.ts';
import type { WebAccess, WebSettingsSource } from './web-settings.ts';

interface AccessParts extends Pick<WebAccess, 'secret'> {
  readonly settings: Pick<WebSettingsSource, 'current'>;
  /** Compares a password with a bcrypt hash; undefined if that was not possible. */
  readonly comparePassword: (password: string, hash: string) => Promise<boolean | undefined>;
  readonly clock: Pick<Clock, 'elapsed' | 'sleep'>;
}

/**
 * Wraps the routes in the rules of the web config, as the exporter-toolkit does (web/handler.go there): headers
 * on every response, then the rate limit, then user and password. They apply to every path.
 */
export function withAccess(
  routes: RequestListener,
  { settings, comparePassword, secret, clock }: AccessParts,
): RequestListener {
  const passwords = createPasswords(createLoginQueue(comparePassword, clock), secret);
  const takeToken = createTokenBucket(clock.elapsed);

  return (request, response) => {
    const { headers, rateLimit, users } = settings.current();
    setHeaders(response, headers);
    if (rateLimit !== undefined && !takeToken(rateLimit)) {
      reject(response, 429, 'too many requests (rate_limit of the web config)', { 'Retry-After': '1' });
      return;
    }
    if (users.size === 0) {
      routes(request, response);
      return;
    }
    const login = loginOf(request);
    const decide = (isRight: boolean | undefined) => {
      // The client can have left during the comparison. A route would wait for its end, which was before.
      if (response.closed) return;
      if (isRight) routes(request, response);
      else if (isRight === undefined) {
        const text = `too many logins at once; retry in ${retryAfterSeconds} s`;
        reject(response, 503, text, { 'Retry-After': String(retryAfterSeconds) });
      } else reject(response, 401, 'user and password required', challenge);
    };
    if (login === undefined) decide(false);
    else {
      const result = passwords(users, login.user, login.password, ofUser(clientOf(request), login.user));
      // A remembered login waits for nothing, so that its scrape costs what it does without a password.
      if (result instanceof Promise) result.then(decide, () => decide(undefined));
      else decide(result);
    }
  };
}

const challenge = { 'WWW-Authenticate': 'Basic realm="livestream-exporter", charset="UTF-8"' };

/** Sets headers of the web config. The routes keep them, see `addSecurityHeaders`. */
function setHeaders(response: ServerResponse, headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
}

/** Tells the users of one client apart, so that wrong passwords of one do not delay another one. */
function ofUser({ address, identity }: Client, user: string): Client {
  return { address, identity: JSON.stringify([identity, user]) };
}

function loginOf({ headers }: IncomingMessage) {
  const encoded = /^basic +([A-Za-z0-9+/=]+)$/i.exec(headers.authorization ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon === -1 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

function reject(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>>,
): void {
  response
    .writeHead(status, {
      ...headers,
      'Content-Type': 'text/plain; charset=utf-8',
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
    })
    .end(`${text}\n`);
}
