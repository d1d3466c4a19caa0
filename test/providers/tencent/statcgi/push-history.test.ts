import { expect, test } from 'vitest';
import type { Http, HttpResponse } from '../../../../src/calls/call.ts';
import type { PushSample } from '../../../../src/model/push-sample.ts';
import { createStatcgiCall } from '../../../../src/providers/tencent/statcgi/call.ts';
import { createStatcgiPushHistory } from '../../../../src/providers/tencent/statcgi/push-history.ts';
import { describePushHistory } from '../../../contract/push-history.ts';
import { pushSample, streamId } from '../../../support/samples.ts';
import { fixture, httpAnswer, recorded } from '../../recorded.ts';

const never = new AbortController().signal;
const key = '5d41402abc4b2a76b9719d911017c592';
/** 2016-01-20 16:50:31 in Beijing. */
const at = 1_453_279_831_000;
const now = at + 20_000;
const stream = streamId({ stream: '1234_xxx' });
const window = { from: at - 500, to: at + 19_500 };

const first = pushSample({
  measuredAt: at,
  clientIp: '203.0.113.7',
  serverIp: '198.51.100.9',
  framesPerSecond: 25,
  bitsPerSecond: 812_345,
});
const second: PushSample = { ...first, measuredAt: at + 5_000, framesPerSecond: 24, bitsPerSecond: 799_001 };

function sourceOf(http: Http, timeZoneOffsetMs = 8 * 3_600_000) {
  const call = createStatcgiCall({
    http,
    endpoint: 'http://stat.example.com/common_access',
    appId: 1234,
    key,
    now: () => now,
  });
  return createStatcgiPushHistory(call, { timeZoneOffsetMs, now: () => now });
}

function stored(name: string): HttpResponse {
  return httpAnswer(fixture(`tencent/Get_LivePushStatHistory.${name}.json`));
}

function ask(name: string, timeZoneOffsetMs?: number) {
  return sourceOf(async () => stored(name), timeZoneOffsetMs).listPushSamples(stream, window, never);
}

describePushHistory('Get_LivePushStatHistory', {
  sourceOf,
  stream,
  window,
  samples: [first, second],
  malformed: 6,
  secrets: [key, 'sign=', 'example.com'],
  answers: {
    samples: stored('object'),
    nothing: [
      stored('no-data-10003'),
      stored('no-data-1301'),
      stored('no-data-absent'),
      stored('no-data-null'),
      stored('no-data-empty-text'),
      stored('no-data-empty-object'),
      stored('no-data-empty-list'),
      stored('no-data-empty-stream-info'),
      stored('no-data-null-stream-info'),
    ],
    badRows: stored('bad-rows'),
    onlyBadRows: stored('only-bad-rows'),
    failures: {
      auth: [stored('sign-invalid'), stored('time-expired'), httpAnswer('', { status: 403 })],
      refused: [
        stored('cmd-is-invalid'),
        stored('appid-is-invalid'),
        stored('code-1000'),
        stored('code-1001'),
        stored('code-1204'),
        stored('unknown-code'),
        httpAnswer('', { status: 404 }),
      ],
      throttled: [stored('code-1202'), httpAnswer('', { status: 429 })],
      unavailable: [stored('code-1201'), httpAnswer('', { status: 502 })],
      malformed: [
        stored('no-code'),
        stored('unknown-output'),
        httpAnswer('<html>Welcome to nginx!</html>'),
        httpAnswer(''),
      ],
    },
  },
});

test.each([
  'list-of-object',
  'list-of-objects',
  'list-of-rows',
  'text-of-object',
  'text-of-list',
  'numbers-as-text',
  'epoch-seconds',
  'epoch-milliseconds',
  'iso-times',
  'unknown-fields',
])('the form "%s" holds the same samples', async (name) => {
  await expect(ask(name)).resolves.toEqual({ items: [first, second], malformed: 0, warnings: [] });
});

test('one row without a list round it is one sample', async () => {
  await expect(ask('one-row-as-object')).resolves.toEqual({ items: [first], malformed: 0, warnings: [] });
});

