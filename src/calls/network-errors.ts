import { ProviderError } from '../model/answer.ts';
import type { FailureReason } from '../model/failure-reason.ts';
import { describeOpenFiles } from '../model/open-files.ts';

/** Program at the other end of a connection, as error messages name it. */
export interface Peer {
  /** Host and port, such as `live.aliyuncs.com` or `proxy 127.0.0.1:3128`. */
  readonly name: string;
  /** The same without port. */
  readonly hostname: string;
  /** Setting that names this host. */
  readonly setting: 'endpoint' | 'proxy URL' | 'Alertmanager URL';
}

/** Step of opening a connection: name lookup, TCP connection, TLS handshake. */
export type ConnectPhase = 'lookup' | 'tcp' | 'tls';

interface Cause {
  /** Error codes of Node, OpenSSL and undici; undici's parser has an error name only. */
  readonly codes: RegExp;
  readonly reason: FailureReason;
  readonly text: (peer: Peer, code: string) => string;
}

const caFile =
  'set NODE_EXTRA_CA_CERTS to a PEM file with the certificate of the proxy or gateway that issued it';

const ownCaFile =
  'set ca_file in the section alertmanager to a PEM file with the certificate of the authority that issued it';

const parserCodes = /^(HPE_|HTTPParserError$)/;

/** Causes in order: the first one whose pattern matches the code applies. */
const causes: readonly Cause[] = [
  {
    codes: /^(ENOTFOUND|ENODATA|EAI_NONAME|EAI_NODATA)$/,
    reason: 'dns',
    text: ({ hostname }) => `cannot resolve ${hostname}`,
  },
  {
    codes: /^EAI_/,
    reason: 'dns',
    text: ({ hostname }, code) => `cannot resolve ${hostname}: the name server gives no answer (${code})`,
  },
  { codes: /^ECONNREFUSED$/, reason: 'connect', text: ({ name }) => `${name} refused the connection` },
  {
    codes: /^(ECONNRESET|ECONNABORTED|EPIPE)$/,
    reason: 'connection_lost',
    text: ({ name }) => `${name} reset the connection`,
  },
  {
    codes: /^(ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT)$/,
    reason: 'timeout',
    text: ({ name }) => `timeout while connecting to ${name}`,
  },
  {
    codes: /^(ENETUNREACH|EHOSTUNREACH|ENETDOWN|EHOSTDOWN|EADDRNOTAVAIL|EAFNOSUPPORT)$/,
    reason: 'network_route',
    text: ({ name }, code) => `network unreachable: no route to ${name} (${code})`,
  },
  {
    codes: /^(EACCES|EPERM)$/,
    reason: 'firewall',
    text: ({ name }, code) =>
      `this host does not permit connections to ${name}: check its firewall (${code})`,
  },
  {
    codes: /^UND_ERR_HEADERS_TIMEOUT$/,
    reason: 'timeout',
    text: ({ name }) => `timeout: ${name} sent no response`,
  },
  {
    codes: /^UND_ERR_BODY_TIMEOUT$/,
    reason: 'timeout',
    text: ({ name }) => `timeout: ${name} sent only a part of its response`,
  },
  {
    codes: /^(UND_ERR_SOCKET|UND_ERR_RES_CONTENT_LENGTH_MISMATCH)$/,
    reason: 'connection_lost',
    text: ({ name }) => `${name} closed the connection before its response was complete`,
  },
  {
    codes: parserCodes,
    reason: 'protocol',
    text: ({ name, setting }) => `${name} does not speak HTTP: check scheme and port of the ${setting}`,
  },
  {
    codes: /^(CERT_HAS_EXPIRED|CERT_NOT_YET_VALID)$/,
    reason: 'tls_certificate',
    text: ({ name }, code) =>
      `${name}: certificate ${code === 'CERT_HAS_EXPIRED' ? 'has expired' : 'is not yet valid'}, or the clock of this host is wrong`,
  },
  {
    codes: /^ERR_TLS_CERT_ALTNAME_/,
    reason: 'tls_certificate',
    text: ({ name, setting }) => `${name}: certificate is for another host name: check the ${setting}`,
  },
  {
    codes:
      /^(UNABLE_TO_(VERIFY|GET)_|SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED_CERT|CERT_UNTRUSTED|INVALID_CA)/,
    reason: 'tls_trust',
    text: ({ name, setting }) =>
      `${name}: certificate not trusted: ${setting === 'Alertmanager URL' ? ownCaFile : caFile}`,
  },
  { codes: /^CERT_/, reason: 'tls', text: ({ name }, code) => `${name}: certificate rejected (${code})` },
  {
    codes: /^ERR_SSL_.*(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST)$/,
    reason: 'protocol',
    text: ({ name, setting }) => `${name} does not speak TLS: check scheme and port of the ${setting}`,
  },
  {
    codes: /^ERR_SSL_.*(UNSUPPORTED_PROTOCOL|PROTOCOL_VERSION)/,
    reason: 'tls',
    text: ({ name }, code) => `${name} supports no TLS version of the exporter (${code})`,
  },
  {
    codes: /^(ERR_SSL_|ERR_TLS_|EPROTO$)/,
    reason: 'tls',
    text: ({ name }, code) => `TLS handshake with ${name} failed (${code})`,
  },
];

