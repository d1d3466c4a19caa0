import { expect, test } from 'vitest';
import { type StatusPage, statusPage } from '../../src/server/status-page.ts';
import { streamRow } from '../../src/server/stream-row.ts';
import { ask, at, pageStatus, pageStream, start } from './start.ts';

const hostile = `"><script>alert(1)</script><img src=x onerror='alert(1)'>&\u202e`;

function page(part: Partial<StatusPage> = {}): string {
  const streams = { now: at, total: 0, streams: [] };
  return statusPage({ telemetryPath: '/metrics', refreshes: true, status: pageStatus(), streams, ...part });
}

/** A row without its tags. */
function words(markup: string): string {
  return markup
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

test('a hostile name stays a name, wherever it stands', () => {
  const text = page({
    telemetryPath: `/${hostile}`,
    status: pageStatus({
      exporter: { ...pageStatus().exporter, version: hostile, config_file: hostile, warnings: [hostile] },
      accounts: [
        {
          account: hostile,
          provider: hostile,
          endpoints: [hostile],
          budget_requests_per_second: { [hostile]: 1 },
        },
      ],
      collectors: [
        {
          account: hostile,
          collector: hostile,
          targets: 1,
          targets_failing: 1,
          last_success_age_seconds: null,
          interval_seconds: null,
        },
      ],
      domains: [
        {
          account: hostile,
          domain: hostile,
          app_name: hostile,
          watermark_age_seconds: null,
          known_from_at: null,
          gap_seconds: 0,
          last_failure: { kind: hostile, message: hostile },
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
    streams: {
      now: at,
      total: 1,
      streams: [
        pageStream({
          account: hostile,
          domain: hostile,
          app_name: hostile,
          stream: hostile,
          attention: 'degraded',
          conditions: [hostile],
          client_ip: hostile,
          last_failure: { kind: hostile, message: hostile },
          labels: { [hostile]: hostile },
        }),
      ],
    },
  });

  expect(text).not.toMatch(/<script|<img/);
  expect(text.match(/alert\(1\)/g)?.length).toBeGreaterThan(50);
});

test('a stream in each state says so in words', () => {
  const states = [
    pageStream(),
    pageStream({ state: 'silent', attention: 'silent_though_due' }),
    pageStream({ attention: 'degraded', conditions: ['low_fps', 'low_bitrate'] }),
    pageStream({ state: 'unknown', attention: 'unknown' }),
    pageStream({ state: 'silent', due: false }),
    pageStream({ state: 'silent', due: null }),
  ];

  const shown = states.map((stream) => words(streamRow(stream, 0).markup).split(' news')[0]);

  expect(shown).toEqual([
    'up',
    'silent though due',
    'low frame rate, low bit rate',
    'unknown',
    'silent, not due',
    'silent',
  ]);
});

test('a row shows what is measured against what is expected', () => {
  expect(words(streamRow(pageStream({ publishers: 2, labels: { channel: 'one' } }), 0).markup)).toBe(
    'up news tencent · push.example.com/live channel: one 25 of 25 2 Mbit/s of 2.5 Mbit/s 192.0.2.10 and 1 more 8 s ago',
  );
});

test('zero, not told and not measured are three things', () => {
  const fps = (part: Parameters<typeof pageStream>[0]) =>
    words(streamRow(pageStream(part), 0).markup)
      .split('live ')[1]
      ?.split(' of 25')[0];

  expect(fps({ fps: 0 })).toBe('0');
  expect(fps({ fps: null })).toBe('not told');
  expect(fps({ state: 'silent', fps: null })).toBe('–');
});

test('a failure is shown with its kind beside the stream', () => {
  const stream = pageStream({ last_failure: { kind: 'throttled', message: 'tencent X: HTTP 429' } });

  expect(words(streamRow(stream, 0).markup)).toContain('throttled: tencent X: HTTP 429');
});

test('the tiles add up: a degraded stream is not counted as up as well', () => {
  const text = page({
    status: pageStatus({
      streams: { total: 14, up: 11, silent: 2, unknown: 1 },
      attention: { silent_though_due: 1, degraded: 2 },
    }),
  });

  expect(words(/<dl[\s\S]*<\/dl>/.exec(text)?.[0] ?? '')).toBe(
    'Streams 14 Silent though due 1 Degraded 2 Unknown 1 Up 9 Silent 1',
  );
  expect(text).toContain('<title>(3) livestream-exporter</title>');
});

test('the worst are asked for, and how many more there are is said', async () => {
  const { url } = await start({
    streams: ({ offset, limit, worstFirst }) => {
      expect([offset, limit, worstFirst]).toEqual([0, 200, true]);
      return { now: at, total: 20_000, streams: Array.from({ length: limit }, () => pageStream()) };
    },
  });

  const { status, headers, text } = await ask(`${url}/`);

  expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
  expect(headers['cache-control']).toBe('no-store');
  expect(text).toContain('19,800 more are not shown here');
  expect(text.match(/<bdi class="name">news/g)).toHaveLength(200);
});

test('the page loads itself again, unless it is asked to hold still', async () => {
  const { url } = await start();

  expect((await ask(`${url}/`)).text).toContain('<meta http-equiv="refresh" content="10">');
  expect((await ask(`${url}/?refresh=off`)).text).not.toContain('http-equiv');
});

test.each([
  [null, 5, 'state warn">none yet'],
  [60, 5, '60 s ago'],
  [61, 5, 'state warn">61 s ago'],
  [150, 30, '3 min ago'],
  [151, 30, 'state warn">3 min ago'],
])(
  'a collector whose last answer is %j s old, asked every %d s, is marked when it is late',
  (age, interval, mark) => {
    const collector = {
      account: 'tencent',
      collector: 'push_stats',
      targets: 1,
      targets_failing: 0,
      last_success_age_seconds: age,
      interval_seconds: interval,
    };

    const text = page({ status: pageStatus({ collectors: [collector] }) }).replace(
      /<svg[\s\S]*?<\/svg>/g,
      '',
    );

    expect(text).toContain(mark);
    expect(text.includes('state warn')).toBe(mark.includes('warn'));
  },
);

test('a page without streams says what to do', () => {
  expect(page()).toContain('No stream is watched. Name one under <code>streams</code> in the config file.');
});

test('a refused reload is said on the page', () => {
  const exporter = { ...pageStatus().exporter, config_last_reload_successful: false };

  expect(page({ status: pageStatus({ exporter }) })).toContain(
    'The config file was refused at the last reload; the one before is still in use. The log says why, and so does check-config.',
  );
});
