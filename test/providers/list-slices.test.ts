import { expect, test } from 'vitest';
import type { Sources } from '../../src/model/questions.ts';
import type { InSlices } from '../../src/model/slices.ts';
import { providerOf } from '../../src/providers/registry.ts';
import { bareProviderParts } from '../support/provider-parts.ts';
import { createShortSlices, inOneSlice } from '../support/slices.ts';
import { httpResponse } from './recorded.ts';

/** A list that a provider returns in one response. */
interface LongList {
  readonly provider: string;
  readonly settings: object;
  readonly rows: number;
  /** Number of times that each row is processed: filtered, converted, compared with others. */
  readonly passes: number;
  readonly toText: (rows: number) => string;
  readonly list: (sources: Sources, signal: AbortSignal) => Promise<{ readonly items: readonly unknown[] }>;
}

const app = { domain: 'example.com', appName: 'live' };
const china = { api: 'api3', site: 'china', credentialsFrom: 'static' };
const json = {
  signature: 'v3',
  format: 'json',
  credentialsFrom: 'static',
  pushDomains: { 'example.com': ['example.com'] },
};

/** Builds a page of a list of Tencent. */
const page = (name: string, toRow: (number: number) => object) => (rows: number) =>
  JSON.stringify({ Response: { [name]: rowsOf(rows, toRow), TotalNum: rows, RequestId: 'A' } });
/** Builds a page of a list of Alibaba. */
const wrapped = (outer: string, inner: string, toRow: (number: number) => unknown) => (rows: number) =>
  JSON.stringify({ [outer]: { [inner]: rowsOf(rows, toRow) }, TotalNum: rows, RequestId: 'A' });

function rowsOf<Row>(rows: number, toRow: (number: number) => Row): readonly Row[] {
  return Array.from({ length: rows }, (_, number) => toRow(number));
}

const nameOf = (number: number) => `room-${number}`;
const toPush = (number: number) => ({
  VideoFrameRate: 25,
  AudioFrameRate: 43,
  BitRate: 250_000 + number,
  StreamUrl: `rtmp://example.com/live/${nameOf(number)}`,
});

/** Builds the list of live pushes of Alibaba in XML. */
function toXml(rows: number): string {
  const toElement = (name: string, inner: unknown) => `<${name}>${inner}</${name}>`;
  const elements = rowsOf(rows, (number) =>
    toElement(
      'FrameRateAndBitRateInfo',
      Object.entries(toPush(number))
        .map(([name, value]) => toElement(name, value))
        .join(''),
    ),
  );
  const list = toElement('FrameRateAndBitRateInfos', elements.join(''));
  return toElement('DescribeLiveDomainFrameRateAndBitRateDataResponse', list);
}

const lists: Readonly<Record<string, LongList>> = {
  'live streams of Tencent': {
    provider: 'tencent',
    settings: china,
    rows: 2_000,
    passes: 3,
    toText: page('OnlineInfo', (number) => ({
      StreamName: nameOf(number),
      PublishTimeList: [{ PublishTime: '2026-03-01T11:59:30Z' }],
    })),
    list: async ({ online_streams: source }, signal) => present(source).listOnlineStreams(app, signal),
  },
  'live pushes of Tencent': {
    provider: 'tencent',
    settings: china,
    rows: 1_000,
    passes: 3,
    toText: page('DataInfoList', (number) => ({ StreamName: nameOf(number), VideoFps: 25 })),
    list: async ({ live_push_stats: source }, signal) => present(source).listLivePushes(app, signal),
  },
  'live streams of Alibaba': {
    provider: 'alibaba',
    settings: json,
    rows: 1_000,
    passes: 3,
    toText: wrapped('OnlineInfo', 'LiveStreamOnlineInfo', (number) => ({ StreamName: nameOf(number) })),
    list: async ({ online_streams: source }, signal) => present(source).listOnlineStreams(app, signal),
  },
  'forbidden streams of Alibaba': {
    provider: 'alibaba',
    settings: json,
    rows: 1_000,
    passes: 2,
    toText: wrapped('StreamUrls', 'StreamUrl', (number) => `example.com/live/${nameOf(number)}`),
    list: async ({ forbidden_streams: source }, signal) =>
      present(await present(source).listForbiddenStreams('example.com', signal)),
  },
  'live pushes of Alibaba': {
    provider: 'alibaba',
    settings: json,
    rows: 20_000,
    // Parsing takes a yield per 16 parts of 8 KiB, which have about 1,200 rows.
    passes: 1.01,
    toText: wrapped('FrameRateAndBitRateInfos', 'FrameRateAndBitRateInfo', toPush),
    list: async ({ live_push_stats: source }, signal) => present(source).listLivePushes(app, signal),
  },
  'live pushes of Alibaba in XML': {
    provider: 'alibaba',
    settings: { ...json, format: 'xml' },
    rows: 20_000,
    // Parsing takes a yield per 16 steps of 1,024 characters, which have about 80 rows.
    passes: 1.15,
    toText: toXml,
    list: async ({ live_push_stats: source }, signal) => present(source).listLivePushes(app, signal),
  },
};

/** Number of items after which short slices are over. */
const itemsPerSlice = 16;

test.each(Object.entries(lists))('reads %s in slices, with the same result', async (_, list) => {
  const slices = createShortSlices();

  const { items } = await list.list(sourcesOf(list, slices.inSlices), new AbortController().signal);

  expect(items).toEqual((await list.list(sourcesOf(list, inOneSlice), new AbortController().signal)).items);
  expect(items).toHaveLength(list.rows);
  expect(items.map((item) => Object(item).stream)).toEqual(rowsOf(list.rows, nameOf));
  expect(slices.yields()).toBeGreaterThanOrEqual((list.passes * list.rows) / itemsPerSlice);
});

test.each(Object.entries(lists))('stops reading %s at an abort between two slices', async (_, list) => {
  const stop = new AbortController();
  const reason = new Error('stop');
  const abortAt = Math.floor(((list.passes / 2) * list.rows) / itemsPerSlice);
  const slices = createShortSlices((count) => {
    if (count === abortAt) stop.abort(reason);
  });

  await expect(list.list(sourcesOf(list, slices.inSlices), stop.signal)).rejects.toBe(reason);
  expect(slices.yields()).toBe(abortAt);
});

/** Creates the sources of an account to which the provider answers with the list. */
function sourcesOf({ provider, settings, rows, toText }: LongList, inSlices: InSlices): Sources {
  const response = httpResponse(toText(rows));
  return providerOf(provider).createSources(
    {
      settings: { endpoint: 'https://live.example.com', ...settings },
      getSecret: (name) => (/token/i.test(name) ? undefined : 'k'),
    },
    { ...bareProviderParts(async () => response), inSlices },
  );
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('missing');
  return value;
}
