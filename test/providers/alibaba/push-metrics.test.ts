import { expect, test } from 'vitest';
import type { Http, HttpResponse } from '../../../src/calls/call.ts';
import {
  listPushMetrics,
  operation,
  type PushMetric,
  tooManyWarning,
  trafficWarning,
} from '../../../src/providers/alibaba/push-metrics.ts';
import { describeSource } from '../../contract/source.ts';
import { answering, body, callOf, failed, never } from '../../support/alibaba-push.ts';
import { noon } from '../../support/samples.ts';
import { fixture, httpResponse } from '../recorded.ts';

const minute = 60_000;
const now = noon + 10 * minute;
const window = { from: noon, to: noon + 2 * minute };
const target = { domain: 'push.example.com', appName: 'live', stream: 'room-1' };
const one: PushMetric = { appName: 'live', stream: 'room-1', measuredAt: noon, bitsPerSecond: 2_528_000 };
const two: PushMetric = { ...one, measuredAt: noon + minute, bitsPerSecond: 2_400_000 };

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

const sourceOf = (http: Http) => ({
  operation,
  list: (signal: AbortSignal) =>
    listPushMetrics(
      callOf(http, () => now),
      target,
      window,
      now,
      signal,
    ),
});

const answerTo = (response: HttpResponse) => sourceOf(async () => response).list(never);

describeSource(operation, {
  sourceOf,
  ask: (source, signal) => source.list(signal),
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
      auth: [failed('SignatureDoesNotMatch'), failed('Forbidden.RAM', 403)],
      refused: [failed('InvalidDomain.NotFound', 404), failed('IllegalOperation', 403)],
      throttled: [failed('Throttling'), httpResponse('', { status: 429 })],
      unavailable: [failed('ServiceUnavailable', 503), httpResponse('', { status: 502 })],
      malformed: [httpResponse('<html>'), body({ StreamDetailData: 'text' }), body({ Message: 'text' })],
    },
  },
});

test('sends domain, application, stream and time range', async () => {
  const { sent, call } = answering(() => rows());

  await listPushMetrics(call, target, window, now, never);
  await listPushMetrics(call, { domain: 'push.example.com' }, window, now, never);

  const range = { StartTime: '2026-03-01T12:00:00Z', EndTime: '2026-03-01T12:02:00Z' };
  expect(sent.map(({ query }) => query)).toEqual([
    { DomainName: 'push.example.com', AppName: 'live', StreamName: 'room-1', ...range },
    { DomainName: 'push.example.com', ...range },
  ]);
});

test('reads all pages', async () => {
  const { sent, call } = answering(({ query }) =>
    query.NextPageToken === undefined
      ? body({ StreamDetailData: { StreamData: [row] }, NextPageToken: 'a-token' })
      : rows({ ...row, TimeStamp: '2026-03-01T12:01:00Z', ReqBps: 2_400_000, ReqTraffic: 18_000_000 }),
  );

  expect((await listPushMetrics(call, target, window, now, never)).items).toEqual([one, two]);
  expect(sent.map(({ query }) => query.NextPageToken)).toEqual([undefined, 'a-token']);
});

test('ends if the pages do not end', async () => {
  let requests = 0;
  const { call } = answering(() =>
    body({ StreamDetailData: { StreamData: [row] }, NextPageToken: String(requests++) }),
  );

  const answer = await listPushMetrics(call, target, window, now, never);

  expect([answer.items.length, answer.warnings]).toEqual([20, [tooManyWarning]]);
});

test('warns if the bit rate is not that of the traffic', async () => {
  expect((await answerTo(rows({ ...row, ReqBps: 316_000 }))).warnings).toEqual([trafficWarning]);
  expect((await answerTo(rows({ ...row, ReqTraffic: 18_000_000 }))).warnings).toEqual([]);
});
