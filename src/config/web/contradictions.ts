import type { Path, UnlocatedDiagnostic } from '../../text/diagnostics.ts';
import type { PartiallyParsed } from '../../text/partial-parse.ts';
import { isMapping, valueAt } from '../../text/plain-value.ts';
import type { TlsInput, WebConfigInput } from './schema.ts';

type Tls = PartiallyParsed<TlsInput>;

/**
 * Returns the contradictions between the parts of a web config, and the unusable user names. An empty text counts as
 * absent. `raw` is the whole value, also with the users whose hash is invalid.
 */
export function contradictionsOf(
  readable: PartiallyParsed<WebConfigInput>,
  raw: unknown,
): readonly UnlocatedDiagnostic[] {
  const { tls_server_config: tls, rate_limit: limit } = readable;
  const found: UnlocatedDiagnostic[] = [];
  if (tls !== undefined) found.push(...ofTls(tls));
  const users = valueAt(raw, ['basic_auth_users']);
  for (const user of isMapping(users) ? Object.keys(users) : []) {
    const text = userProblem(user);
    if (text !== undefined) found.push({ path: ['basic_auth_users', user], atKey: true, text });
  }
  if (limit?.interval && limit.burst === 0) {
    found.push({ path: ['rate_limit', 'burst'], text: 'a burst of 0 rejects every request; use at least 1' });
  } else if (limit?.interval && !('burst' in limit)) {
    found.push({
      path: ['rate_limit'],
      atKey: true,
      text: 'burst is missing; without it, every request is rejected',
    });
  }
  return found;
}

function userProblem(user: string): string | undefined {
  if (user === '' || user.includes(':')) return 'a user name must not be empty or contain a colon';
  // zod omits this key. If it is the only user, the exporter would be open to everybody.
  return user === '__proto__' ? 'this user name is not supported; choose another one' : undefined;
}

function ofTls(tls: Tls): readonly UnlocatedDiagnostic[] {
  const found: UnlocatedDiagnostic[] = [];
  const at = (key: string): Path => ['tls_server_config', key];
  const isSet = (key: keyof Tls) => tls[key] !== undefined && tls[key] !== '';
  for (const name of ['cert', 'key', 'client_ca'] as const) {
    const fileKey = `${name}_file` as const;
    if (isSet(name) && isSet(fileKey)) {
      found.push({ path: at(name), atKey: true, text: `remove ${name} or ${fileKey}; only one can be set` });
    }
  }
  const auth = tls.client_auth_type ?? 'NoClientCert';
  const hasClientCa = isSet('client_ca') || isSet('client_ca_file');
  const isEnabled =
    hasClientCa ||
    isSet('client_auth_type') ||
    (['cert', 'key', 'cert_file', 'key_file'] as const).some(isSet);
  for (const name of ['cert', 'key'] as const) {
    const hasProblem = isInvalid(tls, name) || isInvalid(tls, `${name}_file`);
    if (isEnabled && !isSet(name) && !isSet(`${name}_file`) && !hasProblem) {
      found.push({ path: ['tls_server_config'], atKey: true, text: `${name} or ${name}_file is missing` });
    }
  }
  const needsCa = auth === 'VerifyClientCertIfGiven' || auth === 'RequireAndVerifyClientCert';
  if (needsCa && !hasClientCa && !isInvalid(tls, 'client_ca_file') && !isInvalid(tls, 'client_ca')) {
    found.push({
      path: at('client_auth_type'),
      text: 'client_ca_file is missing: without it, any public CA could issue a valid client certificate',
    });
  }
  if (hasClientCa && auth === 'NoClientCert' && !isInvalid(tls, 'client_auth_type')) {
    found.push({
      path: at(isSet('client_ca_file') ? 'client_ca_file' : 'client_ca'),
      text: 'client CAs have no effect without client_auth_type, such as RequireAndVerifyClientCert',
    });
  }
  const isRequired = auth === 'RequireAndVerifyClientCert';
  if (isSet('client_allowed_sans') && !isRequired && !isInvalid(tls, 'client_auth_type')) {
    const reason = needsCa
      ? 'a client without a certificate, and so without a name, would be accepted'
      : 'the names of a client certificate are worth nothing unless it is verified';
    found.push({
      path: at('client_allowed_sans'),
      text: `${reason}; set client_auth_type to RequireAndVerifyClientCert`,
    });
  }
  if (tls.min_version === 'TLS13' && tls.max_version === 'TLS12') {
    found.push({ path: at('min_version'), text: 'min_version is above max_version' });
  }
  return found;
}

/** Reports whether the key is given, but with an invalid value, which is a problem of its own. */
function isInvalid(tls: Tls, key: keyof Tls): boolean {
  return key in tls && tls[key] === undefined;
}
