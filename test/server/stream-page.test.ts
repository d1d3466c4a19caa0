import { expect, test } from 'vitest';
import { parsePageQuery } from '../../src/server/page-query.ts';
import { type StreamPage, streamPage } from '../../src/server/stream-page.ts';
import { inOneSlice } from '../support/slices.ts';
import { at, streamView } from './start.ts';

type RequestView = StreamPage['requests'][number];

function requestView(part: Partial<RequestView> = {}): RequestView {
  return {
    at,
    age_seconds: 2,
    window_from_at: '2026-03-01T11:59:00.000Z',
    window_to_at: at,
    took_seconds: 0.1,
    status: 'ok',
    message: null,
    rows: 12,
    counted: 1,
    skipped: 0,
    ...part,
  };
}

function page(part: Partial<StreamPage> = {}): Promise<string> {
  return streamPage(
    {
      now: at,
      exporter_started_at: '2026-02-28T12:00:00.000Z',
      config_loaded_at: '2026-03-01T11:57:00.000Z',
      stream: streamView(),
      next_request_at: null,
      next_request_seconds: null,
      interval_seconds: 5,
      requests: [],
      telemetryPath: '/metrics',
      query: parsePageQuery({}),
      language: 'en',
      ...part,
    },
    inOneSlice,
  );
}

/** Returns the text of the section with this heading, without tags. */
function sectionOf(markup: string, id: string): string {
  const section = new RegExp(`<section(?:(?!<section)[\\s\\S])*id="${id}"[\\s\\S]*?</section>`).exec(
    markup,
  )?.[0];
  return (section ?? '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

test('gives each request a key of its own, also if one run sent several', async () => {
  const older = '2026-03-01T08:00:00.000Z';
  const markup = await page({
    requests: [
      requestView(),
      requestView({ window_from_at: older, window_to_at: older }),
      requestView({ at: older }),
    ],
  });
  const keys = [...markup.matchAll(/data-key="([^"]*)"/g)].map(([, key]) => key);

  expect(keys).toHaveLength(3);
  expect(new Set(keys).size).toBe(3);
});

test('shows no number of rows of a failed request, and 0 of an empty answer', async () => {
  const failed = requestView({ status: 'unavailable', message: 'timeout', rows: 0, counted: 0 });
  const empty = requestView({ rows: 0, counted: 0 });

  expect(sectionOf(await page({ requests: [failed] }), 'requests')).toMatch(
    /unavailable timeout – – – 100 ms$/,
  );
  expect(sectionOf(await page({ requests: [empty] }), 'requests')).toMatch(/ok 0 0 0 100 ms$/);
});

test.each([
  [{}, 'no trouble'],
  [{ state: 'missing' as const }, 'missing 11:00:00 UTC ongoing 60 min'],
  [
    { state: 'missing' as const, state_since_is_exact: false },
    'missing since before 11:00:00 UTC ongoing 60 min',
  ],
  [
    { state: 'degraded' as const, conditions: ['low_fps' as const] },
    'low frame rate 11:00:00 UTC ongoing 60 min',
  ],
  [
    { interrupted_since_at: '2026-03-01T11:56:00.000Z', interrupted_seconds: 97 },
    'interrupted 11:56:00 UTC ongoing 97 s',
  ],
  [
    { state: 'not_pushed' as const, forbidden: true, forbidden_since_at: '2026-03-01T11:56:00.000Z' },
    'forbidden 11:56:00 UTC ongoing –',
  ],
  [{ state: 'unknown' as const, state_since_at: null }, 'no data yet'],
])('says of a stream without an earlier trouble, %j: %s', async (part, expected) => {
  expect(sectionOf(await page({ stream: streamView(part) }), 'troubles')).toMatch(
    new RegExp(` ${expected}$`),
  );
});

const dip = {
  from_at: '2026-03-01T11:50:00.000Z',
  to_at: '2026-03-01T11:51:00.000Z',
  seconds: 60,
  kinds: ['low_fps' as const],
};

test.each([
  ['that ended', {}, 'low frame rate 11:50:00 UTC 11:51:00 UTC 60 s'],
  [
    'of the newest sample',
    { state: 'degraded' as const, conditions: ['low_fps' as const], sample_at: '2026-03-01T11:51:05.000Z' },
    'low frame rate 11:50:00 UTC ongoing 60 s',
  ],
  [
    'before the one of now',
    { state: 'degraded' as const, conditions: ['low_fps' as const] },
    'low frame rate 11:00:00 UTC ongoing 60 min low frame rate 11:50:00 UTC 11:51:00 UTC 60 s',
  ],
  [
    'before a missing time',
    { state: 'missing' as const, state_since_at: dip.to_at, state_age_seconds: 540 },
    'missing 11:51:00 UTC ongoing 9 min low frame rate 11:50:00 UTC 11:51:00 UTC 60 s',
  ],
  [
    'that contains the breaks',
    { interrupted_since_at: dip.from_at, interrupted_seconds: 97 },
    'interrupted, low frame rate 11:50:00 UTC ongoing 60 s',
  ],
])('shows a trouble %s', async (_, part, expected) => {
  const stream = streamView({ troubles: [dip], ...part });

  expect(sectionOf(await page({ stream }), 'troubles')).toMatch(new RegExp(`Bad or missing ${expected}$`));
});

test('shows no graph of a rate without samples, because it would look like one of zeros', async () => {
  const recent = [{ measured_at: at, fps: null, bitrate_bps: 0 }];
  const markup = await page({ stream: streamView({ recent }) });

  expect(markup.match(/<svg class="spark"/g)).toHaveLength(1);
  expect(markup).toContain('Frame rate (fps) in the last 5 minutes: no data');
});

const iconOf = (markup: string) => /<link rel="icon" href="([^"]*)"/.exec(markup)?.[1];

