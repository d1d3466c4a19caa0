import type { IncomingHttpHeaders } from 'node:http';
import type { RequestHandler } from 'express';
import { sendText } from './responses.ts';

const lifecycleDisabled =
  'lifecycle API is not enabled (start the exporter with --web.enable-lifecycle, or send SIGHUP to reload)';

/**
 * Creates the handler of `POST /-/reload`. `reload` resolves with the config errors, or with an empty list on
 * success. If `reload` is undefined, the handler sends 403. `externalUrl` is the URL under which browsers reach the
 * exporter, if it is known.
 */
export function createReloadHandler(
  reload: (() => Promise<readonly string[]>) | undefined,
  externalUrl: string | undefined,
): RequestHandler {
  const ownOrigin = externalUrl === undefined ? undefined : new URL(externalUrl).origin;
  return async ({ headers }, response) => {
    if (isForeign(headers, ownOrigin)) {
      sendText(response, 403, 'requests from pages of other sites are refused');
      return;
    }
    if (reload === undefined) {
      sendText(response, 403, lifecycleDisabled);
      return;
    }
    const diagnostics = await reload();
    if (diagnostics.length === 0) sendText(response, 200, 'config reloaded');
    else
      sendText(response, 500, `reload failed, the previous config stays active:\n${diagnostics.join('\n')}`);
  };
}

/**
 * Reports whether a browser sends the request from a page of another site, which the user may have opened
 * without knowing what it does. Browsers set `Origin` on every POST; curl and scripts do not. A proxy can change
 * `Host`, so the page can also have the origin of the external URL.
 */
function isForeign({ origin, host }: IncomingHttpHeaders, ownOrigin: string | undefined): boolean {
  if (origin === undefined || origin === ownOrigin) return false;
  return !(URL.canParse(origin) && new URL(origin).host === host);
}
