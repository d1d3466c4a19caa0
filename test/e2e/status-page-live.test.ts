import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { startBrowser } from '../support/browser.ts';
import { type FakeStream, startStatusServer, upStreams } from '../support/status-server.ts';
import { describeWithTool } from '../support/tools.ts';

const names = (page: Page) => page.locator('#list td a.name').allInnerTexts();
const rowOf = (page: Page, name: string) => page.locator('#list tr', { hasText: name });

describeWithTool('chromium', 'the status page in use', () => {
  test('searches and sorts 5,000 streams; npm run page-speed measures how fast', async () => {
    const streams: readonly FakeStream[] = [
      ...upStreams(5_000),
      { name: 'final-match', state: 'degraded', minutes: 4 },
    ];
    await using server = await startStatusServer({ streams });
    await using browser = await startBrowser([new URL(server.url).origin]);
    const { page } = browser;
    const loads: number[] = [];
    for (let i = 0; i < 3; i++) {
      await page.goto(server.url);
      loads.push(Number(await page.evaluate('performance.getEntriesByType("navigation")[0].loadEventEnd')));
    }

    expect((await names(page))[0]).toBe('final-match');
    const searches = [];
    for (const text of ['channel-4321', 'final', '-49', 'match push.example', 'channel-1']) {
      searches.push(Number(await page.evaluate(`(${timeToChange})('search', ${JSON.stringify(text)})`)));
      const [first = ''] = await names(page);
      expect(first).toContain(text.split(' ')[0]);
    }
    await page.getByRole('link', { name: 'Show all streams' }).click();
    await page.getByText('1–50 of 5,001').waitFor();
    const sorts: number[] = [];
    for (const title of ['Bit rate', 'Stream', 'Frame rate (fps)', 'Last 6 hours', 'State']) {
      sorts.push(Number(await page.evaluate(`(${timeToChange})('sort', ${JSON.stringify(title)})`)));
      expect(await page.locator('th[aria-sort]').innerText()).toContain(title);
    }
    expect(browser.complaints).toEqual([]);
    console.log(
      `5,000 streams: load ${rounded(loads)} ms, search ${rounded(searches)} ms, sort ${rounded(sorts)} ms`,
    );
  });

  test('keeps scroll position, focus, text being typed and open sections when it refreshes', async () => {
    const streams = upStreams(48);
    await using server = await startStatusServer({ streams });
    await using browser = await startBrowser([new URL(server.url).origin]);
    const { page } = browser;
    await page.clock.install();
    await page.goto(server.url);
    await page.locator('#internals summary').click();
    const link = rowOf(page, 'channel-030').getByRole('link');
    await link.focus();
    const topBefore = await link.boundingBox();
    const scrolledBefore = await page.evaluate('scrollY');
    expect(scrolledBefore).toBeGreaterThan(1_000);

    server.set([...streams.slice(0, 39), { name: 'channel-040', state: 'degraded' }, ...streams.slice(40)]);
    await page.clock.runFor(10_000);
    await page.getByRole('heading', { name: '1 of 48 streams degraded' }).waitFor();

    expect(await page.title()).toBe('1 of 48 streams degraded · livestream-exporter');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('channel-030');
    expect(await page.locator('#internals').getAttribute('open')).not.toBeNull();
    // The banner above and the row that moved up change the height above, and the focused row stays in its place.
    expect(Math.abs(((await link.boundingBox())?.y ?? 0) - (topBefore?.y ?? 0))).toBeLessThan(2);
    expect((await names(page))[0]).toBe('channel-040');
    await page.locator('#search').focus();
    await page.keyboard.type('channel-02');
    await page.getByText('1–10 of 10').waitFor();
    server.set(streams);
    await page.clock.runFor(10_000);
    await page.getByRole('heading', { name: 'All 48 streams are well' }).waitFor();
    expect(await page.locator('#search').inputValue()).toBe('channel-02');
    expect(await page.evaluate('document.activeElement.id')).toBe('search');
    await page.keyboard.type('5');
    await page.getByText('1–1 of 1').waitFor();
    expect(new URL(page.url()).search).toBe('?search=channel-025');
    expect(browser.complaints).toEqual([]);
  });

  test('keeps a section closed that the user has closed, although it contains warnings', async () => {
    await using server = await startStatusServer({
      streams: upStreams(3),
      exporter: { warnings: ['the disk is full'] },
    });
    await using browser = await startBrowser([new URL(server.url).origin]);
    const { page } = browser;
    await page.clock.install();
    await page.goto(server.url);
    const isOpen = () => page.locator('#internals').evaluate((section) => section.hasAttribute('open'));
    expect(await isOpen()).toBe(true);
    await page.locator('#internals summary').click();

    server.set([...upStreams(3), { name: 'night', state: 'missing' }]);
    await page.clock.runFor(10_000);
    await page.getByRole('heading', { name: '1 of 4 streams missing' }).waitFor();

    expect(await isOpen()).toBe(false);
    expect(browser.complaints).toEqual([]);
  });

  test('goes back and forward between searches, tiles and sort orders', async () => {
    await using server = await startStatusServer({
      streams: [...upStreams(3), { name: 'night', state: 'missing', minutes: 4 }],
    });
    await using browser = await startBrowser([new URL(server.url).origin]);
    const { page } = browser;
    await page.goto(server.url);

    await page.locator('.tile', { hasText: 'Missing' }).click();
    await page.getByText('1–1 of 1').waitFor();
    expect(await names(page)).toEqual(['night']);
    await page.getByRole('link', { name: 'Stream', exact: true }).click();
    await page.waitForURL('**/?state=missing&sort=name');
    await page.goBack();
    await page.goBack();
    await page.getByText('1–4 of 4').waitFor();
    expect(new URL(page.url()).search).toBe('');
    await page.goForward();
    await page.getByText('1–1 of 1').waitFor();
    expect(await page.locator('.tile[aria-current]').innerText()).toContain('Missing');
    expect(browser.complaints).toEqual([]);
  });

  test('says so when the exporter does not respond, and recovers', async () => {
    await using server = await startStatusServer({ streams: upStreams(3) });
    await using browser = await startBrowser([new URL(server.url).origin]);
    const { page } = browser;
    await page.clock.install();
    await page.goto(server.url);
    await page.route(server.url, (route) => route.abort());

    await page.clock.runFor(10_000);
    await page.getByText('No update from the exporter.').waitFor();
    expect(await page.title()).toBe('? livestream-exporter');
    // With the date: the page can be read on another day.
    expect(await page.locator('#stale').innerText()).toMatch(/state of \d{4}-\d\d-\d\d \d\d:00:00/);
    await page.unroute(server.url);
    await page.clock.runFor(10_000);
    await page.locator('#stale').waitFor({ state: 'hidden' });

    expect(await page.title()).toBe('livestream-exporter');
    // Chromium reports the aborted request.
    expect(browser.complaints).toEqual(['Failed to load resource: net::ERR_FAILED']);
  });

  test('says that a stream left the config while its page was open, and shows it when it is back', async () => {
    await using server = await startStatusServer({ streams: upStreams(3) });
    await using browser = await startBrowser([new URL(server.url).origin]);
    const { page } = browser;
    await page.clock.install();
    await page.goto(server.url);
    await page.getByRole('link', { name: 'channel-003' }).click();
    await page.getByRole('table', { name: 'Last requests' }).waitFor();

    server.set(upStreams(2));
    await page.clock.runFor(10_000);
    await page.getByText('There is no stream with this key. It can have left the config.').waitFor();
    expect(await page.title()).toBe('No such stream · livestream-exporter');
    expect(await page.locator('#stale').isVisible()).toBe(false);
    server.set(upStreams(3));
    await page.clock.runFor(10_000);
    await page.getByRole('table', { name: 'Last requests' }).waitFor();
    // Chromium reports the status 404.
    expect(browser.complaints).toHaveLength(1);
  });

  test('sorts on a phone, where the table has no header', async () => {
    await using server = await startStatusServer({ streams: upStreams(3) });
    await using browser = await startBrowser([new URL(server.url).origin], {
      viewport: { width: 390, height: 844 },
    });
    const { page } = browser;
    await page.goto(server.url);
    const link = page.getByRole('link', { name: 'Stream', exact: true });

    expect((await link.boundingBox())?.width).toBeGreaterThan(30);
    await link.click();
    await page.locator('th[aria-sort=ascending]', { hasText: 'Stream' }).waitFor();
    await link.click();
    await page.locator('th[aria-sort=descending]', { hasText: 'Stream' }).waitFor();
    expect((await names(page))[0]).toBe('channel-003');
    expect(browser.complaints).toEqual([]);
  });

  test('stays paused in the list, and on the page of a stream', async () => {
    await using server = await startStatusServer({
      streams: [
        ...upStreams(3),
        ...['a', 'b', 'c', 'd'].map((name) => ({ name, state: 'missing' as const })),
      ],
    });
    await using browser = await startBrowser([new URL(server.url).origin]);
    const { page } = browser;
    await page.goto(`${server.url}?refresh=off`);

    await page.getByRole('link', { name: 'and 1 more' }).click();
    await page.getByText('1–4 of 4').waitFor();
    await page.getByRole('link', { name: 'Show all streams' }).click();
    await page.getByText('1–7 of 7').waitFor();
    await page.getByRole('link', { name: 'channel-001' }).click();
    await page.getByRole('table', { name: 'Last requests' }).waitFor();
    expect(new URL(page.url()).search).toBe('?refresh=off');
    await page.getByRole('link', { name: '← All streams' }).click();
    await page.getByText('1–7 of 7').waitFor();
    expect(new URL(page.url()).search).toBe('?refresh=off');
    expect(browser.complaints).toEqual([]);
  });

  test('searches, filters, sorts and pages without JavaScript', async () => {
    await using server = await startStatusServer({
      streams: [...upStreams(125), { name: 'night', state: 'missing', minutes: 4 }],
    });
    await using browser = await startBrowser([new URL(server.url).origin], { javaScriptEnabled: false });
    const { page } = browser;
    await page.goto(server.url);

    expect((await names(page)).slice(0, 2)).toEqual(['night', 'channel-001']);
    expect(await page.locator('time').first().innerText()).toBe('12:00:00 UTC');
    await page.getByRole('link', { name: 'Next' }).click();
    await page.getByRole('link', { name: 'Next' }).click();
    expect(await page.getByText('101–126 of 126').count()).toBe(1);
    await page.locator('#search').fill('channel-11');
    await page.getByRole('button', { name: 'Show' }).click();
    expect(await names(page)).toHaveLength(10);
    await page.getByRole('link', { name: 'Stream', exact: true }).click();
    await page.getByRole('link', { name: 'Stream', exact: true }).click();
    expect((await names(page))[0]).toBe('channel-119');
    await page.locator('.tile', { hasText: 'Missing' }).click();
    expect(await page.getByText('No stream matches.').count()).toBe(1);
    await page.getByRole('link', { name: 'Show all streams' }).click();
    await page.getByRole('link', { name: 'night' }).first().click();
    expect(await page.getByRole('table', { name: 'Last requests' }).count()).toBe(1);
    expect(browser.complaints).toEqual([]);
  });
});

function rounded(times: readonly number[]): string {
  return times.map(Math.round).join(', ');
}

/**
 * Source of a function that runs in the page. It types a text into the search field, or clicks a header, and returns
 * the time in ms until the list has changed and is painted.
 */
const timeToChange = `function (what, text) {
  return new Promise((resolve) => {
    const list = document.getElementById('list');
    const startedAt = performance.now();
    const observer = new MutationObserver(() => {
      observer.disconnect();
      requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - startedAt)));
    });
    observer.observe(list, { childList: true, subtree: true, characterData: true });
    if (what === 'search') {
      const field = document.getElementById('search');
      field.value = text;
      field.dispatchEvent(new Event('input', { bubbles: true }));
    } else {
      [...document.querySelectorAll('th a')].find((link) => link.textContent === text).click();
    }
  });
}`;