test.each([
  ['up', {}, 'up'],
  ['interrupted', { interrupted_since_at: dip.from_at, interrupted_seconds: 97 }, 'degraded'],
  ['missing, forbidden', { state: 'missing' as const, forbidden: true }, 'missing'],
  ['not pushed, forbidden', { state: 'not_pushed' as const, forbidden: true }, 'missing'],
  ['degraded', { state: 'degraded' as const, conditions: ['no_video' as const] }, 'missing'],
  ['degraded', { state: 'degraded' as const, conditions: ['low_fps' as const] }, 'degraded'],
])('says in the tab that a stream is %s, with an icon as for all streams', async (title, part, like) => {
  const markup = await page({ stream: streamView(part) });
  const state = like as StreamPage['stream']['state'];

  expect(/<title>(.*)<\/title>/.exec(markup)?.[1]).toBe(`${title}: news · livestream-exporter`);
  expect(iconOf(markup)).toBe(iconOf(await page({ stream: streamView({ state }) })));
});

test('keeps language and refresh in its links', async () => {
  const query = parsePageQuery({ lang: 'zh', refresh: 'off', state: 'up' });

  expect(await page({ query })).toContain('<a href="../?refresh=off&amp;lang=zh">');
});

test('has only relative links, which lead to the root and to the page itself', async () => {
  const markup = (await page()).replace(/<script>[\s\S]*<\/script>/, '');
  const links = [...markup.matchAll(/(?:href|action|src)="([^"]*)"/g)].map(([, link = '']) => link);

  expect(links.length).toBeGreaterThan(8);
  for (const link of links) expect(link).toMatch(/^(\.\.\/(?!\.)|\.\/a2V5|#|data:)/);
});

test('escapes hostile names and messages', async () => {
  const hostile = `"><script>alert(1)</script>`;
  const markup = await page({
    stream: streamView({
      stream: hostile,
      labels: { [hostile]: hostile },
      server_ip: hostile,
      client_ip: hostile,
    }),
    requests: [requestView({ status: hostile, message: hostile })],
  });

  expect(markup).toContain('&lt;script&gt;alert(1)');
  expect(markup).not.toContain('<script>alert');
});
