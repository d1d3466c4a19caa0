import { expect, test } from 'vitest';
import type { Http, HttpResponse } from '../../../../src/calls/call.ts';
import { foreignWarning } from '../../../../src/providers/kit/paged-list.ts';
import { valueWarning } from '../../../../src/providers/kit/push-values.ts';
import type { Api3Site } from '../../../../src/providers/tencent/api3/app-list.ts';
import { createApi3LivePushes, unitWarning } from '../../../../src/providers/tencent/api3/live-pushes.ts';
import { describeLivePushStats } from '../../../contract/live-push-stats.ts';
import { noon, pushMedia, pushSample } from '../../../support/samples.ts';
import { inOneSlice } from '../../../support/slices.ts';
import { fixture, httpResponse, recorded } from '../../recorded.ts';
import { body, callOf, failed, secretsOfCall } from './api3-source.ts';

const never = new AbortController().signal;
const app = { domain: 'push.example.com', appName: 'live' };

const media = pushMedia({
  videoBitsPerSecond: 2_300_000,
  audioBitsPerSecond: 128_000,
  keyframeIntervalMs: undefined,
  beganAt: noon - 30_000,
});
const one = {
  stream: 'room-1',
  sample: pushSample({ measuredAt: noon, framesPerSecond: 24, bitsPerSecond: 2_428_000, media }),
};
/** A push without video, whose encoder declares no frame rate. */
const two = {
  stream: 'room-2',
  sample: pushSample({
    measuredAt: noon,
    clientIp: '2001:db8::1',
    serverIp: undefined,
    framesPerSecond: 0,
    bitsPerSecond: 64_000,
    media: pushMedia({
      videoBitsPerSecond: 0,
      audioBitsPerSecond: 64_000,
      audioFramesPerSecond: 47,
      declaredFramesPerSecond: undefined,
      keyframeIntervalMs: undefined,
      resolution: '368x640',
      videoCodec: 'h265',
      beganAt: noon - 3_600_000,
    }),
  }),
};

const stored = fixture('tencent/DescribeLiveStreamPushInfoList.two-pushes.json');
const [row, second] = JSON.parse(stored).Response.DataInfoList;

function sourceOf(http: Http, site: Api3Site = 'china', inSlices = inOneSlice) {
  return createApi3LivePushes(callOf(http), { site, now: () => noon, inSlices });
}

function rows(...list: readonly unknown[]): HttpResponse {
  return body({ DataInfoList: list, TotalNum: list.length, TotalPage: 1, PageNum: 1, PageSize: 1_000 });
}

function answerTo(response: HttpResponse) {
  return sourceOf(async () => response).listLivePushes(app, never);
}

describeLivePushStats('DescribeLiveStreamPushInfoList', {
  sourceOf,
  app,
  items: [one, two],
  malformed: 4,
  secrets: secretsOfCall,
  responses: {
    onePage: httpResponse(stored),
    firstPage: body({ DataInfoList: [row], TotalNum: 1_001 }),
    empty: [
      rows(),
      body({ DataInfoList: null, TotalNum: 0 }),
      body({ TotalNum: 0 }),
      failed('FailedOperation.HasNotLivingStream'),
      failed('InternalError.HasNotLivingStream'),
      failed('ResourceNotFound.EmptyData'),
    ],
    badRows: rows(
      { ...row, StreamName: '' },
      row,
      'a text',
      second,
      { ...row, StreamName: 'x'.repeat(256) },
      { ...row, StreamName: undefined },
    ),
    onlyBadRows: rows({ ...row, StreamName: undefined }),
    failures: {
      auth: [failed('AuthFailure.SignatureFailure'), failed('UnauthorizedOperation')],
      refused: [
        failed('InvalidParameterValue'),
        failed('InternalError.InvalidRequest'),
        failed('InvalidAction'),
      ],
      throttled: [failed('RequestLimitExceeded'), httpResponse('', { status: 429 })],
      unavailable: [
        failed('FailedOperation.QueryUploadInfoFailed'),
        failed('InternalError.QueryUploadInfoFailed'),
        failed('InternalError.QueryProIspPlayInfoError'),
        failed('InternalError'),
        httpResponse('', { status: 502 }),
      ],
      malformed: [
        httpResponse('<html>'),
        body({}),
        body({ DataInfoList: 'text' }),
        body({ DataInfoList: [], TotalNum: 3 }),
        rows({ ...row, PushDomain: 'other.example.com' }),
        body({ DataInfoList: [row], TotalNum: 100_001 }),
      ],
    },
  },
});

