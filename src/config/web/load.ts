import { createPrivateKey, X509Certificate } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import type { Diagnostic, UnlocatedDiagnostic } from '../../text/diagnostics.ts';
import { type PartiallyParsed, parsePartially } from '../../text/partial-parse.ts';
import { fileStamp, readTextFile } from '../../text/text-file.ts';
import { parseYaml } from '../../text/yaml.ts';
import { parseAndCheck } from '../../text/zod-issues.ts';
import { contradictionsOf } from './contradictions.ts';
import { type TlsInput, type WebConfigInput, WebConfigSchema } from './schema.ts';
import { cipherSuites, cipherSuites13, curves } from './tls-names.ts';

/** Access to the HTTP server, as the file of `--web.config.file` says; see WebSettings of the server. */
export interface WebConfig {
  readonly tls: ReturnType<typeof toTls> | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly users: ReadonlyMap<string, string>;
  readonly rateLimit: { readonly intervalMs: number; readonly burst: number } | undefined;
  /** Files with a private key or hashes of passwords. */
  readonly secretFiles: readonly string[];
}

export type LoadedWebConfig = (
  | { readonly config: WebConfig }
  | { readonly problems: readonly Diagnostic[] }
) & {
  /**
   * Stamps of the file and of the files that it names, by path, from before they were read. If a stamp differs
   * from `fileStamp`, the file must be loaded again.
   */
  readonly stamps: ReadonlyMap<string, string | undefined>;
};

const maxFileBytes = 1024 * 1024;

/** Loads a web config and the certificates that it names, or returns all its problems. */
export async function readWebConfigFile(file: string): Promise<LoadedWebConfig> {
  const stamps = new Map<string, string | undefined>();
  const read: ReadFile = async (path) => {
    stamps.set(path, await fileStamp(path));
    return readTextFile(path, maxFileBytes);
  };
  return { ...(await loadWith(read, file)), stamps };
}

type ReadFile = (path: string) => ReturnType<typeof readTextFile>;

