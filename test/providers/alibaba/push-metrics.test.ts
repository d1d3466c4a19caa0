import { expect, test } from 'vitest';
import type { Http, HttpResponse } from '../../../src/calls/call.ts';
import type { MinuteRate } from '../../../src/model/questions.ts';
import { createAlibabaPushMetrics } from '../../../src/providers/alibaba/push-metrics.ts';
import { describeSource } from '../../contract/source.ts';
import { answering, body, callOf, failures, never } from '../../support/alibaba-push.ts';
import { noon } from '../../support/samples.ts';
import { fixture, httpResponse } from '../recorded.ts';

const operation = 'DescribeLiveStreamPushMetricDetailData';
const minute = 60_000;
const now = () => noon + 10 * minute;
const window = { from: noon, to: noon + 2 * minute };
const stream = { pushDomain: 'push.example.com', appName: 'live', stream: 'room-1' };
const one: MinuteRate = { measuredAt: noon, bitsPerSecond: 2_528_000 };
const two: MinuteRate = { measuredAt: noon + minute, bitsPerSecond: 2_400_000 };

const row = {
  AppName: 'live',
  StreamName: 'room-1',
  TimeStamp: '2026-03-01T12:00:00Z',
  ReqBps: 2_528_000,
  ReqTraffic: 18_960_000,
};

function rows(...list: readonly unknown[]): HttpResponse {
  return body({ StreamDetailData: { StreamData: list } });
}

const sourceOf = (http: Http) => createAlibabaPushMetrics(callOf(http, now), { now });
const answerTo = (response: HttpResponse) =>
  sourceOf(async () => response).listMinuteRates(stream, window, never);

describeSource(operation, {
  sourceOf,
  ask: (source, signal) => source.listMinuteRates(stream, window, signal),
  items: [one, two],
  inOrder: (all) => all.toSorted((a, b) => a.measuredAt - b.measuredAt),
  malformed: 4,
  secrets: ['the-id', 'the-secret', 'the-token', 'Signature='],
  responses: {
    readable: httpResponse(fixture(`alibaba/${operation}.two-minutes.json`)),
    empty: [
      rows(),
      body({ StreamDetailData: {}, DomainName: 'push.example.com', PageSize: 0, NextPageToken: '' }),
      body({ StreamDetailData: [] }),
      body({ StreamDetailData: null }),
      body({}),
    ],
    badRows: rows(
      'a text',
      row,
      { ...row, StreamName: '' },
      { ...row, TimeStamp: '2026-03-01T12:01:00Z', ReqBps: 2_400_000, ReqTraffic: undefined },
      { ...row, TimeStamp: '2026-03-01 12:00:00' },
      { ...row, ReqBps: undefined },
    ),
    onlyBadRows: rows({ ...row, ReqBps: '' }),
    outsideWindow: rows({ ...row, TimeStamp: '2026-03-01T20:00:00Z' }),
    failures: {
      ...failures,
      malformed: [httpResponse('<html>'), body({ StreamDetailData: 'text' }), body({ Message: 'text' })],
    },
  },
});

test('sends one request with ingest domain, application, stream and time range', async () => {
  const { sent, call } = answering(() => body({ StreamDetailData: [], NextPageToken: 'a-token' }));

  await createAlibabaPushMetrics(call, { now }).listMinuteRates(stream, window, never);

  expect(sent.map(({ query }) => query)).toEqual([
    {
      DomainName: 'push.example.com',
      AppName: 'live',
      StreamName: 'room-1',
      StartTime: '2026-03-01T12:00:00Z',
      EndTime: '2026-03-01T12:02:00Z',
    },
  ]);
});

test('returns the rows of the stream only, also with a suffix of its name', async () => {
  const { items } = await answerTo(
    rows({ ...row, StreamName: 'room-1.flv' }, { ...row, StreamName: 'room-10' }),
  );

  expect(items).toEqual([one]);
});

test('reports whether the bit rates are those of the traffic', async () => {
  const wrong = { ...row, ReqBps: 316_000 };
  const other = { ...wrong, StreamName: 'room-2' };

  expect(await answerTo(rows(wrong, row, wrong, other))).toMatchObject({ isConsistent: false });
  // Only the first minute of a push, and rows of another stream.
  expect(await answerTo(rows(wrong, row, other, other))).toMatchObject({ isConsistent: true });
  expect(await answerTo(rows({ ...row, ReqTraffic: 18_000_000 }))).toMatchObject({ isConsistent: true });
  expect(await answerTo(rows({ ...row, ReqTraffic: undefined }))).toMatchObject({ isConsistent: true });
});
