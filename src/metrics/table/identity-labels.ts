import type { StreamId } from '../../model/stream.ts';
import type { ControlTarget } from '../../model/target.ts';

/** Returns the identity labels of a stream in their fixed order. */
export function streamLabels({ account, provider, domain, appName, stream }: StreamId) {
  return { account, provider, domain, app_name: appName, stream };
}

/** Returns the identity labels of a domain. The app name of a target only filters its requests. */
export function domainLabels({ account, provider, domain }: ControlTarget) {
  return { account, provider, domain };
}
