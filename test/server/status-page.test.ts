import { expect, test } from 'vitest';
import type { Condition } from '../../src/model/expectation.ts';
import type { Provider } from '../../src/model/operations.ts';
import { parsePageQuery } from '../../src/server/page-query.ts';
import type { StatusView } from '../../src/status/view.ts';
import { at, overviewOf, request, start, statusView, streamView } from './start.ts';
import { counts, page, textOf } from './status-markup.ts';

const hostile = `"><script>alert(1)</script><img src=x onerror='alert(1)'>&\u202e`;
// The types exclude hostile values, but the page must escape them nevertheless.
const hostileProvider = hostile as Provider;
const hostileCondition = hostile as Condition;

test('shows the number of posted alerts, if the exporter posts alerts', async () => {
  const posted = { firing: { LivestreamForbidden: 2, LivestreamPushMissing: 1 }, alertmanagers: [] };

  expect(textOf(await page({ status: statusView({ posted_alerts: posted }) }))).toContain(
    '3 alerts posted to 0 Alertmanagers',
  );
  expect(await page()).not.toContain('alerts posted');
});

test('escapes hostile names everywhere', async () => {
  const text = await page({
    telemetryPath: `/${hostile}`,
    status: statusView({
      exporter: { ...statusView().exporter, version: hostile, config_file: hostile, warnings: [hostile] },
      accounts: [
        {
          account: hostile,
          provider: hostileProvider,
          endpoints: [hostile],
          budget_requests_per_second: { [hostile]: 1 },
        },
      ],
      collectors: [
        {
          account: hostile,
          provider: hostileProvider,
          collector: hostile,
          targets: 1,
          targets_failing: 1,
          last_success_at: null,
          last_success_age_seconds: null,
          interval_seconds: 5,
        },
      ],
      domains: [
        {
          account: hostile,
          provider: hostileProvider,
          domain: hostile,
          app_name: hostile,
          watermark_at: null,
          watermark_age_seconds: null,
          known_from_at: null,
          gap_seconds: 0,
          forbidden_from: null,
          last_failure: { kind: hostile, message: hostile, at: hostile },
        },
      ],
      control_actions: [
        {
          at: hostile,
          account: hostile,
          domain: hostile,
          app_name: hostile,
          stream: hostile,
          action: hostile,
        },
      ],
    }),
    streams: [
      streamView({
        account: hostile,
        domain: hostile,
        app_name: hostile,
        stream: hostile,
        state: 'degraded',
        conditions: [hostileCondition],
        client_ip: hostile,
        last_failure: { kind: hostile, message: hostile, at: hostile },
        labels: { [hostile]: hostile },
      }),
    ],
    query: parsePageQuery({ search: hostile, account: hostile }),
  });

  expect(text.match(/<script|<img/g)).toEqual(['<script']);
  expect(text.match(/alert\(1\)/g)?.length).toBeGreaterThan(50);
  expect(text).not.toContain('\u202e');
});

test('shows tiles that add up to the total, and link to the streams of a state', async () => {
  const text = await page({
    status: counts(
      { total: 14, missing: 1, degraded: 2, unknown: 1, up: 9, not_pushed: 1 },
      { recovered: 3, forbidden: { total: 4, streams: [] } },
    ),
    query: parsePageQuery({ state: 'degraded', search: 'cam', page: '2' }),
  });

  expect(textOf(/<ul class="tiles"[\s\S]*?<\/ul>/.exec(text)?.[0] ?? '')).toBe(
    'All 14 Missing 1 Degraded 2 Unknown 1 Up 9 Not pushed 1 Recovered 3 Forbidden 4',
  );
  expect(text).toContain('href="./?state=missing&amp;search=cam"');
  expect(text).toMatch(/href="\.\/\?state=degraded&amp;search=cam" aria-current="true"/);
});

test('folds the state of the exporter while it is well', async () => {
  const isOpen = async (exporter: Partial<StatusView['exporter']>) =>
    (await page({ status: statusView({ exporter: { ...statusView().exporter, ...exporter } }) })).includes(
      '<details id="internals" class="card" open>',
    );

  expect(await isOpen({})).toBe(false);
  expect(await isOpen({ warnings: ['the state cannot be saved'] })).toBe(true);
  expect(await isOpen({ config_last_reload_successful: false })).toBe(true);
});

test('says why there are no streams: not configured, not live, or unknown', async () => {
  const text = async (
    collector: string,
    part: { targets: number; targets_failing?: number; last_success_age_seconds: number | null },
  ) => {
    const collectors = [
      {
        account: 'tencent',
        provider: 'tencent' as const,
        collector,
        targets_failing: 0,
        last_success_at: at,
        interval_seconds: 15,
        ...part,
      },
    ];
    return /<p class="empty">([^<]*)</.exec(await page({ status: statusView({ collectors }) }))?.[1];
  };

  expect(await text('push_stats', { targets: 0, last_success_age_seconds: null })).toMatch(
    /^No streams are conf/,
  );
  expect(await text('online_streams', { targets: 1, last_success_age_seconds: 9 })).toMatch(
    /^No stream is live /,
  );
  expect(
    await text('online_streams', { targets: 2, targets_failing: 1, last_success_age_seconds: 9 }),
  ).toMatch(/^No stream is known to be live, but some lists /);
  expect(await text('online_streams', { targets: 1, last_success_age_seconds: null })).toMatch(
    /^Unknown: no recent list/,
  );
  // Lists were received until some minutes ago.
  expect(await text('online_streams', { targets: 1, last_success_age_seconds: 300 })).toMatch(
    /^Unknown: no recent list/,
  );
});

