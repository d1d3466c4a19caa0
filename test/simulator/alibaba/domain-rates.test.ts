import { expect, test } from 'vitest';
import type { Simulator } from '../../../src/simulator/server.ts';
import { minuteMs, secondMs, standAtSystemTime } from '../standing-simulator.ts';
import { utc } from './caller.ts';
import { algorithms, type ClientRequest, sendWithClient } from './official-client.ts';

/*
 * Tests the rates and the push metrics of a domain with the official client, which signs with the system
 * time. So the simulator uses the system time too, but its clock stands still.
 */

const { realNow, startStanding } = standAtSystemTime();

/** A whole minute between 5 and 6 minutes ago. */
const asked = Math.floor(realNow / minuteMs) * minuteMs - 5 * minuteMs;

function startWith({ alibaba = '', streams = '' } = {}): Promise<Simulator> {
  return startStanding(
    `
name: official
noise: 0%
alibaba: {${alibaba}}
domains: [{name: play.example.com, push_domains: [push.example.com]}]
streams:
  - {name: room-1, domain: play.example.com, app_name: show, fps: 25, bitrate: 2500kbit}
  - {name: never, domain: play.example.com, app_name: show, start: never}
  - {name: other-app, domain: play.example.com, fps: 30, bitrate: 1Mbit}
  - {name: centre, domain: centre.example.com}
${streams}
`,
    60 * minuteMs,
  );
}

type Options = Partial<Pick<ClientRequest, 'algorithm' | 'method'>> & {
  readonly query?: Readonly<Record<string, string>>;
};

async function send(
  { port }: Simulator,
  action: string,
  { query = {}, ...options }: Options,
): Promise<object> {
  const { body } = await sendWithClient({ port, action, ...options, query });
  return body;
}

const rates = (simulator: Simulator, { query, ...options }: Options = {}) =>
  send(simulator, 'DescribeLiveDomainFrameRateAndBitRateData', {
    ...options,
    query: { DomainName: 'push.example.com', QueryTime: utc(asked), ...query },
  });

const metrics = (simulator: Simulator, { query, ...options }: Options = {}) =>
  send(simulator, 'DescribeLiveStreamPushMetricDetailData', {
    ...options,
    query: {
      DomainName: 'push.example.com',
      StartTime: utc(asked),
      EndTime: utc(asked + minuteMs),
      ...query,
    },
  });

const methods = algorithms.flatMap(([name, algorithm]) =>
  (['GET', 'POST'] as const).map((method) => [name, method, algorithm] as const),
);

test.each(methods)(
  'returns the rates of all streams of an ingest domain, signed by %s with %s',
  async (_, method, algorithm) => {
    expect(await rates(await startWith(), { method, algorithm })).toEqual({
      RequestId: expect.any(String),
      FrameRateAndBitRateInfos: {
        FrameRateAndBitRateInfo: [
          {
            VideoFrameRate: 25,
            AudioFrameRate: 43,
            BitRate: 312_500,
            StreamUrl: 'rtmp://push.example.com/show/room-1',
          },
          {
            VideoFrameRate: 30,
            AudioFrameRate: 43,
            BitRate: 125_000,
            StreamUrl: 'rtmp://push.example.com/live/other-app',
          },
        ],
      },
    });
  },
);

test.each(methods)(
  'returns the push metrics of a domain, signed by %s with %s',
  async (_, method, algorithm) => {
    expect(await metrics(await startWith(), { method, algorithm })).toEqual({
      RequestId: expect.any(String),
      DomainName: 'push.example.com',
      StartTime: utc(asked),
      EndTime: utc(asked + minuteMs),
      PageSize: 2,
      NextPageToken: '',
      StreamDetailData: {
        StreamData: [
          {
            AppName: 'show',
            StreamName: 'room-1',
            TimeStamp: utc(asked),
            ReqBps: 2_500_000,
            ReqTraffic: 18_750_000,
          },
          {
            AppName: 'live',
            StreamName: 'other-app',
            TimeStamp: utc(asked),
            ReqBps: 1_000_000,
            ReqTraffic: 7_500_000,
          },
        ],
      },
    });
  },
);

test('returns the push metrics of one application or stream, and in pages', async () => {
  const simulator = await startWith({
    streams: '  - {name: "many-{n}", count: 5100, domain: play.example.com, app_name: many}',
  });
  const pageOf = async (query: Readonly<Record<string, string>>) =>
    (await metrics(simulator, { query })) as {
      readonly NextPageToken: string;
      readonly StreamDetailData: { readonly StreamData: readonly { readonly StreamName: string }[] };
    };

  const { StreamDetailData: one } = await pageOf({ AppName: 'show' });
  expect(one.StreamData.map(({ StreamName }) => StreamName)).toEqual(['room-1']);
  const { StreamDetailData: named } = await pageOf({ StreamName: 'other-app' });
  expect(named.StreamData).toHaveLength(1);
  const first = await pageOf({ AppName: 'many' });
  const rest = await pageOf({ AppName: 'many', NextPageToken: first.NextPageToken });
  expect([first, rest].map(({ StreamDetailData }) => StreamDetailData.StreamData.length)).toEqual([
    5_000, 100,
  ]);
  expect(rest.NextPageToken).toBe('');
});

test.each([
  ['bit', 2_500_000],
  ['byte', 312_500],
  ['kbit', 2_500],
])('with domain_bitrate_unit: %s, returns %i for 2500 kbit/s', async (unit, BitRate) => {
  const simulator = await startWith({ alibaba: `domain_bitrate_unit: ${unit}` });

  expect(await rates(simulator)).toMatchObject({
    FrameRateAndBitRateInfos: { FrameRateAndBitRateInfo: [{ BitRate }, {}] },
  });
});

test.each([
  ['a time that is no whole minute', {}, utc(asked + 20 * secondMs)],
  ['a time that is too new', {}, utc(asked + 4 * minuteMs)],
  ['a time whose delay has not passed', { alibaba: 'domain_delay: 7m' }, utc(asked)],
])('returns no rates for %s', async (_, options, QueryTime) => {
  expect(await rates(await startWith(options), { query: { QueryTime } })).toMatchObject({
    FrameRateAndBitRateInfos: [],
  });
});

test('returns the rates of transcoded streams too', async () => {
  const simulator = await startWith({ alibaba: 'transcoded: [3_4]' });

  expect(await rates(simulator)).toMatchObject({
    FrameRateAndBitRateInfos: {
      FrameRateAndBitRateInfo: [
        {},
        { StreamUrl: 'rtmp://push.example.com/show/room-1_3_4' },
        {},
        { StreamUrl: 'rtmp://push.example.com/live/other-app_3_4' },
      ],
    },
  });
});

test.each([
  [{ DomainName: 'play.example.com' }, 'IllegalOperation'],
  [{ DomainName: 'unknown.example.com' }, 'InvalidDomain.NotFound'],
  [{ QueryTime: '' }, 'MissingQueryTime'],
  [{ QueryTime: '2026-03-01 12:00:00' }, 'InvalidQueryTime.Malformed'],
])('refuses rates for %j with %s', async (query, code) => {
  await expect(rates(await startWith(), { query })).rejects.toMatchObject({ code });
});

test.each([
  [{ EndTime: utc(asked + 25 * 60 * minuteMs) }, 'InvalidEndTime.Mismatch'],
  [{ NextPageToken: 'x' }, 'InvalidParameter.Format'],
  [{ StartTime: '' }, 'MissingStartTime'],
])('refuses push metrics for %j with %s', async (query, code) => {
  await expect(metrics(await startWith(), { query })).rejects.toMatchObject({ code });
});
