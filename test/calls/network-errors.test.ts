import { errors } from 'undici';
import { expect, test } from 'vitest';
import { connectFailure, networkFailure } from '../../src/calls/network-errors.ts';

const peer = { name: 'live.example.com:8443', hostname: 'live.example.com', setting: 'endpoint' } as const;

function failure(code: string): Error {
  return Object.assign(new Error('hush'), { code });
}

test.each([
  ['ENOTFOUND', 'cannot resolve live.example.com'],
  ['EAI_AGAIN', 'cannot resolve live.example.com: the name server gives no answer (EAI_AGAIN)'],
  ['ECONNREFUSED', 'live.example.com:8443 refused the connection'],
  ['ECONNRESET', 'live.example.com:8443 reset the connection'],
  ['EPIPE', 'live.example.com:8443 reset the connection'],
  ['ETIMEDOUT', 'timeout while connecting to live.example.com:8443'],
  ['UND_ERR_CONNECT_TIMEOUT', 'timeout while connecting to live.example.com:8443'],
  ['ENETUNREACH', 'network unreachable: no route to live.example.com:8443 (ENETUNREACH)'],
  ['EHOSTUNREACH', 'network unreachable: no route to live.example.com:8443 (EHOSTUNREACH)'],
  ['EACCES', 'this host does not permit connections to live.example.com:8443: check its firewall (EACCES)'],
  ['UND_ERR_HEADERS_TIMEOUT', 'timeout: live.example.com:8443 sent no response'],
  ['UND_ERR_BODY_TIMEOUT', 'timeout: live.example.com:8443 sent only a part of its response'],
  ['UND_ERR_SOCKET', 'live.example.com:8443 closed the connection before its response was complete'],
  [
    'HPE_INVALID_CONSTANT',
    'live.example.com:8443 does not speak HTTP: check scheme and port of the endpoint',
  ],
  ['CERT_HAS_EXPIRED', 'live.example.com:8443: certificate has expired, or the clock of this host is wrong'],
  [
    'CERT_NOT_YET_VALID',
    'live.example.com:8443: certificate is not yet valid, or the clock of this host is wrong',
  ],
  [
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'live.example.com:8443: certificate is for another host name: check the endpoint',
  ],
  ['CERT_REVOKED', 'live.example.com:8443: certificate rejected (CERT_REVOKED)'],
  [
    'ERR_SSL_WRONG_VERSION_NUMBER',
    'live.example.com:8443 does not speak TLS: check scheme and port of the endpoint',
  ],
  [
    'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
    'live.example.com:8443 supports no TLS version of the exporter (ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION)',
  ],
  [
    'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE',
    'TLS handshake with live.example.com:8443 failed (ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE)',
  ],
  ['EPROTO', 'TLS handshake with live.example.com:8443 failed (EPROTO)'],
  ['EWEIRD', 'no complete response from live.example.com:8443: EWEIRD'],
])('describes %s as "%s"', (code, text) => {
  expect(networkFailure(failure(code), peer)).toMatchObject({ kind: 'unavailable', message: text });
});

test.each([
  ['EMFILE', 'too many open files: raise the limit of the exporter, such as LimitNOFILE (EMFILE)'],
  ['ENFILE', 'too many open files on this host: raise fs.file-max (ENFILE)'],
])('reports %s as internal, because the provider is not involved', (code, message) => {
  expect(networkFailure(failure(code), peer)).toMatchObject({ kind: 'internal', message });
  expect(connectFailure(failure(code), peer, 'tcp')).toMatchObject({ kind: 'internal', message });
});

test.each([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_UNTRUSTED',
])('names the remedy for the certificate error %s', (code) => {
  expect(networkFailure(failure(code), peer).message).toMatch(
    /^live\.example\.com:8443: certificate not trusted: set NODE_EXTRA_CA_CERTS to /,
  );
});

test('describes an error without a code by its name', () => {
  expect(networkFailure(new TypeError('hush'), peer).message).toBe(
    'no complete response from live.example.com:8443: TypeError',
  );
});

test.each([
  ['lookup', 'cannot resolve live.example.com: timeout while waiting for the name server'],
  ['tcp', 'timeout while connecting to live.example.com:8443'],
  ['tls', 'timeout during the TLS handshake with live.example.com:8443'],
] as const)('describes a timeout in the phase %s as "%s"', (phase, text) => {
  expect(connectFailure(new errors.ConnectTimeoutError('hush'), peer, phase)).toMatchObject({
    kind: 'unavailable',
    message: text,
  });
});

test.each([
  [['ENETUNREACH', 'ECONNREFUSED'], 'live.example.com:8443 refused the connection'],
  [['ECONNREFUSED', 'ENETUNREACH'], 'live.example.com:8443 refused the connection'],
  [['ETIMEDOUT', 'ECONNREFUSED'], 'live.example.com:8443 refused the connection'],
  [['ETIMEDOUT', 'ENETUNREACH'], 'timeout while connecting to live.example.com:8443'],
  [['ENETUNREACH', 'EHOSTUNREACH'], 'network unreachable: no route to live.example.com:8443 (ENETUNREACH)'],
])('describes addresses that failed with %j as "%s"', (codes, text) => {
  const [first] = codes;
  const all = Object.assign(new AggregateError(codes.map(failure), 'hush'), { code: first });
  const isTimeout = codes.includes('ETIMEDOUT');
  // As undici does.
  const error = isTimeout ? Object.assign(new errors.ConnectTimeoutError('hush'), { cause: all }) : all;

  expect(connectFailure(error, peer, 'tcp')).toMatchObject({ kind: 'unavailable', message: text });
});
