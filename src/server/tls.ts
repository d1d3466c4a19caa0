import { X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContextOptions, type TLSSocket, type TlsOptions } from 'node:tls';
import { isDeepStrictEqual } from 'node:util';
import { canonicalAddress } from '../model/address.ts';
import type { TlsSettings } from './web-settings.ts';

/** Options of the TLS server that can change while it runs. They cannot fail if `tlsProblem` finds nothing. */
export function secureContextOf(tls: TlsSettings): SecureContextOptions {
  return {
    cert: tls.cert,
    key: tls.key,
    minVersion: tls.minVersion,
    maxVersion: tls.maxVersion,
    honorCipherOrder: tls.prefersOwnCiphers,
    ...(tls.clientCa === undefined ? {} : { ca: tls.clientCa }),
    ...(tls.ciphers === undefined ? {} : { ciphers: tls.ciphers.join(':') }),
    ...(tls.curves === undefined ? {} : { ecdhCurve: tls.curves.join(':') }),
  };
}

/**
 * Returns why OpenSSL refuses the settings, such as a key that is too short; undefined if it accepts them. The
 * texts of OpenSSL contain no part of a key.
 */
export function tlsProblem(tls: TlsSettings): string | undefined {
  try {
    createSecureContext(secureContextOf(tls));
    return undefined;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return `OpenSSL refuses the certificate or the settings: ${text.replace(/^error:[\dA-F]*:[^:]*:[^:]*:/, '')}`;
  }
}

/** Options of the TLS server. Those that ask for a client's certificate cannot change while it runs. */
export function tlsOptionsOf(tls: TlsSettings): TlsOptions {
  return {
    ...secureContextOf(tls),
    requestCert: tls.clientAuth !== 'NoClientCert',
    // With the other types, `clientProblem` decides, because Node knows only this one.
    rejectUnauthorized: tls.clientAuth === 'RequireAndVerifyClientCert',
  };
}

/** Returns why the client of a new connection is refused; undefined if it is not. */
export function clientProblem(
  { clientAuth, allowedNames }: TlsSettings,
  socket: Pick<TLSSocket, 'authorized' | 'getPeerCertificate'>,
): string | undefined {
  if (clientAuth === 'NoClientCert' || clientAuth === 'RequestClientCert') return undefined;
  // Without a certificate, Node returns an empty object.
  const { raw } = socket.getPeerCertificate();
  if (raw === undefined) {
    return clientAuth === 'VerifyClientCertIfGiven' ? undefined : 'the client sent no certificate';
  }
  if (clientAuth === 'RequireAnyClientCert') return undefined;
  if (!socket.authorized) return 'the certificate of the client is not signed by a CA of the config';
  if (allowedNames === undefined) return undefined;
  const names = alternativeNames(new X509Certificate(raw).subjectAltName ?? '');
  const allowed = allowedNames.map(canonicalAddress);
  return names.some((name) => allowed.includes(name))
    ? undefined
    : 'the certificate of the client has no name of client_allowed_sans';
}

/** Reports whether both settings accept the same clients. */
export function hasSameClients(a: TlsSettings, b: TlsSettings): boolean {
  return a === b || (a.clientCa === b.clientCa && isDeepStrictEqual(a.allowedNames, b.allowedNames));
}

/**
 * Returns the alternative names of a certificate, without their types. Node lists them as
 * `DNS:a.example, IP Address:192.0.2.1`, and writes a name with special characters as a JSON string, so that a
 * name cannot look like several. It writes an IPv6 address with all zeros and in capital letters, so each address gets
 * its canonical form.
 */
export function alternativeNames(text: string): readonly string[] {
  const names: string[] = [];
  const quoted = '"(?:[^"\\\\]|\\\\.)*"';
  const other = `(?:${quoted}|[^,"])*`;
  const pattern = new RegExp(`(?:(DNS|IP Address|URI|email):(${quoted}|[^,"]*)|${other})(?:, |$)`, 'gy');
  for (const [found, type, name] of text.matchAll(pattern)) {
    if (found === '') break;
    if (name === undefined) continue;
    if (type === 'IP Address') names.push(canonicalAddress(name));
    else names.push(name.startsWith('"') ? String(JSON.parse(name)) : name);
  }
  return names;
}
