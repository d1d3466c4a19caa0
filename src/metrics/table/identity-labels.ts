import type { StreamId } from '../../model/stream.ts';
import type { ControlTarget } from '../../model/target.ts';

/** Returns the identity labels of a stream in their fixed order. */
export function streamLabels({ account, provider, domain, appName, stream }: StreamId) {
  return { account, provider, domain, app_name: appName, stream };
}

/**
 * Returns the identity labels of a domain in their fixed order. The app name of a control target is not a
 * label, because it only filters the requests.
 */
export function domainLabels({ account, provider, domain }: ControlTarget) {
  return { account, provider, domain };
}
