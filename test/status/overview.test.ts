import { expect, test } from 'vitest';
import { type OverviewQuery, toOverview } from '../../src/status/overview.ts';
import { createTroubles } from '../../src/status/troubles.ts';
import { alwaysLive, noon, pushSample, pushTarget, streamId } from '../support/samples.ts';
import { accountInput, collectorInput, context, exporter, streamInput, viewOf } from './inputs.ts';

const all: OverviewQuery = {
  filter: {},
  isRecovered: false,
  isInterrupted: false,
  order: { by: 'state', isReversed: false },
  page: 1,
  perPage: 2,
};
const missing = (name: string, since: number) =>
  streamInput(name, { view: viewOf(undefined, { since: noon - since }) });
const streams = [
  streamInput('b-up'),
  missing('a-missing', 900_000),
  streamInput('c-degraded', { view: viewOf(pushSample({ framesPerSecond: 12 })) }),
  ...['d', 'e', 'f'].map((name, i) => missing(name, i * 60_000)),
  streamInput('City Cam', {
    target: pushTarget({ stream: streamId({ stream: 'City Cam' }), labels: { channel: 'Sport' } }),
  }),
];

async function overview(
  part: Partial<OverviewQuery>,
  troubles = createTroubles(),
  interruption = context.interruption,
) {
  const accounts = [accountInput([collectorInput(streams.map((stream) => ({ stream })))])];
  const memory = { troubles: troubles.of, troubleMs: troubles.totalMs, interruption };
  return toOverview(exporter, accounts, { ...all, ...part }, { ...context, ...memory });
}

async function namesOf(part: Partial<OverviewQuery>) {
  const { streams: shown, selected, page, pages } = await overview(part);
  return [shown.map(({ stream }) => stream), selected, page, pages];
}

test('pages through the streams, most urgent first', async () => {
  expect(await namesOf({})).toEqual([['d', 'e'], 7, 1, 4]);
  expect(await namesOf({ page: 3 })).toEqual([['c-degraded', 'b-up'], 7, 3, 4]);
  expect(await namesOf({ page: 99 })).toEqual([['City Cam'], 7, 4, 4]);
});

test('selects by state, by words in names and labels, and by exact names', async () => {
  expect(await namesOf({ filter: { states: ['up', 'degraded'] } })).toEqual([
    ['c-degraded', 'b-up'],
    3,
    1,
    2,
  ]);
  expect(await namesOf({ filter: { search: ' sport  CITY ' } })).toEqual([['City Cam'], 1, 1, 1]);
  expect(await namesOf({ filter: { search: 'tencent push.example.com/live degraded' } })).toEqual([
    ['c-degraded'],
    1,
    1,
    1,
  ]);
  expect(await namesOf({ filter: { stream: 'City' } })).toEqual([[], 0, 1, 1]);
  expect(await namesOf({ filter: { stream: 'City Cam', app_name: 'live' } })).toEqual([
    ['City Cam'],
    1,
    1,
    1,
  ]);
});

test('names the streams with trouble that began last, whatever is selected', async () => {
  const { worst } = await overview({ filter: { stream: 'b-up' } });

  expect(worst.missing.map(({ stream }) => stream)).toEqual(['d', 'e', 'f']);
  expect(worst.degraded.map(({ stream }) => stream)).toEqual(['c-degraded']);
  expect(worst.unknown).toEqual([]);
});

test('counts and selects the streams that are well again', async () => {
  const troubles = createTroubles();
  const low = [pushSample({ measuredAt: noon - 60_000, framesPerSecond: 12 })];
  for (const { key } of [streams[0], streams[2]].filter((each) => each !== undefined)) {
    troubles.addSamples(key, low, alwaysLive);
  }
  const { status, streams: shown, selected } = await overview({ isRecovered: true }, troubles);

  expect([status.recovered, selected, shown.map(({ stream }) => stream)]).toEqual([1, 1, ['b-up']]);
});

test('counts and names the streams whose push is interrupted', async () => {
  const interrupted = [1, 4, 6].map((i) => streams[i]?.key);
  const interruption = (key: string) =>
    interrupted.includes(key) ? { since: noon - 200_000, ms: 100_000 } : undefined;
  const { status, worst } = await overview({}, createTroubles(), interruption);

  // a-missing has been missing for a quarter of an hour, so breaks before that are no news. e is in a break, and is
  // named as missing.
  expect([status.interrupted, worst.interrupted.map(({ stream }) => stream)]).toEqual([2, ['City Cam']]);
});

