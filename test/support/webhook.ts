import { once } from 'node:events';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';

/** Alert in a notification. */
export interface Notified {
  readonly status: 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Begin of the alert (RFC 3339), which tells two alerts with the same labels apart. */
  readonly startsAt: string;
  /** Path of the request, which tells receivers apart. */
  readonly path: string;
  /** Arrival of the notification, in epoch milliseconds. */
  readonly at: number;
}

/** Server that records the notifications of Alertmanager. */
export interface Webhook extends AsyncDisposable {
  readonly url: string;
  /** In order of arrival. */
  readonly notified: readonly Notified[];
}

/** Starts the server. `onNotified` receives each alert of each notification. */
export async function startWebhook(onNotified: (one: Notified) => void = () => {}): Promise<Webhook> {
  const notified: Notified[] = [];
  const server = createServer((request, response) => {
    const at = Date.now();
    json(request)
      .then((body) => {
        // Shape: Alertmanager webhook, version 4.
        const { alerts } = body as { alerts: readonly Omit<Notified, 'at' | 'path'>[] };
        for (const { status, labels, annotations, startsAt } of alerts) {
          const one = { status, labels, annotations, startsAt, path: request.url ?? '', at };
          notified.push(one);
          onNotified(one);
        }
        response.end();
      })
      .catch(() => response.writeHead(400).end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  return {
    url: `http://127.0.0.1:${typeof bound === 'object' ? bound?.port : ''}/alerts`,
    notified,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
