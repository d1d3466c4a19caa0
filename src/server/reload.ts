import type { RequestHandler } from 'express';
import { sendText } from './responses.ts';

const lifecycleDisabled =
  'lifecycle API is not enabled (start the exporter with --web.enable-lifecycle, or send SIGHUP to reload)';

/**
 * Creates the handler of `POST /-/reload`. `reload` resolves with the config errors, or with an empty list on
 * success. If `reload` is undefined, the handler sends 403.
 */
export function createReloadHandler(reload: (() => Promise<readonly string[]>) | undefined): RequestHandler {
  return async (_request, response) => {
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
