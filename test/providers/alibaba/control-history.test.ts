import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Http, HttpAnswer } from '../../../src/calls/call.ts';
import type { ControlAction } from '../../../src/model/control-action.ts';
import type { ControlledDomain } from '../../../src/model/questions.ts';
import { createAlibabaCall } from '../../../src/providers/alibaba/call.ts';
import { createAlibabaControlHistory } from '../../../src/providers/alibaba/control-history.ts';
import { describeControlHistory } from '../../contract/control-history.ts';
import { fixture, httpAnswer, recorded } from '../recorded.ts';

const never = new AbortController().signal;
const now = Date.UTC(2025, 6, 7, 12, 0, 0, 500);
const domain = { domain: 'play.example.com', appName: undefined };
const window = { from: Date.UTC(2025, 6, 7, 0, 0, 0, 500), to: Date.UTC(2025, 6, 7, 11, 59, 58, 1) };

const forbidden: ControlAction = {
  actedAt: Date.UTC(2025, 6, 7, 3, 37, 2),
  domain: 'play.example.com',
  appName: 'live',
  stream: 'cam1',
  action: 'forbid',
  clientIp: '11.0.0.1',
};
const resumed: ControlAction = {
  ...forbidden,
  actedAt: Date.UTC(2025, 6, 7, 6, 48, 52),
  action: 'resume',
  clientIp: '11.0.0.2',
};

function sourceOf(http: Http, signature: 'v1' | 'v3' = 'v3') {
  const call = createAlibabaCall({
    http,
    endpoint: 'https://live.example.com',
    accessKeyId: 'testid',
    accessKeySecret: 'testsecret',
    securityToken: 'STS/tok+en==',
    signature,
    format: 'json',
    now: () => now,
    nonce: () => 'nonce',
  });
  return createAlibabaControlHistory(call, { now: () => now });
}

function stored(name: string): HttpAnswer {
  return httpAnswer(fixture(`alibaba/DescribeLiveStreamsControlHistory.${name}`));
}

function failed(name: string, status: number): HttpAnswer {
  return httpAnswer(fixture(`alibaba/error.${name}`), { status });
}

function ask(answer: HttpAnswer, of: ControlledDomain = domain) {
  return sourceOf(async () => answer).listControlActions(of, window, never);
}

function rows(...records: readonly object[]): HttpAnswer {
  return httpAnswer(JSON.stringify({ RequestId: 'A', ControlInfo: { LiveStreamControlInfo: records } }));
}

/** The record of `forbidden`, otherwise as told. */
function record(part: object = {}): object {
  return {
    Action: 'forbid',
    StreamName: 'play.example.com/live/cam1',
    ClientIP: '11.0.0.1',
    TimeStamp: '2025-07-07T03:37:02Z',
    ...part,
  };
}

for (const signature of ['v1', 'v3'] as const) {
  describeControlHistory(`DescribeLiveStreamsControlHistory by ${signature}`, {
    sourceOf: (http) => sourceOf(http, signature),
    domain,
    window,
    actions: [forbidden, resumed],
    malformed: 13,
    secrets: ['testid', 'testsecret', 'STS', 'Signature=', 'live.example.com', '1234567890123456'],
    answers: {
      actions: stored('list.json'),
      nothing: [
        stored('no-data-empty-list.json'),
        stored('no-data-no-list.json'),
        stored('no-data-null-list.json'),
        stored('no-data-empty-text-list.json'),
        stored('no-data-empty-object-list.json'),
        stored('no-data-no-wrapper.json'),
        stored('no-data-null-wrapper.json'),
        stored('no-data-empty-text-wrapper.json'),
        stored('no-data-empty-list-wrapper.json'),
        stored('no-data-closed.xml'),
        stored('no-data-empty.xml'),
        stored('no-data-absent.xml'),
      ],
      equalRows: stored('equal-records.json'),
      badRows: stored('bad-rows.json'),
      onlyBadRows: stored('only-bad-rows.json'),
      failures: {
        auth: [
          failed('signature-does-not-match.json', 400),
          failed('signature-does-not-match.json', 403),
          failed('access-key-not-found.xml', 404),
          failed('clock-skew.json', 400),
          failed('nonce-used.json', 400),
          failed('ram-denial.json', 403),
        ],
        refused: [
          failed('start-time-malformed.json', 400),
          failed('end-time-malformed.json', 400),
          failed('end-time-mismatch.json', 400),
          failed('small-letters.json', 403),
          failed('unknown-code.json', 400),
          httpAnswer('', { status: 404 }),
        ],
        throttled: [
          failed('throttling-user.json', 400),
          failed('throttling-user.json', 429),
          failed('throttling-user.json', 503),
          failed('throttling-api.xml', 400),
          httpAnswer('', { status: 429 }),
        ],
        unavailable: [failed('internal-error.json', 500), failed('bad-gateway.txt', 502)],
        malformed: [
          stored('unknown-wrapper.json'),
          stored('unknown-list.json'),
          stored('other-records.json'),
          stored('not-alibaba.json'),
          stored('truncated-json.txt'),
          stored('truncated-xml.txt'),
          failed('bad-gateway.txt', 200),
          failed('without-code.xml', 200),
          httpAnswer(''),
        ],
      },
    },
  });
}

