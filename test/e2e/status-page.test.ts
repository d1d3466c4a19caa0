import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { controlActions } from '../../src/model/control-action.ts';
import { newControlRecord } from '../../src/model/control-record.ts';
import { streamKey } from '../../src/model/stream.ts';
import { type RunningServer, startServer } from '../../src/server/server.ts';
import type { DomainInput, StreamInput } from '../../src/status/inputs.ts';
import { createRecent } from '../../src/status/recent.ts';
import { toStreamsView } from '../../src/status/stream-view.ts';
import { toOverview, toStatusView } from '../../src/status/view.ts';
import { accountInput, collectorInput, exporter, streamInput, viewOf } from '../status/inputs.ts';
import { controlAction, controlTarget } from '../support/actions.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { noExpectation, noon, pushSample, pushTarget, samplesBetween, streamId } from '../support/samples.ts';
import { inOneSlice } from '../support/slices.ts';
import { describeWithTool } from '../support/tools.ts';

const hostile = `"><script>document.title = 'broken'</script><img src=x onerror=alert(1)>`;
const longDomain = `${'a-label-of-a-domain.'.repeat(12)}example.com`;
const longWord = 'w'.repeat(64);
const sizes = [
  { width: 1280, height: 800 },
  { width: 390, height: 844 },
];

describeWithTool('chromium', 'the status page in a browser', () => {
  const profile = mkdtempSync(join(tmpdir(), 'status-page-'));
  const browserErrors: string[] = [];
  let server: RunningServer;
  let browser: BrowserContext;
  let page: Page;

  beforeAll(async () => {
    server = await serve();
    browser = await chromium.launchPersistentContext(profile, {
      executablePath: pathOf('chromium'),
      args: [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
      ],
    });
    page = await browser.newPage();
    page.on('console', (message) => browserErrors.push(message.text()));
    page.on('pageerror', (error) => browserErrors.push(error.message));
    page.on('dialog', (dialog) => {
      browserErrors.push(dialog.message());
      void dialog.dismiss();
    });
    page.on('requestfailed', (request) => browserErrors.push(request.url()));
    await page.goto(`${server.addresses[0]?.url}?refresh=off`);
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    await server?.close();
    rmSync(profile, { recursive: true, force: true });
  });

  test('shows all streams, most urgent first, as an accessible table', async () => {
    for (const size of sizes) {
      await page.setViewportSize(size);
      const table = page.getByRole('table', { name: 'Streams' });

      expect(await table.getByRole('columnheader').count()).toBe(7);
      expect(await table.locator('.state').allInnerTexts()).toEqual([
        'missing',
        'low frame rate',
        'unknown',
        'up',
        'up',
      ]);
      expect(await table.getByRole('row').count()).toBe(6);
    }
  });

  test('draws the recent frame rate, interrupted where samples are missing', async () => {
    const row = page.getByRole('row').filter({ hasText: 'degraded' });

    expect(await row.getByRole('img').getAttribute('aria-label')).toBe(
      'Frames per second in the last 5 minutes: 12 to 25, newest 12',
    );
    expect((await row.locator('path.line').getAttribute('d'))?.match(/M/g)).toHaveLength(2);
  });

  test('shows a hostile name as text', async () => {
    expect(await page.getByText(hostile, { exact: true }).count()).toBe(1);
    expect(await page.title()).toBe('(2) livestream-exporter');
  });

  test('shows the newest control actions and the domains as accessible tables', async () => {
    for (const size of sizes) {
      await page.setViewportSize(size);
      const actions = page.getByRole('table', { name: 'Control actions' });
      const domains = page.getByRole('table', { name: 'Domains' });

      expect(await actions.locator('.state').allInnerTexts()).toEqual(['resumed', 'forbidden', longWord]);
      expect(await actions.getByRole('columnheader').count()).toBe(3);
      expect(await domains.locator('.name').allInnerTexts()).toEqual([longDomain, 'play.example.com']);
      expect(await domains.getByText('auth: alibaba X: unknown access key').count()).toBe(1);
    }
  });

  test.each(sizes)('does not scroll horizontally at a width of $width', async (size) => {
    await page.setViewportSize(size);

    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(size.width);
    expect(
      await page.evaluate(
        '[...document.querySelectorAll(".card")].filter((card) => card.scrollWidth > card.clientWidth).length',
      ),
    ).toBe(0);
  });

  test.each(['light', 'dark'] as const)(
    'has a contrast of at least 4.5 for all text in %s mode',
    async (colorScheme) => {
      await page.emulateMedia({ colorScheme });

      const background = await page.evaluate('getComputedStyle(document.body).backgroundColor');
      const lowContrast = await page.evaluate(`(${lowContrastTexts})()`);

      expect(background).toBe(colorScheme === 'light' ? 'rgb(246, 247, 249)' : 'rgb(15, 19, 24)');
      expect(lowContrast).toEqual([]);
    },
  );

  test('causes no browser error: no blocked script or style, no failed request', () => {
    expect(browserErrors).toEqual([]);
  });
});