async function loadWith(readFile: ReadFile, file: string) {
  const read = await readFile(file);
  if ('problem' in read) {
    return { problems: [{ line: undefined, column: undefined, path: '', text: read.problem }] };
  }
  // As in the exporter-toolkit, an empty file asks for nothing.
  if (read.text.replaceAll(/#.*$/gm, '').trim() === '') return { config: toWebConfig({}, {}, file) };
  const yaml = parseYaml(read.text);
  if ('problems' in yaml) return yaml;
  const { data, diagnostics } = parseAndCheck(WebConfigSchema, yaml.value, {
    crossCheck: (readable) => contradictionsOf(readable, yaml.value),
  });
  // Also reads the files that a config with other problems names, to report all problems at once.
  const readable = data ?? parsePartially(WebConfigSchema, yaml.value);
  const { parts, problems } = await readParts(readable?.tls_server_config ?? {}, file, readFile);
  const all = yaml.locate([...diagnostics, ...problems]);
  return data === undefined || all.length > 0
    ? { problems: all }
    : { config: toWebConfig(data, parts, file) };
}

/** PEM texts of the certificates and the key. */
interface Parts {
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly client_ca?: string | undefined;
}

const partNames = ['cert', 'key', 'client_ca'] as const;

async function readParts(tls: PartiallyParsed<TlsInput>, file: string, readFile: ReadFile) {
  const problems: UnlocatedDiagnostic[] = [];
  const parts: Partial<Record<(typeof partNames)[number], string>> = {};
  const problemOf = {
    cert: certificatesProblem,
    key: keyProblem,
    client_ca: (text: string) => certificatesProblem(text) ?? rootProblem(text, tls),
  };
  for (const name of partNames) {
    const path = tls[`${name}_file`] || undefined;
    const key = path === undefined ? name : `${name}_file`;
    const found =
      path === undefined ? { text: tls[name] || undefined } : await readFile(resolve(dirname(file), path));
    if ('problem' in found) problems.push({ path: ['tls_server_config', key], text: found.problem });
    else if (found.text !== undefined) {
      parts[name] = found.text;
      const problem = problemOf[name](found.text);
      if (problem !== undefined) problems.push({ path: ['tls_server_config', key], text: problem });
    }
  }
  const { cert, key } = parts;
  if (problems.length === 0 && cert !== undefined && key !== undefined && !isPair(cert, key)) {
    const path = ['tls_server_config', tls.key_file ? 'key_file' : 'key'];
    problems.push({ path, text: 'the key does not belong to the certificate' });
  }
  return { parts, problems };
}

const certificatePattern = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

function certificatesProblem(text: string): string | undefined {
  const certificates = text.match(certificatePattern) ?? [];
  if (certificates.length === 0) return 'contains no certificate in PEM format';
  // OpenSSL would ignore the rest of a list of CAs whose file is being written.
  if (text.split('-----BEGIN CERTIFICATE-----').length - 1 > certificates.length) {
    return 'is incomplete: a certificate does not end';
  }
  // OpenSSL reads the whole text: other text on the line of a certificate's begin or end makes it unreadable.
  return [text, ...certificates].every(isCertificate)
    ? undefined
    : 'contains a certificate that cannot be read';
}

/** OpenSSL verifies a chain up to a self-signed certificate. For Go, each certificate of the file would be enough. */
function rootProblem(
  text: string,
  { client_auth_type: auth }: PartiallyParsed<TlsInput>,
): string | undefined {
  if (auth !== 'VerifyClientCertIfGiven' && auth !== 'RequireAndVerifyClientCert') return undefined;
  const certificates = (text.match(certificatePattern) ?? []).map((each) => new X509Certificate(each));
  return certificates.some((certificate) => certificate.checkIssued(certificate))
    ? undefined
    : 'contains no self-signed root certificate, so no client could be verified: an intermediate CA needs its root in the same file';
}

function isCertificate(text: string): boolean {
  try {
    new X509Certificate(text);
    return true;
  } catch {
    return false;
  }
}

/** The text never contains the key. */
function keyProblem(text: string): string | undefined {
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: 4,ENCRYPTED/.test(text)) {
    return 'the key is encrypted; a passphrase is not supported, so store it without one, readable by this user only';
  }
  try {
    createPrivateKey(text);
    return undefined;
  } catch {
    return 'contains no private key in PEM format';
  }
}

function isPair(cert: string, key: string): boolean {
  return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
}

function toWebConfig(input: WebConfigInput, parts: Parts, file: string): WebConfig {
  const { tls_server_config: tls = {}, http_server_config: http, basic_auth_users: users = {} } = input;
  const headers = Object.entries(http?.headers ?? {}).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, value] as const],
  );
  const intervalMs = input.rate_limit?.interval ?? 0;
  return {
    tls:
      parts.cert === undefined || parts.key === undefined
        ? undefined
        : toTls(tls, parts.cert, parts.key, parts.client_ca),
    headers: Object.fromEntries(headers),
    users: new Map(Object.entries(users)),
    rateLimit: intervalMs === 0 ? undefined : { intervalMs, burst: input.rate_limit?.burst ?? 0 },
    secretFiles: [
      ...(tls.key || Object.keys(users).length > 0 ? [file] : []),
      ...(tls.key_file ? [resolve(dirname(file), tls.key_file)] : []),
    ],
  };
}

const versions = { TLS12: 'TLSv1.2', TLS13: 'TLSv1.3' } as const;

function versionOf(text: string): 'TLSv1.2' | 'TLSv1.3' {
  return versions[text === 'TLS13' ? 'TLS13' : 'TLS12'];
}

function toTls(input: TlsInput, cert: string, key: string, clientCa: string | undefined) {
  const {
    client_auth_type: auth = 'NoClientCert',
    cipher_suites: suites = [],
    curve_preferences: preferred = [],
  } = input;
  const ciphers = suites.flatMap((suite) => cipherSuites[suite] ?? []);
  return {
    cert,
    key,
    clientCa,
    clientAuth: auth === 'RequireClientCert' ? ('RequireAnyClientCert' as const) : auth,
    allowedNames: input.client_allowed_sans,
    minVersion: versionOf(input.min_version ?? 'TLS12'),
    maxVersion: versionOf(input.max_version ?? 'TLS13'),
    // A list that names only suites of TLS 1.3 leaves those of TLS 1.2 as they are.
    ciphers: ciphers.length === 0 ? undefined : [...cipherSuites13, ...ciphers],
    prefersOwnCiphers: input.prefer_server_cipher_suites ?? true,
    curves: preferred.length === 0 ? undefined : preferred.flatMap((curve) => curves[curve] ?? []),
  };
}
