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
const tlsVersion = z.enum(['TLS12', 'TLS13'], {
  error: ({ input }) =>
    input === 'TLS10' || input === 'TLS11'
      ? 'TLS 1.0 and 1.1 are not offered; use TLS12 or TLS13'
      : undefined,
});

function named(what: string, names: readonly string[]) {
  return z.enum(names, {
    error: ({ input }) =>
      typeof input === 'string' ? `this ${what} is not offered; expected ${names.join(', ')}` : undefined,
  });
}

/** Returns the schemas of the two keys of a part in PEM format: the text itself, or the path of a file. */
function pem<Name extends string>(name: Name, what: string, rule: string) {
  const file = `${name}_file` as const;
  const keys = {
    [name]: z.string().optional().describe(`${what}, as PEM text. Alternative: ${file}. ${rule}`),
    [file]: z
      .string()
      .optional()
      .meta({ $comment: 'path of a file' })
      .describe(`${what}, as PEM file, absolute or relative to this file. Alternative: ${name}. ${rule}`),
  };
  // The cast is safe: `keys` has exactly these two keys. TypeScript infers computed keys as string.
  return keys as Record<Name | typeof file, z.ZodOptional<z.ZodString>>;
}

const oneIsRequired = 'One of the two is required.';

const TlsServerConfig = section({
  ...pem('cert', 'Certificate of the server with its chain', oneIsRequired),
  ...pem('key', 'Private key of the certificate, without passphrase', oneIsRequired),
  ...pem(
    'client_ca',
    'Certificates of the authorities of clients',
    'One of the two is required if client_auth_type verifies.',
  ),
  client_auth_type: clientAuth
    .optional()
    .describe(
      'Whether clients need a certificate, and whether it is verified. RequireClientCert is an old name of RequireAnyClientCert. Default: NoClientCert.',
    ),
  client_allowed_sans: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe(
      'Names of which the certificate of a client must have one: DNS names, IP addresses, URIs or e-mail addresses. Only with the client_auth_type RequireAndVerifyClientCert.',
    ),
  min_version: tlsVersion.optional().describe('Oldest version of TLS. Default: TLS12.'),
  max_version: tlsVersion.optional().describe('Newest version of TLS. Default: TLS13.'),
  cipher_suites: z
    .array(named('cipher suite', [...Object.keys(cipherSuites), ...cipherSuites13]))
    .optional()
    .describe(
      'Cipher suites of TLS 1.2, by the names of Go. Those of TLS 1.3 are always offered. Default: the suites of Node.js.',
    ),
  prefer_server_cipher_suites: z
    .boolean()
    .optional()
    .describe('Whether the order of cipher_suites decides, and not that of the client. Default: true.'),
  curve_preferences: z
    .array(named('curve', Object.keys(curves)))
    .optional()
    .describe('Elliptic curves in the order of preference. Default: the curves of Node.js.'),
}).describe('TLS of the server. Without it, the server speaks plain HTTP.');

const HttpServerConfig = section({
  // The server speaks HTTP/1.1 in any case, which every client of an HTTP/2 server also speaks.
  http2: z.boolean().optional().describe('Accepted without effect: the server speaks HTTP/1.1.'),
  headers: section({
    'Content-Security-Policy': header('Content-Security-Policy'),
    'X-Frame-Options': z.enum(['deny', 'sameorigin']).optional().describe('Response header X-Frame-Options.'),
    'X-Content-Type-Options': z
      .enum(['nosniff'])
      .optional()
      .describe('Response header X-Content-Type-Options.'),
    'X-XSS-Protection': header('X-XSS-Protection'),
    'Strict-Transport-Security': header('Strict-Transport-Security'),
  })
    .optional()
    .describe('Headers of every response, which replace the default headers of the exporter.'),
}).describe('HTTP of the server.');

/**
 * Value of a response header. As in Go, a line break, such as that at the end of a YAML block, becomes a space, and a
 * number, such as the usual `X-XSS-Protection: 0`, needs no quotes. Node would refuse other control characters and those
 * above U+00FF at each response.
 */
function header(name: string) {
  const text = z
    .string()
    .superRefine((text, context) => {
      if (/^[\t\r\n\x20-\x7e\x80-\xff]*$/.test(text)) return;
      context.addIssue({ code: 'custom', message: 'contains a character that a header must not contain' });
    })
    .transform((text) => text.trim().replaceAll(/\s*[\r\n]\s*/g, ' '));
  return z
    .preprocess((value) => (typeof value === 'number' ? String(value) : value), text)
    .optional()
    .describe(`Response header ${name}.`);
}

/** A bcrypt hash with a cost that a login can wait for: 18 is some ten seconds of one core. */
const bcryptHash = z
  .string()
  .superRefine((text, context) => {
    const cost = Number(/^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/.exec(text)?.[1] ?? 0);
    if (cost >= 4 && cost <= 18) return;
    context.addIssue({
      code: 'custom',
      message:
        cost > 18
          ? 'the cost of this bcrypt hash is above 18, so that a login would take minutes; use 10'
          : 'expected a bcrypt hash, such as "htpasswd -nBC 10 USER" prints after the colon',
    });
  })
  .meta({ $comment: 'bcrypt hash with a cost from 4 to 18' });

const interval = z
  .string()
  .regex(durationPattern, { error: 'expected a duration such as 100ms or 1s' })
  .transform((text) => parseDuration(text) ?? 0)
  .meta({ $comment: 'duration' });

/** Schema of the web config file: that of the exporter-toolkit (Config in web/tls_config.go there). */
export const WebConfigSchema = section({
  tls_server_config: TlsServerConfig.optional(),
  http_server_config: HttpServerConfig.optional(),
  basic_auth_users: z
    .record(z.string(), bcryptHash)
    .optional()
    .describe('Users who can log in, each with the hash of the password.'),
  rate_limit: section({
    // YAML reads a bare 0 as a number.
    interval: z
      .union([interval, z.literal(0)], { error: 'expected a duration such as 100ms or 1s' })
      .optional()
      .describe('Time in which one request is allowed. 0 or absent: no limit.'),
    burst: z
      .int()
      .min(0)
      .max(1_000_000)
      .optional()
      .describe('Number of requests that can exceed the limit at once. At least 1 with an interval above 0.'),
  })
    .optional()
    .describe('Limit of the requests of all clients together. A request beyond it gets 429.'),
});

export type WebConfigInput = z.output<typeof WebConfigSchema>;
export type TlsInput = z.output<typeof TlsServerConfig>;
