import { describe, expect, test } from 'vitest';
import { createProxyChoice, parseProxyUrl, proxyEnvProblems } from '../../src/config/proxy.ts';
import { load } from './loading.ts';

type Env = Readonly<Record<string, string | undefined>>;

function proxyOf(env: Env, url: string, proxyUrl?: string): string | undefined {
  return createProxyChoice({ env, proxyUrl })(new URL(url))?.name;
}

const http = 'http://api.example.com/';
const https = 'https://api.example.com/';

test.each<[Env, string, string | undefined]>([
  [{ HTTP_PROXY: 'http://p.example:3128' }, http, 'p.example:3128'],
  [{ HTTP_PROXY: 'http://p.example:3128' }, https, undefined],
  [{ HTTPS_PROXY: 'http://p.example:3128' }, https, 'p.example:3128'],
  [{ HTTPS_PROXY: 'http://p.example:3128' }, http, undefined],
  [{ ALL_PROXY: 'http://p.example:3128' }, http, undefined],
  [{ http_proxy: 'http://low.example:1', HTTP_PROXY: 'http://up.example:2' }, http, 'low.example:1'],
  [{ http_proxy: '', HTTP_PROXY: 'http://up.example:2' }, http, 'up.example:2'],
  [{ https_proxy: ' ', HTTPS_PROXY: 'http://up.example:2' }, https, 'up.example:2'],
  [{ http_proxy: '', HTTP_PROXY: '' }, http, undefined],
  [{ HTTP_PROXY: 'p.example:3128' }, http, 'p.example:3128'],
  [{ HTTP_PROXY: 'http://p.example:3128/\n' }, http, 'p.example:3128'],
  [{ HTTP_PROXY: 'http://p.example' }, http, 'p.example:80'],
  [{ HTTP_PROXY: 'https://p.example' }, http, 'p.example:443'],
  [{ HTTP_PROXY: 'http://p.example', NO_PROXY: 'other.example,example.com' }, http, undefined],
  [{ HTTP_PROXY: 'http://p.example', no_proxy: '', NO_PROXY: 'example.com' }, http, undefined],
  [{ HTTP_PROXY: 'http://p.example', no_proxy: 'other', NO_PROXY: 'example.com' }, http, 'p.example:80'],
  [{ HTTPS_PROXY: 'http://p.example', NO_PROXY: 'example.com:80' }, https, 'p.example:80'],
  [{ HTTPS_PROXY: 'http://p.example', NO_PROXY: 'example.com:443' }, https, undefined],
])('with %j, requests to %s use the proxy %s', (env, url, expected) => {
  expect(proxyOf(env, url)).toBe(expected);
});

test('prefers the proxy of the account, whatever the environment says', () => {
  const env = { HTTP_PROXY: 'http://p.example', NO_PROXY: '*' };

  expect(proxyOf(env, http, 'http://account.example:8080')).toBe('account.example:8080');
});

test.each(['http://localhost:1/', 'https://127.8.9.10/', 'http://[::1]:1/', 'http://sim.localhost/'])(
  'never uses a proxy for %s, not even the proxy of the account',
  (url) => {
    const env = { HTTP_PROXY: 'http://p.example', HTTPS_PROXY: 'http://p.example' };

    expect([proxyOf(env, url), proxyOf(env, url, 'http://account.example')]).toEqual([undefined, undefined]);
  },
);

test('sends user and password decoded, and keeps them out of the name', () => {
  expect(parseProxyUrl('http://me%40corp:p%3Ass@p.example:3128/')).toEqual({
    proxy: {
      origin: 'http://p.example:3128',
      hostname: 'p.example',
      name: 'p.example:3128',
      authorization: `Basic ${Buffer.from('me@corp:p:ss').toString('base64')}`,
    },
  });
  expect(parseProxyUrl('http://p.example')).toMatchObject({ proxy: { authorization: undefined } });
  expect(parseProxyUrl('http://me@p.example')).toMatchObject({
    proxy: { authorization: `Basic ${Buffer.from('me:').toString('base64')}` },
  });
});

describe.each([
  ['socks5://me:hush@p.example:1080', /SOCKS proxies are not supported, use an HTTP proxy/],
  ['socks5h://me:hush@p.example:1080', /SOCKS/],
  ['SOCKS4://p.example:1080', /SOCKS/],
  ['ftp://me:hush@p.example', /^not an http or https URL$/],
  ['hush', /^not an http or https URL$/],
  ['http://me:hush@', /expected http:\/\/HOST:PORT/],
  ['http://me:hush@p.example:70000', /expected http:\/\/HOST:PORT/],
  ['http://me:hu#sh@p.example:3128', /expected http:\/\/HOST:PORT/],
  ['http://me:1/hush@p.example:3128', /as %2F %3F %23/],
  ['http://p.example:3128/hush', /as %2F %3F %23/],
  ['http://me:hush%@p.example', /write each % as %25/],
])('the proxy URL %s', (url, problem) => {
  test('is a problem that says what to do and shows no part of it', () => {
    const parsed = parseProxyUrl(url);

    expect(parsed).toEqual({ problem: expect.stringMatching(problem) });
    expect(JSON.stringify(parsed)).not.toMatch(/hush|p\.example/);
  });
});

const config = (endpoint: string, more = '') =>
  load(`
accounts:
  - {name: t, provider: tencent, statcgi: {app_id: 1, key_env: K, endpoint: "${endpoint}"}${more}}
`).accounts;

test('reports an unusable proxy of the environment as a problem of the config', () => {
  const env = { HTTP_PROXY: 'socks5://me:hush@p.example:1080' };

  expect(proxyEnvProblems(config('http://statcgi.example.com/x'), env)).toEqual([
    {
      line: undefined,
      column: undefined,
      path: 'accounts.0.proxy_url_env',
      text: 'not an http or https URL: SOCKS proxies are not supported, use an HTTP proxy (environment variable HTTP_PROXY)',
    },
  ]);
});

test.each([
  ['of the other scheme', 'https://statcgi.example.com/x', '', {}],
  ['for this machine', 'http://127.0.0.1:1/x', '', {}],
  ['that NO_PROXY excludes', 'http://statcgi.example.com/x', '', { NO_PROXY: 'example.com' }],
  ['that the account overrides', 'http://statcgi.example.com/x', ', proxy_url_env: P', {}],
])('ignores an unusable proxy %s', (_, endpoint, more, env) => {
  expect(proxyEnvProblems(config(endpoint, more), { HTTP_PROXY: 'socks5://p.example', ...env })).toEqual([]);
});
