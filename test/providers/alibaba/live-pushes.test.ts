import { expect, test } from 'vitest';
import type { Http, HttpResponse } from '../../../src/calls/call.ts';
import { differentUnitWarning } from '../../../src/providers/alibaba/unit-check.ts';
import { type BitrateUnit, unitWarning } from '../../../src/providers/alibaba/units.ts';
import { valueWarning } from '../../../src/providers/kit/push-values.ts';
import { describeLivePushStats } from '../../contract/live-push-stats.ts';
import {
  answering,
  body,
  callOf,
  failed,
  failures,
  media,
  never,
  rates,
  sourcesOf,
} from '../../support/alibaba-push.ts';
import { noon, pushSample } from '../../support/samples.ts';
import { fixture, httpResponse } from '../recorded.ts';

const operation = 'DescribeLiveDomainFrameRateAndBitRateData';
const minute = 60_000;
const app = { domain: 'play.example.com', appName: 'live' };
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

const row = {
  VideoFrameRate: 25,
  AudioFrameRate: 43,
  BitRate: 316_000,
  StreamUrl: 'rtmp://push.example.com/live/room-1',
};

function rows(...list: readonly unknown[]): HttpResponse {
  return body({ FrameRateAndBitRateInfos: { FrameRateAndBitRateInfo: list } });
}

function sourceOf(http: Http, unit?: BitrateUnit) {
  return sourcesOf(callOf(http), { units: unit === undefined ? {} : { [operation]: unit } }).pushes;
}

const answerTo = (response: HttpResponse, unit?: BitrateUnit) =>
  sourceOf(async () => response, unit).listLivePushes(app, never);

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

test.each([
  [undefined, 8],
  ['byte', 8],
  ['bit', 1],
  ['kbit', 1_000],
] as const)('with the unit %s, the number 1 is %i bit/s', async (unit, bits) => {
  const { items } = await answerTo(rows({ ...row, BitRate: 30_000 }), unit);

  expect(items[0]?.sample.bitsPerSecond).toBe(30_000 * bits);
});

test('reads the documented example', async () => {
  const answer = await answerTo(httpResponse(fixture(`alibaba/${operation}.documented.json`)));

  expect(
    answer.items.map(({ stream, sample }) => [stream, sample.framesPerSecond, sample.bitsPerSecond]),
  ).toEqual([['room-1_3_4', 24.9, 245_551.68]]);
  expect([answer.malformed, answer.warnings]).toEqual([0, []]);
});

test('keeps unknown values apart from 0, and drops implausible ones with a warning', async () => {
  const { items, warnings } = await answerTo(
    rows(
      { ...row, VideoFrameRate: 0 },
      { ...row, VideoFrameRate: undefined },
      { ...row, BitRate: '' },
      { ...row, VideoFrameRate: -1 },
      { ...row, BitRate: 1e12 },
    ),
  );

  expect(items.map(({ sample }) => [sample.framesPerSecond, sample.bitsPerSecond])).toEqual([
    [0, 2_528_000],
    [undefined, 2_528_000],
    [25, undefined],
    [undefined, 2_528_000],
    [25, undefined],
  ]);
  expect(warnings).toEqual([valueWarning]);
});

test('warns if the bit rates of all streams are implausible', async () => {
  const low = [1, 2, 3].map((n) => ({ ...row, StreamUrl: `rtmp://x/live/${n}`, BitRate: 2_000 }));

  expect((await answerTo(rows(...low))).warnings).toEqual([unitWarning(operation)]);
  expect((await answerTo(rows(...low, row))).warnings).toEqual([]);
});

/**
 * Requests the history of three streams with 2,528 kbit/s, then a list in which they have the bit rate
 * `BitRate`.
 */
async function warningsAfterHistory(BitRate: number, unit?: BitrateUnit, streams = 3) {
  const names = Array.from({ length: streams }, (_, n) => `room-${n}`);
  const { call } = answering((request) =>
    request.operation === operation
      ? rows(...names.map((name) => ({ ...row, BitRate, StreamUrl: `rtmp://x/live/${name}` })))
      : rates({ Time: '2026-03-01T12:00:00Z', VideoFps: '25', VideoRate: '2400000', AudioRate: '128000' }),
  );
  const { push, pushes } = sourcesOf(call, { units: unit === undefined ? {} : { [operation]: unit } });
  const window = { from: noon - 500, to: noon + 19_500 };
  for (const stream of names) {
    await push.listPushSamples({ ...app, account: 'a', provider: 'alibaba', stream }, window, never);
  }
  return (await pushes.listLivePushes(app, never)).warnings;
}

test.each([
  [316_000, undefined, []],
  [230_000, undefined, []],
  [2_528_000, undefined, [differentUnitWarning(operation, 'bit', 8)]],
  [2_528, undefined, [differentUnitWarning(operation, 'kbit', 0.008)]],
  [2_528_000, 'bit', []],
  [316_000, 'bit', [differentUnitWarning(operation, 'byte', 0.125)]],
  [2_528, 'kbit', []],
] as const)('compares the bit rate %i in the unit %s with the history', async (rate, unit, warnings) => {
  const found = await warningsAfterHistory(rate, unit);

  expect(found.filter((each) => each !== unitWarning(operation))).toEqual(warnings);
});

test('compares no bit rates of fewer than three streams', async () => {
  expect(await warningsAfterHistory(2_528_000, undefined, 2)).toEqual([]);
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