test('shows interrupted streams after those in other trouble, and before all that are up', async () => {
  const ages = new Map([
    [streams[0]?.key, 100_000],
    [streams[6]?.key, 200_000],
  ]);
  const interruption = (key: string) => {
    const age = ages.get(key);
    return age === undefined ? undefined : { since: noon - age, ms: 100_000 };
  };
  const steady = streamInput('a-steady');
  const accounts = [accountInput([collectorInput([steady, ...streams].map((stream) => ({ stream })))])];
  const { streams: shown } = await toOverview(
    exporter,
    accounts,
    { ...all, perPage: 9 },
    { ...context, interruption },
  );

  expect(shown.map(({ stream }) => stream).slice(4)).toEqual(['c-degraded', 'b-up', 'City Cam', 'a-steady']);
});

test('sorts by the trouble that the column shows, with that of missing and interrupted streams', async () => {
  const troubles = createTroubles();
  troubles.addMissing(streams[0]?.key ?? '', { from: noon - 90_000, to: noon - 30_000, ms: 50_000 });
  troubles.addMissing(streams[4]?.key ?? '', { from: noon - 990_000, to: noon - 930_000, ms: 60_000 });
  const interruption = (key: string) =>
    key === streams[6]?.key ? { since: noon - 200_000, ms: 100_000 } : undefined;
  const order = { by: 'trouble' as const, isReversed: false };
  const { streams: shown } = await overview({ order, perPage: 9 }, troubles, interruption);

  // The missing ones: a for 15 minutes, e for one minute and another one before, f for two minutes.
  expect(shown.map(({ stream }) => stream).slice(0, 5)).toEqual(['a-missing', 'e', 'f', 'City Cam', 'b-up']);
});

test('names the domain that all streams of a kind of trouble share, if others have another one', async () => {
  const sharedOf = async (domains: readonly string[], interruption = context.interruption) => {
    const inputs = ['up.example.com', ...domains].map((domain, i) => {
      const target = pushTarget({ stream: streamId({ stream: `${i}`, domain }) });
      const view = viewOf(pushSample({ framesPerSecond: i === 0 ? 25 : 12 }));
      return { stream: streamInput(`${i}`, { target, view }) };
    });
    const { sharedDomain } = await toOverview(exporter, [accountInput([collectorInput(inputs)])], all, {
      ...context,
      interruption,
    });
    return sharedDomain;
  };

  expect(await sharedOf(['a.example.com', 'a.example.com'])).toEqual({ degraded: 'a.example.com' });
  expect(await sharedOf(['a.example.com'])).toEqual({});
  expect(await sharedOf(['a.example.com', 'b.example.com', 'a.example.com'])).toEqual({});
  // A degraded stream that is interrupted too is still degraded.
  const interruptedToo = (key: string) =>
    key === streamInput('3').key ? { since: noon - 200_000, ms: 100_000 } : undefined;
  expect(await sharedOf(['a.example.com', 'a.example.com', 'b.example.com'], interruptedToo)).toEqual({});
  // All streams have this domain, so it explains nothing.
  expect(await sharedOf(['up.example.com', 'up.example.com'])).toEqual({});
});

test('names a failure of each account with unknown streams, and counts those without video', async () => {
  const failure = { kind: 'auth', message: 'tencent X: HTTP 401', at: noon } as const;
  const view = viewOf(undefined, { isUnknown: true });
  const account = (name: string, failed: boolean) =>
    accountInput([
      collectorInput(
        ['a', 'b'].map((stream) => ({
          stream: streamInput(stream, {
            view: failed ? view : viewOf(pushSample({ framesPerSecond: 0 })),
            failure: failed ? failure : undefined,
            target: pushTarget({ stream: streamId({ stream, account: name }) }),
          }),
        })),
      ),
    ]);
  const { failures, withoutVideo, worst } = await toOverview(
    exporter,
    [account('blind', true), account('seeing', false)],
    all,
    context,
  );

  expect([...failures]).toEqual([
    ['blind', { kind: 'auth', message: 'tencent X: HTTP 401', at: '2026-03-01T12:00:00.000Z' }],
  ]);
  expect(withoutVideo).toBe(2);
  expect(worst.degraded).toHaveLength(2);
});
