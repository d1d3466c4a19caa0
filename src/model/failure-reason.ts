/**
 * Reasons why a request failed, as far as the code that read the response or the error of the connection
 * knows. They are finer than the failure kind: the command `doctor` derives the remedy from them. They are no
 * metric labels, so the list can grow.
 */
export const failureReasons = [
  // Credentials.
  'key_id',
  'key_secret',
  'token',
  /** The key is right, but the provider requires MFA, or restricts the key or the account. */
  'key_restricted',
  /** There are no credentials: the role, the profile or the library did not return any. */
  'no_credentials',
  'permission',
  'signature_version',
  // Clock.
  'clock',
  'http_cache',
  // Account and its objects at the provider.
  'service_not_enabled',
  'service_stopped',
  /** The API must be enabled for the account by a ticket. */
  'ticket',
  'domain_not_found',
  'domain_kind',
  'stream_not_found',
  'not_offered',
  // Request.
  'endpoint',
  'parameter',
  'time_range',
  'throttled',
  // Connection.
  'dns',
  'connect',
  'network_route',
  'firewall',
  'connection_lost',
  'timeout',
  'tls_trust',
  'tls_certificate',
  'tls',
  'protocol',
  'proxy_credentials',
  'proxy_forbids',
  'proxy_failed',
  /** The provider or something on the way rejected the request, and the response does not show which. */
  'rejected_on_the_way',
  // Response.
  'server_error',
  'web_page',
  'unreadable',
  'too_large',
  /** The rows have times outside of the requested window: old responses or a wrong time zone. */
  'misplaced_rows',
  'time_zone',
  // This host.
  'open_files',
] as const;

export type FailureReason = (typeof failureReasons)[number];
