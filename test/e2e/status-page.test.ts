import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newControlRecord } from '../../src/model/control-record.ts';
import type { DomainInput } from '../../src/status/inputs.ts';
import { controlTarget } from '../support/actions.ts';
import { startBrowser, type TestBrowser } from '../support/browser.ts';
import { noon } from '../support/samples.ts';
import {
  type FakeStream,
  forbiddenDomain,
  type StatusServer,
  startStatusServer,
} from '../support/status-server.ts';
import { describeWithTool } from '../support/tools.ts';

const markup = `"><script>document.title = 'broken'</script><img src=x onerror=alert(1)>`;
const hostileNames = [
  markup,
  '\u202egnp.lamron\u202c\u2066\u200f',
  'w'.repeat(2_000),
  'a\u0000b\u001b[31mred\u0085',
  "'; DROP TABLE streams; --",
  '../../etc/passwd?a=1&b=2#c%2e%00',
  '<!-- --> ]]> &amp; &#x202e; {{7*7}} #{7*7}',
  '\ud800lone',
];
/** Characters of these names that the page replaces. */
const replaced = ['\u0000', '\u001b', '\u0085', '\ud800', '\u202e', '\u202c', '\u2066', '\u200f'];
const longDomain = `${'a-label-of-a-domain.'.repeat(12)}example.com`;
const streams: readonly FakeStream[] = [
  // Since a day with a date, which is the longest text of its cell.
  { name: 'up', state: 'up', minutes: 3_000 },
  { name: 'unknown', state: 'unknown', minutes: 2 },
  { name: 'degraded', state: 'degraded', minutes: 1, hasGap: true, labels: { channel: 'one' } },
  { name: 'missing', state: 'missing', minutes: 4 },
  { name: 'recovered', state: 'recovered', minutes: 100 },
  ...hostileNames.map((name): FakeStream => ({ name, state: 'up', minutes: 200, labels: { note: name } })),
];
const sizes = [
  { width: 1280, height: 800 },
  { width: 1000, height: 800 },
  { width: 390, height: 844 },
];
const axe = readFileSync(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');

describeWithTool('chromium', 'the status page in a browser', () => {
  let server: StatusServer;
  let browser: TestBrowser;
  const open = async (path = '') => {
    await browser.page.goto(`${server.url}${path}${path.includes('?') ? '&' : '?'}refresh=off`);
    return browser.page;
  };
  const linkTo = async (name: string) => {
    const page = await open(`?stream=${encodeURIComponent(name)}`);
    return (await page.locator('td a.name').first().getAttribute('href')) ?? '';
  };

  beforeAll(async () => {
    server = await startStatusServer({ streams, domains: [forbiddenDomain(markup), failingDomain()] });
    browser = await startBrowser([new URL(server.url).origin], { timezoneId: 'Asia/Shanghai' });
  }, 60_000);

  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
  });

  test('shows all streams, most urgent first, as an accessible table', async () => {
    const page = await open();
    for (const size of sizes) {
      await page.setViewportSize(size);
      const table = page.getByRole('table', { name: 'Streams' });

      expect(await table.getByRole('columnheader').count()).toBe(7);
      expect((await table.locator('.state').allInnerTexts()).slice(0, 4)).toEqual([
        'missing',
        'degraded',
        'unknown',
        'up',
      ]);
      expect(await table.getByRole('row').count()).toBe(1 + streams.length);
    }
  });

  test('says in banner and tab what is wrong, and since when, in local time with UTC beside', async () => {
    const page = await open();
    const banner = page.getByRole('region', { name: '1 missing, 1 degraded, 1 unknown, of 13 streams' });

    expect(await page.title()).toBe('1 missing, 1 degraded, 1 unknown, of 13 streams · livestream-exporter');
    const text = (await banner.innerText()).replaceAll(/\s+/g, ' ');
    expect(text).toContain('missing: missing since 19:55:55 (11:55:55 UTC) · 4 min');
    expect(text).toContain('degraded: degraded low frame rate, since 19:59:00 (11:59:00 UTC) · 60 s');
    expect(text).toContain(`forbidden: ${markup} since 19:48:00 (11:48:00 UTC) · 12 min`);
  });

  test('keeps every text in its cell, also times with dates and hostile names', async () => {
    for (const size of sizes) {
      const page = await open('?lang=zh');
      await page.setViewportSize(size);

      const tooWide = await page.evaluate(
        '[...document.querySelectorAll("td, .banner li")].filter((each) => each.scrollWidth > each.clientWidth + 1).map((each) => each.textContent)',
      );
      expect([size.width, tooWide]).toEqual([size.width, []]);
    }
  });

  test('draws the recent frame rate, interrupted where samples are missing, and marks the part below the limit', async () => {
    const page = await open();
    const row = page.getByRole('row').filter({ hasText: 'channel: one' });

    expect(await row.getByRole('img').getAttribute('aria-label')).toBe(
      'Frame rate (fps) in the last 5 minutes: 12 to 25, newest 12',
    );
    expect((await row.locator('path.line').getAttribute('d'))?.match(/M/g)).toHaveLength(2);
    const colors = await page.evaluate(
      '["path.line", "path.low"].map((path) => getComputedStyle(document.querySelector("tr:has(.label) " + path)).stroke)',
    );
    expect(colors).toEqual(['rgb(24, 88, 184)', 'rgb(179, 38, 30)']);
  });

  test('shows hostile names as text, in full or shortened, and a page for each', async () => {
    for (const name of hostileNames) {
      const page = await open();
      const shown = Array.from(name, (char) => (replaced.includes(char) ? '\ufffd' : char)).join('');
      const link = page.locator('td a.name', { hasText: shown.slice(0, 30) }).first();

      expect(await link.textContent()).toBe(shown);
      expect((await link.boundingBox())?.height).toBeLessThan(90);
      await link.click();
      expect(await page.locator('h2.title').textContent()).toBe(shown);
      expect(await page.title()).toBe(`up: ${shown} · livestream-exporter`.replaceAll(/\s+/g, ' '));
      expect(await page.locator('script').count()).toBe(1);
      expect(await page.locator('img').count()).toBe(0);
    }
  });

  test('shows what is forbidden, the newest control actions and the domains as accessible tables', async () => {
    const page = await open();
    for (const size of sizes) {
      await page.setViewportSize(size);
      const forbidden = page.getByRole('table', { name: 'Forbidden now · 1' });
      const actions = page.getByRole('table', { name: 'Control actions' });
      const domains = page.getByRole('table', { name: 'Domains' });

      expect(await forbidden.locator('.name').allInnerTexts()).toEqual([markup]);
      expect(await actions.locator('.state').allInnerTexts()).toEqual(['forbidden', 'resumed']);
      expect(await domains.locator('.name').allInnerTexts()).toEqual([longDomain, 'play.example.com']);
      expect(await domains.getByText('auth: alibaba X: unknown access key').count()).toBe(1);
    }
  });

  test('shows the last requests of a stream', async () => {
    const page = await open(await linkTo('unknown'));
    const requests = page.getByRole('table', { name: 'Last requests' });
    const first = (await requests.getByRole('row').nth(1).innerText()).replaceAll(/\s+/g, ' ');

    expect(await requests.getByRole('row').count()).toBe(6);
    expect(first).toBe(
      '19:59:55 (11:59:55 UTC) 5 s ago 19:58:45 (11:58:45 UTC) – 19:59:55 (11:59:55 UTC) 70 s unavailable tencent X: no answer within 10 s – – – 10000 ms',
    );
    expect(await page.getByText('in 3 s').count()).toBe(1);
    await page.getByRole('link', { name: '← All streams' }).click();
    expect(page.url()).toBe(server.url);
  });

  test.each(sizes)('does not scroll horizontally at a width of $width', async (size) => {
    for (const path of ['', await linkTo(hostileNames[2] ?? '')]) {
      const page = await open(path);
      await page.setViewportSize(size);

      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(size.width);
      expect(
        await page.evaluate(
          '[...document.querySelectorAll(".card")].filter((card) => card.scrollWidth > card.clientWidth).length',
        ),
      ).toBe(0);
    }
  });

  test.each(['light', 'dark'] as const)(
    'is accessible in %s mode, in both languages',
    async (colorScheme) => {
      const links = await linkTo('degraded');
      for (const path of ['?lang=en', '?lang=zh', `${links}?lang=en`, `${links}?lang=zh`]) {
        const page = await open(path);
        await page.emulateMedia({ colorScheme });
        for (const size of sizes) {
          await page.setViewportSize(size);
          await page.evaluate(axe);
          // The shape of the results of axe, of which only some members are used.
          const { violations } = (await page.evaluate(
            'axe.run(document, { resultTypes: ["violations"] })',
          )) as {
            violations: { id: string; nodes: { html: string; failureSummary: string }[] }[];
          };

          expect(
            violations.map(({ id, nodes }) => [id, ...nodes.map((node) => node.html.slice(0, 200))]),
          ).toEqual([]);
          expect(await page.evaluate(`(${lowContrastTexts})()`)).toEqual([]);
        }
      }
      await browser.page.emulateMedia({ colorScheme: null });
    },
  );

  test('speaks Chinese to a Chinese browser', async () => {
    await using chinese = await startBrowser([new URL(server.url).origin], { locale: 'zh-CN' });
    await chinese.page.goto(server.url);

    expect(await chinese.page.title()).toBe(
      '13 路流中有 1 路缺失、1 路质量不佳、1 路未知 · livestream-exporter',
    );
    expect(await chinese.page.locator('html').getAttribute('lang')).toBe('zh-CN');
    expect(chinese.complaints).toEqual([]);
  });

  test('works by keyboard: the first link leads to the streams, and every control shows its focus', async () => {
    const page = await open();
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the streams');
    await page.keyboard.press('Enter');
    for (let i = 0; i < 12; i++) {
      await page.keyboard.press('Tab');
      expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
    }
  });

  test('causes no browser error: nothing blocked, no request to another host', () => {
    expect(browser.complaints).toEqual([]);
  });
});

/** Returns a domain that never succeeded. */
function failingDomain(): DomainInput {
  const target = controlTarget({ domain: longDomain });
  return {
    target,
    record: newControlRecord(target, noon),
    failure: { kind: 'auth', message: 'alibaba X: unknown access key', at: noon },
  };
}

/** Source of a function that runs in the page and returns all texts with a low contrast (WCAG 2.2, criterion 1.4.3). */
const lowContrastTexts = `function () {
  const rgb = (color) => color.match(/[\\d.]+/g).map(Number);
  const luminance = (color) => {
    const [r, g, b] = rgb(color).map((part) => {
      const level = part / 255;
      return level <= 0.04045 ? level / 12.92 : ((level + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const backgroundOf = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if (rgb(color)[3] !== 0) return color;
    }
    return 'rgb(255, 255, 255)';
  };
  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.data.trim() === '') continue;
    const element = node.parentElement;
    const luminances = [luminance(getComputedStyle(element).color), luminance(backgroundOf(element))].sort((a, b) => b - a);
    const contrast = (luminances[0] + 0.05) / (luminances[1] + 0.05);
    if (contrast < 4.5) texts.push(node.data.trim() + ' ' + contrast.toFixed(2));
  }
  return texts;
}`;
