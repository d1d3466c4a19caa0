import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { json } from 'node:stream/consumers';

/** Proxy in front of the simulator's API 3.0. */
export interface NodeTimes extends AsyncDisposable {
  readonly url: string;
}

/**
 * Starts a proxy that changes the rows of push history as a provider would whose operations do not agree: each row has a
 * time that is `laterMs` later (whole seconds), and another ingest node.
 */
export async function startNodeTimes(target: string, laterMs: number): Promise<NodeTimes> {
  const server = createServer((incoming, outgoing) => {
    const fail = () => outgoing.destroy();
    const upstream = request(new URL(incoming.url ?? '/', target), {
      method: incoming.method,
      headers: incoming.headers,
    });
    upstream.on('response', (response) => {
      json(response).then((body) => {
        outgoing.setHeader('date', response.headers.date ?? '');
        outgoing.end(JSON.stringify(changed(body, laterMs)));
      }, fail);
    });
    upstream.on('error', fail);
    incoming.pipe(upstream);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

interface Row {
  readonly Time: string | null;
}

function changed(body: unknown, laterMs: number): unknown {
  // The cast is safe: the simulator has sent the body.
  const { Response } = body as { Response: { readonly DataInfoList?: readonly Row[] | null } };
  const { DataInfoList } = Response;
  if (!DataInfoList) return body;
  const rows = DataInfoList.map((row) => ({
    ...row,
    Time: row.Time && new Date(Date.parse(row.Time) + laterMs).toISOString(),
    ServerIp: '203.0.113.9',
  }));
  return { Response: { ...Response, DataInfoList: rows } };
}
