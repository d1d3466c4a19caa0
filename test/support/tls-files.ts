import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TlsSettings } from '../../src/server/web-settings.ts';

/** Returns a certificate or a key of the fixtures. */
export function pem(name: string): string {
  return readFileSync(join(import.meta.dirname, '..', 'fixtures', 'web', `${name}.pem`), 'utf8');
}

/** Settings of a server that asks for no certificate. */
export const tls = {
  cert: pem('server'),
  key: pem('server.key'),
  clientCa: undefined,
  clientAuth: 'NoClientCert',
  allowedNames: undefined,
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.3',
  ciphers: undefined,
  prefersOwnCiphers: true,
  curves: undefined,
} satisfies TlsSettings;
