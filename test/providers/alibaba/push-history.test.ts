import { expect, test } from 'vitest';
import type { Http, HttpResponse } from '../../../src/calls/call.ts';
import { type BitrateUnit, unitWarning } from '../../../src/providers/alibaba/units.ts';
import { describePushHistory } from '../../contract/push-history.ts';
import {
  body,
  callOf,
  failed,
  first,
  identity,
  later,
  media,
  never,
  only,
  rates,
  row,
  sourcesOf,
  window,
} from '../../support/alibaba-push.ts';
import { noon } from '../../support/samples.ts';
import { fixture, httpResponse, recorded } from '../recorded.ts';

const operation = 'DescribeLiveCenterStreamRateData';

const second = {
  ...first,
  measuredAt: noon + 5_000,
  framesPerSecond: 24.5,
  bitsPerSecond: 2_428_000,
  media: { ...media, videoBitsPerSecond: 2_300_000 },
};
function sourceOf(http: Http, units: Readonly<Record<string, BitrateUnit>> = {}) {
  return sourcesOf(callOf(http), { units }).push;
}

function stored(name: string): HttpResponse {
  return httpResponse(fixture(`alibaba/${operation}.${name}`));
}

function answerTo(response: HttpResponse, unit?: BitrateUnit) {
  const units = unit === undefined ? {} : { [operation]: unit };
  return sourceOf(async () => response, units).listPushSamples(identity, window, never);
}

describePushHistory(operation, {
  sourceOf,
  stream: identity,
  window,
  samples: [first, second],
  malformed: 4,
  secrets: ['the-id', 'the-secret', 'the-token', 'Signature=', 'example.com'],
  responses: {
    samples: stored('list.json'),
    empty: [
      rates(),
      body({ RateDatas: null }),
      body({ RateDatas: '' }),
      body({ RateDatas: {} }),
      body({ RateDatas: { RateData: [] } }),
      body({}),
      httpResponse(`<${operation}Response><RequestId>A</RequestId><RateDatas/></${operation}Response>`),
      httpResponse(`<${operation}Response><RequestId>A</RequestId></${operation}Response>`),
    ],
    badRows: rates(
      { ...row, Time: '' },
      row,
      'a text',
      later,
      { Time: '2026-03-01T12:00:10Z', VideoFps: '', AudioFps: '43' },
      { ...row, Time: '2026-02-30T12:00:00Z' },
    ),
    onlyBadRows: rates({ ...row, Time: undefined }),
    outsideWindow: rates({ ...row, Time: '2026-03-01T20:00:00Z' }),
    failures: {
      auth: [failed('SignatureDoesNotMatch'), failed('NoPermission', 403)],
      refused: [failed('IllegalOperation', 403), failed('InvalidDomain.NotFound', 404)],
      throttled: [failed('Throttling.User'), httpResponse('', { status: 429 })],
      unavailable: [failed('InternalError', 500), httpResponse('', { status: 502 })],
      malformed: [httpResponse('<html>'), body({ RateDatas: 'text' }), body({ Message: 'text' })],
    },
  },
});

test.each(['list.json', 'list.xml'])('reads the shape of %s', async (name) => {
  expect(await answerTo(stored(name))).toEqual({
    items: [first, second],
    malformed: 0,
    malformedUpTo: undefined,
    warnings: [],
  });
});

test('reads numbers, one row without a list, and a wrapped list', async () => {
  const numbers = { ...row, VideoFps: 25, AudioFps: 43, VideoRate: 2_400_000, AudioRate: 128_000 };

  for (const RateDatas of [[numbers], row, { RateData: [row] }, { RateData: row }]) {
    expect((await answerTo(body({ RateDatas }))).items).toEqual([only]);
  }
});

test('reads the bit rates of the documented example as bit/s', async () => {
  const { items } = await answerTo(stored('documented.json'));

  expect(items).toMatchObject([
    {
      periodMs: 5_000,
      framesPerSecond: 25,
      bitsPerSecond: 1_954_184,
      media: { videoBitsPerSecond: 1_953_584, audioBitsPerSecond: 600, audioFramesPerSecond: 45 },
    },
  ]);
});

test.each([
  ['bit', '2400000', '128000'],
  ['byte', '300000', '16000'],
  ['kbit', '2400', '128'],
] as const)('reads bit rates in the unit %s', async (unit, VideoRate, AudioRate) => {
  const { items, warnings } = await answerTo(rates({ ...row, VideoRate, AudioRate }), unit);

  expect([items, warnings]).toEqual([[only], []]);
});

