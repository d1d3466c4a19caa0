import { expect, test } from 'vitest';
import { parsePageQuery } from '../../src/server/page-query.ts';
import type { StatusPage } from '../../src/server/status-page.ts';
import type { StreamView } from '../../src/status/stream-view.ts';
import type { StatusView } from '../../src/status/view.ts';
import { overviewOf, statusView, streamView } from './start.ts';
import { counts, failing, lateCollector, page, rowText, textOf } from './status-markup.ts';

const oneMissing = streamView({ stream: 'night', state: 'missing' });
const oneDegraded = streamView({ stream: 'cam', state: 'degraded', conditions: ['low_fps'] });
const worst = { missing: [oneMissing], degraded: [oneDegraded], unknown: [], interrupted: [] };

test.each([
  ['nothing', { total: 3, up: 3 }, {}, 'livestream-exporter', 'good', 'All 3 streams are well'],
  ['no stream', { total: 0 }, {}, 'livestream-exporter', undefined, ''],
  [
    'a stream that nobody expects',
    { total: 3, up: 2, not_pushed: 1 },
    {},
    'livestream-exporter',
    'good',
    '2 of 3 streams up, 1 not pushed',
  ],
  [
    'no stream is pushed',
    { total: 3, not_pushed: 3 },
    {},
    'livestream-exporter',
    'none',
    '0 of 3 streams up, 3 not pushed',
  ],
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
    '2 streams are interrupted interrupted : ferry since 11:56:00 UTC · 4 min · 97 s of the last 5 min without samples and 1 more',
  );
  const marks = 'interrupted 4 min 97 s of the last 5 min without samples';
  expect(await rowText(stream)).toMatch(new RegExp(`^${marks} since 11:56:00 UTC`));
  expect(await rowText({ ...stream, state: 'degraded', conditions: ['low_fps'] })).toMatch(
    new RegExp(`^degraded ${marks} low frame rate since 11:56:00 UTC`),
  );
});

test('says that a missing stream is in a break of an interrupted push', async () => {
  const stream = streamView({
    stream: 'ferry',
    state: 'missing',
    interrupted_since_at: '2026-03-01T11:56:00.000Z',
    interrupted_seconds: 97,
  });
  const show = async (missing: readonly StreamView[]) => {
    const markup = await page({
      ...overviewOf([...missing]),
      status: counts({ total: 300, missing: missing.length, up: 299 }, { interrupted: 1 }),
      worst: { ...worst, missing, degraded: [] },
    });
    return textOf(/<section class="banner bad"[\s\S]*?<\/section>/.exec(markup)?.[0] ?? '');
  };
  const breaks = 'ferry interrupted, since 11:56:00 UTC · 4 min · 97 s of the last 5 min without samples';

  expect(await show([stream])).toBe(`1 stream is interrupted missing : ${breaks}`);
  expect(await show([stream, oneMissing])).toMatch(
    new RegExp(`^2 of 300 streams missing missing : ${breaks}; night `),
  );
  expect(await show([{ ...stream, forbidden: true }])).toMatch(/^1 of 300 streams missing: forbidden /);
  expect(await rowText(stream)).toMatch(
    /^missing interrupted 4 min 97 s of the last 5 min without samples since 11:56/,
  );
});

test('says which domain the streams in trouble share', async () => {
  const markup = await page({
    status: counts({ total: 9, degraded: 2, up: 7 }),
    worst: { ...worst, missing: [], degraded: [oneDegraded, oneDegraded] },
    sharedDomain: { degraded: 'push-b.<example>.com' },
  });

  expect(textOf(/<section class="banner[\s\S]*?<\/section>/.exec(markup)?.[0] ?? '')).toContain(
    'degraded (all on push-b.&lt;example&gt;.com ): cam low frame rate',
  );
});

test('warns in banner and tab also without streams', async () => {
  const exporter = { ...statusView().exporter, warnings: ['the state cannot be saved'] };
  const text = await page({ status: statusView({ exporter }) });

  expect(text).toContain('<title>Warnings · livestream-exporter</title>');
  expect(textOf(/<section class="banner unsure"[\s\S]*?<\/section>/.exec(text)?.[0] ?? '')).toBe(
    'Warnings the state cannot be saved',
  );
});

test('names three warnings, and how many more there are', async () => {
  const exporter = {
    ...statusView().exporter,
    config_last_reload_successful: false,
    warnings: ['the state cannot be saved', 'alerts cannot be posted', 'the disk is full'],
  };
  const text = await page({ status: statusView({ exporter }) });

  expect(textOf(/<section class="banner unsure"[\s\S]*?<\/section>/.exec(text)?.[0] ?? '')).toMatch(
    /^Warnings The last config reload failed.* the state cannot be saved alerts cannot be posted and 1 more$/,
  );
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
