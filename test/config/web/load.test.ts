import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readWebConfigFile } from '../../../src/config/web/load.ts';
import { fileStamp } from '../../../src/text/text-file.ts';
import { blocksIn } from '../../support/markdown.ts';
import { hash, pair, pem, setUpWebConfigs } from './web-configs.ts';

const { directory, file, load, problemsOf } = setUpWebConfigs();

const indented = (name: string): string => pem(name).trim().replaceAll('\n', '\n    ');

/** The good cases of the exporter-toolkit (web/tls_config_test.go), and ours. */
test.each([
  ['an empty file', ''],
  ['a file with comments only', '# nothing\n\n'],
  ['an empty section', 'tls_server_config:\nbasic_auth_users:\n'],
  ['TLS', `tls_server_config: {${pair}}`],
  [
    'TLS with a key and certificate in the file',
    `tls_server_config:\n  cert: |\n    ${indented('server')}\n  key: |\n    ${indented('server.key')}\n`,
  ],
  [
    'cipher suites of TLS 1.2 and 1.3',
    `tls_server_config: {${pair}, cipher_suites: [TLS_AES_128_GCM_SHA256, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA]}`,
  ],
  [
    'all curves',
    `tls_server_config: {${pair}, curve_preferences: [CurveP256, CurveP384, CurveP521, X25519]}`,
  ],
  ['the order of the client', `tls_server_config: {${pair}, prefer_server_cipher_suites: false}`],
  ['versions', `tls_server_config: {${pair}, min_version: TLS13, max_version: TLS13}`],
  ['any client certificate', `tls_server_config: {${pair}, client_auth_type: RequireAnyClientCert}`],
  [
    'the old name of any client certificate',
    `tls_server_config: {${pair}, client_auth_type: RequireClientCert}`,
  ],
  [
    'a verified client certificate',
    `tls_server_config: {${pair}, client_auth_type: RequireAndVerifyClientCert, client_ca_file: ca.pem}`,
  ],
  [
    'names of client certificates',
    `tls_server_config: {${pair}, client_auth_type: RequireAndVerifyClientCert, client_ca_file: ca.pem, client_allowed_sans: [prometheus.example]}`,
  ],
  [
    'HTTP/2 and headers',
    'http_server_config: {http2: true, headers: {X-Frame-Options: deny, X-Content-Type-Options: nosniff, Strict-Transport-Security: max-age=1}}',
  ],
  ['users without TLS', `basic_auth_users: {alice: "${hash}", bob: "${hash.replace('$2y', '$2b')}"}`],
  ['no rate limit', 'rate_limit: {interval: 0, burst: 0}'],
  ['a rate limit', 'rate_limit: {interval: 1s, burst: 5}'],
])('accepts %s', async (_name, text) => {
  expect(await problemsOf(text)).toEqual([]);
});

test('reports a file that does not exist', async () => {
  expect(await readWebConfigFile(join(directory, 'none.yml'))).toMatchObject({
    problems: [{ path: '', text: 'file not found' }],
  });
});

test('returns the settings in the words of Node, and the files that it has read', async () => {
  const loaded = await load(`
tls_server_config:
  cert_file: server.pem
  key_file: server.key.pem
  client_ca_file: ca.pem
  client_auth_type: RequireAndVerifyClientCert
  client_allowed_sans: [prometheus.example]
  min_version: TLS12
  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]
  curve_preferences: [X25519, CurveP256]
http_server_config: {headers: {X-Frame-Options: deny, Content-Security-Policy: ""}}
basic_auth_users: {alice: "${hash}"}
rate_limit: {interval: 100ms, burst: 5}
`);

  expect(loaded).toEqual({
    config: {
      tls: {
        cert: pem('server'),
        key: pem('server.key'),
        clientCa: pem('ca'),
        clientAuth: 'RequireAndVerifyClientCert',
        allowedNames: ['prometheus.example'],
        minVersion: 'TLSv1.2',
        maxVersion: 'TLSv1.3',
        ciphers: [
          'TLS_AES_128_GCM_SHA256',
          'TLS_AES_256_GCM_SHA384',
          'TLS_CHACHA20_POLY1305_SHA256',
          'ECDHE-ECDSA-AES128-GCM-SHA256',
        ],
        prefersOwnCiphers: true,
        curves: ['X25519', 'P-256'],
      },
      headers: { 'X-Frame-Options': 'deny' },
      users: new Map([['alice', hash]]),
      rateLimit: { intervalMs: 100, burst: 5 },
      secretFiles: [file, join(directory, 'server.key.pem')],
    },
    stamps: expect.any(Map),
  });
  const files = [file, ...['server.pem', 'server.key.pem', 'ca.pem'].map((name) => join(directory, name))];
  const stamps = await Promise.all(files.map(async (path) => [path, await fileStamp(path)] as const));
  expect([...loaded.stamps]).toEqual(stamps);
});

test('returns a header of several lines as one line', async () => {
  const loaded = await load(
    "http_server_config:\n  headers:\n    Content-Security-Policy: |\n      default-src 'self';\n      img-src data:\n",
  );

  expect(loaded).toMatchObject({
    config: { headers: { 'Content-Security-Policy': "default-src 'self'; img-src data:" } },
  });
});

test('returns a header with a number as text', async () => {
  expect(await load('http_server_config: {headers: {X-XSS-Protection: 0}}')).toMatchObject({
    config: { headers: { 'X-XSS-Protection': '0' } },
  });
  expect(await problemsOf('http_server_config: {headers: {X-XSS-Protection: true}}')).toEqual([
    'web.yml:1:50: http_server_config.headers.X-XSS-Protection: expected text; put it in quotes',
  ]);
});

test('accepts the example of the documentation', async () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/configuration.md'), 'utf8');
  const example = blocksIn(page).find(({ code }) => code.startsWith('tls_server_config:'))?.code ?? '';
  const names = { 'server.crt': 'server.pem', 'server.key': 'server.key.pem', 'prometheus-ca.crt': 'ca.pem' };
  const text = Object.entries(names).reduce(
    (all, [from, to]) => all.replace(`: ${from} `, `: ${to} `),
    example,
  );

  expect(await problemsOf(text)).toEqual([]);
  expect(await load(text)).toMatchObject({ config: { tls: { clientAuth: 'RequireAndVerifyClientCert' } } });
});