test.each(['descending.json', 'list-without-wrapper.json', 'unknown-fields.json', 'list.xml'])(
  'the form "%s" holds the same actions',
  async (name) => {
    const { items, malformed, notes } = await ask(stored(name));

    expect(items.toSorted((a, b) => a.actedAt - b.actedAt)).toEqual([forbidden, resumed]);
    expect([malformed, notes]).toEqual([0, []]);
  },
);

test.each(['one-record-in-list.json', 'one-record-as-object.json', 'one-record.xml'])(
  'the form "%s" holds one action',
  async (name) => {
    await expect(ask(stored(name))).resolves.toEqual({ items: [forbidden], malformed: 0, notes: [] });
  },
);

test.each(['seed-example.json', 'seed-example.xml'])('the example of the page is read: %s', async (name) => {
  await expect(ask(stored(name))).resolves.toEqual({
    items: [
      {
        actedAt: Date.UTC(2015, 11, 1, 16, 36, 18),
        domain: 'test101.aliyunlive.com',
        appName: 'diaoliang',
        stream: 'dd',
        action: 'forbid',
        clientIp: '10.207.197.201',
      },
    ],
    malformed: 0,
    notes: [],
  });
});

test('whatever the names, the same records as XML are the same actions', async () => {
  const text = fc.string({ unit: fc.constantFrom(...'aB7/ &<>"\';#x4新🎥') });
  const told = fc.record({ Action: text, StreamName: text, ClientIP: text });
  const escaped = (value: string) => value.replace(/[&<>]/g, (char) => `&#${char.charCodeAt(0)};`);

  await fc.assert(
    fc.asyncProperty(fc.array(told, { minLength: 1, maxLength: 4 }), async (parts) => {
      const records = [record(), ...parts.map((part) => record(part))];
      const elements = records.map((one) => {
        const fields = Object.entries(one).map(([name, value]) => `<${name}>${escaped(value)}</${name}>`);
        return `<LiveStreamControlInfo>${fields.join('')}</LiveStreamControlInfo>`;
      });
      const xml = `<XResponse><ControlInfo>${elements.join('')}</ControlInfo></XResponse>`;

      expect(await ask(httpAnswer(xml))).toEqual(await ask(rows(...records)));
    }),
  );
});

test('names that XML has to spell out are the names', async () => {
  const { items } = await ask(stored('escaped-names.xml'));

  expect(items.map(({ stream }) => stream)).toEqual(['007&新闻', 'a<b&c']);
});

test('a bare name is of the domain and the application that were asked about', async () => {
  const { items } = await ask(stored('bare-names.json'), { domain: 'play.example.com', appName: 'live' });

  expect(items).toEqual([
    { ...forbidden, stream: 'liveStream****', action: 'describelivestreamscontrolhistory' },
    { ...resumed, stream: 'live/cam1' },
  ]);
});

test('a bare name, asked about without an application, has none', async () => {
  const { items } = await ask(rows(record({ StreamName: 'cam1' })));

  expect(items).toEqual([{ ...forbidden, appName: '', stream: 'cam1' }]);
});

