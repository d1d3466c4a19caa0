import { expect, test } from 'vitest';
import { describeLivePushStats } from '../../contract/live-push-stats.ts';
import { answering, body, failed, failures, media, never, sourcesOf } from '../../support/alibaba-push.ts';
import { noon, pushSample } from '../../support/samples.ts';
import { fixture, httpResponse } from '../recorded.ts';
import { answerTo, app, operation, row, rows, sourceOf } from './live-push-rows.ts';

const minute = 60_000;
/**
 * `now` of the sources is 20 s after noon, so noon less 5 min is the newest whole minute that is old enough.
 */
const measuredAt = noon - 5 * minute;

/** The list has no separate bit rates. */
const listedMedia = { ...media, videoBitsPerSecond: undefined, audioBitsPerSecond: undefined };
const one = {
  appName: 'live',
  stream: 'room-1',
  sample: pushSample({
    measuredAt,
    clientIp: undefined,
    serverIp: undefined,
    framesPerSecond: 25,
    bitsPerSecond: 2_528_000,
    media: listedMedia,
  }),
};
const two = {
  ...one,
  stream: 'room-2',
  sample: {
    ...one.sample,
    framesPerSecond: 24.5,
    bitsPerSecond: 2_000_000,
    media: { ...listedMedia, audioFramesPerSecond: 42.9 },
  },
};

const stored = httpResponse(fixture(`alibaba/${operation}.two-streams.json`));

describeLivePushStats(operation, {
  sourceOf,
  app,
  items: [one, two],
  malformed: 5,
  secrets: ['the-id', 'the-secret', 'the-token', 'Signature=', 'example.com'],
  responses: {
    onePage: stored,
    empty: [
      rows(),
      body({ FrameRateAndBitRateInfos: {} }),
      body({ FrameRateAndBitRateInfos: [] }),
      body({ FrameRateAndBitRateInfos: '' }),
      body({ FrameRateAndBitRateInfos: null }),
      body({}),
      rows({ ...row, VideoFrameRate: 0, BitRate: 0 }),
      httpResponse(
        `<${operation}Response><RequestId>A</RequestId><FrameRateAndBitRateInfos/></${operation}Response>`,
      ),
    ],
    badRows: rows(
      'a text',
      row,
      { ...row, StreamUrl: undefined },
      { ...row, StreamUrl: 'room-9' },
      { ...row, StreamUrl: 'rtmp://push.example.com/live/' },
      {
        ...row,
        StreamUrl: 'rtmp://push.example.com/live/room-2',
        VideoFrameRate: '24.5',
        BitRate: 250_000,
        AudioFrameRate: 42.9,
      },
      { StreamUrl: row.StreamUrl },
    ),
    onlyBadRows: rows({ ...row, StreamUrl: '' }),
    failures: {
      ...failures,
      malformed: [
        httpResponse('<html>'),
        body({ FrameRateAndBitRateInfos: 'text' }),
        body({ Message: 'text' }),
        body({ FrameRateAndBitRateInfos: null, Message: 'text' }),
      ],
    },
  },
});

test('requests the newest whole minute that was at least five minutes ago, and tells it', async () => {
  const { sent, call } = answering(() => stored);
  let now = noon;
  const { pushes } = sourcesOf(call, { now: () => now });

  const times: (number | undefined)[] = [];
  for (const at of [noon, noon + 59_999, noon + minute]) {
    now = at;
    times.push((await pushes.listLivePushes(app, never)).measuredAt);
  }

  expect(times).toEqual([measuredAt, measuredAt, measuredAt + minute]);
  const query = { DomainName: 'push.example.com', QueryTime: '2026-03-01T11:55:00Z' };
  expect(sent).toEqual([
    { operation, query },
    { operation, query: { ...query, QueryTime: '2026-03-01T11:56:00Z' } },
  ]);
  expect(pushes.limits).toEqual({ intervalMs: minute, ageMs: 6 * minute });
});

