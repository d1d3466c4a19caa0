import { expect, test } from 'vitest';
import type { StreamAlert } from '../../src/model/stream-alert.ts';
import { createAlertSet, toAlertBody } from '../../src/posting/alert-set.ts';
import { noon, streamId } from '../support/samples.ts';

const settings = { language: 'en', runbookBase: 'https://runbooks.example.com' } as const;

function fpsLow(part: Partial<StreamAlert> = {}): StreamAlert {
  return {
    name: 'LivestreamPushFpsLow',
    stream: streamId(),
    labels: { channel: 'sport' },
    since: noon,
    minFramesPerSecond: 20,
    ...part,
  };
}

function setUp() {
  const clock = { now: noon, elapsed: 0 };
  const changed: string[] = [];
  const forgotten: string[] = [];
  const alerts = createAlertSet({
    onChanged: (id) => changed.push(id),
    onForgotten: (id) => forgotten.push(id),
    clock: { now: () => clock.now, elapsed: () => clock.elapsed },
  });
  alerts.setOn(true);
  const bodies = () => [...alerts.ids()].flatMap((id) => alerts.get(id) ?? []).map(bodyOf);
  const bodyOf = (alert: Parameters<typeof toAlertBody>[0]) =>
    toAlertBody(alert, clock.now, 240_000, settings);
  return { alerts, sink: alerts.sink, clock, changed, forgotten, bodies };
}

test('posts the labels and annotations of the rule, and an end in the future', () => {
  const { sink, bodies, clock } = setUp();
  clock.now = noon + 5000;

  sink.fire('news', fpsLow());

  expect(bodies()).toEqual([
    {
      labels: {
        account: 'tencent',
        alertname: 'LivestreamPushFpsLow',
        app_name: 'live',
        channel: 'sport',
        domain: 'push.example.com',
        provider: 'tencent',
        severity: 'warning',
        stream: 'news',
      },
      annotations: {
        summary: 'The frame rate of a live stream is below its configured minimum.',
        description:
          'Stream news of account tencent (tencent, domain "push.example.com", app name "live") has a frame rate below ' +
          'its configured minimum of 20 frames per second. Check the encoder of the stream and the network of the encoder.',
        runbook_url: 'https://runbooks.example.com/LivestreamPushFpsLow.md',
      },
      startsAt: '2026-03-01T12:00:00.000Z',
      endsAt: '2026-03-01T12:04:05.000Z',
    },
  ]);
});

test('omits empty labels, as Prometheus does', () => {
  const { sink, bodies } = setUp();

  sink.fire('news', fpsLow({ stream: streamId({ domain: '', appName: '' }), labels: { channel: '' } }));

  expect(Object.keys(bodies()[0]?.labels ?? {})).toEqual([
    'account',
    'alertname',
    'provider',
    'severity',
    'stream',
  ]);
});

test('does not let a label of the config replace a label of the alert', () => {
  const { sink, bodies } = setUp();

  sink.fire('news', fpsLow({ labels: { severity: 'none', alertname: 'Other' } }));

  expect(bodies()[0]?.labels).toMatchObject({ severity: 'warning', alertname: 'LivestreamPushFpsLow' });
});

test('reports only changes, and keeps the earliest start', () => {
  const { sink, changed, bodies } = setUp();

  sink.fire('news', fpsLow());
  sink.fire('news', fpsLow());
  sink.fire('news', fpsLow({ since: noon + 5000 }));
  expect(changed).toHaveLength(1);

  sink.fire('news', fpsLow({ since: noon - 5000 }));
  expect(changed).toHaveLength(2);
  expect(bodies()[0]?.startsAt).toBe('2026-03-01T11:59:55.000Z');
});

test('resolves once, with the time of the end, and forgets the alert after 15 min', () => {
  const { alerts, sink, clock, changed, forgotten, bodies } = setUp();
  sink.fire('news', fpsLow());
  clock.now = noon + 60_000;

  sink.resolve('news', 'LivestreamPushFpsLow');
  sink.resolve('news', 'LivestreamPushFpsLow');

  expect(changed).toHaveLength(2);
  clock.now = noon + 90_000;
  expect(bodies()).toMatchObject([
    { startsAt: '2026-03-01T12:00:00.000Z', endsAt: '2026-03-01T12:01:00.000Z' },
  ]);
  clock.elapsed = 899_999;
  alerts.expire();
  expect(forgotten).toEqual([]);
  clock.elapsed++;
  alerts.expire();
  expect(forgotten).toEqual(changed.slice(0, 1));
  expect(bodies()).toEqual([]);
});

