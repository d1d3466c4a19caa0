import { expect, test } from 'vitest';
import type { Simulator } from '../../../src/simulator/server.ts';
import { secondMs } from '../standing-simulator.ts';
import { sendWithClient, utc } from './official-client.ts';
import { standStreamsAtSystemTime } from './standing-streams.ts';

/*
 * Tests ended pushes, forbidden streams and states with the official client, which signs with the system
 * time. So the simulator uses the system time too.
 */

const { realNow, startStreams, storyStart } = standStreamsAtSystemTime();

function startWith(story: string, { provider = '', site = 'international', head = '' } = {}) {
  return startStreams(story, { account: `site: ${site}`, provider: `time: iso, ${provider}`, head });
}

const streams = `
  - {name: before}
  - {name: over, start: 0s, stop: 30s}
  - {name: banned, story: [{at: 20s, for: 30s, cut: forbid}]}
  - {name: banned-now, story: [{at: 40s, cut: forbid}]}
  - {name: expired, story: [{at: 25s, for: 20s, cut: forbid, expires: true}]}
  - {name: dropped, story: [{at: 35s, for: 5s, cut: drop}]}
  - {name: odd, story: [{at: 45s, for: 5s, silent: true, stop_reason: "who knows"}]}
  - {name: new, start: 0s, stop: 96s}
  - {name: flapping, app_name: show, story: [{at: 10s, for: 60s, flapping: {up: 20s, down: 10s}}]}
  - {name: never, start: never, story: [{at: 50s, cut: forbid}]}
`;

function events({ port }: Simulator, query: object = {}) {
  return sendWithClient({ port }, 'DescribeLiveStreamEventList', {
    DomainName: 'push.example.com',
    AppName: 'live',
    StartTime: utc(storyStart - 60 * secondMs),
    EndTime: utc(realNow),
    PageSize: 100,
    ...query,
  });
}

interface Row {
  readonly StreamName: string;
  readonly StreamStartTime: string;
  readonly StreamEndTime: string;
  readonly StopReason: string;
}

async function endsOf(simulator: Simulator, query: object = {}): Promise<readonly string[]> {
  const { EventList } = await events(simulator, query);
  return EventList.map(
    ({ StreamName, StreamEndTime }: Row) =>
      `${StreamName} ${(Date.parse(StreamEndTime) - storyStart) / secondMs}`,
  );
}

test('returns the ended pushes, sorted by their end, the newest first', async () => {
  const simulator = await startWith(streams);

  const newestFirst = await endsOf(simulator);

  expect(newestFirst).toEqual([
    'odd 45',
    'banned-now 40',
    'dropped 35',
    'over 30',
    'expired 25',
    'banned 20',
  ]);
  expect(await endsOf(simulator, { IsAsc: 1, IsFilter: 1 })).toEqual(newestFirst.toReversed());
  expect(await endsOf(simulator, { AppName: 'show', IsAsc: 1 })).toEqual(['flapping 10', 'flapping 40']);
});

test('returns times, duration and reason of a push', async () => {
  const international = await startWith(streams);
  const china = await startWith(streams, { site: 'china' });
  const reasonsOf = async (simulator: Simulator) =>
    Object.fromEntries(
      (await events(simulator)).EventList.map(({ StreamName, StopReason }: Row) => [StreamName, StopReason]),
    );

  expect((await events(china, { StreamName: 'over', IsStrict: 1 })).EventList).toEqual([
    {
      StreamName: 'over',
      AppName: 'live',
      DomainName: 'push.example.com',
      StreamStartTime: utc(storyStart),
      StreamEndTime: utc(storyStart + 30 * secondMs),
      Duration: 30,
      StopReason: '推流客户端主动断流',
      ClientIp: '192.0.2.1',
      Resolution: '1920*1080',
    },
  ]);
  expect(await reasonsOf(china)).toMatchObject({
    banned: '收到客户调用的禁播请求',
    dropped: '收到客户调用的断流请求',
    odd: 'who knows',
  });
  expect(await reasonsOf(international)).toMatchObject({
    banned: 'A playback forbidding request from the client was received.',
    dropped: 'A push interruption request from the client was received.',
    over: 'The push client actively stopped the push.',
  });
});

test('finds streams by a part of the name, or strictly', async () => {
  const simulator = await startWith(streams);

  expect(await endsOf(simulator, { StreamName: 'banned' })).toEqual(['banned-now 40', 'banned 20']);
  expect(await endsOf(simulator, { StreamName: 'banned', IsStrict: 1 })).toEqual(['banned 20']);
  expect(await endsOf(simulator, { DomainName: 'other.example.com' })).toEqual([]);
});

