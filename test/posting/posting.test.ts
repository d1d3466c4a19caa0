import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { AlertmanagerSettings } from '../../src/config/config.ts';
import { createLog } from '../../src/log.ts';
import { createExporterMetrics } from '../../src/metrics/exporter/exporter-metrics.ts';
import { createPosting } from '../../src/posting/posting.ts';
import { startFakeAlertmanager } from '../support/fake-alertmanager.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { noon, streamId } from '../support/samples.ts';
import { waitFor } from '../support/wait-for.ts';

function setUp() {
  const clock = createManualClock();
  const log: string[] = [];
  const metrics = createExporterMetrics({ version: '0', nodeVersion: 'v24' });
  const posting = createPosting({
    metrics: metrics.posting,
    clock,
    log: createLog({ level: 'info', format: 'logfmt', write: (line) => log.push(line), now: clock.now }),
  });
  const apply = (part: Partial<AlertmanagerSettings>, secrets = new Map<string, string>()) =>
    posting.apply(
      { urls: [], username: undefined, secrets: {}, language: 'en', runbookBase: '', ...part },
      secrets,
    );
  const fire = (stream: string) =>
    posting.sink.fire(stream, {
      name: 'LivestreamForbidden',
      stream: streamId({ stream }),
      labels: {},
      since: noon,
    });
  /** Returns the series of posting, by name and labels. */
  const series = async () => {
    const text = await metrics.render('text');
    const lines = text.split('\n').filter((line) => /^livestream_alert/.test(line));
    return new Map(lines.map((line) => [line.replace(/ \S+$/, ''), Number(line.split(' ').at(-1))]));
  };
  /** Lets requests complete while the clock stands. */
  const until = (what: string, condition: () => boolean | Promise<boolean>) =>
    waitFor(what, async () => {
      await clock.advance(0);
      return (await condition()) ? true : undefined;
    });
  return { clock, log, posting, apply, fire, series, until };
}

test('posts the same alerts to every Alertmanager, and one that is down does not delay the others', async () => {
  await using first = await startFakeAlertmanager();
  await using hanging = await startFakeAlertmanager();
  await using last = await startFakeAlertmanager();
  hanging.answer = { status: 0 };
  const { posting, apply, fire, series, until, clock } = setUp();
  apply({ urls: [first.url, hanging.url, last.url] });

  fire('news');
  await until('both posts', () => first.posts.length === 1 && last.posts.length === 1);

  expect(first.alerts()).toEqual(last.alerts());
  // One of the posts is the empty list at the start.
  const total = 'livestream_alertmanager_posts_total';
  for (const { host } of [first, last]) {
    await until('the count', async () => (await series()).get(`${total}{alertmanager="${host}"}`) === 2);
  }
  posting.tick();
  const values = await series();
  expect(values.get(`${total}{alertmanager="${hanging.host}"}`)).toBe(0);
  expect(values.get('livestream_alerts_active{alert="LivestreamForbidden"}')).toBe(1);
  expect(values.get('livestream_alerts_active{alert="LivestreamPushMissing"}')).toBe(0);
  expect(
    values.get(`livestream_alertmanager_last_success_timestamp_seconds{alertmanager="${last.host}"}`),
  ).toBe(noon / 1000);
  expect(posting.state()?.alertmanagers.map(({ name, failure }) => [name, failure])).toEqual([
    [first.host, undefined],
    [hanging.host, undefined],
    [last.host, undefined],
  ]);
  await Promise.all([posting.close(), clock.advance(10_000)]);
});

test('posts on while a member of a cluster is dead, and everything ends everywhere when it is back', async () => {
  await using alive = await startFakeAlertmanager();
  await using dying = await startFakeAlertmanager();
  const { posting, apply, fire, until, clock, log } = setUp();
  apply({ urls: [dying.url, alive.url] });
  fire('news');
  await until('the posts of the first alert', () => alive.posts.length === 1 && dying.posts.length === 1);

  await dying.stop();
  fire('sport');
  posting.sink.resolve('news', 'LivestreamForbidden');
  fire('late');
  // The clock stands, so nothing waits for the dead member.
  await until('the posts of the changes', () => alive.firing(clock.now()).join() === ids('late', 'sport'));
  await until('the failure', () => posting.state()?.alertmanagers[0]?.failure !== undefined);
  expect(dying.posts).toHaveLength(1);
  expect(posting.state()?.alertmanagers[1]?.failure).toBe(undefined);
  posting.sink.resolve('sport', 'LivestreamForbidden');
  await until('the end of the second alert', () => alive.firing(clock.now()).join() === ids('late'));

  await dying.start();
  await clock.advance(1_000);
  await until('the posts after the failure', () => posting.state()?.alertmanagers[0]?.failure === undefined);

  expect(dying.firing(clock.now()).join()).toBe(ids('late'));
  // It also receives the ends of alerts that it has never seen fire.
  expect(
    dying.posts
      .at(-1)
      ?.alerts.map(({ labels }) => labels.stream)
      .sort(),
  ).toEqual(['late', 'news', 'sport']);
  expect(log.filter((line) => line.includes('alerts cannot be posted'))).toHaveLength(1);
  await posting.close();
});

