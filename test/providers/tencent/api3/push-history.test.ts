import { expect, test } from 'vitest';
import type { Http, HttpResponse } from '../../../../src/calls/call.ts';
import { createApi3PushHistory } from '../../../../src/providers/tencent/api3/push-history.ts';
import { describePushHistory } from '../../../contract/push-history.ts';
import { noon, pushMedia, pushSample, streamId } from '../../../support/samples.ts';
import { fixture, httpResponse, recorded } from '../../recorded.ts';
import { body, callOf, failed, secretsOfCall } from './api3-source.ts';

const never = new AbortController().signal;
const stream = streamId({ stream: 'room-1', domain: 'push.example.com', appName: 'show' });
const window = { from: noon - 500, to: noon + 19_500 };
const sequence = '6674404187404828181';

const first = pushSample({
  measuredAt: noon,
  clientIp: '203.0.113.7',
  serverIp: '198.51.100.9',
  session: sequence,
  framesPerSecond: 25,
  bitsPerSecond: 2_528_000,
  videoMs: 5_032,
  audioMs: 5_004,
});
const second = {
  ...first,
  measuredAt: noon + 5_032,
  periodMs: 5_032,
  framesPerSecond: 24,
  bitsPerSecond: 2_428_000,
  videoMs: 4_800,
  media: pushMedia({ videoBitsPerSecond: 2_300_000, keyframeIntervalMs: undefined }),
};

/** The only sample of an answer, which is the newest one. */
const only = { ...first, media: pushMedia({ videoBitsPerSecond: 2_400_000 }) };

const row = {
  Time: '2026-03-01T12:00:00Z',
  ClientIp: '203.0.113.7',
  ServerIp: '198.51.100.9',
  Sequence: sequence,
  VideoFps: 25,
  VideoRate: 2_400_000,
  AudioRate: 128_000,
  LocalTs: 5_000,
  VideoTs: 5_032,
  AudioTs: 5_004,
  AudioFps: 43,
  MateFps: 25,
  GopSize: 2_000,
  Resolution: '1920*1080',
  VCodec: 'H264',
  ACodec: 'AAC',
  PushDomain: 'push.example.com',
  BeginPushTime: '2026-03-01T19:00:00+08:00',
};

function sourceOf(http: Http) {
  return createApi3PushHistory(callOf(http));
}

function stored(name: string): HttpResponse {
  return httpResponse(fixture(`tencent/DescribeStreamPushInfoList.${name}.json`));
}

function rows(...list: readonly unknown[]): HttpResponse {
  return body({ DataInfoList: list });
}

function answerTo(response: HttpResponse, asked = window) {
  return sourceOf(async () => response).listPushSamples(stream, asked, never);
}

describePushHistory('DescribeStreamPushInfoList', {
  sourceOf,
  stream,
  window,
  samples: [first, second],
  malformed: 4,
  secrets: secretsOfCall,
  responses: {
    samples: stored('iso-times'),
    empty: [
      rows(),
      body({ DataInfoList: null }),
      body({ DataInfoList: '' }),
      body({ DataInfoList: {} }),
      body({ DataInfoList: [], Note: 'a new field' }),
      body({}),
      failed('FailedOperation.HasNotLivingStream'),
      failed('ResourceNotFound.EmptyData'),
    ],
    badRows: rows(
      { ...row, Time: '' },
      row,
      'a text',
      {
        ...row,
        Time: '2026-03-01T12:00:05.032Z',
        LocalTs: 5_032,
        VideoTs: 4_800,
        VideoFps: 24,
        VideoRate: 2_300_000,
        GopSize: null,
      },
      { Time: '2026-03-01T12:00:10Z', VideoFps: null, Sequence: sequence },
      { Time: '2026-02-30T12:00:10Z', VideoFps: 25 },
    ),
    onlyBadRows: rows({ ...row, Time: undefined }),
    outsideWindow: rows({ ...row, Time: '2026-03-01T13:00:00Z' }),
    failures: {
      auth: [failed('AuthFailure.SignatureFailure'), failed('UnauthorizedOperation')],
      refused: [failed('InvalidParameterValue'), failed('ResourceNotFound.StopService')],
      throttled: [failed('RequestLimitExceeded'), httpResponse('', { status: 429 })],
      unavailable: [failed('InternalError'), httpResponse('', { status: 502 })],
      malformed: [
        httpResponse('<html>'),
        body({ DataInfoList: 'text' }),
        body({ DataInfoList: 0 }),
        body({ Message: 'the gateway is busy' }),
        body({ OnlineInfo: [], TotalNum: 0 }),
        httpResponse('{}'),
      ],
    },
  },
});

