import { expect, test } from 'vitest';
import type { Simulator } from '../../../src/simulator/server.ts';
import { secondMs } from '../standing-simulator.ts';
import { sendWithClient, utc } from './official-client.ts';
import { standStreamsAtSystemTime } from './standing-streams.ts';

/*
 * Tests the list of live streams with the official client, which signs with the system time. So the simulator
 * uses the system time too.
 */

const { realNow, startStreams } = standStreamsAtSystemTime();

function list({ port }: Simulator, query: object = {}) {
  return sendWithClient({ port }, 'DescribeLiveStreamOnlineList', {
    DomainName: 'push.example.com',
    AppName: 'live',
    PageSize: 100,
    ...query,
  });
}

const pushes = `
  - {name: before}
  - {name: never, start: never}
  - {name: over, start: 0s, stop: 60s}
  - {name: second-push, story: [{at: 30s, for: 10s, silent: true}]}
  - {name: flapping, story: [{at: 22s, flapping: {up: 20s, down: 10s}}]}
  - {name: new, start: 95s}
  - {name: other-app, app_name: show}
  - {name: other-domain, domain: other.example.com}
`;

test('lists the live streams of one application of a domain, with the begins of their pushes', async () => {
  const simulator = await startStreams(pushes);

  const { OnlineInfo, ...response } = await list(simulator);

  const begins = Object.fromEntries(
    OnlineInfo.map(({ StreamName, PublishTimeList }: Row) => [StreamName, PublishTimeList]),
  );
  expect(begins).toEqual({
    before: [{ PublishTime: utc(realNow - 3_700 * secondMs) }],
    'second-push': [{ PublishTime: utc(realNow - 60 * secondMs) }],
    flapping: [{ PublishTime: utc(realNow - 8 * secondMs) }],
    new: [{ PublishTime: utc(realNow - 5 * secondMs) }],
  });
  expect(OnlineInfo[0]).toMatchObject({ StreamName: 'new', AppName: 'live', DomainName: 'push.example.com' });
  expect(response).toMatchObject({ TotalNum: 4, TotalPage: 1, PageNum: 1, PageSize: 100 });
});

interface Row {
  readonly StreamName: string;
  readonly PublishTimeList: readonly { readonly PublishTime: string }[];
}

async function namesOf(simulator: Simulator, query: object = {}): Promise<readonly string[]> {
  return (await list(simulator, query)).OnlineInfo.map(({ StreamName }: Row) => StreamName);
}

test('filters by domain, application and stream, and uses the application live by default', async () => {
  const simulator = await startStreams(pushes);

  expect(await namesOf(simulator, { AppName: 'show' })).toEqual(['other-app']);
  expect(await namesOf(simulator, { DomainName: 'other.example.com' })).toEqual(['other-domain']);
  expect(await namesOf(simulator, { StreamName: 'before' })).toEqual(['before']);
  expect(await namesOf(simulator, { AppName: undefined })).toContain('before');
});

test('shows begins and ends with the delay of the list', async () => {
  const simulator = await startStreams(pushes, { provider: 'list: {delay: 50s}' });

  expect((await namesOf(simulator)).toSorted()).toEqual(['before', 'flapping', 'over', 'second-push']);
});

test('has ten rows per page by default, and moves the rows between two pages', async () => {
  const story = `
  - {name: "room-{n}", count: 25}
  - {name: new, start: 101s}
  - {name: over, start: 99s, stop: 101s}
`;
  const simulator = await startStreams(story, { provider: 'list: {page_lag: 2s}' });

  const first = await namesOf(simulator, { PageSize: undefined });
  const second = await namesOf(simulator, { PageNum: 2, PageSize: undefined });

  expect([first.length, second.length]).toEqual([10, 10]);
  expect(first[0]).toBe('over');
  expect(second[0]).toBe(first.at(-1) === 'room-9' ? 'room-10' : 'room-11');
});

test.each([
  ['china', 300_000],
  ['international', 100],
])('limits the page size of the site %s', async (site, max) => {
  const simulator = await startStreams(pushes, { account: `site: ${site}` });

  await expect(list(simulator, { PageSize: max })).resolves.toMatchObject({ TotalNum: 4 });
  for (const query of [{ PageSize: max + 1 }, { PageSize: 9 }, { PageNum: 0 }]) {
    await expect(list(simulator, query)).rejects.toMatchObject({ code: 'InvalidParameterValue' });
  }
});

test('rejects a parameter of another operation', async () => {
  const simulator = await startStreams(pushes);

  await expect(list(simulator, { PushDomain: 'push.example.com' })).rejects.toMatchObject({
    code: 'UnknownParameter',
  });
});

test.each(['list', 'null', 'absent'])(
  'returns no rows with the form %s if nothing is live',
  async (empty) => {
    const simulator = await startStreams('  - {name: never, start: never}', { provider: `empty: ${empty}` });

    expect((await list(simulator)).OnlineInfo ?? []).toEqual([]);
  },
);

test('returns the error code that nothing is live', async () => {
  const simulator = await startStreams('  - {name: never, start: never}');

  await expect(list(simulator)).rejects.toMatchObject({ code: 'FailedOperation.HasNotLivingStream' });
});

test('limits the requests of each operation', async () => {
  const simulator = await startStreams(pushes, { provider: 'rate_limit: 1' });
  const history = () =>
    sendWithClient({ port: simulator.port }, 'DescribeStreamPushInfoList', {
      StreamName: 'before',
      StartTime: utc(realNow - 60 * secondMs),
      EndTime: utc(realNow),
    });

  const results = await Promise.allSettled([list(simulator), history(), list(simulator), history()]);

  expect(results.map(({ status }) => status).toSorted()).toEqual([
    'fulfilled',
    'fulfilled',
    'rejected',
    'rejected',
  ]);
});