test('reads the pushes of each application from one list', async () => {
  const { sent, call } = answering(() => stored);
  const { pushes } = sourcesOf(call);

  const [live, show, other] = await Promise.all(
    ['live', 'show', 'other'].map((appName) => pushes.listLivePushes({ ...app, appName }, never)),
  );

  expect([live, show, other].map((answer) => answer?.items.map(({ stream }) => stream))).toEqual([
    ['room-1', 'room-2'],
    ['room-3'],
    [],
  ]);
  expect([other?.isComplete, sent.length]).toEqual([true, 1]);
});

test('counts unreadable rows of a shared list once, and lets no application take it as complete', async () => {
  const { call } = answering(() => rows(row, 'a text'));
  const { pushes } = sourcesOf(call);

  const answers = await Promise.all(
    ['live', 'show'].map((appName) => pushes.listLivePushes({ ...app, appName }, never)),
  );

  expect(answers.map(({ malformed, isComplete }) => [malformed, isComplete])).toEqual([
    [1, false],
    [0, false],
  ]);
});

test('requests a failed list again', async () => {
  const responses = [failed('ServiceUnavailable', 503), stored];
  const { sent, call } = answering(() => responses.shift() ?? stored);
  const { pushes } = sourcesOf(call);

  await expect(pushes.listLivePushes(app, never)).rejects.toMatchObject({ kind: 'unavailable' });
  expect((await pushes.listLivePushes(app, never)).items).toHaveLength(2);
  expect(sent).toHaveLength(2);
});

const mapping = (...push: readonly string[]) =>
  body({
    LiveDomainModels: {
      LiveDomainModel: [
        { DomainName: app.domain, Type: 'vhost' },
        ...push.map((DomainName) => ({ DomainName, Type: 'publish' })),
      ],
    },
  });

test.each([
  ['each ingest domain', ['a.example.com', 'b.example.com'], ['a.example.com', 'b.example.com']],
  ['the domain itself without an ingest domain', [], ['play.example.com']],
  [
    'the domain first if it is an ingest domain too',
    ['a.example.com', 'play.example.com'],
    ['play.example.com', 'a.example.com'],
  ],
])('requests %s', async (_, push, requested) => {
  const { sent, call } = answering((request) =>
    request.operation === operation
      ? rows({ ...row, StreamUrl: `rtmp://x/live/${request.query.DomainName}` })
      : mapping(...push),
  );
  const { pushes } = sourcesOf(call, { configured: {} });

  const { items } = await pushes.listLivePushes(app, never);

  expect(sent.slice(1).map(({ query }) => query.DomainName)).toEqual(requested);
  expect(items.map(({ stream, sample }) => [stream, sample.media?.pushDomain])).toEqual(
    requested.map((domain) => [domain, domain]),
  );
});

test('is not complete if a domain has no push any more, because the values can be late', async () => {
  const responses = [rows(), stored, rows(), rows(), stored];
  const { call } = answering(() => responses.shift() ?? rows());
  let now = noon;
  const { pushes } = sourcesOf(call, { now: () => now });

  const complete: boolean[] = [];
  for (let n = 0; n < 5; n++) {
    complete.push((await pushes.listLivePushes(app, never)).isComplete);
    now += minute;
  }

  expect(complete).toEqual([true, true, false, false, true]);
});

test('reads the documented example', async () => {
  const answer = await answerTo(httpResponse(fixture(`alibaba/${operation}.documented.json`)));

  expect(
    answer.items.map(({ stream, sample }) => [stream, sample.framesPerSecond, sample.bitsPerSecond]),
  ).toEqual([['room-1_3_4', 24.9, 245_551.68]]);
  expect([answer.malformed, answer.warnings]).toEqual([0, []]);
});

test('names the kind of domain in the advice for a refused domain', async () => {
  await expect(answerTo(failed('IllegalOperation', 403))).rejects.toThrow(
    'the operation needs an ingest domain',
  );
});

test('accepts a larger response than other operations, because the list has no pages', async () => {
  const limits: (number | undefined)[] = [];
  const source = sourceOf(async ({ maxBodyBytes }) => {
    limits.push(maxBodyBytes);
    return stored;
  });

  await source.listLivePushes(app, never);

  expect(limits).toEqual([4 * 1024 * 1024]);
});
