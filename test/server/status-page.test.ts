import { expect, test } from 'vitest';
import type { Provider } from '../../src/model/capabilities.ts';
import type { Condition } from '../../src/model/expectation.ts';
import { type StatusPage, statusPage } from '../../src/server/status-page.ts';
import { streamsTable } from '../../src/server/streams-table.ts';
import type { StreamView } from '../../src/status/stream-view.ts';
import { inOneSlice } from '../support/slices.ts';
import { request, start, statusView, streamView } from './start.ts';

const hostile = `"><script>alert(1)</script><img src=x onerror='alert(1)'>&\u202e`;
// The types exclude hostile values, but the page must escape them nevertheless.
const hostileProvider = hostile as Provider;
const hostileCondition = hostile as Condition;

function page(part: Partial<StatusPage> = {}): Promise<string> {
  return statusPage(
    { telemetryPath: '/metrics', isRefreshing: true, status: statusView(), urgent: [], ...part },
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
  const { markup } = await streamsTable([stream], 0, inOneSlice);
  return textOf(/<tbody[\s\S]*/.exec(markup)?.[0] ?? '');
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
    urgent: [
      streamView({
        account: hostile,
        domain: hostile,
        app_name: hostile,
        stream: hostile,
        attention: 'degraded',
        conditions: [hostileCondition],
        client_ip: hostile,
        last_failure: { kind: hostile, message: hostile, at: hostile },
        labels: { [hostile]: hostile },
      }),
    ],
  });

  expect(text).not.toMatch(/<script|<img/);
  expect(text.match(/alert\(1\)/g)?.length).toBeGreaterThan(50);
});

test('names the state of a stream in words', async () => {
  const states = [
    streamView(),
    streamView({ state: 'silent', attention: 'silent_though_due' }),
    streamView({ attention: 'degraded', conditions: ['low_fps', 'low_bitrate'] }),
    streamView({ state: 'unknown', attention: 'unknown' }),
    streamView({ state: 'silent', due: false }),
    streamView({ state: 'silent', due: null }),
  ];

  const shown = (await Promise.all(states.map(rowText))).map((text) => text.split(' news')[0]);

  expect(shown).toEqual([
    'up',
    'missing',
    'low frame rate, low bit rate',
    'unknown',
    'not pushed, not expected',
    'not pushed',
  ]);
});

test('shows measured and expected values', async () => {
  expect(await rowText(streamView({ publishers: 2, labels: { channel: 'one' } }))).toBe(
    'up news tencent · push.example.com/live channel: one 25 expected 25 2 Mbit/s expected 2.5 Mbit/s 192.0.2.10 and 1 more 8 s ago',
  );
});

test('distinguishes zero, not reported and not measured', async () => {
  const fps = async (part: Parameters<typeof streamView>[0]) =>
    (await rowText(streamView(part))).split('live ')[1]?.split(' expected 25')[0];

  expect(await fps({ fps: 0 })).toBe('0');
  expect(await fps({ fps: null })).toBe('not reported');
  expect(await fps({ state: 'silent', fps: null })).toBe('–');
});

test('shows the failure kind and message of a stream', async () => {
  const stream = streamView({ last_failure: { kind: 'throttled', message: 'tencent X: HTTP 429', at: '' } });

  expect(await rowText(stream)).toContain('throttled: tencent X: HTTP 429');
});

test('shows tiles that add up: a degraded stream is not counted as up', async () => {
  const text = await page({
    status: statusView({
      streams: { total: 14, up: 11, silent: 2, unknown: 1 },
      attention: { silent_though_due: 1, degraded: 2, unknown: 1 },
    }),
  });

  expect(textOf(/<dl[\s\S]*<\/dl>/.exec(text)?.[0] ?? '')).toBe(
    'Streams 14 Missing 1 Degraded 2 Unknown 1 Up 9 Not pushed 1',
  );
  expect(text).toContain('<title>(3) livestream-exporter</title>');
});

test('shows the most urgent streams and the number of the remaining ones', async () => {
  const { url } = await start({
    overview: async (maxStreams) => ({
      status: statusView({ streams: { total: 20_000, up: 20_000, silent: 0, unknown: 0 } }),
      urgent: Array.from({ length: maxStreams }, () => streamView()),
    }),
  });

  const { status, headers, text } = await request(`${url}/`);

  expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
  expect(headers['cache-control']).toBe('no-store');
  expect(text).toContain('Streams not shown here: 19,800. The paginated');
  expect(text.match(/<bdi class="name">news/g)).toHaveLength(200);
});

test('refreshes itself unless the query has refresh=off', async () => {
  const { url } = await start();

  expect((await request(`${url}/`)).text).toContain('<meta http-equiv="refresh" content="10">');
  expect((await request(`${url}/?refresh=off`)).text).not.toContain('http-equiv');
});

test.each([
  [null, 5, 'state warn">none yet'],
  [60, 5, '60 s ago'],
  [61, 5, 'state warn">61 s ago'],
  [150, 30, '3 min ago'],
  [151, 30, 'state warn">3 min ago'],
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

    const text = (await page({ status: statusView({ collectors: [collector] }) })).replace(
      /<svg[\s\S]*?<\/svg>/g,
      '',
    );

    expect(text).toContain(mark);
    expect(text.includes('state warn')).toBe(mark.includes('warn'));
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
  expect(await page()).toContain(
    'No streams are configured. Add them under <code>streams</code> in the config file.',
  );
});

test('shows a failed reload', async () => {
  const exporter = { ...statusView().exporter, config_last_reload_successful: false };

  expect(await page({ status: statusView({ exporter }) })).toContain(
    'The last config reload failed, so the previous config stays active. Read the exporter log, or run check-config on the config file.',
  );
});