/**
 * Codes that say least if another address of the host failed otherwise: a missing IPv6 route is often normal.
 */
const lastCodes = /^(ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|EADDRNOTAVAIL|EAFNOSUPPORT)$/;

/**
 * Returns the failure of a request whose connection failed: the host and the cause. Omits the message of the
 * error, which can contain addresses, headers and signed URLs. The kind is `unavailable`, or `internal` if
 * this host has no file descriptor left, because then the provider is not involved. `hasHead` says whether
 * status and headers of the response were received, so that the peer speaks HTTP.
 */
export function networkFailure(error: Error, peer: Peer, hasHead = false): ProviderError {
  const code = codeOf(error);
  const openFiles = describeOpenFiles(code);
  if (openFiles !== undefined) return new ProviderError('internal', openFiles, { reason: 'open_files' });
  if (hasHead && parserCodes.test(code)) {
    return new ProviderError('unavailable', `${peer.name} sent an incomplete or invalid response`, {
      reason: 'connection_lost',
    });
  }
  const cause = causes.find(({ codes }) => codes.test(code));
  const text = cause?.text(peer, code) ?? `no complete response from ${peer.name}: ${code}`;
  return new ProviderError('unavailable', text, { reason: cause?.reason ?? 'connection_lost' });
}

/**
 * Returns the failure of a request whose connection could not be opened. `phase` is the step that failed.
 */
export function connectFailure(error: Error, peer: Peer, phase: ConnectPhase): ProviderError {
  const code = codeOf(error);
  if (code === 'UND_ERR_CONNECT_TIMEOUT' && phase !== 'tcp') {
    const text =
      phase === 'lookup'
        ? `cannot resolve ${peer.hostname}: timeout while waiting for the name server`
        : `timeout during the TLS handshake with ${peer.name}`;
    return new ProviderError('unavailable', text, { reason: phase === 'lookup' ? 'dns' : 'timeout' });
  }
  const failure = networkFailure(error, peer);
  if (phase !== 'tls' || code !== 'ECONNRESET') return failure;
  return new ProviderError(failure.kind, `${failure.message} during the TLS handshake`, { reason: 'tls' });
}

/**
 * Returns the code of an error, or its name if it has none. If several addresses of a host failed, returns
 * the code that says most.
 */
export function codeOf(error: Error): string {
  // Undici wraps the errors of several addresses if one of them is a timeout.
  const all = error instanceof AggregateError ? error : error.cause;
  const failures = all instanceof AggregateError ? all.errors.map(ownCode) : [];
  return failures.find((code) => code !== undefined && !lastCodes.test(code)) ?? ownCode(error) ?? error.name;
}

function ownCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
