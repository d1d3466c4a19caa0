import { expect, test } from 'vitest';
import type { Simulator } from '../../../src/simulator/server.ts';
import { secondMs } from '../standing-simulator.ts';
import { sendWithClient } from './official-client.ts';
import { standStreamsAtSystemTime } from './standing-streams.ts';

/*
 * Tests the list of live pushes with the official client, which signs with the system time. So the simulator
 * uses the system time too.
 */

const { realNow, startStreams } = standStreamsAtSystemTime();

function list({ port }: Simulator, query: object = {}) {
  return sendWithClient({ port }, 'DescribeLiveStreamPushInfoList', {
    PushDomain: 'push.example.com',
    AppName: 'live',
    ...query,
  });
}

const pushes = `
  - {name: before, fps: 30, bitrate: 2500kbit, client_ip: 192.0.2.5}
  - {name: never, start: never}
  - {name: over, start: 0s, stop: 60s}
  - {name: new, start: 95s}
  - {name: other-app, app_name: show}
  - {name: other-domain, domain: other.example.com}
`;

async function namesOf(simulator: Simulator, query: object = {}): Promise<readonly string[]> {
  const { DataInfoList } = await list(simulator, query);
  return DataInfoList.map(({ StreamName }: { readonly StreamName: string }) => StreamName).toSorted();
}

test('lists the live pushes of one application of a domain with their present values', async () => {
  const simulator = await startStreams(pushes);

  const { DataInfoList, ...response } = await list(simulator);

  expect(DataInfoList).toHaveLength(2);
  expect(DataInfoList[1]).toEqual({
    StreamName: 'before',
    AppName: 'live',
    PushDomain: 'push.example.com',
    ClientIp: '192.0.2.5',
    ServerIp: '198.51.100.1',
    BeginPushTime: beijing(realNow - 3_700 * secondMs),
    Resolution: '1920*1080',
    Acodec: 'AAC',
    Vcodec: 'H264',
    VideoFps: 30,
    AudioFps: 43,
    VideoSpeed: 2_372_000,
    AudioSpeed: 128_000,
    AsampleRate: 44_100,
    MetaFps: 30,
    MetaVideoSpeed: 2_500,
    MetaAudioSpeed: 128,
  });
  expect(response).toMatchObject({ TotalNum: 2, TotalPage: 1, PageNum: 1, PageSize: 200 });
});

function beijing(at: number): string {
  return new Date(at + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');
}

test('filters by domain and application, and uses the application live by default', async () => {
  const simulator = await startStreams(pushes);

  expect(await namesOf(simulator, { AppName: 'show' })).toEqual(['other-app']);
  expect(await namesOf(simulator, { PushDomain: 'other.example.com' })).toEqual(['other-domain']);
  expect(await namesOf(simulator, { AppName: undefined })).toEqual(['before', 'new']);
});

test('shows begins and ends with the delay of the list', async () => {
  const simulator = await startStreams(pushes, { provider: 'list: {delay: 50s}' });

  expect(await namesOf(simulator)).toEqual(['before', 'over']);
});

test('moves the rows between two pages', async () => {
  const story = `
  - {name: "room-{n}", count: 4}
  - {name: new, start: 101s}
`;
  const simulator = await startStreams(story, { provider: 'list: {page_lag: 2s}' });

  const first = await namesOf(simulator, { PageSize: 2 });
  const second = await namesOf(simulator, { PageNum: 2, PageSize: 2 });

  expect(first).toHaveLength(2);
  // The new push has moved all others down.
  expect(first).toContain(second[0]);
});

test.each([
  ['china', 100_000],
  ['international', 1_000],
])('limits the page of the site %s', async (site, max) => {
  const simulator = await startStreams(pushes, { account: `site: ${site}` });

  await expect(list(simulator, { PageSize: max })).resolves.toMatchObject({ TotalNum: 2 });
  for (const query of [{ PageSize: max + 1 }, { PageSize: 0 }, { PageNum: 0 }, { PageNum: 10_001 }]) {
    await expect(list(simulator, query)).rejects.toMatchObject({ code: 'InvalidParameterValue' });
  }
});

test('rejects a parameter of another operation', async () => {
  const simulator = await startStreams(pushes);

  for (const query of [{ DomainName: 'push.example.com' }, { StreamName: 'before' }]) {
    await expect(list(simulator, query)).rejects.toMatchObject({ code: 'UnknownParameter' });
  }
});

test('returns the error code that nothing is live, in each of its spellings', async () => {
  const none = '  - {name: never, start: never}';
  const simulator = await startStreams(none);
  const other = await startStreams(none, {
    provider: 'story: [{at: 0s, answer: InternalError.HasNotLivingStream}]',
  });

  await expect(list(simulator)).rejects.toMatchObject({ code: 'FailedOperation.HasNotLivingStream' });
  await expect(list(other)).rejects.toMatchObject({ code: 'InternalError.HasNotLivingStream' });
});

test.each(['list', 'null', 'absent'])(
  'returns no rows with the form %s if nothing is live',
  async (empty) => {
    const simulator = await startStreams('  - {name: never, start: never}', { provider: `empty: ${empty}` });

    expect((await list(simulator)).DataInfoList ?? []).toEqual([]);
  },
);
