import type { RequestHandler, Response } from 'express';
import type { Overview, OverviewQuery } from '../status/overview.ts';
import type { StreamDetail } from '../status/stream-detail.ts';
import { languageOf, words } from './language.ts';
import { maxSharedPages } from './limits.ts';
import { type PageQuery, parsePageQuery } from './page-query.ts';
import type { Rendering } from './rendering.ts';
import { sendText } from './responses.ts';
import { statusPage } from './status-page.ts';
import { streamPage } from './stream-page.ts';
import type { Language } from './words.ts';

interface PagesParts {
  readonly telemetryPath: string;
  readonly overview: (query: OverviewQuery) => Promise<Overview>;
  readonly stream: (urlKey: string) => StreamDetail | undefined;
  readonly rendering: Rendering;
}

/** Creates the handlers of the status page and of the page of one stream. */
export function createPages({ telemetryPath, overview, stream, rendering }: PagesParts) {
  const toPage = (query: PageQuery, language: Language) =>
    rendering.shared(async (inSlices) =>
      statusPage({ ...(await overview(query)), telemetryPath, query, language }, inSlices),
    );
  /** Pages that were requested last, by language and query. Viewers of the same page share its rendering. */
  const shared = new Map<string, ReturnType<typeof toPage>>();

  const status: RequestHandler = async (request, response) => {
    const language = languageOf(request);
    const query = parsePageQuery(request.query);
    const key = JSON.stringify([language, query.parameters]);
    const page = shared.get(key) ?? toPage(query, language);
    shared.delete(key);
    shared.set(key, page);
    if (shared.size > maxSharedPages) for (const oldest of shared.keys().take(1)) shared.delete(oldest);
    setLanguage(response, language);
    await rendering.send(response, 'html', await page());
  };

  const ofStream: RequestHandler<{ key: string }> = async (request, response) => {
    const language = languageOf(request);
    const query = parsePageQuery(request.query);
    setLanguage(response, language);
    await rendering.respond(response, 'html', async (inSlices) => {
      const detail = stream(request.params.key);
      if (detail !== undefined) return streamPage({ ...detail, telemetryPath, query, language }, inSlices);
      sendText(response, 404, words[language].text.notFound);
      return undefined;
    });
  };

  return { status, ofStream };
}

function setLanguage(response: Response, language: Language): void {
  response.set({ 'Content-Language': words[language].lang, Vary: 'Accept-Language' });
}