function ids(...streams: readonly string[]): string {
  return streams.map((stream) => `LivestreamForbidden ${stream}`).join();
}

test('has no series, and posts nothing, without a URL', async () => {
  const { posting, apply, fire, series } = setUp();
  apply({});

  fire('news');
  posting.tick();

  expect([...(await series()).keys()]).toEqual([]);
  expect(posting.state()).toBe(undefined);
  await posting.close();
});

test('stops posting to a removed Alertmanager and keeps the others, whose counters go on', async () => {
  await using kept = await startFakeAlertmanager();
  await using removed = await startFakeAlertmanager();
  await using added = await startFakeAlertmanager();
  const { posting, apply, fire, series, until } = setUp();
  apply({ urls: [kept.url, removed.url] });
  fire('news');
  await until('the first posts', () => kept.posts.length + removed.posts.length === 2);

  apply({ urls: [added.url, kept.url] });
  fire('sport');
  await until('the posts after the reload', () => kept.posts.length >= 2 && added.alerts().length >= 2);

  expect(removed.posts).toHaveLength(1);
  expect(added.firing(noon)).toEqual(['LivestreamForbidden news', 'LivestreamForbidden sport']);
  expect(kept.alerts().map(({ labels }) => labels.stream)).toEqual(['news', 'sport']);
  const total = `livestream_alertmanager_posts_total{alertmanager="${kept.host}"}`;
  await until('the count', async () => (await series()).get(total) === 3);
  const values = await series();
  expect([...values.keys()].some((name) => name.includes(removed.host))).toBe(false);
  await posting.close();
});

test('counts failures by kind, and forgets everything when the last URL is removed', async () => {
  await using alertmanager = await startFakeAlertmanager();
  alertmanager.answer = { status: 503 };
  const { posting, apply, fire, series, until } = setUp();
  apply({ urls: [alertmanager.url] });
  fire('news');
  await until('the failure', () => posting.state()?.alertmanagers[0]?.failure !== undefined);

  const labels = `alertmanager="${alertmanager.host}"`;
  const values = await series();
  expect(values.get(`livestream_alertmanager_post_failures_total{${labels},kind="unavailable"}`)).toBe(1);
  expect(values.get(`livestream_alertmanager_post_failures_total{${labels},kind="auth"}`)).toBe(0);
  apply({});

  expect([...(await series()).keys()]).toEqual([]);
  await posting.close();
});

test('gives Alertmanagers at one host different names', async () => {
  await using alertmanager = await startFakeAlertmanager();
  const { posting, apply, fire, until } = setUp();
  apply({ urls: [`${alertmanager.url}/a`, `${alertmanager.url}/b`] });

  fire('news');
  await until('both posts', () => alertmanager.posts.length === 2);

  expect(posting.state()?.alertmanagers.map(({ name }) => name)).toEqual([
    alertmanager.host,
    `${alertmanager.host}#2`,
  ]);
  await posting.close();
});

test('reads a changed token file without a reload, and never logs the token', async () => {
  await using alertmanager = await startFakeAlertmanager();
  const directory = mkdtempSync(join(tmpdir(), 'livestream-posting-'));
  const path = join(directory, 'token');
  writeFileSync(path, 'old-token\n');
  const { posting, apply, fire, until, clock, log } = setUp();
  apply(
    { urls: [alertmanager.url], secrets: { bearerToken: { from: 'file', path } } },
    new Map([[`file ${path}`, 'old-token']]),
  );
  fire('news');
  await until('the first post', () => alertmanager.posts.length === 1);

  writeFileSync(path, 'new-token\n');
  await clock.advance(60_000);
  await until('the second post', () => alertmanager.posts.length === 2);
  await until('the file to be read', () => log.some((line) => line.includes('read again')));
  await clock.advance(60_000);
  await until('the third post', () => alertmanager.posts.length === 3);

  expect(alertmanager.posts.at(0)?.authorization).toBe('Bearer old-token');
  expect(alertmanager.posts.at(-1)?.authorization).toBe('Bearer new-token');
  expect(log.join('')).not.toContain('-token');
  await posting.close();
  rmSync(directory, { recursive: true });
});
