import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readWebConfigFile } from '../../../src/config/web/load.ts';
import { toDiagnosticLines } from '../../../src/text/diagnostics.ts';
import { fileStamp } from '../../../src/text/text-file.ts';
import { blocksIn } from '../../support/markdown.ts';

const fixtures = join(import.meta.dirname, '..', '..', 'fixtures', 'web');
const directory = mkdtempSync(join(tmpdir(), 'web-config-'));
for (const file of readdirSync(fixtures)) copyFileSync(join(fixtures, file), join(directory, file));
afterAll(() => rmSync(directory, { recursive: true }));

const file = join(directory, 'web.yml');
const pem = (name: string): string => readFileSync(join(fixtures, `${name}.pem`), 'utf8');
const indented = (name: string): string => pem(name).trim().replaceAll('\n', '\n    ');

async function load(text: string) {
  writeFileSync(file, text);
  return readWebConfigFile(file);
}

/** The problems of a web config as an operator sees them, without the directory. */
async function problemsOf(text: string): Promise<readonly string[]> {
  const loaded = await load(text);
  return 'problems' in loaded ? toDiagnosticLines('web.yml', loaded.problems) : [];
}

const pair = 'cert_file: server.pem, key_file: server.key.pem';
const hash = '$2y$10$tey/VUizJjrEAKKugAC0ku86ifv4JMjBRLBSSKgFuDYg4VLjYuItW';

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

test('a certificate file that OpenSSL cannot read because of text beside the certificate is a problem of the config', async () => {
  writeFileSync(join(directory, 'noted.pem'), `note: ${pem('server')}`);

  expect(await problemsOf('tls_server_config: {cert_file: noted.pem, key_file: server.key.pem}')).toEqual([
    'web.yml:1:32: tls_server_config.cert_file: contains a certificate that cannot be read',
  ]);
});

