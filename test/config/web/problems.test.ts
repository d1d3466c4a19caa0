import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hash, pair, pem, setUpWebConfigs } from './web-configs.ts';

const { directory, load, problemsOf } = setUpWebConfigs();

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
    `tls_server_config: {${pair}, client_auth_type: VerifyClientCertIfGiven, client_ca_file: ca.pem, client_allowed_sans: [a]}`,
    'web.yml:1:158: tls_server_config.client_allowed_sans: a client without a certificate, and so without a name, would be accepted; set client_auth_type to RequireAndVerifyClientCert',
  ],
  [
    `tls_server_config: {${pair}, client_auth_type: RequireAndVerifyClientCert, client_ca_file: client.pem}`,
    'web.yml:1:132: tls_server_config.client_ca_file: contains no self-signed root certificate, so no client could be verified: an intermediate CA needs its root in the same file',
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

test('a certificate file that OpenSSL cannot read because of text beside the certificate is a problem of the config', async () => {
  writeFileSync(join(directory, 'noted.pem'), `note: ${pem('server')}`);

  expect(await problemsOf('tls_server_config: {cert_file: noted.pem, key_file: server.key.pem}')).toEqual([
    'web.yml:1:32: tls_server_config.cert_file: contains a certificate that cannot be read',
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