async function serve(): Promise<RunningServer> {
  const recent = createRecent();
  const isMissing = (at: number) => at > noon - 200_000 && at < noon - 150_000;
  const degraded = [
    ...samplesBetween(noon - 290_000, noon - 60_000).filter(({ measuredAt }) => !isMissing(measuredAt)),
    ...samplesBetween(noon - 60_000, noon, { framesPerSecond: 12 }),
  ];
  recent.add(streamKey(streamId({ stream: 'degraded' })), degraded);
  const streams: readonly StreamInput[] = [
    streamInput('up'),
    streamInput(hostile, {
      target: pushTarget({ stream: streamId({ stream: hostile }), expectation: noExpectation }),
    }),
    streamInput('unknown', {
      view: undefined,
      failure: { kind: 'throttled', message: 'tencent X: HTTP 429', at: noon },
    }),
    streamInput('degraded', { view: viewOf(pushSample({ framesPerSecond: 12 })) }),
    streamInput('silent', { view: viewOf(undefined) }),
  ];
  const statuses = [...streams.map((stream) => ({ stream })), ...domains().map((domain) => ({ domain }))];
  const accounts = [accountInput([collectorInput(statuses, { targets: 5 })])];
  const context = {
    now: noon,
    points: recent.points,
    showClientIp: (address: string) => address,
    inSlices: inOneSlice,
  };
  return startServer({
    listenAddresses: ['127.0.0.1:0'],
    telemetryPath: '/metrics',
    clock: createManualClock(),
    log: { debug: () => undefined, error: (message) => expect.unreachable(message) },
    scrape: () => expect.unreachable(),
    healthy: () => ({ ok: true, reason: 'healthy' }),
    ready: () => ({ ok: true, reason: 'ready' }),
    overview: (maxStreams) => toOverview(exporter, accounts, maxStreams, context),
    status: () => toStatusView(exporter, accounts, noon, inOneSlice),
    streams: (query) => toStreamsView(streams, query, context),
  });
}

/** Returns a domain with three actions, and a domain that never succeeded. */
function domains(): readonly DomainInput[] {
  const target = controlTarget();
  const actions = [
    controlAction({ actedAt: noon - 60_000 }),
    controlAction({ actedAt: noon - 30_000, action: 'resume' }),
    controlAction({ actedAt: noon - 90_000, action: longWord, stream: 's'.repeat(255) }),
  ];
  const record = newControlRecord(target, noon);
  const seen = actions.toSorted(controlActions.compare);
  const failed = controlTarget({ domain: longDomain });
  return [
    {
      target,
      record: { ...record, target: { ...record.target, watermark: noon, seen } },
      failure: undefined,
    },
    {
      target: failed,
      record: newControlRecord(failed, noon),
      failure: { kind: 'auth', message: 'alibaba X: unknown access key', at: noon },
    },
  ];
}

function pathOf(tool: string): string {
  const directories = (process.env.PATH ?? '').split(delimiter);
  return directories.map((directory) => join(directory, tool)).find((file) => existsSync(file)) ?? tool;
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
