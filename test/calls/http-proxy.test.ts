import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { client, get, listen, never, serve } from './loopback.ts';

/** A proxy that answers by itself. Notes what it was asked for, and with which credentials. */
async function proxy(status = 200) {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url} ${request.headers['proxy-authorization'] ?? 'nobody'}`);
    response.writeHead(status);
    response.end('by proxy');
  });
  server.on('connect', (request, socket) => {
    seen.push(`${request.method} ${request.url} ${request.headers['proxy-authorization'] ?? 'nobody'}`);
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  return { seen, origin: await listen(server, () => server.closeAllConnections()) };
}

test('a proxy is used for http by HTTP_PROXY, with its credentials, and not for https', async () => {
  const { seen, origin } = await proxy();
  const { send } = client({ env: { HTTP_PROXY: origin.replace('//', '//me:pass@') } });

  await expect(send(get('http://api.invalid/a?b=c'), never)).resolves.toMatchObject({ text: 'by proxy' });
  await expect(send(get('https://127.0.0.1:1/'), never)).rejects.toMatchObject({
    message: 'no whole answer: ECONNREFUSED',
  });

  expect(seen).toEqual(['GET http://api.invalid/a?b=c Basic bWU6cGFzcw==']);
});

test('https goes through a tunnel by https_proxy, and a "no" of the proxy is told as such', async () => {
  const { seen, origin } = await proxy();
  const { send } = client({ env: { https_proxy: origin } });

  await expect(send(get('https://api.invalid/a'), never)).rejects.toMatchObject({
    kind: 'unavailable',
    message: 'no whole answer: the proxy said HTTP 502',
  });

  expect(seen).toEqual(['CONNECT api.invalid:443 nobody']);
});

test('a proxy that wants a login is told as such', async () => {
  const { origin } = await proxy(407);

  await expect(
    client({ env: { http_proxy: origin } }).send(get('http://api.invalid/'), never),
  ).rejects.toMatchObject({
    kind: 'unavailable',
    message: 'no whole answer: the proxy said HTTP 407',
  });
});

test('NO_PROXY keeps hosts from the proxy, but not from one that was named for the account', async () => {
  const { origin } = await proxy();
  const direct = await serve((_, response) => response.end('direct'));
  const env = { HTTP_PROXY: origin, NO_PROXY: 'example.com,127.0.0.1' };

  await expect(client({ env }).send(get(direct), never)).resolves.toMatchObject({ text: 'direct' });
  await expect(client({ env, proxyUrl: origin }).send(get(direct), never)).resolves.toMatchObject({
    text: 'by proxy',
  });
});

test('the limits hold through a proxy', async () => {
  const origin = await serve(() => {});

  const answer = client({ env: { HTTP_PROXY: origin }, headersTimeoutMs: 50 }).send(
    get('http://api.invalid/'),
    never,
  );

  await expect(answer).rejects.toMatchObject({ message: 'no whole answer: UND_ERR_HEADERS_TIMEOUT' });
});

test('a proxy may be named without a scheme', async () => {
  const { origin } = await proxy();

  const { send } = client({ env: { HTTP_PROXY: origin.replace('http://', '') } });

  await expect(send(get('http://api.invalid/'), never)).resolves.toMatchObject({ text: 'by proxy' });
});

test.each(['socks5://me:s3cret@proxy', 'http://me:s3cret@', 'me:s3cret@:'])(
  'an unusable proxy is said at once, without its URL',
  (proxyUrl) => {
    expect(() => client({ proxyUrl })).toThrow('the proxy URL is none of http or https');
  },
);

test('a proxy URL that undici cannot read is refused with what to do, and is not shown', () => {
  const bad = () => client({ proxyUrl: 'http://us%er:hush@proxy.invalid' });

  expect(bad).toThrow('the proxy URL cannot be read; a % in its user or password has to be written %25');
  expect(bad).not.toThrow(/hush/);
});