test.each([
  ['kbit/s read as bit/s', 'bit', '2400', '128'],
  ['bit/s read as kbit/s', 'kbit', '2400000', '128000'],
] as const)('warns of %s, and names the setting', async (_what, unit, VideoRate, AudioRate) => {
  const list = ['00', '05', '10'].map((s) => {
    return { ...row, Time: `2026-03-01T12:00:${s}Z`, VideoRate, AudioRate };
  });

  expect((await answerTo(rates(...list), unit)).warnings).toEqual([unitWarning(operation)]);
  expect(unitWarning(operation)).toContain(
    'bitrate_unit: {DescribeLiveCenterStreamRateData: bit | byte | kbit}',
  );
  // Two samples can be a still picture.
  expect((await answerTo(rates(...list.slice(1)), unit)).warnings).toEqual([]);
  // One plausible sample shows that the unit is right.
  const plausible = {
    ...row,
    Time: '2026-03-01T12:00:15Z',
    ...(unit === 'kbit' && { VideoRate: '2400', AudioRate: '128' }),
  };
  expect((await answerTo(rates(...list, plausible), unit)).warnings).toEqual([]);
  // Without video, a bit rate can be low.
  const audioOnly = list.map((each) => ({ ...each, VideoFps: '0' }));
  expect((await answerTo(rates(...audioOnly), unit)).warnings).toEqual([]);
});

test.each([
  [
    'the audio bit rate',
    { AudioRate: '' },
    { bitsPerSecond: undefined, media: { ...media, audioBitsPerSecond: undefined } },
  ],
  [
    'the video bit rate',
    { VideoRate: null },
    { bitsPerSecond: undefined, media: { ...media, videoBitsPerSecond: undefined } },
  ],
  ['the frame rate', { VideoFps: undefined }, { framesPerSecond: undefined }],
  ['the audio frame rate', { AudioFps: undefined }, { media: { ...media, audioFramesPerSecond: undefined } }],
])('leaves out what depends on %s if it is missing', async (_what, without, expected) => {
  expect(await answerTo(rates({ ...row, ...without }))).toMatchObject({
    items: [{ ...only, ...expected }],
    malformed: 0,
    warnings: [],
  });
});

test('keeps a frame rate of zero', async () => {
  expect((await answerTo(rates({ ...row, VideoFps: '0', VideoRate: '0' }))).items).toMatchObject([
    { framesPerSecond: 0, bitsPerSecond: 128_000 },
  ]);
});

test('takes rows in which all values are 0 for time without a push', async () => {
  const silent = { ...row, Time: '2026-03-01T12:00:05Z', VideoFps: '0', VideoRate: '0', AudioRate: '0' };

  expect(await answerTo(rates(row, silent))).toMatchObject({ items: [only], malformed: 0 });
  expect(await answerTo(rates(silent))).toMatchObject({ items: [], malformed: 0 });
  // Their times show a wrong time zone too.
  await expect(answerTo(rates({ ...silent, Time: '2026-03-01T20:00:05Z' }))).rejects.toMatchObject({
    kind: 'malformed',
  });
});

test('warns of implausible values and leaves them out', async () => {
  expect(await answerTo(rates({ ...row, VideoFps: '1001', VideoRate: '-1' }))).toMatchObject({
    items: [{ framesPerSecond: undefined, bitsPerSecond: undefined }],
    warnings: ['implausible frame rates or bit rates in the response are ignored'],
  });
});

test('knows the time up to which rows could not be read', async () => {
  expect(await answerTo(rates(row, { Time: '2026-03-01T12:00:10Z' }))).toMatchObject({
    malformed: 1,
    malformedUpTo: noon + 10_000,
  });
  expect(await answerTo(rates(row, {}))).toMatchObject({ malformed: 1, malformedUpTo: undefined });
});

test('sends the ingest domain, the application, the stream and the window in whole seconds', async () => {
  const { http, sent } = recorded(rates());

  await sourceOf(http).listPushSamples(identity, { from: noon - 500, to: noon + 19_001 }, never);

  expect(Object.fromEntries(new URL(sent[0]?.url ?? '').searchParams)).toEqual({
    DomainName: 'push.example.com',
    AppName: 'live',
    StreamName: 'room-1',
    StartTime: '2026-03-01T11:59:59Z',
    // Not after now.
    EndTime: '2026-03-01T12:00:20Z',
  });
});

test('has a span of three hours and a retention of 30 days', () => {
  expect(sourceOf(async () => rates()).limits).toEqual({
    spanMs: 10_800_000,
    retentionMs: 2_592_000_000,
    periodMs: 5_000,
  });
});

test('requests at most three hours', async () => {
  const { http, sent } = recorded(rates());

  await sourceOf(http).listPushSamples(identity, { from: noon - 10_799_500, to: noon + 500 }, never);

  const query = new URL(sent[0]?.url ?? '').searchParams;
  expect([query.get('StartTime'), query.get('EndTime')]).toEqual([
    '2026-03-01T09:00:00Z',
    '2026-03-01T12:00:00Z',
  ]);
});

test('a response for three hours is far below the limit of 1 MiB', () => {
  const list = Array.from({ length: 2_161 }, () => ({ ...row, VideoFps: '59.94', VideoRate: '25000000' }));
  const elements = (each: object) =>
    Object.entries(each)
      .map(([name, value]) => `<${name}>${value}</${name}>`)
      .join('');

  expect(rates(...list).text.length).toBeLessThan(512 * 1024);
  expect(list.map((each) => `<RateDatas>${elements(each)}</RateDatas>`).join('').length).toBeLessThan(
    512 * 1024,
  );
});
