import { expect, test } from 'vitest';
import { toPathText } from '../../src/text/diagnostics.ts';
import { isAccessKeyId, looksLikeSecret, looksLikeSecretPath } from '../../src/text/secret-like.ts';

test.each(['5d41402abc4b2a76b9719d911017c592', 'LTAI5tBadExampleOfAnId00', 'aGVsbG8gd29ybGQx=='])(
  'takes %s for a secret',
  (text) => {
    expect(looksLikeSecret(text)).toBe(true);
    expect(looksLikeSecretPath(`/etc/${text}`)).toBe(true);
    expect(toPathText(['accounts', 0, 'statcgi', text])).toBe('accounts.0.statcgi.(key not shown)');
  },
);

test.each([
  'TENCENT_STAT_KEY',
  'ALIBABA_CLOUD_ACCESS_KEY_ID_2',
  'KEY1',
  'requests_per_second',
  'tencentkey.txt',
])('takes %s for a name', (text) => {
  expect(looksLikeSecret(text)).toBe(false);
  expect(looksLikeSecretPath(`/run/secrets/${text}`)).toBe(false);
});

test.each([
  'X-Frame +4Vncrk+qdUBJ3R3WdJLN4EJ4dsF5O0WPdOwph/bFuodVO',
  'headers -----END PRIVATE KEY-----',
  'cert_file -----BEGIN',
])('shows no key of the config with a part of a private key: %s', (text) => {
  expect(toPathText(['http_server_config', text])).toBe('http_server_config.(key not shown)');
});

test.each([
  '$2y$10$tey/VUizJjrEAKKugAC0ku86ifv4Job.RLBSSKgFuDYg4VLjYu.tW',
  'b2y$10$tey/VUizJjrEAKKugAC0ku86ifv4Job',
  'alice:$2b$12$tey/VUiz',
])('shows no key of the config with a part of a bcrypt hash: %s', (text) => {
  expect(toPathText(['basic_auth_users', text])).toBe('basic_auth_users.(key not shown)');
});

test.each([
  'ky=Zq7Planted4Secret9Kx2Lw8',
  'ky=aGVsbG8gd29ybGQx==',
  'a?b=1&sgn=Zq7Planted4Secret9Kx2Lw8',
  'http_serv {Zq7Planted4Secret9Kx2Lw8',
])('shows no key of the config with a secret after a character that no name has: %s', (text) => {
  expect(toPathText(['tls_server_config', text])).toBe('tls_server_config.(key not shown)');
});

test.each([
  '/etc/livestream-exporter/tls/server/certificate-2026.pem',
  '/srv/a/very/long/path/without/capitals/2',
])('shows %s', (text) => {
  expect(toPathText(['http_server_config', text])).toContain(text);
});

test('takes a directory with a digest in its name for a directory', () => {
  expect(looksLikeSecretPath('/var/lib/5d41402abc4b2a76b9719d911017c592/key')).toBe(false);
  expect(looksLikeSecretPath('/CAIS8gF1q6Ft5B2yfSjI/x==')).toBe(true);
});

test.each([
  ['LTAI5tBadExampleOfAnId00', true],
  ['STS.NUgYrLnoC37mZZCNnAbez', true],
  ['AKIDz8krbsJ5yKBZQpn74WFkmLPx3gnPhESA', true],
  ['IKIDz8krbsJ5yKBZQpn74WFkmLPx3gnPhESA', true],
  ['akid-production', false],
  ['ikids2', false],
])('reports whether %s is the ID of an access key: %s', (text, expected) => {
  expect(isAccessKeyId(text)).toBe(expected);
});
