import { expect, test } from 'vitest';
import { at, overviewOf, statusView, streamView } from './start.ts';
import { counts, failing, lateCollector, page, textOf } from './status-markup.ts';

const worst = {
  missing: [streamView({ stream: 'night', state: 'missing' })],
  degraded: [],
  unknown: [],
  interrupted: [],
};

const latePush = { ...lateCollector, collector: 'push_stats' };

test('names why requests of an account fail once, before the streams, with the time', async () => {
  const text = await page({
    ...overviewOf([failing]),
    status: counts({ total: 3, unknown: 2, missing: 1 }, { collectors: [latePush] }),
    worst: { ...worst, unknown: [failing] },
    failures: new Map([['tencent', { kind: 'auth', message: 'tencent X: HTTP 401', at }]]),
  });
  const banner = textOf(/<section class="banner[\s\S]*?<\/section>/.exec(text)?.[0] ?? '');

  expect(banner).toMatch(
    /^1 missing, 2 unknown, of 3 streams No data from tencent\/push_stats since 11:48:00 UTC · last success 12 min ago · auth: tencent X: HTTP 401 missing : night/,
  );
  expect(text.match(/HTTP 401/g)).toHaveLength(1);
  expect(text).toContain('requests fail: auth');
});

const failingDomain = {
  account: 'tencent',
  provider: 'tencent' as const,
  domain: 'play.example.com',
  app_name: '',
  watermark_at: '2026-03-01T11:00:00.000Z',
  watermark_age_seconds: 3_600,
  known_from_at: null,
  gap_seconds: 0,
  forbidden_from: null,
  last_failure: { kind: 'auth', message: 'alibaba Y: Forbidden.RAM', at },
};

test('does not name the failure of a stream as the reason why another collector gets no data', async () => {
  const refused = { kind: 'refused', message: 'no such stream', at };
  const text = await page({
    ...overviewOf([{ ...failing, last_failure: refused }]),
    status: counts(
      { total: 2, unknown: 1, up: 1 },
      { collectors: [lateCollector], domains: [failingDomain] },
    ),
    failures: new Map([['tencent', refused]]),
  });
  const banner = textOf(/<section class="banner[\s\S]*?<\/section>/.exec(text)?.[0] ?? '');

  expect(banner).toContain(
    'No data from tencent/control_history since 11:48:00 UTC · last success 12 min ago · auth: alibaba Y: Forbidden.RAM',
  );
  expect(banner).not.toContain('refused');
  // The row has the reason.
  expect(textOf(text)).toContain('refused: no such stream');
});

test('warns of a domain without data, although the others of its account have some', async () => {
  const show = async (part: Partial<typeof failingDomain>) => {
    const collectors = [{ ...lateCollector, last_success_at: at, last_success_age_seconds: 2 }];
    const domains = [{ ...failingDomain, ...part }];
    const markup = await page({ status: counts({ total: 2, up: 2 }, { collectors, domains }) });
    const [, severity] = /<section class="banner ([a-z]+)"/.exec(markup) ?? [];
    return `${severity}: ${textOf(/<section class="banner[\s\S]*?<\/section>/.exec(markup)?.[0] ?? '')}`;
  };

  expect(await show({})).toBe(
    'unsure: No data from tencent/play.example.com No data from tencent/play.example.com since 11:00:00 UTC · 60 min · auth: alibaba Y: Forbidden.RAM',
  );
  // A failure that is soon over is no trouble yet.
  expect(await show({ watermark_age_seconds: 590 })).toBe('good: All 2 streams are well');
});

test('says since when there is no data also if there never was any, and why, from the domains', async () => {
  const banner = async (account: string) => {
    const status = statusView({
      exporter: { ...statusView().exporter, config_loaded_at: '2026-03-01T11:57:00.000Z' },
      collectors: [{ ...lateCollector, account, last_success_at: null, last_success_age_seconds: null }],
      domains: [{ ...failingDomain, watermark_at: null, watermark_age_seconds: null }],
    });
    return textOf(/<section class="banner[\s\S]*?<\/section>/.exec(await page({ status }))?.[0] ?? '');
  };
  const since = 'since the config was loaded, 11:57:00 UTC · 3 min';

  expect(await banner('tencent')).toBe(
    `No data from tencent/control_history No data from tencent/control_history ${since} · auth: alibaba Y: Forbidden.RAM`,
  );
  expect(await banner('other')).toMatch(new RegExp(` No data from other/control_history ${since} `));
});

test('says that there can be no data for longer if the config was loaded again', async () => {
  const status = (startedAt: string) =>
    statusView({
      exporter: {
        ...statusView().exporter,
        started_at: startedAt,
        config_loaded_at: '2026-03-01T11:57:00.000Z',
      },
      collectors: [{ ...lateCollector, last_success_at: null, last_success_age_seconds: null }],
      domains: [{ ...failingDomain, account: 'another', watermark_at: null, watermark_age_seconds: null }],
    });
  const ages = async (startedAt: string) =>
    textOf(await page({ status: status(startedAt) })).match(
      /(?<=since the config was loaded, 11:57:00 UTC · )[^·]*min/g,
    );

  expect(await ages('2026-03-01T11:56:50.000Z')).toEqual(['3 min', '3 min']);
  expect(await ages('2026-03-01T08:00:00.000Z')).toEqual(['&gt; 3 min', '&gt; 3 min']);
});

test('names five accounts without data, and how many more there are', async () => {
  const collectors = Array.from({ length: 7 }, (_, i) => ({ ...lateCollector, account: `account-${i}` }));
  const text = textOf(await page({ status: statusView({ collectors }) }));

  expect(text).toContain(
    'No data from account-4/control_history since 11:48:00 UTC · last success 12 min ago and 2 more',
  );
  expect(text).not.toContain('No data from account-5');
  expect(text).toMatch(
    /^No data from account-0\/control_history, account-1\/control_history, account-2\/control_history and 4 more · /,
  );
});
