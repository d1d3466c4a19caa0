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
  [{ state: 'missing' as const }, 'missing, ongoing'],
  [{ state: 'degraded' as const, conditions: ['low_fps' as const] }, 'low frame rate, ongoing'],
  [{ state: 'unknown' as const, state_since_at: null }, 'no data yet'],
])('says of a stream without an earlier trouble, %j: %s', async (part, expected) => {
  expect(sectionOf(await page({ stream: streamView(part) }), 'troubles')).toMatch(
    new RegExp(` ${expected}$`),
  );
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