test.each([3_600_000, -3_600_000])(
  'forgets a resolved alert after 15 min if the clock is stepped by %i ms',
  (stepMs) => {
    const { alerts, sink, clock, forgotten, bodies } = setUp();
    sink.fire('news', fpsLow());
    sink.resolve('news', 'LivestreamPushFpsLow');
    clock.now += stepMs;

    clock.elapsed = 899_999;
    alerts.expire();
    expect(bodies().map(({ endsAt }) => Date.parse(endsAt))).toEqual([Math.min(noon, clock.now)]);
    clock.elapsed++;
    alerts.expire();

    expect(forgotten).toHaveLength(1);
  },
);

test('resolves nothing that did not fire', () => {
  const { sink, changed } = setUp();

  sink.resolve('news', 'LivestreamPushFpsLow');

  expect(changed).toEqual([]);
});

test('never lets an alert end before it starts, even if the clock of the provider is ahead', () => {
  const { sink, bodies } = setUp();
  sink.fire('news', fpsLow({ since: noon + 20_000 }));

  sink.resolve('news', 'LivestreamPushFpsLow');

  expect(bodies()).toMatchObject([
    { startsAt: '2026-03-01T12:00:00.000Z', endsAt: '2026-03-01T12:00:00.000Z' },
  ]);
});

test('takes changed labels for another alert, and resolves the old one', () => {
  const { alerts, sink, bodies, clock } = setUp();
  sink.fire('news', fpsLow());

  sink.fire('news', fpsLow({ labels: { channel: 'news' } }));

  expect(bodies().map(({ labels, endsAt }) => [labels.channel, Date.parse(endsAt) > clock.now])).toEqual([
    ['sport', false],
    ['news', true],
  ]);
  expect(alerts.counts().get('LivestreamPushFpsLow')).toBe(1);
});

test('ends an alert that is over by the clock', () => {
  const { alerts, sink, clock, bodies } = setUp();
  const slot = { days: [0], fromMinute: 11 * 60, toMinute: 12 * 60 + 1, timeZone: 'UTC' };
  sink.fire('news', fpsLow({ name: 'LivestreamPushMissing', schedule: [slot] }));
  clock.now = noon + 59_999;
  alerts.expire();
  expect(alerts.counts().get('LivestreamPushMissing')).toBe(1);

  clock.now = noon + 60_000;
  alerts.expire();

  expect(alerts.counts().get('LivestreamPushMissing')).toBe(0);
  expect(bodies()[0]?.endsAt).toBe('2026-03-01T12:01:00.000Z');
});

test('holds nothing while it is off', () => {
  const { alerts, sink, changed, forgotten } = setUp();
  sink.fire('news', fpsLow());
  const before = sink.generation();

  alerts.setOn(false);
  sink.fire('sport', fpsLow());

  expect(sink.isOn()).toBe(false);
  expect(sink.generation()).not.toBe(before);
  expect(changed).toHaveLength(1);
  expect(forgotten).toEqual(changed);
  expect([...alerts.ids()]).toEqual([]);
});

test('writes Chinese annotations with the Chinese runbook', () => {
  const { sink, alerts } = setUp();
  sink.fire('news', fpsLow({ name: 'LivestreamForbidden' }));

  const [alert] = [...alerts.ids()].flatMap((id) => alerts.get(id) ?? []);
  const body = alert && toAlertBody(alert, noon, 1, { ...settings, language: 'zh' });

  expect(body?.annotations).toEqual({
    summary: '某路流在云厂商处被禁推，没有人能推流。',
    description:
      '账号 tencent（tencent，域名“push.example.com”，应用名“live”）的流 news 被禁推且尚未恢复，没有人能推流。' +
      '请查明是谁、为何禁推，然后在云厂商处恢复该流。',
    runbook_url: 'https://runbooks.example.com/zh-CN/LivestreamForbidden.md',
  });
});

test('names the page about the alert as the source, if the URL of the exporter is known', () => {
  const { sink, alerts } = setUp();
  sink.fire('news', fpsLow());

  const [alert] = [...alerts.ids()].flatMap((id) => alerts.get(id) ?? []);
  const sourceOf = ({ stream }: StreamAlert) => `https://x.example/live/streams/${stream.stream}`;
  const body = alert && toAlertBody(alert, noon, 1, { ...settings, sourceOf });

  expect(body?.generatorURL).toBe('https://x.example/live/streams/news');
});
