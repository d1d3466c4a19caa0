import { expect, test } from 'vitest';
import type { Simulator } from '../../../src/simulator/server.ts';
import { createWorld } from '../../../src/simulator/world/world.ts';
import { minuteMs, secondMs, standAtSystemTime } from '../standing-simulator.ts';
import { scenarioOf } from '../support.ts';
import { utc } from './caller.ts';
import { algorithms, type ClientRequest, sendWithClient } from './official-client.ts';

/*
 * Tests the list of forbidden streams with the official client, which signs with the system time. So the
 * simulator uses the system time too, but its clock stands still.
 */

const { realNow, startStanding } = standAtSystemTime();

/** Starts a simulator an hour after the start of its story. */
function startWith({ alibaba = '', provider = '', story = '' } = {}): Promise<Simulator> {
  return startStanding(
    `
name: official
alibaba: {${alibaba}}
provider: {${provider}}
domains:
  - name: play.example.com
    app_names: [live, show]
    push_domains: [push.example.com]
    story: ${story}
  - {name: quiet.example.com}
`,
    60 * minuteMs,
  );
}

type Options = Partial<Pick<ClientRequest, 'algorithm' | 'method'>> & {
  readonly query?: Readonly<Record<string, string>>;
};

async function list({ port }: Simulator, { query, ...options }: Options = {}): Promise<object> {
  const { body } = await sendWithClient({
    port,
    action: 'DescribeLiveStreamsBlockList',
    ...options,
    query: { DomainName: 'play.example.com', ...query },
  });
  return body;
}

async function namesOf(simulator: Simulator, query: Readonly<Record<string, string>> = {}) {
  return (await list(simulator, { query })) as Readonly<Record<'StreamUrls' | 'TotalNum', unknown>>;
}

const bans = `
      - {at: 10m, stream: lasting, action: forbid}
      - {at: 20m, stream: expired, action: forbid, expires: 40m}
      - {at: 21m, stream: expires, app_name: show, action: forbid, expires: 39m1s}
      - {at: 22m, stream: resumed, action: forbid}
      - {at: 23m, stream: resumed, action: resume}
      - {at: 24m, stream: console, action: forbid, recorded: false}
      - {at: 25m, stream: lifted, action: forbid}
      - {at: 26m, stream: lifted, action: resume, recorded: false}
      - {at: 27m, stream: kicked, action: kick}
      - {at: 61m, stream: later, action: forbid}
`;

test.each(
  algorithms.flatMap(([name, algorithm]) =>
    (['GET', 'POST'] as const).map((method) => [name, method, algorithm] as const),
  ),
)('lists the streams that are forbidden now, signed by %s with %s', async (_, method, algorithm) => {
  const simulator = await startWith({ story: bans });

  expect(await list(simulator, { method, algorithm })).toEqual({
    RequestId: expect.any(String),
    DomainName: 'play.example.com',
    PageNum: 1,
    PageSize: 2_000,
    TotalNum: 3,
    TotalPage: 1,
    StreamUrls: {
      StreamUrl: [
        'play.example.com/live/console',
        'play.example.com/show/expires',
        'play.example.com/live/lasting',
      ],
    },
  });
});

test('leaves actions without a record out of the control history', async () => {
  const { port } = await startWith({ story: bans });
  const [from, to] = [realNow - 61 * minuteMs, realNow].map(utc);

  const { body } = await sendWithClient({
    port,
    action: 'DescribeLiveStreamsControlHistory',
    query: { DomainName: 'play.example.com', StartTime: from ?? '', EndTime: to ?? '' },
  });

  const records = (
    body as { ControlInfo: { LiveStreamControlInfo: { StreamName: string; Action: string }[] } }
  ).ControlInfo.LiveStreamControlInfo;
  expect(records.map(({ StreamName, Action }) => `${StreamName.split('/')[2]} ${Action}`)).toEqual([
    'lasting forbid',
    'expired forbid',
    'expires forbid',
    'resumed forbid',
    'resumed resume',
    'lifted forbid',
    'kicked kick',
  ]);
});

