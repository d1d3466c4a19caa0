import { ProviderError } from '../model/answer.ts';
import type { FailureReason } from '../model/failure-reason.ts';
import type { HttpProxy, HttpResponse } from './call.ts';

/** Builds the failure of a CONNECT to `target` (host and port) that the proxy rejected. */
export function tunnelFailure(status: number, proxy: HttpProxy, target: string): ProviderError {
  return proxyFailure(status, proxy, target);
}

/**
 * Returns the failure if a response to a forwarded request certainly comes from the proxy. A proxy that does
 * not say so cannot be recognized: `Via` is in the provider's responses too, and the `Server` of a cache can
 * be the provider's. Sources: RFC 9110, 15.5.8 (407); RFC 9209 (Proxy-Status); X-Squid-Error is documented in
 * the FAQ of Squid.
 */
export function forwardFailure(
  { status, headers }: HttpResponse,
  proxy: HttpProxy,
  target: string,
): ProviderError | undefined {
  const isOwn =
    status === 407 ||
    (status >= 400 &&
      (headers['x-squid-error'] !== undefined || /;\s*error\s*=/i.test(headers['proxy-status'] ?? '')));
  return isOwn ? proxyFailure(status, proxy, target) : undefined;
}

/** Builds the failure of a direct request that a proxy on the way intercepted and rejected with 407. */
export function interceptedFailure(target: string): ProviderError {
  const advice =
    'set HTTP_PROXY, HTTPS_PROXY or proxy_url_env to the URL of the proxy, with user and password';
  return new ProviderError(
    'unavailable',
    `a proxy before ${target} requires credentials: ${advice} (HTTP 407)`,
    { reason: 'proxy_credentials' },
  );
}

function proxyFailure(status: number, proxy: HttpProxy, target: string): ProviderError {
  return new ProviderError('unavailable', textOf(status, proxy, target), { reason: reasonOf(status) });
}

function reasonOf(status: number): FailureReason {
  if (status === 407) return 'proxy_credentials';
  return status === 401 || status === 403 ? 'proxy_forbids' : 'proxy_failed';
}

function textOf(status: number, { name, authorization }: HttpProxy, target: string): string {
  if (status === 407) {
    return authorization === undefined
      ? `proxy ${name} requires credentials: set user and password in the proxy URL (HTTP 407)`
      : `proxy ${name} rejected the credentials: check user and password in the proxy URL (HTTP 407)`;
  }
  if (status === 403 || status === 401) {
    return `proxy ${name} does not allow requests to ${target}: allow the host in the proxy, or add it to NO_PROXY (HTTP ${status})`;
  }
  if (status >= 500 || status === 404) return `proxy ${name} cannot connect to ${target} (HTTP ${status})`;
  return `proxy ${name} rejected the request for ${target}: check that it is an HTTP proxy (HTTP ${status})`;
}
