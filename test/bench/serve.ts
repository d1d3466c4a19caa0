import { systemClock } from '../../src/clock.ts';
import type { ScrapeRequest, ScrapeResponse } from '../../src/metrics/exposition/scrape.ts';
import { startServer } from '../../src/server/server.ts';
import { type Handlers, serveCommands } from './commands.ts';
import { spending } from './load.ts';

/** Scrape handler and commands of one process. */
export interface Side {
  readonly scrape: (request: ScrapeRequest) => ScrapeResponse | Promise<ScrapeResponse>;
  readonly handlers: Handlers;
}

/** Serves a side behind the program's own server. */
export async function serve({ scrape, handlers }: Side): Promise<void> {
  const { addresses } = await startServer({
    listenAddresses: ['127.0.0.1:0'],
    telemetryPath: '/metrics',
    clock: systemClock,
    log: { debug: () => undefined, error: (message, fields) => console.error(message, fields) },
    scrape,
    healthy: () => ({ ok: true, reason: 'healthy' }),
    ready: () => ({ ok: true, reason: 'ready' }),
    overview: notServed,
    status: notServed,
    streams: notServed,
    stream: notServed,
  });
  serveCommands({ ...handlers, ...spending(), port: () => addresses[0]?.port });
}

function notServed(): never {
  throw new Error('the bench serves metrics only');
}
