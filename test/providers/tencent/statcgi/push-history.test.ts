import { expect, test } from 'vitest';
import type { Http, HttpResponse } from '../../../../src/calls/call.ts';
import type { PushSample } from '../../../../src/model/push-sample.ts';
import { createStatcgiCall } from '../../../../src/providers/tencent/statcgi/call.ts';
import { createStatcgiPushHistory } from '../../../../src/providers/tencent/statcgi/push-history.ts';
import { parseFixedOffset } from '../../../../src/text/time-zones.ts';
import { describePushHistory } from '../../../contract/push-history.ts';
import { pushSample, streamId } from '../../../support/samples.ts';
import { fixture, httpResponse, recorded } from '../../recorded.ts';

const never = new AbortController().signal;
const key = '5d41402abc4b2a76b9719d911017c592';
/** 2016-01-20 16:50:31 in Beijing. */
const at = 1_453_279_831_000;
const now = at + 20_000;
const stream = streamId({ stream: '1234_xxx' });
const window = { from: at - 500, to: at + 19_500 };
const utcText =
  'the times in the response are in UTC, not in the configured time_zone, and are read as UTC; correct time_zone in the config';

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
    getCredentials: () => ({ key }),
    now: () => now,
  });
  return createStatcgiPushHistory(call, { timeZoneOffsetMs });
}

function stored(name: string): HttpResponse {
  return httpResponse(fixture(`tencent/Get_LivePushStatHistory.${name}.json`));
}

function answerOf(name: string, timeZoneOffsetMs?: number) {
  return sourceOf(async () => stored(name), timeZoneOffsetMs).listPushSamples(stream, window, never);
}

function answerTo(rows: readonly unknown[]) {
  const response = httpResponse(JSON.stringify({ ret: 0, output: { stream_info: rows } }));
  return sourceOf(async () => response).listPushSamples(stream, window, never);
}

