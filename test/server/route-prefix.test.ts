import { expect, test } from 'vitest';
import { overviewOf, request, start, streamView } from './start.ts';

const routePrefix = '/live/eu';

test.each([
  ['GET', '/', 200],
  ['GET', '/metrics', 200],
  ['GET', '/-/healthy', 200],
  ['GET', '/-/ready', 200],
  ['POST', '/-/reload', 200],
  ['GET', '/api/v1/status', 200],
  ['GET', '/api/v1/streams', 200],
])('serves %s %s only below the prefix', async (method, path, status) => {
  const { url } = await start({ routePrefix, reload: async () => [] });
  const { origin } = new URL(url);

  expect((await request(`${origin}${routePrefix}${path}`, method)).status).toBe(status);
  if (path !== '/') expect((await request(`${origin}${path}`, method)).status).toBe(404);
});

test.each([
  ['/', '/live/eu/'],
  ['/live/eu', '/live/eu/'],
  ['/live/eu?stream=news', '/live/eu/?stream=news'],
])('redirects %s to the status page', async (path, target) => {
  const { url } = await start({ routePrefix });
  const { origin } = new URL(url);

  const { status, headers } = await request(`${origin}${path}`);

  expect(status).toBe(302);
  expect(new URL(headers.location ?? '', `${origin}${path}`).href).toBe(`${origin}${target}`);
  // A proxy that serves the exporter below another path.
  expect(new URL(headers.location ?? '', `https://proxy.example/a${path}`).href).toBe(
    `https://proxy.example/a${target}`,
  );
});

test('does not redirect to another host', async () => {
  const { url } = await start({ routePrefix });
  const { origin } = new URL(url);

  expect((await request(`${origin}//evil.example/`)).status).toBe(404);
  expect((await request(`${origin}//evil.example/..`)).status).toBe(404);
});

test('has only relative links, so that they stay below the prefix', async () => {
  const { url, server } = await start({ routePrefix, overview: async () => overviewOf([streamView()]) });

  expect(server.addresses[0]?.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/live\/eu\/$/);
  const { text } = await request(`${url}/`);
  const links = [...text.matchAll(/(?:href|action|src)="([^"]*)"/g)].map(([, link = '']) => link);
  expect(links.length).toBeGreaterThan(10);
  for (const link of links) expect(link).toMatch(/^(\.\/|streams\/|#|data:)/);
});