test('sorts by the headers, in both directions', async () => {
  const headers = async (sort?: string) =>
    [
      ...(
        await page({ ...overviewOf([streamView()]), query: parsePageQuery(sort ? { sort } : {}) })
      ).matchAll(
        /<th role="columnheader" scope="col" class="(?:number)?"(?: aria-sort="(\w+)")?><a class="sort" href="([^"]*)"/g,
      ),
    ].map(([, sorted, href]) => `${sorted ?? ''} ${href}`);

  expect(await headers()).toEqual([
    'ascending ./?sort=-state',
    ' ./?sort=name',
    ' ./?sort=fps',
    ' ./?sort=bitrate',
    ' ./?sort=trouble',
  ]);
  expect((await headers('trouble')).at(-1)).toBe('descending ./?sort=-trouble');
  expect((await headers('-fps'))[2]).toBe('descending ./?sort=fps');
});

test('shows pages of 50 streams, with links to the others', async () => {
  const queries: unknown[] = [];
  const { url } = await start({
    async overview(query) {
      queries.push([query.page, query.perPage, query.filter, query.order]);
      const streams = Array.from({ length: query.perPage }, () => streamView());
      return { ...overviewOf(streams), selected: 20_000, page: query.page, pages: 400 };
    },
  });

  const { status, headers, text } = await request(`${url}/?page=3&sort=-fps&state=up`);

  expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
  expect(headers['cache-control']).toBe('no-store');
  expect(queries).toEqual([[3, 50, { states: ['up'] }, { by: 'fps', isReversed: true }]]);
  expect(text).toContain('101–150 of 20,000');
  expect(text).toContain('href="./?state=up&amp;sort=-fps&amp;page=2">Previous');
  expect(text).toContain('href="./?state=up&amp;sort=-fps&amp;page=4">Next');
  expect(text.match(/<tr role="row" data-key="a2V5">/g)).toHaveLength(50);
});

test('ignores parameters that are not valid, instead of failing', async () => {
  const { url } = await start();

  for (const query of [
    'state=down',
    'page=0',
    'page=x',
    'sort=color',
    'search=a&search=b',
    'other=1',
    '%E0%A4%A',
  ]) {
    expect((await request(`${url}/?${query}`)).status).toBe(200);
  }
});

test('works without its script: a form, links, and a refresh that can be paused', async () => {
  const { url } = await start({ overview: async () => overviewOf([streamView()]) });
  const text = (await request(`${url}/?search=cam&refresh=off&lang=en`)).text;

  expect((await request(url)).text).toContain(
    '<noscript><meta http-equiv="refresh" content="30"></noscript>',
  );
  expect(text).not.toContain('http-equiv');
  expect(text).toContain('<a href="./?search=cam&amp;lang=en">refresh every 10 s</a>');
  expect(text).toMatch(/<form id="search-form" role="search" action="\.\/" method="get">/);
  expect(text).toContain(
    '<input type="hidden" name="refresh" value="off"><input type="hidden" name="lang" value="en">',
  );
  expect(text).toContain('name="search" value="cam"');
});

test.each([
  ['', '', 'en'],
  ['zh-CN,zh;q=0.9,en;q=0.8', '', 'zh-CN'],
  ['zh-TW', '', 'zh-CN'],
  ['en-GB,zh;q=0.5', '', 'en'],
  ['fr,zh;q=0.2', '', 'zh-CN'],
  ['de', '', 'en'],
  ['zh', '?lang=en', 'en'],
  ['en', '?lang=zh', 'zh-CN'],
])('chooses the language for Accept-Language %j and the query %j', async (header, query, language) => {
  const { url } = await start();

  const { headers, text } = await request(`${url}/${query}`, 'GET', { 'Accept-Language': header });

  expect([headers['content-language'], headers.vary]).toEqual([language, 'Accept-Language']);
  expect(text).toContain(`<html lang="${language}"`);
});

test.each([
  [null, 5, 'state unsure">none yet'],
  [60, 5, '60\u00a0s ago'],
  [61, 5, 'state warn">61\u00a0s ago'],
  [150, 30, '3\u00a0min ago'],
  [151, 30, 'state warn">3\u00a0min ago'],
])(
  'marks a collector as late whose last success is %j s old at an interval of %d s',
  async (age, interval, mark) => {
    const collector = {
      account: 'tencent',
      provider: 'tencent' as const,
      collector: 'push_stats',
      targets: 1,
      targets_failing: 0,
      last_success_at: null,
      last_success_age_seconds: age,
      interval_seconds: interval,
    };

    const text = (await page({ status: statusView({ collectors: [collector] }) }))
      .replace(/<svg[\s\S]*?<\/svg>/g, '')
      .replace(/<style>[\s\S]*?<\/style>/, '');

    expect(text).toContain(mark);
    expect(text.includes('state warn') || text.includes('state unsure')).toBe(mark.includes('state'));
  },
);

test('shows no state of a collector without targets', async () => {
  const idle = {
    account: 'tencent',
    provider: 'tencent' as const,
    collector: 'live_push_stats',
    targets: 0,
    targets_failing: 0,
    last_success_at: null,
    last_success_age_seconds: null,
    interval_seconds: 0,
  };

  const text = await page({ status: statusView({ collectors: [idle] }) });

  expect(text).not.toContain('none yet');
  expect(text).toMatch(/live_push_stats<[\s\S]*–[\s\S]*–[\s\S]*0/);
});

test('explains how to add streams if there are none', async () => {
  expect(await page()).toContain('No streams are configured. Add them under streams in the config file.');
});

test('shows a failed reload', async () => {
  const exporter = { ...statusView().exporter, config_last_reload_successful: false };

  expect(await page({ status: statusView({ exporter }) })).toContain(
    'The last config reload failed, so the previous config stays active. Read the exporter log, or run check-config on the config file.',
  );
});