describePushHistory('Get_LivePushStatHistory', {
  sourceOf,
  stream,
  window,
  samples: [first, second],
  malformed: 6,
  secrets: [key, 'sign=', 'example.com'],
  responses: {
    samples: stored('object'),
    empty: [
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
    outsideWindow: rowsAt('2016-01-20 17:50:31', '2016-01-20 17:50:36'),
    failures: {
      auth: [stored('sign-invalid'), stored('time-expired'), httpResponse('', { status: 403 })],
      refused: [
        stored('cmd-is-invalid'),
        stored('appid-is-invalid'),
        stored('code-1000'),
        stored('code-1001'),
        stored('code-1204'),
        stored('unknown-code'),
        httpResponse('', { status: 404 }),
      ],
      throttled: [stored('code-1202'), httpResponse('', { status: 429 })],
      unavailable: [stored('code-1201'), httpResponse('', { status: 502 })],
      malformed: [
        stored('no-code'),
        stored('unknown-output'),
        stored('message-only'),
        stored('message-and-null'),
        httpResponse('<html>Welcome to nginx!</html>'),
        httpResponse(''),
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
])('reads the same samples from %s', async (name) => {
  await expect(answerOf(name)).resolves.toEqual({ items: [first, second], malformed: 0, warnings: [] });
});

test('reads one sample from a single row without a list', async () => {
  await expect(answerOf('one-row-as-object')).resolves.toEqual({
    items: [first],
    malformed: 0,
    warnings: [],
  });
});

test('requests whole seconds that cover the window', async () => {
  const { http, sent } = recorded(stored('object'));

  await sourceOf(http).listPushSamples(stream, window, never);

  expect(sent[0]?.query).toContain(
    '&interface=Get_LivePushStatHistory&Param.n.start_time=1453279830&Param.n.end_time=1453279851&Param.s.stream_id=1234_xxx&',
  );
});

test('treats a missing or invalid value as unknown, and zero as zero', async () => {
  await expect(answerOf('bad-values')).resolves.toEqual({
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
    warnings: ['implausible frame rates or bit rates in the response are ignored'],
  });
});

test('reads addresses as well-formed text of at most 255 characters', async () => {
  const rows = [{ time: at / 1000, fps: 25, client_ip: 'a\ud83c', server_ip: 'b'.repeat(100_000) }];
  const response = httpResponse(JSON.stringify({ ret: 0, output: { stream_info: rows } }));

  const { items } = await sourceOf(async () => response).listPushSamples(stream, window, never);

  expect(items[0]?.clientIp).toBe('a\ufffd');
  expect(items[0]?.serverIp).toHaveLength(255);
});

test('reads addresses in canonical form, so that one publisher has one address', async () => {
  const rows = [
    { time: at / 1000, fps: 25, client_ip: '::FFFF:c000:201', server_ip: '2001:DB8::0:1' },
    { time: at / 1000 + 5, fps: 25, client_ip: '192.0.2.1', server_ip: '2001:db8::1' },
    { time: at / 1000 + 10, fps: 25, client_ip: '-', server_ip: '' },
  ];

  const { items } = await answerTo(rows);

  expect(items.map(({ clientIp, serverIp }) => [clientIp, serverIp])).toEqual([
    ['192.0.2.1', '2001:db8::1'],
    ['192.0.2.1', '2001:db8::1'],
    [undefined, undefined],
  ]);
});

test.each([
  ['client_ip', { client_ip: '203.0.113.7' }, { clientIp: '203.0.113.7', serverIp: undefined }],
  ['server_ip', { server_ip: '198.51.100.9' }, { clientIp: undefined, serverIp: '198.51.100.9' }],
])(
  'reads a row with %s but without a value as a sample with unknown values',
  async (_, fields, addresses) => {
    const rows = [{ time: at / 1000, fps: '', ...fields }];

    await expect(answerTo(rows)).resolves.toEqual({
      items: [{ ...first, ...addresses, framesPerSecond: undefined, bitsPerSecond: undefined }],
      malformed: 0,
      warnings: [],
    });
  },
);

test('returns the time of the newest unreadable row, unless a time is unreadable too', async () => {
  const readable = { time: at / 1000, fps: 25 };
  const [older, newer] = [{ time: at / 1000 + 5 }, { time: at / 1000 + 10, fps: 'n/a' }];

  await expect(answerTo([newer, readable, older])).resolves.toMatchObject({
    malformed: 2,
    malformedUpTo: at + 10_000,
  });
  const { malformed, malformedUpTo } = await answerTo([readable, older, { time: 'now', fps: 25 }]);
  expect([malformed, malformedUpTo]).toEqual([2, undefined]);
});

test('treats an implausible value as unknown, because it would spoil the totals forever', async () => {
  const seconds = at / 1000;
  const rows = [
    { time: seconds, fps: 1e308, speed: 812_345 },
    { time: seconds + 5, fps: 25, speed: '99999999999999999999' },
    { time: seconds + 10, fps: 1_000, speed: 10_000_000_000 },
    { time: seconds + 15, fps: 1_001, speed: 10_000_000_001 },
  ];
  const response = httpResponse(JSON.stringify({ ret: 0, output: { stream_info: rows } }));

  const { items, malformed, warnings } = await sourceOf(async () => response).listPushSamples(
    stream,
    window,
    never,
  );

  expect(items.map(({ framesPerSecond, bitsPerSecond }) => [framesPerSecond, bitsPerSecond])).toEqual([
    [undefined, 812_345],
    [25, undefined],
    [1_000, 10_000_000_000],
  ]);
  expect([malformed, warnings]).toEqual([
    1,
    ['implausible frame rates or bit rates in the response are ignored'],
  ]);
});

test('reads times that only match UTC as UTC, and warns once', async () => {
  await expect(answerOf('utc-times')).resolves.toEqual({
    items: [first, second],
    malformed: 0,
    warnings: [utcText],
  });
});

test('reads times as UTC if the configured zone is west of Greenwich', async () => {
  await expect(answerOf('utc-times', -5 * 3_600_000)).resolves.toMatchObject({
    items: [first, second],
    warnings: [utcText],
  });
});

test('reads no times as UTC if some have a zone', async () => {
  const mixed = rowsAt('2016-01-20 08:50:31', '2016-01-20 09:50:36+08:00');

  const answer = sourceOf(async () => mixed).listPushSamples(stream, window, never);

  await expect(answer).rejects.toThrow('(check time_zone)');
});

test('reads times without a zone in the time zone of the account', async () => {
  await expect(answerOf('utc-times', 0)).resolves.toEqual({
    items: [first, second],
    malformed: 0,
    warnings: [],
  });
});

test('keeps rows outside the window if others are inside, because the ledger filters them', async () => {
  const seconds = at / 1000;
  const around = rowsAt(seconds - 3600, seconds, seconds + 3600);

  const { items } = await sourceOf(async () => around).listPushSamples(stream, window, never);

  expect(items.map(({ measuredAt }) => measuredAt - at)).toEqual([-3_600_000, 0, 3_600_000]);
});

test.each(['+09:00', '+07:00', '+08:15', '+07:45', '-05:00'])(
  'rejects the rows of a live stream that %s moves out of the window',
  async (zone) => {
    const offsetMs = parseFixedOffset(zone);

    await expect(answerOf('object', offsetMs)).rejects.toMatchObject({
      kind: 'malformed',
      message: 'tencent Get_LivePushStatHistory: rows are outside the requested window (check time_zone)',
    });
  },
);

test.each([7, 9])('rejects two hours of rows that +0%d:00 moves out of the window in part', async (hours) => {
  const wide = { from: at - 7_200_000, to: at };
  const texts = Array.from({ length: 1440 }, (_, i) => beijingText(wide.from + i * 5000));

  const answer = sourceOf(async () => rowsAt(...texts), hours * 3_600_000);

  await expect(answer.listPushSamples(stream, wide, never)).rejects.toThrow('check time_zone');
});

test('reads a long window of rows as UTC as a whole, also if some fit the configured zone', async () => {
  const wide = { from: at - 7_200_000, to: at };
  const times = Array.from({ length: 1440 }, (_, i) => wide.from + i * 5000);
  const texts = times.map((time) => beijingText(time - 8 * 3_600_000));

  const answer = await sourceOf(async () => rowsAt(...texts), 3_600_000).listPushSamples(stream, wide, never);

  expect(answer.items.map(({ measuredAt }) => measuredAt)).toEqual(times);
  expect(answer.warnings).toEqual([utcText]);
});

test('names no setting if the times outside the window have a zone of their own', async () => {
  const answer = sourceOf(async () => stored('iso-times'));
  const later = { from: at + 3_600_000, to: at + 7_200_000 };

  await expect(answer.listPushSamples(stream, later, never)).rejects.toMatchObject({
    kind: 'malformed',
    message:
      'tencent Get_LivePushStatHistory: rows are outside the requested window (check for a proxy or gateway that returns old responses)',
  });
});

test('warns about bit rates that look like kbit/s, without rescaling them', async () => {
  const { items, warnings } = await answerOf('kbit');

  expect(items.map(({ bitsPerSecond }) => bitsPerSecond)).toEqual([812, 799]);
  expect(warnings).toEqual([
    'the bit rates in the response are so low that their unit is probably kbit/s, but they are read as bit/s; report this',
  ]);
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
])('does not warn about %s', async (_, rates) => {
  const rows = rates.map((rate, i) => ({ time: at / 1000 + 5 * i, ...rate }));
  const response = httpResponse(JSON.stringify({ ret: 0, output: { stream_info: rows } }));

  const { items, warnings } = await sourceOf(async () => response).listPushSamples(stream, window, never);

  expect([items.length, warnings]).toEqual([2, []]);
});

function rowsAt(...times: readonly (number | string)[]): HttpResponse {
  const rows = times.map((time) => ({ time, fps: 25, speed: 812_345 }));
  return httpResponse(JSON.stringify({ ret: 0, output: { stream_info: rows } }));
}

/** Returns the wall clock time in Beijing, without a zone. */
function beijingText(time: number): string {
  return new Date(time + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');
}
