import { once } from 'node:events';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';

/** Alert in a notification. */
export interface Notified {
  readonly status: 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** RFC 3339. */
  readonly startsAt: string;
  /** Arrival of the notification, in epoch milliseconds. */
  readonly at: number;
}

/** Server that records the notifications of Alertmanager. */
export interface Webhook extends AsyncDisposable {
  readonly url: string;
  /** In order of arrival. */
  readonly notified: readonly Notified[];
}

export async function startWebhook(): Promise<Webhook> {
  const notified: Notified[] = [];
  const server = createServer((request, response) => {
    const at = Date.now();
    json(request)
      .then((body) => {
        // Shape: Alertmanager webhook, version 4.
        const { alerts } = body as { alerts: readonly Omit<Notified, 'at'>[] };
        notified.push(
          ...alerts.map(({ status, labels, annotations, startsAt }) => ({
            ...{ status, labels, annotations, startsAt },
            at,
          })),
        );
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