test('always sends domain and application, and the window in whole seconds of UTC', async () => {
  const { http, sent } = recorded(rows());

  await sourceOf(http).listPushSamples(stream, window, never);
  await sourceOf(http).listPushSamples({ ...stream, appName: '' }, window, never);

  expect(sent.map(({ body = '' }) => JSON.parse(body))).toEqual([
    {
      StreamName: 'room-1',
      PushDomain: 'push.example.com',
      AppName: 'show',
      StartTime: '2026-03-01T11:59:59Z',
      EndTime: '2026-03-01T12:00:20Z',
    },
    expect.objectContaining({ AppName: 'live' }),
  ]);
});

test('reads times without a zone as Beijing time, and numbers that are texts', async () => {
  const unknown = { videoMs: undefined, audioMs: undefined };
  const media = { videoBitsPerSecond: 2_300_000, audioBitsPerSecond: 128_000 };

  expect(await answerTo(stored('beijing-times'))).toEqual({
    items: [
      { ...first, ...unknown },
      { ...second, ...unknown, media },
    ],
    malformed: 0,
    warnings: [],
  });
});

test('reads times without a zone as UTC if they fit only so, with a warning', async () => {
  const { items, warnings } = await answerTo(rows({ ...row, Time: '2026-03-01 12:00:00' }));

  expect(items).toEqual([only]);
  expect(warnings).toEqual([
    'the times in the response have no zone and fit only as UTC, not as Beijing time, and are read as UTC; report this',
  ]);
});

test.each([undefined, 0, 999, 60_001])(
  'takes the nominal period for LocalTs %s, and no media times',
  async (LocalTs) => {
    expect((await answerTo(rows({ ...row, LocalTs }))).items).toEqual([
      { ...only, periodMs: 5_000, videoMs: undefined, audioMs: undefined },
    ]);
  },
);

test.each([1_000, 60_000])('reads LocalTs %s as the period', async (LocalTs) => {
  expect((await answerTo(rows({ ...row, LocalTs }))).items).toEqual([{ ...only, periodMs: LocalTs }]);
});

test.each([
  ['the audio bit rate', { AudioRate: undefined }, { bitsPerSecond: undefined }],
  ['the video bit rate', { VideoRate: null }, { bitsPerSecond: undefined }],
  ['the frame rate', { VideoFps: undefined }, { framesPerSecond: undefined }],
  ['the session', { Sequence: '' }, { session: undefined }],
  ['the client address', { ClientIp: '-' }, { clientIp: undefined }],
])('leaves out what depends on %s if it is missing', async (_what, without, expected) => {
  expect(await answerTo(rows({ ...row, ...without }))).toMatchObject({
    items: [{ ...first, media: undefined, ...expected }].map(({ media: _, ...sample }) => sample),
    warnings: [],
  });
});

test('counts an audio-only stream with the frame rate 0 and no video time', async () => {
  expect((await answerTo(rows({ ...row, VideoFps: 0, VideoRate: 0, VideoTs: 0 }))).items).toEqual([
    {
      ...first,
      framesPerSecond: 0,
      bitsPerSecond: 128_000,
      videoMs: 0,
      media: pushMedia({ videoBitsPerSecond: 0 }),
    },
  ]);
});

test('warns of implausible values and leaves them out', async () => {
  expect(await answerTo(rows({ ...row, VideoFps: 1_001, VideoRate: -1 }))).toEqual({
    items: [
      {
        ...first,
        framesPerSecond: undefined,
        bitsPerSecond: undefined,
        media: pushMedia({ videoBitsPerSecond: undefined }),
      },
    ],
    malformed: 0,
    warnings: ['implausible frame rates or bit rates in the response are ignored'],
  });
});

test('knows the time up to which rows could not be read', async () => {
  const unreadable = { Time: '2026-03-01T12:00:10Z' };

  expect(await answerTo(rows(row, unreadable))).toMatchObject({ malformed: 1, malformedUpTo: noon + 10_000 });
});

test('reads the times of unreadable rows as UTC if the times of the samples fit only so', async () => {
  const naive = { ...row, Time: '2026-03-01 12:00:00' };
  const unreadable = { Time: '2026-03-01 12:00:10' };

  expect(await answerTo(rows(naive, unreadable))).toMatchObject({
    items: [only],
    malformed: 1,
    malformedUpTo: noon + 10_000,
  });
});

test('reads media values only of the newest sample of each publisher', async () => {
  const other = { ...row, ClientIp: '203.0.113.8', Resolution: '640*360' };
  const answer = await answerTo(
    rows({ ...row, Time: '2026-03-01T12:00:05Z' }, other, row, { ...other, Time: '2026-03-01T12:00:10Z' }),
  );

  expect(answer.items.map(({ media }) => media?.resolution)).toEqual([
    '1920x1080',
    undefined,
    undefined,
    '640x360',
  ]);
});
