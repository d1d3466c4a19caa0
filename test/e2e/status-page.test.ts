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
import { toStatusView } from '../../src/status/view.ts';
import { statusInput, streamInput, viewOf } from '../status/inputs.ts';
import { controlAction, controlTarget } from '../support/actions.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { noExpectation, noon, pushSample, pushTarget, samplesBetween, streamId } from '../support/samples.ts';
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
  const complaints: string[] = [];
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
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('dialog', (dialog) => {
      complaints.push(dialog.message());
      void dialog.dismiss();
    });
    page.on('requestfailed', (request) => complaints.push(request.url()));
    await page.goto(`${server.addresses[0]?.url}?refresh=off`);
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    await server?.close();
    rmSync(profile, { recursive: true, force: true });
  });

  test('shows every stream, the worst first, as a table that a screen reader can walk', async () => {
    for (const size of sizes) {
      await page.setViewportSize(size);
      const table = page.getByRole('table', { name: 'Streams' });

      expect(await table.getByRole('columnheader').count()).toBe(7);
      expect(await table.locator('.state').allInnerTexts()).toEqual([
        'silent though due',
        'low frame rate',
        'unknown',
        'up',
        'up',
      ]);
      expect(await table.getByRole('row').count()).toBe(6);
    }
  });

  test('draws the last minutes, with a hole where no sample was', async () => {
    const row = page.getByRole('row').filter({ hasText: 'degraded' });

    expect(await row.getByRole('img').getAttribute('aria-label')).toBe(
      'Frames per second in the last 5 minutes: 12 to 25, newest 12',
    );
    expect((await row.locator('path.line').getAttribute('d'))?.match(/M/g)).toHaveLength(2);
  });

  test('shows a hostile name as the name that it is', async () => {
    expect(await page.getByText(hostile, { exact: true }).count()).toBe(1);
    expect(await page.title()).toBe('(2) livestream-exporter');
  });

  test('shows the last control actions in words, and the domains that are asked, as tables', async () => {
    for (const size of sizes) {
      await page.setViewportSize(size);
      const actions = page.getByRole('table', { name: 'Control actions' });
      const domains = page.getByRole('table', { name: 'Domains' });

      expect(await actions.locator('.state').allInnerTexts()).toEqual(['resumed', 'forbidden', longWord]);
      expect(await actions.getByRole('columnheader').count()).toBe(3);
      expect(await domains.locator('.name').allInnerTexts()).toEqual([longDomain, 'play.example.com']);
      expect(await domains.getByText('auth: alibaba X: the key is not known').count()).toBe(1);
    }
  });

  test.each(sizes)('needs no scrolling sideways at a width of $width', async (size) => {
    await page.setViewportSize(size);

    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(size.width);
    expect(
      await page.evaluate(
        '[...document.querySelectorAll(".card")].filter((card) => card.scrollWidth > card.clientWidth).length',
      ),
    ).toBe(0);
  });

  test.each(['light', 'dark'] as const)(
    'can be read in %s: all text has a contrast of 4.5 or more',
    async (colorScheme) => {
      await page.emulateMedia({ colorScheme });

      const ground = await page.evaluate('getComputedStyle(document.body).backgroundColor');
      const faint = await page.evaluate(`(${faintTexts})()`);

      expect(ground).toBe(colorScheme === 'light' ? 'rgb(246, 247, 249)' : 'rgb(15, 19, 24)');
      expect(faint).toEqual([]);
    },
  );

  test('the browser had nothing to complain of: no script, no style refused, nothing loaded', () => {
    expect(complaints).toEqual([]);
  });
});

async function serve(): Promise<RunningServer> {
  const recent = createRecent();
  const hole = (at: number) => at > noon - 200_000 && at < noon - 150_000;
  const degraded = [
    ...samplesBetween(noon - 290_000, noon - 60_000).filter(({ measuredAt }) => !hole(measuredAt)),
    ...samplesBetween(noon - 60_000, noon, { framesPerSecond: 12 }),
  ];
  recent.add(streamKey(streamId({ stream: 'degraded' })), degraded);
  const streams: readonly StreamInput[] = [
    streamInput('well'),
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
  const status = statusInput({
    accounts: [
      {
        name: 'tencent',
        provider: 'tencent',
        endpoints: ['http://statcgi.example.com/common_access'],
        requestsPerSecond: { Get_LivePushStatHistory: 20 },
      },
    ],
    collectors: [
      {
        account: 'tencent',
        provider: 'tencent',
        collector: 'push_stats',
        targets: 5,
        targetsFailing: 1,
        lastSuccessAt: noon - 1_500,
        intervalMs: 5_000,
      },
    ],
    streams,
    domains: domains(),
  });
  const context = { now: noon, points: recent.points, showClientIp: (address: string) => address };
  return startServer({
    listenAddresses: ['127.0.0.1:0'],
    telemetryPath: '/metrics',
    clock: createManualClock(),
    log: { debug: () => undefined, error: (message) => expect.unreachable(message) },
    scrape: () => expect.unreachable(),
    healthy: () => ({ ok: true, reason: 'healthy' }),
    ready: () => ({ ok: true, reason: 'ready' }),
    status: () => toStatusView(status, noon),
    streams: (query) => toStreamsView(streams, query, context),
  });
}

/** One that tells of three actions, and one that was never answered for. */
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
      failure: { kind: 'auth', message: 'alibaba X: the key is not known', at: noon },
    },
  ];
}

function pathOf(tool: string): string {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.map((folder) => join(folder, tool)).find((file) => existsSync(file)) ?? tool;
}

/** Runs in the page, so it is text: every text that stands out too little from what is behind it (WCAG 2.2, 1.4.3). */
const faintTexts = `function () {
  const rgb = (color) => color.match(/[\\d.]+/g).map(Number);
  const light = (color) => {
    const [r, g, b] = rgb(color).map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if (rgb(color)[3] !== 0) return color;
    }
    return 'rgb(255, 255, 255)';
  };
  const faint = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.data.trim() === '') continue;
    const element = node.parentElement;
    const lights = [light(getComputedStyle(element).color), light(behind(element))].sort((a, b) => b - a);
    const contrast = (lights[0] + 0.05) / (lights[1] + 0.05);
    if (contrast < 4.5) faint.push(node.data.trim() + ' ' + contrast.toFixed(2));
  }
  return faint;
}`;