/** The bad cases of the exporter-toolkit, and ours: what the operator reads. */
test.each([
  ['hello: world', 'web.yml:1:1: hello: unknown key'],
  ['just text', 'web.yml:1:1: expected a mapping'],
  [
    'tls_server_config: {cert_fil: server.pem, key_file: server.key.pem}',
    'web.yml:1:21: tls_server_config.cert_fil: unknown key; did you mean "cert_file"?',
  ],
  [
    'tls_server_config: {cert_file: "", key_file: server.key.pem}',
    'web.yml:1:1: tls_server_config: cert or cert_file is missing',
  ],
  [
    'tls_server_config: {cert: "", key_file: server.key.pem}',
    'web.yml:1:1: tls_server_config: cert or cert_file is missing',
  ],
  [
    'tls_server_config: {cert_file: server.pem}',
    'web.yml:1:1: tls_server_config: key or key_file is missing',
  ],
  [
    'tls_server_config: {client_auth_type: RequireAnyClientCert}',
    'web.yml:1:1: tls_server_config: cert or cert_file is missing',
    'web.yml:1:1: tls_server_config: key or key_file is missing',
  ],
  [
    'tls_server_config: {cert_file: nowhere.pem, key_file: nowhere.key}',
    'web.yml:1:32: tls_server_config.cert_file: file not found',
    'web.yml:1:55: tls_server_config.key_file: file not found',
  ],
  [
    'tls_server_config: {cert_file: server.key.pem, key_file: server.pem}',
    'web.yml:1:32: tls_server_config.cert_file: contains no certificate in PEM format',
    'web.yml:1:58: tls_server_config.key_file: contains no private key in PEM format',
  ],
  [
    'tls_server_config: {cert_file: server.pem, key_file: client.key.pem}',
    'web.yml:1:54: tls_server_config.key_file: the key does not belong to the certificate',
  ],
  [
    'tls_server_config: {cert_file: server.pem, key_file: encrypted.key.pem}',
    'web.yml:1:54: tls_server_config.key_file: the key is encrypted; a passphrase is not supported, so store it without one, readable by this user only',
  ],
  [
    `tls_server_config: {${pair}, cert: x}`,
    'web.yml:1:70: tls_server_config.cert: remove cert or cert_file; only one can be set',
  ],
  [
    `tls_server_config: {${pair}, client_ca_file: ca.pem}`,
    'web.yml:1:86: tls_server_config.client_ca_file: client CAs have no effect without client_auth_type, such as RequireAndVerifyClientCert',
  ],
  [
    `tls_server_config: {${pair}, client_auth_type: RequireAndVerifyClientCert, client_ca_file: nowhere}`,
    'web.yml:1:132: tls_server_config.client_ca_file: file not found',
  ],
  [
    `tls_server_config: {${pair}, client_auth_type: RequireAndVerifyClientCert}`,
    'web.yml:1:88: tls_server_config.client_auth_type: client_ca_file is missing: without it, any public CA could issue a valid client certificate',
  ],
  [
    `tls_server_config: {${pair}, client_auth_type: Sometimes}`,
    'web.yml:1:88: tls_server_config.client_auth_type: expected one of NoClientCert, RequestClientCert, RequireClientCert, RequireAnyClientCert, VerifyClientCertIfGiven, RequireAndVerifyClientCert',
  ],
  [
    `tls_server_config: {${pair}, client_auth_type: RequireAnyClientCert, client_allowed_sans: [a]}`,
    'web.yml:1:131: tls_server_config.client_allowed_sans: the names of a client certificate are worth nothing unless it is verified; set client_auth_type to RequireAndVerifyClientCert',
  ],
  [
    `tls_server_config: {${pair}, cipher_suites: [TLS_RSA_WITH_RC4_128_SHA]}`,
    /^web\.yml:1:86: tls_server_config\.cipher_suites\.0: this cipher suite is not offered; expected TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, /,
  ],
  [
    `tls_server_config: {${pair}, curve_preferences: [CurveP999]}`,
    'web.yml:1:90: tls_server_config.curve_preferences.0: this curve is not offered; expected CurveP256, CurveP384, CurveP521, X25519',
  ],
  [
    `tls_server_config: {${pair}, min_version: TLS111}`,
    'web.yml:1:83: tls_server_config.min_version: expected TLS12 or TLS13',
  ],
  [
    `tls_server_config: {${pair}, min_version: TLS11}`,
    'web.yml:1:83: tls_server_config.min_version: TLS 1.0 and 1.1 are not offered; use TLS12 or TLS13',
  ],
  [
    `tls_server_config: {${pair}, min_version: TLS13, max_version: TLS12}`,
    'web.yml:1:83: tls_server_config.min_version: min_version is above max_version',
  ],
  [
    'http_server_config: {headers: {X-Frame-Options: allow}}',
    'web.yml:1:49: http_server_config.headers.X-Frame-Options: expected deny or sameorigin',
  ],
  [
    'http_server_config: {headers: {X-Content-Type-Options: sniff}}',
    'web.yml:1:56: http_server_config.headers.X-Content-Type-Options: expected nosniff',
  ],
  [
    'http_server_config: {headers: {Server: mine}}',
    'web.yml:1:32: http_server_config.headers.Server: unknown key',
  ],
  [
    'http_server_config: {headers: {X-XSS-Protection: "1\\u0001"}}',
    'web.yml:1:50: http_server_config.headers.X-XSS-Protection: contains a character that a header must not contain',
  ],
  [
    'http_server_config: {headers: {Strict-Transport-Security: 一年}}',
    'web.yml:1:59: http_server_config.headers.Strict-Transport-Security: contains a character that a header must not contain',
  ],
  [
    'basic_auth_users: {alice: wonderland}',
    'web.yml:1:27: basic_auth_users.alice: expected a bcrypt hash, such as "htpasswd -nBC 10 USER" prints after the colon',
  ],
  [
    `basic_auth_users: {alice: "${hash.replace('$10$', '$31$')}"}`,
    'web.yml:1:27: basic_auth_users.alice: the cost of this bcrypt hash is above 18, so that a login would take minutes; use 10',
  ],
  [
    `basic_auth_users: {"a:b": "${hash}"}`,
    'web.yml:1:20: basic_auth_users."a:b": a user name must not be empty or contain a colon',
  ],
  [
    `basic_auth_users: {__proto__: "${hash}"}`,
    'web.yml:1:20: basic_auth_users.__proto__: this user name is not supported; choose another one',
  ],
  [
    'basic_auth_users: {"": wonderland}',
    'web.yml:1:20: basic_auth_users."": a user name must not be empty or contain a colon',
    'web.yml:1:24: basic_auth_users."": expected a bcrypt hash, such as "htpasswd -nBC 10 USER" prints after the colon',
  ],
  [
    'rate_limit: {interval: 1s}',
    'web.yml:1:1: rate_limit: burst is missing; without it, every request is rejected',
  ],
  [
    'rate_limit: {interval: 1s, burst: 0}',
    'web.yml:1:35: rate_limit.burst: a burst of 0 rejects every request; use at least 1',
  ],
  [
    'rate_limit: {interval: soon, burst: 1}',
    'web.yml:1:24: rate_limit.interval: expected a duration such as 100ms or 1s',
  ],
])('rejects %s', async (text, ...expected) => {
  expect(await problemsOf(text)).toEqual(
    expected.map((each) => (typeof each === 'string' ? each : expect.stringMatching(each))),
  );
});

test('reports all problems at once, without the password of a user', async () => {
  const found = await problemsOf(`
tls_server_config: {cert_file: nowhere.pem, key_file: server.key.pem, min_version: TLS11}
basic_auth_users:
  alice: wonderland
http_server_config: {headers: {X-Frame-Options: allow}}
`);

  expect(found.map((line) => line.split(': ')[1])).toEqual([
    'tls_server_config.cert_file',
    'tls_server_config.min_version',
    'basic_auth_users.alice',
    'http_server_config.headers.X-Frame-Options',
  ]);
  expect(found.join('\n')).not.toContain('wonderland');
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

test('rejects a list of certificates whose end is missing, and still returns its stamp', async () => {
  const [first = '', second = ''] = [pem('ca'), pem('server')];
  writeFileSync(join(directory, 'half.pem'), `${first}${second.slice(0, 300)}`);
  const text = `tls_server_config: {${pair}, client_auth_type: RequireAndVerifyClientCert, client_ca_file: half.pem}`;

  expect(await problemsOf(text)).toEqual([
    'web.yml:1:132: tls_server_config.client_ca_file: is incomplete: a certificate does not end',
  ]);
  expect((await load(text)).stamps.get(join(directory, 'half.pem'))).toBeDefined();
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