test.each([
  ['other.example.com/show/cam1', 'other.example.com', 'show', 'cam1'],
  ['play.example.com/live/a/b/c', 'play.example.com', 'live', 'a/b/c'],
  ['play.example.com/live//', 'play.example.com', 'live', '/'],
  ['play.example.com/live/cam1?auth=1/2', 'play.example.com', 'live', 'cam1?auth=1/2'],
  ['play.example.com/*/cam1', 'play.example.com', '*', 'cam1'],
  ['play.example.com//cam1', 'play.example.com', '', 'cam1'],
  ['/live/cam1', 'play.example.com', 'live', 'cam1'],
  ['live/cam1', 'play.example.com', '', 'live/cam1'],
  [' cam1 ', 'play.example.com', '', 'cam1'],
  // Half a character: written down, all of them are this one.
  ['play.example.com/live/cam\ud801', 'play.example.com', 'live', 'cam\ufffd'],
])('the name %j is of domain %j, application %j, stream %j', async (name, ofDomain, appName, stream) => {
  const { items } = await ask(rows(record({ StreamName: name })));

  expect(items).toEqual([{ ...forbidden, domain: ofDomain, appName, stream }]);
});

test.each([
  [' Forbid ', 'forbid'],
  ['RESUME', 'resume'],
  ['ForbidLiveStream', 'forbidlivestream'],
  ['for\u0000bid\u202e\r\nnow', 'for bid now'],
  ['\ud800forbid', 'forbid'],
  ['禁播', '禁播'],
  ['a'.repeat(1000), 'a'.repeat(64)],
  [`${'a'.repeat(63)}🎥🎥`, `${'a'.repeat(63)}🎥`],
  [`${'a'.repeat(63)} b`, 'a'.repeat(63)],
])('the action %j is %j', async (told, action) => {
  const { items } = await ask(rows(record({ Action: told })));

  expect(items).toEqual([{ ...forbidden, action }]);
});

test.each([undefined, '', ' ', null, 7])('a client address of %j is unknown', async (ip) => {
  const { items, malformed } = await ask(rows(record({ ClientIP: ip })));

  expect([items, malformed]).toEqual([[{ ...forbidden, clientIp: undefined }], 0]);
});

test('rows outside of the window are kept: the ledger judges them', async () => {
  const { items } = await ask(rows(record({ TimeStamp: '2026-01-01T00:00:00Z' })));

  expect(items).toEqual([{ ...forbidden, actedAt: Date.UTC(2026, 0, 1) }]);
});

test.each([
  [99, 0],
  [100, 1],
  [101, 0],
  [500, 1],
  [1000, 1],
])('an answer of %d records has %d notes: a round number may be a limit', async (count, notes) => {
  const answer = await ask(rows(...Array.from({ length: count }, () => record())));

  expect(answer.items).toHaveLength(count);
  expect(answer.notes).toEqual(
    notes === 0 ? [] : ['the number of records is round, so the answer may be cut short'],
  );
});

async function asked(part: Partial<typeof window>, of: ControlledDomain = domain) {
  const { http, sent } = recorded(rows());
  await sourceOf(http).listControlActions(of, { ...window, ...part }, never);
  return Object.fromEntries(new URL(sent[0]?.url ?? '').searchParams);
}

test('the window is asked for in whole seconds that hold all of it', async () => {
  await expect(asked({})).resolves.toEqual({
    DomainName: 'play.example.com',
    StartTime: '2025-07-07T00:00:00Z',
    EndTime: '2025-07-07T11:59:59Z',
  });
});

test('one application is asked about where there is one', async () => {
  await expect(asked({}, { domain: 'play.example.com', appName: 'testApp' })).resolves.toMatchObject({
    AppName: 'testApp',
  });
});

test.each([now, now + 1, now + 60_000])('the end %d is not asked for beyond now', async (to) => {
  await expect(asked({ to })).resolves.toMatchObject({ EndTime: '2025-07-07T12:00:00Z' });
});

test('a window that lies ahead has no end before its start', async () => {
  await expect(asked({ from: now + 10_000, to: now + 20_000 })).resolves.toMatchObject({
    StartTime: '2025-07-07T12:00:10Z',
    EndTime: '2025-07-07T12:00:10Z',
  });
});

test('a window of seven days that begins within a second is not asked for as one second more', async () => {
  await expect(asked({ from: window.to - 7 * 86_400_000, to: window.to })).resolves.toMatchObject({
    StartTime: '2025-06-30T11:59:58Z',
    EndTime: '2025-07-07T11:59:58Z',
  });
});

test('the documents allow a span of seven days', () => {
  const { limits } = sourceOf(async () => rows());

  expect(limits).toEqual({ spanMs: 604_800_000, retentionMs: 604_800_000 });
});