test('has ten rows per page by default, and moves the rows between two pages', async () => {
  const simulator = await startWith(
    `
  - {name: "room-{n}", count: 25, start: 0s, stop: 50s}
  - {name: late, start: 0s, stop: 96s}
`,
    { provider: 'events: {page_lag: 2s}' },
  );

  const pages = await Promise.all(
    [1, 2].map((PageNum) => events(simulator, { PageNum, PageSize: undefined })),
  );

  expect(pages.map(({ EventList }) => EventList.length)).toEqual([10, 10]);
  expect(pages.map(({ TotalNum }) => TotalNum)).toEqual([25, 26]);
  // The late row is on page 1 now, so the last row of page 1 is on page 2 too.
  expect(pages[1].EventList[0].StreamName).toBe(pages[0].EventList[9].StreamName);
});

test('repeats the ends of a story that repeats, also before the start', async () => {
  const simulator = await startWith('  - {name: a, story: [{at: 10s, for: 10s, cut: drop}]}', {
    head: 'loop: 40s',
  });

  expect(await endsOf(simulator, { IsAsc: 1 })).toEqual([
    'a -40',
    'a -30',
    'a 0',
    'a 10',
    'a 40',
    'a 50',
    'a 80',
    'a 90',
  ]);
});

test.each([
  ['an end in the future', { EndTime: utc(realNow + 1_000) }],
  ['a span of more than 30 days', { StartTime: utc(realNow - 31 * 86_400_000) }],
  [
    'a start of more than 60 days ago',
    { StartTime: utc(realNow - 61 * 86_400_000), EndTime: utc(realNow - 40 * 86_400_000) },
  ],
  ['a page of more than 100 rows', { PageSize: 101 }],
  ['a time without a zone', { StartTime: '2026-03-01 12:00:00' }],
])('rejects %s', async (_what, query) => {
  const simulator = await startWith(streams);

  await expect(events(simulator, query)).rejects.toMatchObject({ code: 'InvalidParameterValue' });
});

function bans({ port }: Simulator, query: object = {}) {
  return sendWithClient({ port }, 'DescribeLiveForbidStreamList', query);
}

test('lists the forbidden streams of the account at the international site', async () => {
  const simulator = await startWith(streams);

  expect(await bans(simulator)).toMatchObject({
    ForbidStreamList: [
      {
        StreamName: 'never',
        CreateTime: utc(storyStart + 50 * secondMs),
        ExpireTime: utc(storyStart + 50 * secondMs + 7 * 86_400_000),
        AppName: 'live',
        DomainName: 'push.example.com',
      },
      { StreamName: 'banned-now' },
    ],
    TotalNum: 2,
    PageSize: 10,
  });
  expect(await bans(simulator, { PageSize: 1, PageNum: 2 })).toMatchObject({
    ForbidStreamList: [{ StreamName: 'banned-now' }],
  });
});

test('does not offer the list of forbidden streams at the China site', async () => {
  const simulator = await startWith(streams, { site: 'china' });

  await expect(bans(simulator)).rejects.toMatchObject({ code: 'InvalidAction' });
});

test.each([
  ['before', 'active'],
  ['over', 'inactive'],
  ['banned', 'active'],
  ['banned-now', 'forbid'],
  ['never', 'forbid'],
  ['unknown', 'inactive'],
])('returns the state of the stream %s: %s', async (StreamName, StreamState) => {
  const { port } = await startWith(streams, { site: 'china' });

  const response = await sendWithClient({ port }, 'DescribeLiveStreamState', {
    DomainName: 'push.example.com',
    AppName: 'live',
    StreamName,
  });

  expect(response.StreamState).toBe(StreamState);
});

test.each([
  [
    'international',
    [
      'banned forbid 20',
      'banned resume 50',
      'banned-now forbid 40',
      'dropped drop 35',
      'expired forbid 25',
      'never forbid 50',
    ],
  ],
  ['china', ['banned forbid 20', 'banned-now forbid 40', 'dropped drop 35', 'expired forbid 25']],
])('knows the actions that the site %s shows', async (site, expected) => {
  const { world } = await startWith(streams, { site });

  const truth = world.truthOfActions('push.example.com', storyStart, realNow);

  expect(
    truth
      .map(({ stream, action, lastAt }) => `${stream} ${action} ${(lastAt - storyStart) / secondMs}`)
      .toSorted(),
  ).toEqual(expected);
});
