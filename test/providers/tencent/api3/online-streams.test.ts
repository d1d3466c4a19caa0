import { expect, test } from 'vitest';
import type { Http, HttpResponse } from '../../../../src/calls/call.ts';
import { foreignWarning } from '../../../../src/providers/kit/paged-list.ts';
import type { Api3Site } from '../../../../src/providers/tencent/api3/app-list.ts';
import { createApi3OnlineStreams } from '../../../../src/providers/tencent/api3/online-streams.ts';
import { describeOnlineStreams } from '../../../contract/online-streams.ts';
import { noon } from '../../../support/samples.ts';
import { inOneSlice } from '../../../support/slices.ts';
import { fixture, httpResponse, recorded } from '../../recorded.ts';
import { body, callOf, failed, secretsOfCall } from './api3-source.ts';

const never = new AbortController().signal;
const app = { domain: 'push.example.com', appName: 'live' };
const one = { stream: 'room-1', firstStartedAt: noon - 30_000 };
const two = { stream: 'room-2', firstStartedAt: noon - 3_600_000 };

const row = {
  StreamName: 'room-1',
  AppName: 'live',
  DomainName: 'push.example.com',
  PublishTimeList: [{ PublishTime: '2026-03-01T11:59:30Z' }],
};

function sourceOf(http: Http, site: Api3Site = 'china', inSlices = inOneSlice) {
  return createApi3OnlineStreams(callOf(http), { site, now: () => noon, inSlices });
}

function rows(...list: readonly unknown[]): HttpResponse {
  return body({ OnlineInfo: list, TotalNum: list.length, TotalPage: 1, PageNum: 1, PageSize: 2_000 });
}

function answerTo(response: HttpResponse) {
  return sourceOf(async () => response).listOnlineStreams(app, never);
}

const stored = httpResponse(fixture('tencent/DescribeLiveStreamOnlineList.two-streams.json'));

describeOnlineStreams('DescribeLiveStreamOnlineList', {
  sourceOf,
  app,
  items: [one, two],
  malformed: 4,
  secrets: secretsOfCall,
  responses: {
    onePage: stored,
    firstPage: body({ OnlineInfo: [row], TotalNum: 2_001 }),
    empty: [
      rows(),
      body({ OnlineInfo: [] }),
      body({ OnlineInfo: null, TotalNum: 0 }),
      body({ OnlineInfo: '', TotalNum: '0' }),
      body({ TotalNum: 0, TotalPage: 0, PageNum: 1, PageSize: 2_000 }),
      failed('FailedOperation.HasNotLivingStream'),
      failed('InternalError.HasNotLivingStream'),
      failed('ResourceNotFound.EmptyData'),
    ],
    badRows: rows(
      { ...row, StreamName: '' },
      row,
      'a text',
      {
        ...row,
        StreamName: 'room-2',
        PublishTimeList: [{ PublishTime: '2026-03-01T11:59:00Z' }, { PublishTime: '2026-03-01T11:00:00Z' }],
      },
      { ...row, StreamName: 'x'.repeat(256) },
      { ...row, StreamName: undefined },
    ),
    onlyBadRows: rows({ ...row, StreamName: undefined }),
    failures: {
      auth: [failed('AuthFailure.SignatureFailure'), failed('UnauthorizedOperation')],
      refused: [failed('InvalidParameterValue'), failed('ResourceNotFound.DomainNotExist')],
      throttled: [failed('RequestLimitExceeded'), httpResponse('', { status: 429 })],
      unavailable: [failed('InternalError'), failed('FailedOperation'), httpResponse('', { status: 502 })],
      malformed: [
        httpResponse('<html>'),
        body({ OnlineInfo: 'text' }),
        body({ OnlineInfo: [], TotalNum: 3 }),
        body({ OnlineInfo: null, TotalNum: 3 }),
        body({ OnlineInfo: null }),
        body({ OnlineInfo: {} }),
        body({ OnlineInfo: 'text', TotalNum: 0 }),
        body({ TotalNum: 'many' }),
        body({ DataInfoList: [], TotalPage: 0 }),
        body({}),
        rows({ ...row, DomainName: 'other.example.com' }),
        body({ OnlineInfo: [row], TotalNum: 100_001 }),
      ],
    },
  },
});