test.each(['china', 'international'] as const)(
  'sends domain, application and a page size to the site %s',
  async (site) => {
    const { http, sent } = recorded(rows());

    await sourceOf(http, site).listLivePushes(app, never);

    expect(sent.map(({ body: query = '' }) => JSON.parse(query))).toEqual([
      { PushDomain: 'push.example.com', AppName: 'live', PageSize: 1_000, PageNum: 1 },
    ]);
  },
);

test('reads all pages, also of pushes that move between them', async () => {
  const all = Array.from({ length: 2_500 }, (_, i) => ({ ...row, StreamName: `room-${i}` }));
  let requests = 0;
  const source = sourceOf(async ({ body: query = '' }) => {
    const { PageNum, PageSize } = JSON.parse(query);
    // The oldest push ends after the first page was read, so that all others move up.
    const present = requests++ === 0 ? all : all.slice(1);
    return body({
      DataInfoList: present.slice((PageNum - 1) * PageSize, PageNum * PageSize),
      TotalNum: present.length,
    });
  });

  const { items, isComplete } = await source.listLivePushes(app, never);

  expect(new Set(items.map(({ stream }) => stream)).size).toBe(2_500);
  expect(isComplete).toBe(true);
});

test('returns each of two pushes of one stream', async () => {
  const { items } = await answerTo(rows(row, { ...row, ClientIp: '192.0.2.11', VideoFps: 30 }));

  expect(items.map(({ stream, sample }) => [stream, sample.clientIp, sample.framesPerSecond])).toEqual([
    ['room-1', '192.0.2.10', 24],
    ['room-1', '192.0.2.11', 30],
  ]);
});

test('reads numbers that are texts', async () => {
  const texts = Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, typeof value === 'number' ? String(value) : value]),
  );

  expect((await answerTo(rows(texts))).items).toEqual([one]);
});

test.each([
  ['VideoFps', { framesPerSecond: undefined }],
  ['VideoSpeed', { bitsPerSecond: undefined }],
  ['AudioSpeed', { bitsPerSecond: undefined }],
])('returns an unknown value, not 0, if %s is missing', async (field, expected) => {
  const { items, warnings } = await answerTo(rows({ ...row, [field]: null }));

  expect(items[0]?.sample).toMatchObject(expected);
  expect(warnings).toEqual([]);
});

test('ignores pushes to another domain or application, with a warning', async () => {
  const { items, warnings } = await answerTo(
    rows({ ...row, PushDomain: 'PUSH.example.com' }, { ...row, StreamName: 'a', AppName: 'show' }),
  );

  expect([items.length, warnings]).toEqual([1, [foreignWarning]]);
});

test('ignores implausible values, and warns if the unit of the bit rate seems to be another', async () => {
  const implausible = await answerTo(rows({ ...row, VideoFps: 25_000 }));
  const kilobits = await answerTo(rows({ ...row, VideoSpeed: 2_300 }));

  expect([implausible.items[0]?.sample.framesPerSecond, implausible.warnings]).toEqual([
    undefined,
    [valueWarning],
  ]);
  expect(kilobits.warnings).toEqual([unitWarning]);
});

test('reads a begin without a zone as Beijing time', async () => {
  for (const BeginPushTime of ['2026-03-01 19:59:30', '2026-03-01T19:59:30+08:00', '2026-03-01T11:59:30Z']) {
    const { items } = await answerTo(rows({ ...row, BeginPushTime }));
    expect(items[0]?.sample.media?.beganAt).toBe(noon - 30_000);
  }
});
