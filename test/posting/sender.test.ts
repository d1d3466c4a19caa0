import { expect, test } from 'vitest';
import { createLog } from '../../src/log.ts';
import { ProviderError } from '../../src/model/answer.ts';
import { type AlertBody, createAlertSet } from '../../src/posting/alert-set.ts';
import type { AlertmanagerClient } from '../../src/posting/client.ts';
import { startSender } from '../../src/posting/sender.ts';
import { createManualClock, settle } from '../support/manual-clock.ts';
import { noon, streamId } from '../support/samples.ts';

/** Starts a sender whose Alertmanager answers as the test says. */
function setUp() {
  const clock = createManualClock();
  const posts: (readonly AlertBody[])[] = [];
  /** Times of the posts without an alert. */
  const emptyPosts: number[] = [];
  const outcomes: (string | undefined)[] = [];
  const log: string[] = [];
  let isClosed = false;
  const peer: { answer: () => Promise<void>; isBroken?: boolean } = { answer: async () => {} };
  const client: AlertmanagerClient = {
    async post(alerts, signal) {
      if (alerts.length > 0) posts.push(alerts);
      else emptyPosts.push(clock.elapsed());
      await Promise.race([
        peer.answer(),
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
      ]);
    },
    async close() {
      isClosed = true;
    },
  };
  const alerts = createAlertSet({
    onChanged: (id) => sender.changed(id),
    onForgotten: (id) => sender.forget(id),
    clock,
  });
  alerts.setOn(true);
  const sender = startSender({
    name: 'am:9093',
    alerts,
    client,
    texts: { language: 'en', runbookBase: '' },
    onPost(failure) {
      if (peer.isBroken) throw new Error('a bug');
      outcomes.push(failure);
    },
    clock,
    log: createLog({ level: 'info', format: 'logfmt', write: (line) => log.push(line), now: clock.now }),
  });
  const fire = (stream: string) =>
    alerts.sink.fire(stream, {
      name: 'LivestreamPushVideoStalled',
      stream: streamId({ stream }),
      labels: {},
      since: noon,
    });
  const failWith = (kind: 'unavailable' | 'refused', why: string) => async () => {
    throw new ProviderError(kind, why);
  };
  const streams = () => posts.map((post) => post.map(({ labels }) => labels.stream));
  return {
    clock,
    posts,
    emptyPosts,
    outcomes,
    log,
    peer,
    alerts,
    sender,
    fire,
    failWith,
    streams,
    isClosed: () => isClosed,
  };
}

test('posts a new alert at once, and again every minute, each time with a later end', async () => {
  const { clock, posts, fire, sender } = setUp();
  await settle();

  fire('news');
  await settle();
  expect(posts).toHaveLength(1);
  await clock.advance(59_999);
  expect(posts).toHaveLength(1);
  await clock.advance(60_001);

  expect(posts.map(([alert]) => (Date.parse(alert?.endsAt ?? '') - noon) / 1000)).toEqual([240, 300, 360]);
  expect(new Set(posts.map(([alert]) => alert?.startsAt)).size).toBe(1);
  await sender.stop();
});

test('posts a resolved alert at once, and repeats it for 15 min', async () => {
  const { clock, posts, fire, alerts, sender } = setUp();
  fire('news');
  await clock.advance(10_000);

  alerts.sink.resolve('news', 'LivestreamPushVideoStalled');
  await settle();

  expect(posts.at(-1)).toMatchObject([{ endsAt: '2026-03-01T12:00:10.000Z' }]);
  for (let minute = 0; minute < 20; minute++) {
    alerts.expire();
    await clock.advance(60_000);
  }
  expect(posts).toHaveLength(2 + 15);
  await sender.stop();
});

test('posts an empty list at the start and each minute without a request, so that a failure is known before an alert', async () => {
  const { clock, emptyPosts, posts, fire, peer, failWith, sender } = setUp();
  await clock.advance(90_000);
  fire('news');
  await clock.advance(180_000);

  // The alert is posted at 90 s, 150 s, and so on.
  expect(emptyPosts).toEqual([0, 60_000]);
  expect(posts).toHaveLength(4);
  peer.answer = failWith('unavailable', 'am:9093 refused the connection');
  await clock.advance(60_000);
  expect(sender.failure()).toBe('am:9093 refused the connection');
  await sender.stop();
});

