import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { json } from 'node:stream/consumers';
import type { AlertBody } from '../../src/posting/alert-set.ts';

/** Request with alerts. */
export interface Post {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly alerts: readonly AlertBody[];
}

export interface FakeAlertmanager extends AsyncDisposable {
  readonly url: string;
  readonly host: string;
  /** Posts of at least one alert that were answered with success, in order. */
  readonly posts: Post[];
  /** Number of posts without an alert that were answered with success. */
  emptyPosts: number;
  /** Status and text of the next responses. With status 0, requests get no response. */
  answer: { status: number; text?: string };
  /** Closes the server and its connections, as if the process died. */
  stop(): Promise<void>;
  /** Starts a stopped server again, at the same address. */
  start(): Promise<void>;
  /** Returns the posted alerts of a name, or of all names, in order. */
  alerts(name?: string): readonly AlertBody[];
  /** Returns the IDs of the alerts that fire at `now`, sorted: name and stream. */
  firing(now: number): readonly string[];
}

/** Starts a server on loopback that stores alerts like API v2 of Alertmanager. */
export async function startFakeAlertmanager(tls?: {
  readonly cert: string;
  readonly key: string;
}): Promise<FakeAlertmanager> {
  const posts: Post[] = [];
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    void json(request).then((body) => {
      const { status, text = '' } = fake.answer;
      if (status === 0) return;
      const isJson = request.headers['content-type'] === 'application/json' && request.method === 'POST';
      const isEmpty = Array.isArray(body) && body.length === 0;
      if (status === 200 && isJson && isEmpty) fake.emptyPosts++;
      else if (status === 200 && isJson) {
        posts.push({
          path: request.url ?? '',
          authorization: request.headers.authorization,
          alerts: body as readonly AlertBody[],
        });
      }
      response.writeHead(isJson ? status : 415).end(text);
    });
  };
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    const bound = server.address();
    return typeof bound === 'object' && bound !== null ? bound.port : port;
  };
  const port = await listen(0);
  const host = `127.0.0.1:${port}`;
  const alerts = (name?: string) =>
    posts
      .flatMap((post) => post.alerts)
      .filter(({ labels }) => name === undefined || labels.alertname === name);
  const fake: FakeAlertmanager = {
    url: `${tls === undefined ? 'http' : 'https'}://${host}`,
    host,
    posts,
    emptyPosts: 0,
    answer: { status: 200 },
    alerts,
    firing(now) {
      const ends = new Map<string, number>();
      for (const { labels, endsAt } of alerts()) {
        ends.set(`${labels.alertname} ${labels.stream}`, Date.parse(endsAt));
      }
      return [...ends].flatMap(([id, endsAt]) => (endsAt > now ? [id] : [])).sort();
    },
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
    async start() {
      await listen(port);
    },
    async [Symbol.asyncDispose]() {
      if (server.listening) await fake.stop();
    },
  };
  return fake;
}
