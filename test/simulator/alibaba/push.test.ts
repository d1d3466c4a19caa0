import { describe, expect, test } from 'vitest';
import type { Simulator } from '../../../src/simulator/server.ts';
import { minuteMs, secondMs, standAtSystemTime } from '../standing-simulator.ts';
import { utc } from './caller.ts';
import { algorithms, type ClientRequest, sendWithClient } from './official-client.ts';

/*
 * Tests the operations of push statistics and discovery with the official client, which signs with the system
 * time. So the simulator uses the system time too, but its clock stands still.
 */

const { realNow, startStanding } = standAtSystemTime();

function startWith({ alibaba = '', provider = '', streams = '' } = {}): Promise<Simulator> {
  return startStanding(
    `
name: official
noise: 0%
alibaba: {${alibaba}}
provider: {delay: 0s, ${provider}}
domains: [{name: play.example.com, push_domains: [push.example.com]}]
streams:
  - {name: room-1, domain: play.example.com, app_name: show, fps: 25, bitrate: 2500kbit, client_ip: 192.0.2.5}
${streams}
`,
    60 * minuteMs,
  );
}

const pushes = `
  - {name: never, domain: play.example.com, app_name: show, start: never}
  - {name: new, domain: play.example.com, app_name: show, start: 59m}
  - {name: other-app, domain: play.example.com}
  - {name: centre, domain: centre.example.com}
`;

type Options = Partial<Pick<ClientRequest, 'algorithm' | 'method' | 'action'>> & {
  readonly query?: Readonly<Record<string, string>>;
};

async function bodyOf(
  response: ReturnType<typeof sendWithClient>,
): Promise<Readonly<Record<string, unknown>>> {
  const { body } = await response;
  return body;
}

function rates({ port }: Simulator, { query, ...options }: Options = {}) {
  return sendWithClient({
    port,
    action: 'DescribeLiveCenterStreamRateData',
    ...options,
    query: {
      DomainName: 'push.example.com',
      AppName: 'show',
      StreamName: 'room-1',
      StartTime: utc(realNow - 10 * minuteMs),
      // Both ends are included, so 59 s have exactly 12 samples.
      EndTime: utc(realNow - 9 * minuteMs - secondMs),
      ...query,
    },
  });
}

function list({ port }: Simulator, { query, ...options }: Options = {}) {
  return sendWithClient({
    port,
    action: 'DescribeLiveStreamsOnlineList',
    ...options,
    query: { DomainName: 'play.example.com', ...query },
  });
}

function mapping({ port }: Simulator, { query, ...options }: Options = {}) {
  return sendWithClient({
    port,
    action: 'DescribeLiveDomainMapping',
    method: 'GET',
    ...options,
    query: { DomainName: 'play.example.com', ...query },
  });
}

describe.each(algorithms)('signed by %s', (_, algorithm) => {
  test.each(['GET', 'POST'] as const)('returns push rates to a %s of the official client', async (method) => {
    const { RateDatas } = await bodyOf(rates(await startWith(), { algorithm, method }));

    expect(RateDatas).toHaveLength(12);
    expect(RateDatas).toContainEqual({
      Time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      VideoFps: '25',
      AudioFps: '43',
      VideoRate: '2372000',
      AudioRate: '128000',
    });
  });

  test.each(['GET', 'POST'] as const)(
    'lists live streams for a %s of the official client',
    async (method) => {
      const body = await bodyOf(list(await startWith(), { algorithm, method }));

      expect(body).toMatchObject({
        TotalNum: 1,
        TotalPage: 1,
        PageNum: 1,
        PageSize: 2_000,
        OnlineInfo: {
          LiveStreamOnlineInfo: [
            {
              DomainName: 'play.example.com',
              AppName: 'show',
              StreamName: 'room-1',
              PublishDomain: 'push.example.com',
              PublishTime: utc(realNow - 120 * minuteMs),
              PublishType: 'edge',
              FrameRate: 25,
              Transcoded: 'no',
            },
          ],
        },
      });
    },
  );

  test('returns the mapping of domains to a GET of the official client, and rejects a POST', async () => {
    const simulator = await startWith();

    for (const DomainName of ['play.example.com', 'push.example.com']) {
      expect(await bodyOf(mapping(simulator, { algorithm, query: { DomainName } }))).toMatchObject({
        LiveDomainModels: {
          LiveDomainModel: [
            { DomainName: 'play.example.com', Type: 'vhost' },
            { DomainName: 'push.example.com', Type: 'publish' },
          ],
        },
      });
    }
    await expect(mapping(simulator, { algorithm, method: 'POST' })).rejects.toMatchObject({
      code: 'UnsupportedHTTPMethod',
    });
  });
});

