import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { client, get, listen, never, serve } from './loopback.ts';

/** Starts a proxy that replies itself. Records each request line with its credentials. */
async function proxy(status = 200) {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(
      `${request.method} ${request.url} ${request.headers['proxy-authorization'] ?? 'no credentials'}`,
    );
    response.writeHead(status);
    response.end('by proxy');
  });
  server.on('connect', (request, socket) => {
    requests.push(
      `${request.method} ${request.url} ${request.headers['proxy-authorization'] ?? 'no credentials'}`,
    );
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  return { requests, origin: await listen(server, () => server.closeAllConnections()) };
}

test('uses HTTP_PROXY with its credentials for http and not for https', async () => {
  const { requests, origin } = await proxy();
  const { send } = client({ env: { HTTP_PROXY: origin.replace('//', '//me:pass@') } });

  await expect(send(get('http://api.invalid/a?b=c'), never)).resolves.toMatchObject({ text: 'by proxy' });
  await expect(send(get('https://127.0.0.1:1/'), never)).rejects.toMatchObject({
    message: 'no complete response: ECONNREFUSED',
  });

  expect(requests).toEqual(['GET http://api.invalid/a?b=c Basic bWU6cGFzcw==']);
});

test('tunnels https through https_proxy and reports a rejected CONNECT', async () => {
  const { requests, origin } = await proxy();
  const { send } = client({ env: { https_proxy: origin } });

  await expect(send(get('https://api.invalid/a'), never)).rejects.toMatchObject({
    kind: 'unavailable',
    message: 'no complete response: the proxy returned HTTP 502',
  });

  expect(requests).toEqual(['CONNECT api.invalid:443 no credentials']);
});

test('reports a proxy that requires authentication', async () => {
  const { origin } = await proxy(407);

  await expect(
    client({ env: { http_proxy: origin } }).send(get('http://api.invalid/'), never),
  ).rejects.toMatchObject({
    kind: 'unavailable',
    message: 'no complete response: the proxy returned HTTP 407',
  });
});

test('bypasses the proxy for hosts in NO_PROXY, but not a proxy that is configured for the account', async () => {
  const { origin } = await proxy();
  const direct = await serve((_, response) => response.end('direct'));
  const env = { HTTP_PROXY: origin, NO_PROXY: 'example.com,127.0.0.1' };

  await expect(client({ env }).send(get(direct), never)).resolves.toMatchObject({ text: 'direct' });
  await expect(client({ env, proxyUrl: origin }).send(get(direct), never)).resolves.toMatchObject({
    text: 'by proxy',
  });
});

test('applies the timeouts through a proxy', async () => {
  const origin = await serve(() => {});

  const response = client({ env: { HTTP_PROXY: origin }, responseTimeoutMs: 50 }).send(
    get('http://api.invalid/'),
    never,
  );

  await expect(response).rejects.toMatchObject({ message: 'no complete response: UND_ERR_HEADERS_TIMEOUT' });
});

test('accepts a proxy without a scheme', async () => {
  const { origin } = await proxy();

  const { send } = client({ env: { HTTP_PROXY: origin.replace('http://', '') } });

  await expect(send(get('http://api.invalid/'), never)).resolves.toMatchObject({ text: 'by proxy' });
});

test.each(['socks5://me:s3cret@proxy', 'http://me:s3cret@', 'me:s3cret@:'])(
  'rejects an invalid proxy at startup, without showing its URL',
  (proxyUrl) => {
    expect(() => client({ proxyUrl })).toThrow('the proxy URL does not start with http:// or https://');
  },
);

test('rejects an unparsable proxy URL with a remedy, without showing it', () => {
  const create = () => client({ proxyUrl: 'http://us%er:hush@proxy.invalid' });

  expect(create).toThrow('the proxy URL is invalid: in its user and password, write each % as %25');
  expect(create).not.toThrow(/hush/);
});
