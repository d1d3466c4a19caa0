import type { Diagnostic } from '../text/diagnostics.ts';
import { type FileText, readTextFile } from '../text/text-file.ts';
import type { SecretRef } from './config.ts';
import type { SecretUse } from './secret-refs.ts';

/** By secretKey; never part of a Config, so that a Config can be printed. */
export type Secrets = ReadonlyMap<string, string>;

/** The key in Secrets of what is at `place`. */
export function secretKey(place: SecretRef): string {
  return `${place.from} ${place.from === 'env' ? place.name : place.path}`;
}

/**
 * All these secrets, without one newline at their end. Or, for each that is not to be had, what is wrong and where it
 * should be, and never what is there.
 */
export async function readSecrets(
  named: readonly SecretUse[],
  env: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => Promise<FileText> = readSecretFile,
): Promise<{ readonly secrets: Secrets } | { readonly problems: readonly Diagnostic[] }> {
  const secrets = new Map<string, string>();
  const problems: Diagnostic[] = [];
  for (const { ref, position, kind } of named) {
    const read = ref.from === 'env' ? readVariable(env[ref.name]) : await readFile(ref.path);
    const secret = 'text' in read ? read.text.replace(/\r?\n$/, '') : '';
    if (kind === 'token' && ref.from === 'env' && secret === '') continue;
    const problem =
      'problem' in read
        ? read.problem
        : (secretProblem(secret) ?? (kind === 'proxy' ? proxyProblem(secret) : keyProblem(secret)));
    if (problem === undefined) secrets.set(secretKey(ref), secret);
    // No colon after the name of a secret: the log would take what follows for the secret.
    else problems.push({ ...position, text: `${problem} (${placeText(ref)})` });
  }
  return problems.length > 0 ? { problems } : { secrets };
}

const maxSecretBytes = 64 * 1024;

function readSecretFile(path: string): Promise<FileText> {
  return readTextFile(path, maxSecretBytes);
}

function readVariable(value: string | undefined): FileText {
  return value === undefined ? { problem: 'not set' } : { text: value };
}

function secretProblem(secret: string): string | undefined {
  if (secret === '') return 'empty';
  // A key with one in it would only fail later, as a wrong signature.
  return /\p{Cc}/u.test(secret) ? 'has a line break or another control character in it' : undefined;
}

/** It goes into a signature, a URL or a header, and no header can hold another alphabet: each call would only fail. */
function keyProblem(key: string): string | undefined {
  return /^[ -~]*$/.test(key)
    ? undefined
    : 'has a character in it that is not printable ASCII, as no key of a provider has: copy it anew from its console';
}

function proxyProblem(text: string): string | undefined {
  // Without the slashes `http:h` would be one too.
  const url = text.includes('://') ? URL.parse(text) : null;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') return 'not an http or https URL';
  try {
    decodeURIComponent(`${url.username}:${url.password}`);
    return undefined;
  } catch {
    return 'a % in its user or password has to be written %25';
  }
}

function placeText(place: SecretRef): string {
  return place.from === 'env' ? `environment variable ${place.name}` : `file ${place.path}`;
}
