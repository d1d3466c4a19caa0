import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { startBrowser } from '../support/browser.ts';
import { startStatusServer, upStreams } from '../support/status-server.ts';
import { describeWithTool } from '../support/tools.ts';

describeWithTool('chromium', 'the status page below a path', () => {
  test('works below a path of a proxy that removes the path', async () => {
    await using server = await startStatusServer({
      streams: [...upStreams(60), { name: 'night', state: 'missing', minutes: 4 }],
      telemetryPath: '/live/metrics',
    });
    const proxy = await startProxy('/monitoring/x/', server.port);
    await using browser = await startBrowser([proxy.origin]);
    const { page } = browser;
    const base = `${proxy.origin}/monitoring/x/`;
    await page.goto(base);

    await page.locator('#search').fill('night');
    await page.getByText('1–1 of 1').waitFor();
    expect(page.url()).toBe(`${base}?search=night`);
    await page.getByRole('link', { name: 'Show all streams' }).click();
    await page.getByText('1–50 of 61').waitFor();
    await page.getByRole('link', { name: 'Next' }).click();
    await page.getByText('51–61 of 61').waitFor();
    await page.getByRole('link', { name: 'night' }).first().click();
    await page.getByRole('table', { name: 'Last requests' }).waitFor();
    const hrefs = await page.evaluate('[...document.querySelectorAll("a[href]")].map((link) => link.href)');
    await page.getByRole('link', { name: '中文' }).click();
    await page.getByRole('link', { name: '← 所有流' }).click();
    await page.getByText('第 1–50 路，共 61 路').waitFor();
    const more = await page.evaluate('[...document.querySelectorAll("a[href]")].map((link) => link.href)');

    const links = [...new Set([hrefs, more].flat().map(String))].filter(
      (link) => !link.includes('/streams/'),
    );
    expect(links).toContain(`${base}live/metrics`);
    for (const link of links) expect(link.startsWith(base)).toBe(true);
    expect(proxy.outside).toEqual([]);
    expect(browser.complaints).toEqual([]);
  });
});

/** Starts a reverse proxy that serves a port below a path, and lists requests for other paths. */
async function startProxy(path: string, port: number) {
  const outside: string[] = [];
  const proxy = createServer((incoming, response) => {
    const { url = '' } = incoming;
    if (!url.startsWith(path)) {
      outside.push(url);
      response.writeHead(404).end();
      return;
    }
    const options = { port, host: '127.0.0.1', path: url.slice(path.length - 1), headers: incoming.headers };
    httpRequest(options, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    }).end();
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  onTestFinished(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  // A server that listens on a port has an address with a port.
  return { origin: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, outside };
}
