import type { FailureReason } from '../model/failure-reason.ts';
import type { SecretLocation } from './facts.ts';

/** What is wrong and what to do, for one reason of a failure. */
export interface Remedy {
  readonly title: string;
  readonly summary: string;
  readonly remedy: readonly string[];
}

/** Facts that appear in remedies. */
export interface RemedyContext {
  readonly operation: string;
  readonly secrets: readonly SecretLocation[];
}

type ToRemedy = (context: RemedyContext) => Remedy;

const simple =
  (title: string, summary: string, ...remedy: readonly string[]): ToRemedy =>
  () => ({ title, summary, remedy });

const record =
  'if this does not help, run the command again with --record=DIR and report the files of DIR; they contain no names, addresses and secrets';

const copyAgain =
  'copy the value again from the console of the provider: a missing character or a value of another key has the same effect';

/**
 * Reasons that have one remedy, whatever the account. Those that need facts about the domain, the clock or
 * the permissions are in `diagnose-failure.ts`.
 */
export const remedies: Readonly<
  Record<
    Exclude<FailureReason, 'clock' | 'permission' | 'domain_kind' | 'domain_not_found' | 'throttled'>,
    ToRemedy
  >
> = {
  key_id: ({ secrets }) => ({
    title: 'the provider does not know the key id, or the key is disabled',
    summary: 'correct or enable the key id',
    remedy: [
      `check the key id (${locations(secrets, isId)})`,
      copyAgain,
      'check in the console that the key exists, is enabled, and belongs to this site of the provider',
    ],
  }),
  key_secret: ({ secrets }) => ({
    title: 'the secret does not belong to the key: the signature is wrong',
    summary: 'correct the secret of the key',
    remedy: [`check the secret (${locations(secrets, isSecret)})`, copyAgain],
  }),
  token: ({ secrets }) => ({
    title: 'the token of the temporary credentials is missing, expired or of another key',
    summary: 'renew the temporary credentials',
    remedy: [
      `renew key id, secret and token together (${locations(secrets, () => true)})`,
      'temporary credentials in files are read again when the files change; or use a role with credentials.from',
    ],
  }),
  key_restricted: simple(
    'the provider restricts the key or the account',
    'lift the restriction of the key',
    'use a key pair without MFA, and check restrictions of the account in the console or with the support of the provider',
  ),
  no_credentials: simple(
    'the configured source of credentials returned none',
    'correct the source of credentials',
    'check credentials.from in the config, and the role, profile or service account that it uses',
    'run the command where the exporter runs: a role of a pod or an instance exists only there',
  ),
  signature_version: simple(
    'the provider does not accept this version of the signature',
    'change signature in the config',
    'set signature of the account to v3, or to v1 for an old gateway',
  ),
  http_cache: simple(
    'an HTTP cache answers instead of the provider',
    'exempt the API from the cache',
    'exempt the host of the API from the cache, or add it to NO_PROXY',
  ),
  service_not_enabled: simple(
    'the live service is not enabled for the account',
    'enable the live service',
    'enable the live service in the console of the account to which the key belongs',
    'check that the key belongs to the account that has the streams',
  ),
  service_stopped: simple(
    'the live service of the account is stopped: overdue payment, a ban, or disabled by the owner',
    'pay or enable the live service',
    'open the live service in the console of the provider: pay what is overdue, or lift the ban, or enable the service',
  ),
  ticket: simple(
    'the statistics API is not enabled for this app_id',
    'open a ticket, or use api3',
    'check app_id: it is the number of the account in the console of the provider',
    'to enable the statistics API, open a ticket with the provider; name the app_id and the operation',
    'or use api3 in place of statcgi: it needs no ticket, only a key with permissions',
  ),
  stream_not_found: simple(
    'the provider does not know the stream',
    'correct the stream',
    'compare domain, app_name and stream with the URL to which the stream is pushed: rtmp://DOMAIN/APP_NAME/STREAM',
  ),
  not_offered: simple(
    'this site of the provider does not offer the operation',
    'correct site or endpoint',
    'check site and endpoint of the account: an account of the international site needs site: international',
  ),
  endpoint: simple(
    'the host that answers is not the API of the provider',
    'correct the endpoint',
    'check the endpoint of the account: scheme, host, port and path; without endpoint, the default applies',
    'check that no proxy or captive portal answers in place of the provider',
  ),
  parameter: ({ operation }) => ({
    title: `the provider rejects a parameter of ${operation}`,
    summary: 'correct the names in the config',
    remedy: [
      'check the names of domain, application and stream in the config for characters that the provider does not allow',
      record,
    ],
  }),
  time_range: simple(
    'the provider rejects the requested time range',
    'check the clock',
    'check the clock of this host: for the provider, the time range is too old, too long or in the future',
    record,
  ),
  dns: simple(
    'the name of the host cannot be resolved',
    'correct the endpoint or DNS',
    'check the host of the endpoint for typing errors',
    'check the DNS of this host; behind a proxy, set HTTPS_PROXY or proxy_url_env, so that the proxy resolves the name',
  ),
  connect: simple(
    'the host refuses the connection',
    'correct host and port',
    'check host and port of the endpoint, or of the proxy that the message names',
    'check that the firewall permits the connection; behind a proxy, set HTTPS_PROXY or proxy_url_env',
  ),
  network_route: simple(
    'there is no network route to the host',
    'check the network',
    'check the network of this host or pod; behind a proxy, set HTTPS_PROXY or proxy_url_env',
  ),
  firewall: simple(
    'this host does not permit the connection',
    'permit the connection',
    'permit outgoing connections to the host and port in the firewall, the network policy or the sandbox of the service',
  ),
  connection_lost: simple(
    'the connection broke before the response was complete',
    'check the network',
    'run the command again; if it happens again, check firewalls, proxies and the MTU between this host and the provider',
  ),
  timeout: simple(
    'the host does not respond in time',
    'check network and proxy',
    'check that the firewall does not drop the packets; behind a proxy, set HTTPS_PROXY or proxy_url_env',
    'on a slow line, run the command again with a longer --timeout',
  ),
  tls_trust: simple(
    'the certificate of the host is not trusted: a proxy or gateway inspects TLS, or the certificate is self-signed',
    'set NODE_EXTRA_CA_CERTS',
    'get the certificate of the authority of the proxy or gateway from its operator, as a PEM file',
    'set NODE_EXTRA_CA_CERTS to this file in the environment of the exporter: NODE_EXTRA_CA_CERTS=/etc/ssl/proxy-ca.pem',
    'or exempt the host from TLS inspection; do not turn off the verification of certificates',
  ),
  tls_certificate: simple(
    'the certificate of the host is expired, not yet valid or for another host',
    'check clock and endpoint',
    'check the clock of this host and the host name of the endpoint',
    'if both are right, report it to the operator of the host that the message names',
  ),
  tls: simple(
    'the TLS handshake fails',
    'check proxy and gateway',
    'check that no old proxy or gateway is between this host and the provider: the exporter needs TLS 1.2',
  ),
  protocol: simple(
    'the host does not speak the protocol of the URL',
    'correct scheme and port',
    'check scheme (http or https) and port of the endpoint, or of the URL of the proxy',
  ),
  proxy_credentials: simple(
    'the proxy requires credentials, or rejects those of its URL',
    'correct user and password of the proxy',
    'set user and password in the URL of the proxy: http://USER:PASSWORD@HOST:PORT, special characters percent-encoded',
    'the URL comes from proxy_url_env of the account, or from HTTPS_PROXY and HTTP_PROXY',
  ),
  proxy_forbids: simple(
    'the proxy does not allow requests to the host',
    'allow the host in the proxy',
    'allow the host of the API in the proxy, or add it to NO_PROXY if this host can reach it directly',
  ),
  proxy_failed: simple(
    'the proxy fails, or sends requests twice',
    'correct the proxy',
    'check that the URL is that of an HTTP proxy, and that the proxy can reach the host of the API',
  ),
  rejected_on_the_way: simple(
    'the request was rejected, but not by the API: probably by a proxy or gateway',
    'allow the host in the proxy',
    'check that the proxy or gateway allows requests from this host to the API; then check the key',
  ),
  server_error: simple(
    'the provider reports an error of its own',
    'wait, then ask the provider',
    'run the command again in some minutes; if it happens again, ask the support of the provider',
    record,
  ),
  web_page: simple(
    'the answer is a web page, not an answer of the API: a captive portal or a proxy on the way',
    'bypass the portal or proxy',
    'check the endpoint, and exempt the host of the API from captive portals and blocking proxies',
  ),
  unreadable: simple(
    'the answer has a form that the exporter does not understand',
    'report the answer',
    record,
  ),
  too_large: simple(
    'the answer is larger than the exporter reads or the provider sends',
    'report the answer',
    'the exporter requests shorter time ranges by itself',
    record,
  ),
  misplaced_rows: simple(
    'the rows of the answer have times outside of the requested time range',
    'check for old answers',
    'check that no proxy or gateway returns old responses',
    record,
  ),
  time_zone: simple(
    'the times in the answers have another time zone than time_zone of the account',
    'correct time_zone',
    'set time_zone to the zone of the times in the answers: "+08:00" (Beijing) is normal and the default, "UTC" is possible',
    record,
  ),
  open_files: simple(
    'this host or process has too many open files',
    'raise the limit of open files',
    'raise the limit of open files (ulimit -n, LimitNOFILE) of the exporter',
  ),
};

function isId(name: string): boolean {
  return /id$/i.test(name);
}

function isSecret(name: string): boolean {
  return !isId(name) && !/token/i.test(name);
}

/** Returns where the secrets with certain names come from. */
function locations(secrets: readonly SecretLocation[], belongs: (name: string) => boolean): string {
  const texts = secrets.filter(({ name }) => belongs(name)).map(({ text }) => text);
  return texts.length === 0 ? 'from the source in credentials.from' : texts.join(', ');
}