test.each([
  ['china', 2_000],
  ['international', 100],
] as const)('sends domain, application and a page size to the site %s', async (site, PageSize) => {
  const { http, sent } = recorded(rows());

  await sourceOf(http, site).listOnlineStreams(app, never);

  expect(sent.map(({ body = '' }) => JSON.parse(body))).toEqual([
    { DomainName: 'push.example.com', AppName: 'live', PageSize, PageNum: 1 },
  ]);
});

test('reads all pages of the international site, from the last to the first and twice', async () => {
  const all = Array.from({ length: 250 }, (_, i) => ({ ...row, StreamName: `room-${i}` }));
  const requested: number[] = [];
  const source = sourceOf(async ({ body: query = '' }) => {
    const { PageNum, PageSize } = JSON.parse(query);
    requested.push(PageNum);
    return body({ OnlineInfo: all.slice((PageNum - 1) * PageSize, PageNum * PageSize), TotalNum: 250 });
  }, 'international');

  const { items } = await source.listOnlineStreams(app, never);

  expect(new Set(items.map(({ stream }) => stream)).size).toBe(250);
  expect(items.length).toBe(250);
  expect(requested).toEqual([1, 3, 2, 1, 3, 2, 1]);
});

test.each([
  ['without rows', { OnlineInfo: [], TotalNum: 250 }],
  ['without the field', { TotalNum: 250 }],
  ['without anything', {}],
])(
  'rejects a list whose second page is %s, because its streams would seem to have ended',
  async (_what, second) => {
    const all = Array.from({ length: 100 }, (_, i) => ({ ...row, StreamName: `room-${i}` }));
    const source = sourceOf(async ({ body: query = '' }) => {
      return body(JSON.parse(query).PageNum === 2 ? second : { OnlineInfo: all, TotalNum: 250 });
    }, 'international');

    await expect(source.listOnlineStreams(app, never)).rejects.toMatchObject({ kind: 'malformed' });
  },
);

test('accepts a page without rows after the last one, because the list has become shorter', async () => {
  const all = Array.from({ length: 101 }, (_, i) => ({ ...row, StreamName: `room-${i}` }));
  let live = all;
  const source = sourceOf(async ({ body: query = '' }) => {
    const { PageNum } = JSON.parse(query);
    const response = body({
      OnlineInfo: live.slice((PageNum - 1) * 100, PageNum * 100),
      TotalNum: live.length,
    });
    live = all.slice(0, 100);
    return response;
  }, 'international');

  expect((await source.listOnlineStreams(app, never)).items).toHaveLength(100);
});

test('ignores streams of another domain or application, with a warning', async () => {
  const { items, malformed, warnings } = await answerTo(
    rows({ ...row, DomainName: 'PUSH.example.com' }, { ...row, StreamName: 'a', AppName: 'show' }),
  );

  expect([items, malformed, warnings]).toEqual([[one], 0, [foreignWarning]]);
});

test.each([
  ['no list of begins', undefined],
  ['an empty list of begins', []],
  ['an unreadable begin', [{ PublishTime: 'soon' }]],
])('lists a stream with %s', async (_what, PublishTimeList) => {
  expect((await answerTo(rows({ ...row, PublishTimeList }))).items).toEqual([
    { stream: 'room-1', firstStartedAt: undefined },
  ]);
});

test('reads a begin with a UTC offset, and one without as Beijing time', async () => {
  const begins = ['2026-03-01T19:59:30+08:00', '2026-03-01 19:59:30'];

  for (const PublishTime of begins) {
    const { items } = await answerTo(rows({ ...row, PublishTimeList: [{ PublishTime }] }));
    expect(items).toEqual([one]);
  }
});

test('reads all pages if the total is less than the rows of the first page', async () => {
  const list = Array.from({ length: 150 }, (_, i) => ({ ...row, StreamName: `s${i}` }));
  const source = sourceOf(async ({ body: text = '' }) => {
    const { PageNum } = JSON.parse(text);
    return body({ OnlineInfo: list.slice((PageNum - 1) * 100, PageNum * 100), TotalNum: 0 });
  }, 'international');

  expect((await source.listOnlineStreams(app, never)).items).toHaveLength(150);
});