test('posts many alerts in parts', async () => {
  const { clock, posts, fire, sender } = setUp();
  for (let i = 0; i < 600; i++) fire(`stream-${i}`);

  await clock.advance(0);

  expect(posts.map(({ length }) => length)).toEqual([256, 256, 88]);
  await sender.stop();
});

test('retries with growing pauses while the Alertmanager is down, and then posts the newest state', async () => {
  const { clock, streams, outcomes, log, fire, peer, alerts, failWith, sender } = setUp();
  peer.answer = failWith('unavailable', 'am:9093 refused the connection');
  fire('news');

  await clock.advance(16_000);
  expect(streams()).toHaveLength(5);
  alerts.sink.resolve('news', 'LivestreamPushVideoStalled');
  fire('sport');
  peer.answer = async () => {};
  await clock.advance(30_000);

  expect(streams().at(-1)).toEqual(['news', 'sport']);
  expect(outcomes.slice(-2)).toEqual(['unavailable', undefined]);
  expect(log.filter((line) => line.includes('alerts cannot be posted'))).toHaveLength(1);
  expect(log.at(-1)).toContain('posting alerts works again');
  await sender.stop();
});

test('does not post rejected alerts again before the next minute', async () => {
  const { clock, posts, fire, peer, failWith, sender } = setUp();
  peer.answer = failWith('refused', 'HTTP 400');
  fire('news');

  await clock.advance(59_000);
  expect(posts).toHaveLength(1);
  await clock.advance(2_000);

  expect(posts).toHaveLength(2);
  expect(sender.failure()).toBe('HTTP 400');
  // A new alert does not wait because of the rejected one.
  fire('sport');
  await settle();
  expect(posts.at(-1)?.map(({ labels }) => labels.stream)).toEqual(['sport']);
  await sender.stop();
});

test('gives up a request without a response after 10 s', async () => {
  const { clock, outcomes, posts, fire, peer, sender } = setUp();
  peer.answer = () => new Promise(() => {});
  fire('news');

  await clock.advance(10_000);
  expect(outcomes).toEqual([undefined, 'unavailable']);
  peer.answer = async () => {};
  await clock.advance(1_000);

  expect(posts).toHaveLength(2);
  expect(sender.failure()).toBe(undefined);
  await sender.stop();
});

test('posts what is due before it stops, without resolving it', async () => {
  const { clock, posts, fire, sender, isClosed } = setUp();
  await settle();
  fire('news');

  await sender.stop();

  expect(posts).toHaveLength(1);
  expect(Date.parse(posts[0]?.[0]?.endsAt ?? '')).toBe(clock.now() + 240_000);
  expect(isClosed()).toBe(true);
});

test('posts all parts before it stops', async () => {
  const { posts, fire, peer, sender } = setUp();
  let respond = () => {};
  peer.answer = () =>
    new Promise((resolve) => {
      respond = resolve;
    });
  await settle();
  for (let i = 0; i < 600; i++) fire(`stream-${i}`);

  const stopped = sender.stop();
  peer.answer = async () => {};
  respond();
  await stopped;

  expect(posts.map(({ length }) => length)).toEqual([256, 256, 88]);
});

test('stops after two seconds if the Alertmanager does not respond', async () => {
  const { clock, fire, peer, sender, isClosed, log } = setUp();
  peer.answer = () => new Promise(() => {});
  fire('news');
  await settle();
  let hasStopped = false;

  const stopped = sender.stop().then(() => {
    hasStopped = true;
  });
  await clock.advance(1_999);
  expect([hasStopped, isClosed()]).toEqual([false, false]);
  await clock.advance(1);
  await stopped;

  expect(isClosed()).toBe(true);
  expect(log.at(-1)).toContain('no response before the end');
});

test('posts on although its posts cannot be counted', async () => {
  const { clock, peer, sender, fire, streams, outcomes, log, failWith, isClosed } = setUp();
  await settle();
  outcomes.length = 0;
  peer.isBroken = true;
  peer.answer = failWith('unavailable', 'no connection');

  fire('news');
  await settle();
  peer.answer = async () => {};
  await clock.advance(1000);
  fire('sport');
  await clock.advance(2000);

  expect(streams()).toEqual([['news'], ['news'], ['sport']]);
  expect(log.filter((line) => line.includes('bug: background work failed'))).toEqual([
    expect.stringContaining('alertmanager=am:9093 work="post of alerts" error="a bug"'),
  ]);
  await sender.stop();
  expect(isClosed()).toBe(true);
});
