import type { RequestHandler, Response } from 'express';
import type { Clock } from '../model/time.ts';
import type { Overview, OverviewQuery } from '../status/overview.ts';
import type { StreamDetail } from '../status/stream-detail.ts';
import { languageOf, words } from './language.ts';
import { type PageQuery, parsePageQuery } from './page-query.ts';
import type { Render, Rendering } from './rendering.ts';
import { statusPage } from './status-page.ts';
import { noStreamPage, streamPage } from './stream-page.ts';
import type { Language } from './words.ts';

interface PagesParts {
  readonly telemetryPath: string;
  readonly overview: (query: OverviewQuery) => Promise<Overview>;
  readonly stream: (urlKey: string) => StreamDetail | undefined;
  readonly rendering: Rendering;
  readonly clock: Pick<Clock, 'now'>;
}

interface Pages {
  readonly status: RequestHandler;
  readonly ofStream: RequestHandler<{ key: string }>;
}

/** Creates the handlers of the status page and of the page of one stream. */
export function createPages({ telemetryPath, overview, stream, rendering, clock }: PagesParts): Pages {
  const toPage =
    (query: PageQuery, language: Language): Render =>
    async (inSlices) =>
      statusPage({ ...(await overview(query)), telemetryPath, query, language }, inSlices);
  /** First pages of all streams, which most viewers look at: they share a rendering. */
  const shared = new Map<string, ReturnType<typeof rendering.shared>>();

  const status: RequestHandler = async (request, response) => {
    const language = languageOf(request);
    const query = parsePageQuery(request.query);
    setLanguage(response, language);
    if (selects(query)) {
      await rendering.respond(response, 'html', toPage(query, language));
      return;
    }
    // There are few of them: languages, with and without refresh.
    const key = JSON.stringify([language, query.parameters]);
    const page = shared.get(key) ?? rendering.shared(toPage(query, language));
    shared.set(key, page);
    await rendering.send(response, 'html', await page());
  };

  const ofStream: RequestHandler<{ key: string }> = async (request, response) => {
    const language = languageOf(request);
    const query = parsePageQuery(request.query);
    setLanguage(response, language);
    await rendering.respond(response, 'html', async (inSlices) => {
      const detail = stream(request.params.key);
      if (detail !== undefined) return streamPage({ ...detail, telemetryPath, query, language }, inSlices);
      response.status(404);
      const now = new Date(clock.now()).toISOString();
      return noStreamPage({ key: request.params.key, now, telemetryPath, query, language });
    });
  };

  return { status, ofStream };
}

/** Reports whether the page shows other streams than the first page of all streams, or in another order. */
function selects({ parameters: { lang: _lang, refresh: _refresh, ...others } }: PageQuery): boolean {
  return Object.keys(others).length > 0;
}

function setLanguage(response: Response, language: Language): void {
  response.set({ 'Content-Language': words[language].lang, Vary: 'Accept-Language' });
}
