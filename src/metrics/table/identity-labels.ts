import type { StreamId } from '../../model/stream.ts';
import type { ControlTarget } from '../../model/target.ts';

/** What tells a stream from all others, in the order in which every page and rule names it. */
export function streamLabels({ account, provider, domain, appName, stream }: StreamId) {
  return { account, provider, domain, app_name: appName, stream };
}

/** What tells a domain from all others: without an app name, which only narrows what is asked about it. */
export function domainLabels({ account, provider, domain }: ControlTarget) {
  return { account, provider, domain };
}
