import { expect, test } from 'vitest';
import type { Condition } from '../../src/model/expectation.ts';
import type { Provider } from '../../src/model/operations.ts';
import { parsePageQuery } from '../../src/server/page-query.ts';
import { type StatusPage, statusPage } from '../../src/server/status-page.ts';
import { streamsTable } from '../../src/server/streams-table.ts';
import { english } from '../../src/server/words-en.ts';
import type { StreamView } from '../../src/status/stream-view.ts';
import type { StatusView } from '../../src/status/view.ts';
import { inOneSlice } from '../support/slices.ts';
import { at, overviewOf, request, start, statusView, streamView } from './start.ts';

const hostile = `"><script>alert(1)</script><img src=x onerror='alert(1)'>&\u202e`;
// The types exclude hostile values, but the page must escape them nevertheless.
const hostileProvider = hostile as Provider;
const hostileCondition = hostile as Condition;
const allStreams = parsePageQuery({});

function page(part: Partial<StatusPage> = {}): Promise<string> {
  return statusPage(
    { ...overviewOf(), telemetryPath: '/metrics', query: allStreams, language: 'en', ...part },
    inOneSlice,
  );
}

/** Removes the tags. */
function textOf(markup: string): string {
  return markup
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

/** Returns the text of the only row of a streams table. */
async function rowText(stream: StreamView): Promise<string> {
  const { markup } = await streamsTable([stream], { now: at, query: allStreams, words: english }, inOneSlice);
  return textOf(/<tbody[\s\S]*/.exec(markup)?.[0] ?? '');
}

/** Status of streams with these numbers by state. */
function counts(streams: Partial<StatusView['streams']>, part: Partial<StatusView> = {}): StatusView {
  return statusView({ streams: { ...statusView().streams, ...streams }, ...part });
}

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

test('names the state of a stream in words, what is wrong, and since when', async () => {
  const states = [
    streamView(),
    streamView({ state: 'missing' }),
    streamView({ state: 'degraded', conditions: ['low_fps', 'low_bitrate'] }),
    streamView({ state: 'unknown', state_since_at: null, state_age_seconds: null }),
    streamView({ state: 'not_pushed', due: false }),
    streamView({ state: 'not_pushed', due: null, state_since_is_exact: false }),
    streamView({ state: 'missing', forbidden: true }),
  ];

  const shown = (await Promise.all(states.map(rowText))).map((text) => text.split(' news')[0]);

  expect(shown).toEqual([
    'up 60 min since 11:00:00 UTC',
    'missing 60 min since 11:00:00 UTC',
    'degraded 60 min low frame rate, low bit rate since 11:00:00 UTC',
    'unknown none yet',
    'not pushed 60 min not expected since 11:00:00 UTC',
    'not pushed &gt; 60 min since before 11:00:00 UTC',
    'missing forbidden 60 min since 11:00:00 UTC',
  ]);
});

test('shows measured and expected values', async () => {
  expect(await rowText(streamView({ publishers: 2, labels: { channel: 'one' } }))).toBe(
    'up 60 min since 11:00:00 UTC news tencent · push.example.com/live channel: one 25 expected 25 2.00 Mbit/s expected 2.50 Mbit/s no trouble 8 s ago from 192.0.2.10 + 1 more publisher',
  );
});

test('distinguishes zero, not reported and not measured', async () => {
  const fps = async (part: Parameters<typeof streamView>[0]) =>
    (await rowText(streamView(part))).split('live ')[1]?.split(' expected 25')[0];

  expect(await fps({ fps: 0 })).toBe('0');
  expect(await fps({ fps: null })).toBe('not reported');
  expect(await fps({ state: 'missing', fps: null })).toBe('–');
});

test('distinguishes a hidden address from one that is not reported, and still counts publishers', async () => {
  const text = (part: Partial<StreamView>) =>
    rowText(streamView({ client_ip: null, publishers: 2, ...part }));

  expect(await text({ client_ip_is_hidden: true })).toMatch(/ hidden by the config \+ 1 more publisher$/);
  expect(await text({})).toMatch(/ not reported \+ 1 more publisher$/);
});

test('keeps showing trouble that is over, with its bad seconds', async () => {
  const trouble = (ago: number, seconds: number, kinds: StreamView['troubles'][number]['kinds']) => ({
    from_at: at,
    to_at: new Date(Date.parse(at) - ago * 1000).toISOString(),
    seconds,
    kinds,
  });
  const troubles = [trouble(9_000, 40, ['missing']), trouble(840, 20, ['low_fps'])];

  expect(await rowText(streamView({ troubles }))).toContain(
    '60 s of trouble low frame rate, until 14 min ago',
  );
  expect(
    await rowText(streamView({ troubles, state: 'degraded', conditions: ['low_bitrate', 'video_stall'] })),
  ).toContain('60 s of trouble low bit rate, video stall, ongoing');
});

test('names what is wrong now, and not the last trouble that is over', async () => {
  const over = { from_at: at, to_at: '2026-03-01T09:00:00.000Z', seconds: 40, kinds: ['low_fps' as const] };

  expect(await rowText(streamView({ troubles: [over], state: 'missing' }))).toContain(
    '61 min of trouble missing, ongoing',
  );
  expect(await rowText(streamView({ state: 'missing' }))).toContain('60 min of trouble missing, ongoing');
  expect(await rowText(streamView({ state: 'degraded', conditions: ['low_fps'] }))).toContain(
    'low frame rate, ongoing',
  );
});

test('says of an interrupted stream that its trouble goes on, with the time of its breaks', async () => {
  const over = { from_at: at, to_at: at, seconds: 50, kinds: ['missing' as const] };

  expect(await rowText(streamView({ troubles: [over], interrupted_seconds: 240 }))).toContain(
    '4 min of trouble interrupted, ongoing',
  );
});

test('does not say that an unknown stream had no trouble', async () => {
  const text = await rowText(streamView({ state: 'unknown', fps: null }));

  expect(text).not.toContain('no trouble');
  expect(text).toContain('unknown 8 s ago');
});

test('shows no graph without samples, because it would look like one of zeros', async () => {
  const graphs = async (recent: StreamView['recent'], state: StreamView['state']) => {
    const { markup } = await streamsTable(
      [streamView({ recent, state })],
      { now: at, query: allStreams, words: english },
      inOneSlice,
    );
    return markup.match(/<svg class="spark"/g)?.length ?? 0;
  };

  expect(await graphs([], 'missing')).toBe(0);
  expect(await graphs([{ measured_at: at, fps: 0, bitrate_bps: null }], 'missing')).toBe(1);
});

test('does not say that a stream without any answer had no trouble', async () => {
  const text = await rowText(streamView({ state: 'unknown', state_since_at: null, sample_at: null }));

  expect(text).not.toContain('no trouble');
  expect(text).toContain('no data yet');
});

test('shows the failure kind and message of a stream', async () => {
  const stream = streamView({ last_failure: { kind: 'throttled', message: 'tencent X: HTTP 429', at: '' } });

  expect(await rowText(stream)).toContain('throttled: tencent X: HTTP 429');
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

const oneMissing = streamView({ stream: 'night', state: 'missing' });
const oneDegraded = streamView({ stream: 'cam', state: 'degraded', conditions: ['low_fps'] });
const worst = { missing: [oneMissing], degraded: [oneDegraded], unknown: [], interrupted: [] };

test.each([
  ['nothing', { total: 3, up: 3 }, {}, 'livestream-exporter', 'good', 'All 3 streams are well'],
  ['no stream', { total: 0 }, {}, 'livestream-exporter', undefined, ''],
  [
    'a missing stream',
    { total: 300, up: 299, missing: 1 },
    { worst: { ...worst, degraded: [] } },
    '1 of 300 streams missing · livestream-exporter',
    'bad',
    '1 of 300 streams missing missing : night since 11:00:00 UTC · 60 min',
  ],
  [
    'several states',
    { total: 9, up: 2, missing: 5, degraded: 2 },
    { worst },
    '5 missing, 2 degraded, of 9 streams · livestream-exporter',
    'bad',
    '5 missing, 2 degraded, of 9 streams missing : night since 11:00:00 UTC · 60 min and 4 more degraded : cam low frame rate, since 11:00:00 UTC · 60 min and 1 more',
  ],
  [
    'everything unknown',
    { total: 2, unknown: 2 },
    {},
    'The state of all 2 streams is unknown · livestream-exporter',
    'unsure',
    'The state of all 2 streams is unknown',
  ],
] as const)('says in banner and tab what is wrong: %s', async (_, streams, part, title, severity, text) => {
  const markup = await page({ status: counts(streams), ...part });
  const banner = /<section class="banner ([a-z]+)"[\s\S]*?<\/section>/.exec(markup);

  expect(/<title>(.*)<\/title>/.exec(markup)?.[1]).toBe(title);
  expect(banner?.[1]).toBe(severity);
  expect(textOf(banner?.[0] ?? '')).toBe(text);
});

test('writes lists and sentences with the punctuation of the language', async () => {
  const markup = await page({
    language: 'zh',
    status: counts({ total: 9, degraded: 2, up: 7 }),
    worst: { ...worst, missing: [], degraded: [oneDegraded, oneDegraded] },
  });

  expect(textOf(/<section class="banner[\s\S]*?<\/section>/.exec(markup)?.[0] ?? '')).toContain(
    'cam 帧率低， 自 11:00:00 UTC · 60 分钟 ； cam',
  );
});

test('shows the severity by the favicon, without a request', async () => {
  const icon = async (status: StatusView) =>
    /<link rel="icon" href="([^"]*)"/.exec(await page({ status }))?.[1];
  const icons = await Promise.all(
    [
      counts({ total: 1, up: 1 }),
      counts({ total: 1, missing: 1 }),
      counts({ total: 1, degraded: 1 }),
      counts({ total: 1, unknown: 1 }),
      counts({}),
    ].map(icon),
  );

  expect(new Set(icons).size).toBe(5);
  for (const each of icons) expect(each).toMatch(/^data:image\/svg\+xml,%3Csvg/);
});

const forbiddenStream = {
  account: 'tencent',
  provider: 'tencent',
  domain: 'push.example.com',
  app_name: 'live',
  stream: 'guest',
  since_at: '2026-03-01T11:58:00.000Z',
  since_seconds: 120,
  expires_at: null,
} as const;
const failing = streamView({
  state: 'unknown',
  last_failure: { kind: 'auth', message: 'tencent X: HTTP 401', at },
});

const lateCollector = {
  account: 'tencent',
  provider: 'tencent' as const,
  collector: 'control_history',
  targets: 1,
  targets_failing: 1,
  last_success_at: '2026-03-01T11:48:00.000Z',
  last_success_age_seconds: 720,
  interval_seconds: 10,
};

test('warns of forbidden streams and of collectors without data, also while all streams are well', async () => {
  const text = textOf(
    await page({
      status: counts(
        { total: 1, up: 1 },
        { collectors: [lateCollector], forbidden: { total: 5, streams: [forbiddenStream] } },
      ),
      worst: { ...worst, missing: [], degraded: [], unknown: [failing] },
    }),
  );

  expect(text).toContain(
    '5 streams are forbidden now forbidden : guest since 11:58:00 UTC · 2 min and 4 more',
  );
  expect(text).toContain('No data from tencent/control_history since 11:48:00 UTC · last success 12 min ago');
});

test('names a forbidden stream that is missing once, with the cause', async () => {
  const stream = streamView({ stream: 'guest', state: 'missing', forbidden: true });
  const markup = await page({
    status: counts(
      { total: 300, missing: 1, up: 299 },
      { forbidden: { total: 1, streams: [forbiddenStream] } },
    ),
    worst: { ...worst, missing: [stream], degraded: [] },
  });

  expect(textOf(/<section class="banner[\s\S]*?<\/section>/.exec(markup)?.[0] ?? '')).toBe(
    '1 of 300 streams missing: forbidden missing : guest forbidden, since 11:00:00 UTC · 60 min',
  );
});

test('names the time of a ban that is the cause of a missing stream, and not that of its last sample', async () => {
  const named = async (ban: string) => {
    const stream = streamView({ state: 'missing', forbidden: true, forbidden_since_at: ban });
    const markup = await page({
      status: counts({ total: 2, missing: 1, up: 1 }),
      worst: { ...worst, missing: [stream], degraded: [] },
    });
    return textOf(/<section class="banner[\s\S]*?<\/section>/.exec(markup)?.[0] ?? '');
  };

  expect(await named('2026-03-01T11:00:02.000Z')).toContain('forbidden, since 11:00:02 UTC · 60 min');
  // The stream was missing long before.
  expect(await named('2026-03-01T11:30:00.000Z')).toContain('forbidden, since 11:00:00 UTC · 60 min');
});

test('is red if a stream has no video or is forbidden, although its push is there', async () => {
  const severity = async (part: Partial<StatusPage>) =>
    /<section class="banner ([a-z]+)"/.exec(await page(part))?.[1];
  const degraded = counts({ total: 2, degraded: 1, up: 1 });

  expect(await severity({ status: degraded, withoutVideo: 1 })).toBe('bad');
  expect(await severity({ status: degraded })).toBe('warn');
  expect(
    await severity({ status: counts({ total: 1, up: 1 }, { forbidden: { total: 1, streams: [] } }) }),
  ).toBe('bad');
});

test('names why requests of an account fail once, before the streams, with the time', async () => {
  const text = await page({
    ...overviewOf([failing]),
    status: counts({ total: 3, unknown: 2, missing: 1 }, { collectors: [lateCollector] }),
    worst: { ...worst, degraded: [], unknown: [failing] },
    failures: new Map([['tencent', { kind: 'auth', message: 'tencent X: HTTP 401', at }]]),
  });
  const banner = textOf(/<section class="banner[\s\S]*?<\/section>/.exec(text)?.[0] ?? '');

  expect(banner).toMatch(
    /^1 missing, 2 unknown, of 3 streams No data from tencent\/control_history since 11:48:00 UTC · last success 12 min ago · auth: tencent X: HTTP 401 missing : night/,
  );
  expect(text.match(/HTTP 401/g)).toHaveLength(1);
  expect(text).toContain('requests fail: auth');
});

test('has a tile for interrupted streams, which shows them', async () => {
  const text = await page({ status: counts({ total: 2, up: 2 }, { interrupted: 1 }) });

  expect(textOf(/<ul class="tiles"[\s\S]*?<\/ul>/.exec(text)?.[0] ?? '')).toContain('Interrupted 1');
  expect(text).toContain('href="./?view=interrupted"');
  expect(parsePageQuery({ view: 'interrupted' }).isInterrupted).toBe(true);
});

test('names a stream whose push is interrupted, although it is up', async () => {
  const stream = streamView({
    stream: 'ferry',
    interrupted_since_at: '2026-03-01T11:56:00.000Z',
    interrupted_seconds: 97,
  });
  const markup = await page({
    ...overviewOf([stream]),
    status: counts({ total: 300, up: 300 }, { interrupted: 2 }),
    worst: { ...worst, missing: [], degraded: [], interrupted: [stream] },
  });
  const banner = /<section class="banner ([a-z]+)"[\s\S]*?<\/section>/.exec(markup);

  expect(/<title>(.*)<\/title>/.exec(markup)?.[1]).toBe('2 streams are interrupted · livestream-exporter');
  expect(banner?.[1]).toBe('warn');
  expect(textOf(banner?.[0] ?? '')).toBe(
    '2 streams are interrupted interrupted : ferry since 11:56:00 UTC · 97 s of the last 5 min without samples and 1 more',
  );
  expect(await rowText(stream)).toContain(
    'up interrupted 97 s of the last 5 min without samples since 11:56:00 UTC',
  );
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

test('warns in banner and tab also without streams', async () => {
  const exporter = { ...statusView().exporter, warnings: ['the state cannot be saved'] };
  const text = await page({ status: statusView({ exporter }) });

  expect(text).toContain('<title>Warnings · livestream-exporter</title>');
  expect(textOf(/<section class="banner unsure"[\s\S]*?<\/section>/.exec(text)?.[0] ?? '')).toBe(
    'Warnings the state cannot be saved',
  );
});

test('shows a failed reload', async () => {
  const exporter = { ...statusView().exporter, config_last_reload_successful: false };

  expect(await page({ status: statusView({ exporter }) })).toContain(
    'The last config reload failed, so the previous config stays active. Read the exporter log, or run check-config on the config file.',
  );
});
