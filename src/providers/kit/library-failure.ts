import type { LibraryFailure } from './library.ts';

/** Error with a text that is known to contain no secret. */
export class PlainFailure extends Error {
  readonly kind: LibraryFailure['kind'];

  constructor(kind: LibraryFailure['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

interface Rule {
  /** Pattern of the library's text, or of the code of its error. */
  readonly pattern: RegExp;
  readonly toFailure: (match: readonly string[]) => LibraryFailure;
}

const auth = (text: string): LibraryFailure => ({ kind: 'auth', text });
const unavailable = (text: string): LibraryFailure => ({ kind: 'unavailable', text });

/**
 * Texts of the libraries, the first match wins. The texts come from the code of the tested versions, see
 * package.json. They contain whole responses and files in places, so only the matched parts are shown.
 */
const rules: readonly Rule[] = [
  {
    pattern: /Cannot find (?:package|module) '([@\w/-]{1,80})'/,
    toFailure: ([, name = '']) => auth(`the package ${name} is not installed`),
  },
  {
    pattern:
      /\b(ENOENT|EACCES|EPERM|EISDIR|ENOTDIR|ELOOP)\b(?:[^']*, (?:open|access|read|stat) '([^']{1,300})')?/,
    toFailure: ([, code = '', path]) => auth(`cannot read ${path ?? 'a file'} (${code})`),
  },
  {
    pattern:
      /\b(ECONN[A-Z]+|EPIPE|ETIMEDOUT|E(?:HOST|NET)[A-Z]+|ENOTFOUND|EAI_[A-Z]+|EADDR[A-Z]+|E[MN]FILE)\b/,
    toFailure: ([, code = '']) => unavailable(`connection failed (${code})`),
  },
  {
    pattern: /\b(CERT_[A-Z_]+|[A-Z_]*SELF_SIGNED[A-Z_]*|UNABLE_TO_[A-Z_]+|ERR_(?:TLS|SSL)_[A-Z_]+|EPROTO)\b/,
    toFailure: ([, code = '']) => unavailable(`TLS failed (${code})`),
  },
  {
    pattern: /\b(self-signed certificate|certificate has expired|unable to (?:verify|get) [a-z ]*cert[a-z]*)/,
    toFailure: ([, text = '']) => unavailable(`TLS failed (${text})`),
  },
  { pattern: /socket hang up/, toFailure: () => unavailable('connection closed without a response') },
  { pattern: /time-?out/i, toFailure: () => unavailable('no response in time') },
  {
    pattern: /(?:httpStatus: |failed with |http code: |status code: |get role name failed: .* )(\d{3})\b/,
    toFailure: ([text = '', status = '']) => ofStatus(Number(status), text),
  },
  { pattern: /"Code"\s*:\s*"([A-Z][A-Za-z.]{0,80})"/, toFailure: ([, code = '']) => ofCode(code) },
  {
    pattern: /Internal Server Error|Bad Gateway|Service Unavailable|Too Many Requests/,
    toFailure: ([phrase = '']) => unavailable(`HTTP status ${phrase}`),
  },
  {
    pattern: /Get cvm role name failed/,
    toFailure: () =>
      unavailable('the metadata service names no role; check that a role is bound to the instance'),
  },
  {
    pattern: /Code is not Success|, Code: |get sts token failed$/,
    toFailure: () => unavailable('the metadata service returned no keys of the role'),
  },
  {
    pattern: /json parse failed|unmarshal fail|invalid json|unexpected token|is not valid JSON/i,
    toFailure: () => unavailable('unreadable response'),
  },
  {
    pattern: /from credentialsURI result|failed with OIDC$|fail to get credentials/,
    toFailure: () => unavailable('the response contains no keys'),
  },
  {
    // Without `Expiration`, the library parses the time of a missing text.
    pattern: /invalid (?:UTC|year|month|date|hours|minutes|seconds|ms) |Cannot read properties of undefined/,
    toFailure: () => unavailable('the response contains no readable expiry'),
  },
  {
    pattern: /(?:key id|key secret|security token) is empty/,
    toFailure: () => auth('a key of the profile is empty'),
  },
  { pattern: /CloudSSO access token/, toFailure: () => auth('the login of the profile has expired') },
  {
    pattern: /external command|process_command/,
    toFailure: () => auth('the command of the profile failed'),
  },
  {
    pattern: /(?:env |environment variable \()([A-Z][A-Z\d_]*)(?:\)| not exist)/,
    toFailure: ([, name = '']) => auth(`environment variable ${name} is not set`),
  },
  {
    pattern: /IMDS credentials is disabled/,
    toFailure: () => auth('ALIBABA_CLOUD_ECS_METADATA_DISABLED forbids requests to the metadata service'),
  },
  {
    pattern: /unable to get profile|no any configured profiles|Can not find credential type/,
    toFailure: () => auth('the profile does not exist, or has no type'),
  },
  {
    pattern: /parse aliyun cli config|unsupported profile mode|Invalid type option/,
    toFailure: () => auth('the file of the profile is not readable, or has an unsupported mode'),
  },
  {
    pattern: /reading aliyun cli config/,
    toFailure: () => auth('cannot read the file of the profile'),
  },
  {
    pattern: /AssumeRoleWithWebIdentity failed/,
    toFailure: () =>
      auth('STS rejected the token of the service account; check role, OIDC provider and trust policy'),
  },
];

/**
 * Classifies an error of a credential library. `unavailable` means that the service did not answer or failed,
 * `auth` everything else: a missing setting or permission. The texts of the libraries are never shown,
 * because they contain whole responses and config files, and so secrets.
 */
export function toLibraryFailure(error: unknown): LibraryFailure {
  if (error instanceof PlainFailure) return { kind: error.kind, text: error.message };
  const text = textOf(error);
  for (const { pattern, toFailure } of rules) {
    const match = pattern.exec(text);
    if (match !== null) return withCode(toFailure(match), text);
  }
  return auth('unknown error of the library, not shown because its text can contain secrets');
}

/** Returns the code, the message and the name of an error, the code first. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return `${code} ${error.message} ${error.name === 'Error' ? '' : error.name}`.trim();
}

function ofStatus(status: number, text: string): LibraryFailure {
  const isTransient = status >= 500 || status === 408 || status === 429;
  const hint = status === 404 && text.includes('role') ? ' (is a role bound to the instance?)' : '';
  return { kind: isTransient ? 'unavailable' : 'auth', text: `HTTP ${status}${hint}` };
}

function ofCode(code: string): LibraryFailure {
  const isTransient = /^(InternalError|ServiceUnavailable|Throttling|SystemBusy|ServiceBusy)/.test(code);
  return { kind: isTransient ? 'unavailable' : 'auth', text: `rejected with ${code}` };
}

/** Adds the error code in a response body to a failure with an HTTP status. */
function withCode(failure: LibraryFailure, text: string): LibraryFailure {
  if (!failure.text.startsWith('HTTP ')) return failure;
  const code = /"Code"\s*:\s*"([A-Z][A-Za-z.]{0,80})"/.exec(text)?.[1];
  return code === undefined ? failure : { ...failure, text: `${failure.text}, ${code}` };
}