test('pages the list, and each page is newer than the one before it', async () => {
  const story = `
      - {at: 50m, stream: "s-{n}", count: 5, action: forbid}
      - {at: 60m1s, stream: new, action: forbid}
`;
  const simulator = await startWith({ story, provider: 'list: {page_lag: 1s}' });

  const pages = await Promise.all(
    ['1', '2', '3'].map((PageNum) => namesOf(simulator, { PageNum, PageSize: '2' })),
  );

  expect(pages.map(({ TotalNum }) => TotalNum)).toEqual([5, 6, 6]);
  expect(pages.map(({ StreamUrls }) => StreamUrls)).toEqual([
    { StreamUrl: ['play.example.com/live/s-1', 'play.example.com/live/s-2'] },
    // The new ban moved all others.
    { StreamUrl: ['play.example.com/live/s-2', 'play.example.com/live/s-3'] },
    { StreamUrl: ['play.example.com/live/s-4', 'play.example.com/live/s-5'] },
  ]);
});

test('shows bans of a story that repeats, and repeated bans', () => {
  const scenario = scenarioOf(`
name: loop
loop: 5m
domains:
  - name: play.example.com
    story:
      - {at: 0s, every: 10s, until: 30s, stream: often, action: forbid, expires: 5s}
      - {at: 4m, stream: night, action: forbid}
      - {at: 2m, stream: night, action: resume}
`);
  const { blockedAt } = createWorld(scenario, realNow);

  const names = [1, 6, 11, 26, 31, 125, 241, 301].map((seconds) =>
    blockedAt('play.example.com', realNow + seconds * secondMs).map(({ stream }) => stream),
  );

  const night = ['night'];
  expect(names).toEqual([
    ['often', 'night'],
    night,
    ['often', 'night'],
    night,
    night,
    [],
    night,
    ['often', 'night'],
  ]);
});

test.each([
  ['ban_name: ingest', { StreamUrl: ['push.example.com/live/cam'] }],
  ['ban_name: bare', { StreamUrl: ['cam'] }],
  ['one_record: object', { StreamUrl: 'play.example.com/live/cam' }],
])('with %s, names streams in another form', async (alibaba, StreamUrls) => {
  const simulator = await startWith({ alibaba, story: '[{at: 1m, stream: cam, action: forbid}]' });

  expect(await namesOf(simulator)).toMatchObject({ StreamUrls });
});

test.each([
  ['list', []],
  ['object', {}],
  ['null', null],
  ['text', ''],
  ['absent', undefined],
])('with no_records: %s, an empty list has this form', async (form, StreamUrls) => {
  const simulator = await startWith({ alibaba: `no_records: ${form}`, story: '[]' });

  const body = await namesOf(simulator);
  expect([body.TotalNum, body.StreamUrls]).toEqual([0, StreamUrls]);
});

test.each([
  [{ DomainName: '' }, 'MissingDomainName'],
  [{ DomainName: 'push.example.com' }, 'IllegalOperation'],
  [{ DomainName: 'unknown.example.com' }, 'InvalidDomain.NotFound'],
  [{ PageSize: '3001' }, 'InvalidParameter.Format'],
  [{ PageNum: '0' }, 'InvalidParameter.Format'],
])('refuses %j with %s', async (query, code) => {
  const simulator = await startWith({ story: '[]' });

  await expect(list(simulator, { query })).rejects.toMatchObject({ code });
});

test('refuses only the operations that are not granted', async () => {
  const simulator = await startWith({
    alibaba: 'not_granted: [DescribeLiveStreamsBlockList]',
    story: '[]',
  });
  const { port } = simulator;

  await expect(list(simulator)).rejects.toMatchObject({ code: 'NoPermission', statusCode: 403 });
  const query = { DomainName: 'play.example.com' };
  await expect(
    sendWithClient({ port, action: 'DescribeLiveStreamsOnlineList', query }),
  ).resolves.toMatchObject({
    statusCode: 200,
  });
});
