import { X509Certificate } from 'node:crypto';
import type { Diagnostic } from '../text/diagnostics.ts';
import { looksLikeSecret, looksLikeSecretPath } from '../text/secret-like.ts';
import { type FileText, readTextFile } from '../text/text-file.ts';
import { type Wrapping, wrappingOf } from '../text/wrapped.ts';
import type { SecretRef } from './config.ts';
import { parseProxyUrl } from './proxy.ts';
import type { SecretKind } from './schema/account-parts.ts';
import type { SecretUse } from './secret-refs.ts';

/**
 * Secrets, by the key that `secretKey` returns. They are never part of a Config, so that a Config can be
 * printed.
 */
export type Secrets = ReadonlyMap<string, string>;

/** Returns the key of a secret in `Secrets`. Different locations of secrets have different keys. */
export function secretKey(ref: SecretRef): string {
  return `${ref.from} ${ref.from === 'env' ? ref.name : ref.path}`;
}

/**
 * Reads all secrets to which the config refers, and removes one newline at the end of each. If a secret is
 * missing or unusable, returns only the problems. A problem names the location of a secret and never contains
 * the secret.
 */
export async function readSecrets(
  named: readonly SecretUse[],
  env: Readonly<Record<string, string | undefined>>,
  readFile: (path: string, kind: SecretKind) => Promise<FileText> = readSecretFile,
): Promise<{ readonly secrets: Secrets } | { readonly problems: readonly Diagnostic[] }> {
  const secrets = new Map<string, string>();
  const problems: Diagnostic[] = [];
  for (const { ref, position, kind } of named) {
    const read = ref.from === 'env' ? readVariable(env[ref.name]) : await readFile(ref.path, kind);
    if (kind === 'token' && ref.from === 'env' && isEmpty(read)) continue;
    const checked = checkSecret(ref, kind, read);
    if ('problem' in checked) problems.push({ ...position, text: checked.problem });
    else secrets.set(secretKey(ref), checked.secret);
  }
  return problems.length > 0 ? { problems } : { secrets };
}

/**
 * Checks what was read from the location of a secret, and removes one newline at the end. A problem names the
 * location and never contains the secret.
 */
export function checkSecret(
  ref: SecretRef,
  kind: SecretKind,
  read: FileText,
): { readonly secret: string } | { readonly problem: string } {
  // Put the location into parentheses: if a colon followed the name of a secret, the log would redact the
  // text after the colon.
  if ('problem' in read) return { problem: toProblemText(read.problem, ref, isFound(read)) };
  const secret = withoutNewline(read.text);
  const problem = problemOf[kind](secret);
  return problem === undefined ? { secret } : { problem: toProblemText(problem, ref, true) };
}

/** Returns the reason why a secret of a kind cannot be used; undefined if it can be used. */
const problemOf: Readonly<Record<SecretKind, (secret: string) => string | undefined>> = {
  key: (secret) => secretProblem(secret) ?? keyProblem(secret),
  token: (secret) => secretProblem(secret) ?? keyProblem(secret),
  proxy: (secret) => secretProblem(secret) ?? proxyProblem(secret),
  password: secretProblem,
  bearer: (secret) => secretProblem(secret) ?? bearerProblem(secret),
  certificates: certificatesProblem,
};

function withoutNewline(text: string): string {
  return text.replace(/\r?\n$/, '');
}

function isEmpty(read: FileText): boolean {
  return !('text' in read) || withoutNewline(read.text) === '';
}

const maxSecretBytes = 64 * 1024;
/** The certificates of all public authorities together have about 200 KiB. */
const maxCertificatesBytes = 1024 * 1024;

export function readSecretFile(path: string, kind: SecretKind): Promise<FileText> {
  return readTextFile(path, kind === 'certificates' ? maxCertificatesBytes : maxSecretBytes);
}

function readVariable(value: string | undefined): FileText {
  return value === undefined ? { problem: 'not set' } : { text: value };
}

function secretProblem(secret: string): string | undefined {
  if (secret === '') return 'empty';
  // Reject control characters here: otherwise, the error would appear only at the first request, as a wrong
  // signature.
  return /\p{Cc}/u.test(secret) ? 'contains a line break or another control character' : undefined;
}

/**
 * Returns the reason why a key cannot be used; undefined if it can be used. A key must be printable ASCII. It
 * becomes part of a signature, a URL or a header, and with any other character every request would fail.
 */
function keyProblem(key: string): string | undefined {
  if (!/^[ -~]*$/.test(key)) {
    return 'contains a character that is not printable ASCII; copy the key again from the console of the provider';
  }
  const wrapping = wrappingOf(key);
  if (wrapping !== undefined) return wrappingTexts[wrapping];
  return /^(export )?[A-Z][A-Z\d]*_[A-Z\d_]*=/.test(key)
    ? 'starts with the name of a variable and "="; remove both'
    : undefined;
}

const wrappingTexts: Readonly<Record<Wrapping, string>> = {
  blank: 'starts or ends with a blank; remove it',
  quote: 'starts or ends with a quote; remove the quotes (docker --env-file keeps them)',
  placeholder: 'is a placeholder that was not replaced; put the secret itself there',
};

/** A token is a part of a header. */
function bearerProblem(token: string): string | undefined {
  const wrapping = wrappingOf(token);
  if (wrapping !== undefined) return wrappingTexts[wrapping];
  if (/^bearer /i.test(token)) return 'starts with "Bearer"; put only the token there';
  return /^[!-~]+$/.test(token) ? undefined : 'contains a blank or a character that is not printable ASCII';
}

const certificatePattern = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

function certificatesProblem(text: string): string | undefined {
  const found = text.match(certificatePattern) ?? [];
  if (found.length === 0) return 'contains no certificate in PEM format';
  try {
    for (const pem of found) new X509Certificate(pem);
    return undefined;
  } catch {
    return 'contains a certificate that cannot be read';
  }
}

function proxyProblem(text: string): string | undefined {
  const parsed = parseProxyUrl(text);
  return 'problem' in parsed ? parsed.problem : undefined;
}

function isFound(read: FileText): boolean {
  return 'text' in read || !(read.problem === 'not set' || read.problem === 'file not found');
}

/**
 * Formats a problem with the location of a secret. Does not show the location if it can be the secret itself,
 * which the operator wrote where the name of its variable or file belongs: then only its position in the
 * config is shown.
 */
function toProblemText(problem: string, ref: SecretRef, isFound: boolean): string {
  const isSecret = ref.from === 'env' ? looksLikeSecret(ref.name) : looksLikeSecretPath(ref.path);
  if (isSecret && !isFound) return `${secretAsLocation} (${notShown})`;
  if (isSecret) return `${problem} (${notShown})`;
  if (ref.from === 'file') return `${problem} (file ${ref.path})`;
  return `${problem} (${isUsualName(ref.name) ? `environment variable ${ref.name}` : notShown})`;
}

/** Reports whether a text has the usual form of a variable's name, which no secret has. */
function isUsualName(name: string): boolean {
  return /^([A-Z][A-Z\d_]*|[a-z]+(_[a-z]+)+)$/.test(name);
}

const notShown = 'value not shown';
const secretAsLocation =
  'not found, and the value looks like a secret, not like its location; put the secret into a variable or a file and write only its name here';
