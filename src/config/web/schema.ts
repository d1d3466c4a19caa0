import * as z from 'zod';
import { durationPattern, parseDuration } from '../../text/units.ts';
import { section } from '../schema/values.ts';
import { cipherSuites, cipherSuites13, curves } from './tls-names.ts';

/** Names of `client_auth_type`; RequireClientCert is an old name of RequireAnyClientCert. */
const clientAuth = z.enum([
  'NoClientCert',
  'RequestClientCert',
  'RequireClientCert',
  'RequireAnyClientCert',
  'VerifyClientCertIfGiven',
  'RequireAndVerifyClientCert',
]);

/** Only TLS 1.2 and newer: OpenSSL offers no older version at its default security level. */
const tlsVersion = z.string().superRefine((text, context) => {
  if (text === 'TLS12' || text === 'TLS13') return;
  const isOld = text === 'TLS10' || text === 'TLS11';
  context.addIssue({
    code: 'custom',
    message: isOld ? 'TLS 1.0 and 1.1 are not offered; use TLS12 or TLS13' : 'expected TLS12 or TLS13',
  });
});

function named(what: string, names: readonly string[]) {
  return z.string().superRefine((text, context) => {
    if (names.includes(text)) return;
    context.addIssue({
      code: 'custom',
      message: `this ${what} is not offered; expected ${names.join(', ')}`,
    });
  });
}

const TlsServerConfig = section({
  cert: z.string().optional(),
  key: z.string().optional(),
  client_ca: z.string().optional(),
  cert_file: z.string().optional(),
  key_file: z.string().optional(),
  client_ca_file: z.string().optional(),
  client_auth_type: clientAuth.optional(),
  client_allowed_sans: z.array(z.string().min(1)).min(1).optional(),
  min_version: tlsVersion.optional(),
  max_version: tlsVersion.optional(),
  cipher_suites: z.array(named('cipher suite', [...Object.keys(cipherSuites), ...cipherSuites13])).optional(),
  prefer_server_cipher_suites: z.boolean().optional(),
  curve_preferences: z.array(named('curve', Object.keys(curves))).optional(),
});

const HttpServerConfig = section({
  // The server speaks HTTP/1.1 in any case, which every client of an HTTP/2 server also speaks.
  http2: z.boolean().optional(),
  headers: section({
    'Content-Security-Policy': z.string().optional(),
    'X-Frame-Options': z.enum(['deny', 'sameorigin']).optional(),
    'X-Content-Type-Options': z.enum(['nosniff']).optional(),
    'X-XSS-Protection': z.string().optional(),
    'Strict-Transport-Security': z.string().optional(),
  }).optional(),
});

/** A bcrypt hash with a cost that a login can wait for: 18 is some ten seconds of one core. */
const bcryptHash = z.string().superRefine((text, context) => {
  const cost = Number(/^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/.exec(text)?.[1] ?? 0);
  if (cost >= 4 && cost <= 18) return;
  context.addIssue({
    code: 'custom',
    message:
      cost > 18
        ? 'the cost of this bcrypt hash is above 18, so that a login would take minutes; use 10'
        : 'expected a bcrypt hash, such as "htpasswd -nBC 10 USER" prints after the colon',
  });
});

const interval = z
  .string()
  .regex(durationPattern, { error: 'expected a duration such as 100ms or 1s' })
  .transform((text) => parseDuration(text) ?? 0);

/** Schema of the web config file: that of the exporter-toolkit (Config in web/tls_config.go there). */
export const WebConfigSchema = section({
  tls_server_config: TlsServerConfig.optional(),
  http_server_config: HttpServerConfig.optional(),
  basic_auth_users: z.record(z.string(), bcryptHash).optional(),
  rate_limit: section({
    // YAML reads a bare 0 as a number.
    interval: z
      .union([interval, z.literal(0)], { error: 'expected a duration such as 100ms or 1s' })
      .optional(),
    burst: z.int().min(0).max(1_000_000).optional(),
  }).optional(),
});

export type WebConfigInput = z.output<typeof WebConfigSchema>;
export type TlsInput = z.output<typeof TlsServerConfig>;
