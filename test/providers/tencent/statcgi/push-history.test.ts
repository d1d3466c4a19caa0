import { expect, test } from 'vitest';
import { describePushHistory } from '../../../contract/push-history.ts';
import { httpResponse, recorded } from '../../recorded.ts';
import {
  answerOf,
  at,
  first,
  key,
  never,
  rowsAt,
  second,
  sourceOf,
  stored,
  stream,
  window,
} from './push-history-source.ts';

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
