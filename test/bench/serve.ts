import { systemClock } from '../../src/clock.ts';
import type { ScrapeRequest, ScrapeResponse } from '../../src/metrics/exposition/scrape.ts';
import { type ServerOptions, startServer } from '../../src/server/server.ts';
import { type Handlers, serveCommands } from './commands.ts';
import { spending } from './load.ts';

/** Scrape handler and commands of one process. */
export interface Side {
  readonly scrape: (request: ScrapeRequest) => ScrapeResponse | Promise<ScrapeResponse>;
  readonly handlers: Handlers;
  /** Data of the status page and of the JSON API. By default, they are not served. */
  readonly views?: Pick<ServerOptions, 'overview' | 'status' | 'streams' | 'stream'>;
}

/** Serves a side behind the program's own server. */
export async function serve({ scrape, handlers, views = noViews }: Side): Promise<void> {
  const { addresses } = await startServer({
    listenAddresses: ['127.0.0.1:0'],
    telemetryPath: '/metrics',
    clock: systemClock,
    log: { debug: () => undefined, error: (message, fields) => console.error(message, fields) },
    onBug: (work, error) => console.error(work, error),
    scrape,
    healthy: () => ({ ok: true, reason: 'healthy' }),
    ready: () => ({ ok: true, reason: 'ready' }),
    overview: views.overview,
    status: views.status,
    streams: views.streams,
    stream: views.stream,
  });
  serveCommands({ ...handlers, ...spending(), port: () => addresses[0]?.port });
}

function notServed(): never {
  throw new Error('this side serves metrics only');
}

const noViews = { overview: notServed, status: notServed, streams: notServed, stream: notServed };