test.each([
  ['bit', '2372000', '128000'],
  ['byte', '296500', '16000'],
  ['kbit', '2372', '128'],
])('returns bit rates in the unit %s', async (unit, VideoRate, AudioRate) => {
  const { RateDatas } = await bodyOf(rates(await startWith({ alibaba: `bitrate_unit: ${unit}` })));

  expect(RateDatas).toContainEqual(expect.objectContaining({ VideoRate, AudioRate }));
});

test.each([
  ['the main streaming domain', { DomainName: 'play.example.com' }, 'IllegalOperation'],
  ['another domain', { DomainName: 'other.example.com' }, 'InvalidDomain.NotFound'],
  ['no application', { AppName: '' }, 'MissingAppName'],
  ['no stream', { StreamName: '' }, 'MissingStreamName'],
  ['no end', { EndTime: '' }, 'MissingEndTime'],
  [
    'more than three hours',
    { StartTime: utc(realNow - 181 * minuteMs), EndTime: utc(realNow) },
    'InvalidEndTime.Mismatch',
  ],
])('rejects a request for the push rates of %s', async (_what, query, code) => {
  await expect(rates(await startWith(), { query })).rejects.toMatchObject({ code });
});

test.each([
  ['streaming', 'play.example.com', 12],
  ['both', 'play.example.com', 12],
  ['both', 'push.example.com', 12],
])('with rates_of: %s, returns the push rates of %s', async (ratesOf, DomainName, count) => {
  const simulator = await startWith({ alibaba: `rates_of: ${ratesOf}` });

  expect((await bodyOf(rates(simulator, { query: { DomainName } }))).RateDatas).toHaveLength(count);
});

test('with wrong_domain: empty, returns no push rates of the main streaming domain', async () => {
  const simulator = await startWith({ alibaba: 'wrong_domain: empty' });

  expect((await bodyOf(rates(simulator, { query: { DomainName: 'play.example.com' } }))).RateDatas).toEqual(
    [],
  );
});

test('with silence: zeros, returns rows without values for time without a push', async () => {
  const query = { AppName: 'show', StreamName: 'never' };
  const [zeros, absent] = await Promise.all(
    ['silence: zeros', ''].map((alibaba) => startWith({ alibaba, streams: pushes })),
  );

  const { RateDatas = [] } = zeros === undefined ? {} : await bodyOf(rates(zeros, { query }));
  expect(RateDatas).toHaveLength(12);
  expect(RateDatas).toContainEqual(
    expect.objectContaining({ VideoFps: '0', VideoRate: '0', AudioFps: '0', AudioRate: '0' }),
  );
  expect(absent && (await bodyOf(rates(absent, { query }))).RateDatas).toEqual([]);
});

test.each([
  ['another application', { AppName: 'live' }],
  ['another stream', { StreamName: 'room-2' }],
  [
    'a time before the retention',
    { StartTime: utc(realNow - 43_300 * minuteMs), EndTime: utc(realNow - 43_210 * minuteMs) },
  ],
])('returns no push rates for %s', async (_what, query) => {
  expect((await bodyOf(rates(await startWith(), { query }))).RateDatas).toEqual([]);
});

