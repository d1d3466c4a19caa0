import type { RequestHandler } from 'express';
import type { Verdict } from './ports.ts';
import { sendLine } from './responses.ts';

/** 200 or 503, with the reason. */
export function createVerdictHandler(judge: () => Verdict): RequestHandler {
  return (_request, response) => {
    const { ok, reason } = judge();
    sendLine(response, ok ? 200 : 503, reason);
  };
}

/** Takes the problems that kept the old config; none: the new one is in use. undefined where the operator did not ask for it. */
export function createReloadHandler(reload: (() => Promise<readonly string[]>) | undefined): RequestHandler {
  return async (_request, response) => {
    if (reload === undefined) {
      sendLine(
        response,
        403,
        'reloading over HTTP is off; start with --web.enable-lifecycle, or send SIGHUP',
      );
      return;
    }
    const problems = await reload();
    if (problems.length === 0) sendLine(response, 200, 'reloaded');
    else sendLine(response, 500, ['not reloaded, the old config stays in use:', ...problems].join('\n'));
  };
}