test('the window is asked for in whole seconds that hold all of it', async () => {
  const { http, sent } = recorded(stored('object'));

  await sourceOf(http).listPushSamples(stream, window, never);

  expect(sent[0]?.query).toContain(
    '&interface=Get_LivePushStatHistory&Param.n.start_time=1453279830&Param.n.end_time=1453279851&Param.s.stream_id=1234_xxx&',
  );
});

test('a value that was not sent, or is no number, is unknown; zero is zero', async () => {
  await expect(ask('bad-values')).resolves.toEqual({
    items: [
      { ...first, framesPerSecond: undefined },
      { ...second, bitsPerSecond: undefined },
      { ...first, measuredAt: at + 10_000, framesPerSecond: 0, bitsPerSecond: 0 },
      {
        ...second,
        measuredAt: at + 15_000,
        framesPerSecond: undefined,
        clientIp: undefined,
        serverIp: undefined,
      },
    ],
    malformed: 0,
    warnings: ['some frame rates or bit rates cannot be and were left out'],
  });
});

test('a value that no push can have is unknown: one alone would spoil the totals for ever', async () => {
  const seconds = at / 1000;
  const rows = [
    { time: seconds, fps: 1e308, speed: 812_345 },
    { time: seconds + 5, fps: 25, speed: '99999999999999999999' },
    { time: seconds + 10, fps: 1_000, speed: 10_000_000_000 },
    { time: seconds + 15, fps: 1_001, speed: 10_000_000_001 },
  ];
  const answer = httpAnswer(JSON.stringify({ ret: 0, output: { stream_info: rows } }));

  const { items, malformed, warnings } = await sourceOf(async () => answer).listPushSamples(
    stream,
    window,
    never,
  );

  expect(items.map(({ framesPerSecond, bitsPerSecond }) => [framesPerSecond, bitsPerSecond])).toEqual([
    [undefined, 812_345],
    [25, undefined],
    [1_000, 10_000_000_000],
  ]);
  expect([malformed, warnings]).toEqual([1, ['some frame rates or bit rates cannot be and were left out']]);
});

test('times that fit UTC only are read so, and said once', async () => {
  await expect(ask('utc-times')).resolves.toEqual({
    items: [first, second],
    malformed: 0,
    warnings: ['times fit UTC, not the configured time zone'],
  });
});

test('times without a zone are of the zone of the account', async () => {
  await expect(ask('utc-times', 0)).resolves.toEqual({ items: [first, second], malformed: 0, warnings: [] });
});

test('rows outside of the window are kept: the ledger judges them', async () => {
  const later = { from: at + 3_600_000, to: at + 7_200_000 };

  const { items } = await sourceOf(async () => stored('object')).listPushSamples(stream, later, never);

  expect(items).toEqual([first, second]);
});

test('bit rates that look like kbit/s are said, and left as they are', async () => {
  const { items, warnings } = await ask('kbit');

  expect(items.map(({ bitsPerSecond }) => bitsPerSecond)).toEqual([812, 799]);
  expect(warnings).toEqual(['bit rates look like kbit/s']);
});

test.each([
  [
    'one low bit rate among others',
    [
      { fps: 25, speed: 812 },
      { fps: 25, speed: 812_345 },
    ],
  ],
  [
    'a low bit rate without a picture',
    [
      { fps: 0, speed: 812 },
      { fps: 0, speed: 799 },
    ],
  ],
  ['no bit rate at all', [{ fps: 25, speed: 0 }, { fps: 25 }]],
])('%s does not make a note', async (_, rates) => {
  const rows = rates.map((rate, i) => ({ time: at / 1000 + 5 * i, ...rate }));
  const answer = httpAnswer(JSON.stringify({ ret: 0, output: { stream_info: rows } }));

  const { items, warnings } = await sourceOf(async () => answer).listPushSamples(stream, window, never);

  expect([items.length, warnings]).toEqual([2, []]);
});
