import type { HttpProxy } from '../calls/call.ts';
import type { Diagnostic } from '../text/diagnostics.ts';
import type { Account } from './config.ts';
import { isLoopback, parseNoProxy } from './no-proxy.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** Returns the proxy for requests to the origin of a URL; undefined: none. */
export type ProxyOf = (endpoint: URL) => HttpProxy | undefined;

export interface ProxySettings {
  /** URL of the proxy for all requests; undefined: the environment decides. */
  readonly proxyUrl: string | undefined;
  /** Environment with HTTP_PROXY, HTTPS_PROXY and NO_PROXY. */
  readonly env: Env;
}

/**
 * Creates the function that chooses the proxy of a request. Requests to this machine never use a proxy. The
 * function throws if the URL of the chosen proxy is unusable.
 */
export function createProxyChoice({ proxyUrl, env }: ProxySettings): ProxyOf {
  const chooseUrl = proxyUrl === undefined ? createEnvChoice(env) : () => ({ name: '', text: proxyUrl });
  return (endpoint) => {
    const chosen = chooseUrl(endpoint);
    if (chosen === undefined || isLoopback(endpoint.hostname)) return undefined;
    const parsed = parseProxyUrl(chosen.text);
    if ('problem' in parsed)
      throw new Error(`URL of the proxy${locationText(chosen.name)}: ${parsed.problem}`);
    return parsed.proxy;
  };
}

/**
 * Returns the problems with the proxies that the environment sets for the endpoints of the accounts. A
 * problem names the variable and never contains its value, which can contain a password.
 */
export function proxyEnvProblems(accounts: readonly Account[], env: Env): readonly Diagnostic[] {
  const choose = createEnvChoice(env);
  return accounts.flatMap(({ endpoints, proxyUrlEnv }, index) => {
    if (proxyUrlEnv !== undefined) return [];
    return endpoints.flatMap((endpoint) => {
      const url = new URL(endpoint);
      const chosen = isLoopback(url.hostname) ? undefined : choose(url);
      const parsed = chosen && parseProxyUrl(chosen.text);
      if (chosen === undefined || parsed === undefined || !('problem' in parsed)) return [];
      const text = `${parsed.problem}${locationText(chosen.name)}`;
      return [{ line: undefined, column: undefined, path: `accounts.${index}.proxy_url_env`, text }];
    });
  });
}

function locationText(variable: string): string {
  return variable === '' ? '' : ` (environment variable ${variable})`;
}

/**
 * Creates the function that returns the variable that applies to an endpoint, and its value. A lower-case
 * name takes precedence, as in curl and Go. An empty variable counts as not set, so it does not hide the
 * other one.
 */
function createEnvChoice(env: Env) {
  const find = (...names: readonly string[]) => {
    for (const name of names) {
      const text = env[name]?.trim() ?? '';
      if (text !== '') return { name, text };
    }
    return undefined;
  };
  const isBypassed = parseNoProxy(find('no_proxy', 'NO_PROXY')?.text ?? '');
  return ({ protocol, hostname, port }: URL) => {
    const isHttps = protocol === 'https:';
    const found = isHttps ? find('https_proxy', 'HTTPS_PROXY') : find('http_proxy', 'HTTP_PROXY');
    if (found === undefined) return undefined;
    if (isBypassed(hostname, Number(port) || (isHttps ? 443 : 80))) return undefined;
    // Accept host:port, as curl and Go do.
    return { name: found.name, text: found.text.includes('://') ? found.text : `http://${found.text}` };
  };
}

const notHttp = 'not an http or https URL';

/** Parses the URL of a proxy. A problem says what to do and contains no part of the URL. */
export function parseProxyUrl(text: string): { readonly proxy: HttpProxy } | { readonly problem: string } {
  const [, scheme] = /^([a-z\d+.-]+):\/\//i.exec(text.trim()) ?? [];
  if (scheme !== undefined && /^socks/i.test(scheme)) {
    return { problem: `${notHttp}: SOCKS proxies are not supported, use an HTTP proxy` };
  }
  if (scheme === undefined || !/^https?$/i.test(scheme)) return { problem: notHttp };
  const url = URL.parse(text);
  if (url === null) {
    return {
      problem: `${notHttp}: expected http://HOST:PORT or http://USER:PASSWORD@HOST:PORT, with special characters of user and password percent-encoded`,
    };
  }
  // A slash in a password would end the host before it and send the requests to a wrong one.
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    return {
      problem: 'the URL of a proxy has no path: in the user and password, write / ? # as %2F %3F %23',
    };
  }
  try {
    return { proxy: toProxy(url) };
  } catch {
    return { problem: 'in the user and password, write each % as %25' };
  }
}

function toProxy({ protocol, host, hostname, port, username, password, origin }: URL): HttpProxy {
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return {
    origin,
    hostname,
    name: port === '' ? `${host}:${protocol === 'https:' ? 443 : 80}` : host,
    authorization: credentials === ':' ? undefined : `Basic ${Buffer.from(credentials).toString('base64')}`,
  };
}