test.each([
  ['list', []],
  ['object', {}],
  ['null', null],
  ['text', ''],
  ['absent', undefined],
])('with no_records: %s, an empty response has that shape', async (noRecords, empty) => {
  const simulator = await startWith({ alibaba: `no_records: "${noRecords}"` });

  expect((await bodyOf(rates(simulator, { query: { AppName: 'none' } }))).RateDatas).toEqual(empty);
  expect((await bodyOf(list(simulator, { query: { AppName: 'none' } }))).OnlineInfo).toEqual(empty);
});

async function namesOf(response: ReturnType<typeof sendWithClient>): Promise<readonly string[]> {
  const { OnlineInfo } = (await bodyOf(response)) as {
    readonly OnlineInfo: { readonly LiveStreamOnlineInfo?: readonly { readonly StreamName: string }[] };
  };
  return (OnlineInfo.LiveStreamOnlineInfo ?? []).map(({ StreamName }) => StreamName);
}

test('lists the newest push first, in pages, with a filter by application', async () => {
  const simulator = await startWith({ streams: pushes });

  expect(await namesOf(list(simulator))).toEqual(['new', 'room-1', 'other-app']);
  expect(await namesOf(list(simulator, { query: { AppName: 'show' } }))).toEqual(['new', 'room-1']);
  const query = { PageSize: '2', PageNum: '2' };
  expect(await namesOf(list(simulator, { query }))).toEqual(['other-app']);
  expect(await bodyOf(list(simulator, { query }))).toMatchObject({ TotalNum: 3, TotalPage: 2 });
});

test('lists transcoded streams unless only pushed streams are requested', async () => {
  const simulator = await startWith({ alibaba: 'transcoded: [ld, hd]' });

  expect(await namesOf(list(simulator))).toEqual(['room-1', 'room-1_ld', 'room-1_hd']);
  expect(await namesOf(list(simulator, { query: { StreamType: 'raw' } }))).toEqual(['room-1']);
  expect(await namesOf(list(simulator, { query: { StreamType: 'trans' } }))).toEqual([
    'room-1_ld',
    'room-1_hd',
  ]);
});

test.each([
  [{ PageSize: '3001' }, 'InvalidParameter.Format'],
  [{ PageSize: '0' }, 'InvalidParameter.Format'],
  [{ StreamType: 'pushed' }, 'InvalidParameter.Format'],
  [{ DomainName: 'push.example.com' }, 'IllegalOperation'],
  [{ DomainName: 'other.example.com' }, 'InvalidDomain.NotFound'],
])('rejects a list with %j', async (query, code) => {
  await expect(list(await startWith(), { query })).rejects.toMatchObject({ code });
});

test('a stream of a domain without ingest domains is pushed to the domain itself', async () => {
  const simulator = await startWith({ streams: pushes });
  const query = { DomainName: 'centre.example.com', AppName: 'live', StreamName: 'centre' };

  expect((await bodyOf(rates(simulator, { query }))).RateDatas).toHaveLength(12);
  expect(await bodyOf(list(simulator, { query: { DomainName: 'centre.example.com' } }))).toMatchObject({
    OnlineInfo: { LiveStreamOnlineInfo: [{ PublishDomain: 'centre.example.com', PublishType: 'center' }] },
  });
  expect(await bodyOf(mapping(simulator, { query: { DomainName: 'centre.example.com' } }))).toMatchObject({
    LiveDomainModels: { LiveDomainModel: [{ DomainName: 'centre.example.com', Type: 'vhost' }] },
  });
});

test('limits each operation of its own', async () => {
  const simulator = await startWith({ alibaba: 'rate_limit: 2' });

  const results = await Promise.allSettled([
    ...[1, 2, 3].map(() => rates(simulator)),
    ...[1, 2].map(() => list(simulator)),
  ]);

  const codes = results.map((result) => (result.status === 'rejected' ? result.reason.code : 'ok'));
  expect(codes.toSorted()).toEqual(['Throttling.User', 'ok', 'ok', 'ok', 'ok']);
});
