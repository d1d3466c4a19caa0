import { expect, test } from 'vitest';
import type { Http, HttpResponse } from '../../../src/calls/call.ts';
import { ProviderError } from '../../../src/model/answer.ts';
import { foreignWarning, unstableWarning } from '../../../src/providers/kit/paged-list.ts';
import { describeOnlineStreams } from '../../contract/online-streams.ts';
import { answering, body, callOf, failures, never, rates, sourcesOf } from '../../support/alibaba-push.ts';
import { noon } from '../../support/samples.ts';
import { fixture, httpResponse } from '../recorded.ts';

const operation = 'DescribeLiveStreamsOnlineList';
const app = { domain: 'play.example.com', appName: 'live' };
const one = { stream: 'room-1', firstStartedAt: noon - 30_000 };
const two = { stream: 'room-2', firstStartedAt: noon - 3_600_000 };

const row = {
  StreamName: 'room-1',
  AppName: 'live',
  DomainName: 'play.example.com',
  PublishDomain: 'push.example.com',
  PublishTime: '2026-03-01T11:59:30Z',
  Transcoded: 'no',
};

function sourceOf(http: Http) {
  return sourcesOf(callOf(http), { configured: {} }).online;
}

function page(list: unknown, total = Array.isArray(list) ? list.length : 0): HttpResponse {
  const info = { OnlineInfo: { LiveStreamOnlineInfo: list } };
  return body({ ...info, TotalNum: total, TotalPage: 1, PageNum: 1, PageSize: 1_000 });
}

function rows(...list: readonly unknown[]): HttpResponse {
  return page(list);
}

function answerTo(response: HttpResponse) {
  return sourceOf(async () => response).listOnlineStreams(app, never);
}

const stored = httpResponse(fixture(`alibaba/${operation}.two-streams.json`));

describeOnlineStreams(operation, {
  sourceOf,
  app,
  items: [one, two],
  malformed: 4,
  secrets: ['the-id', 'the-secret', 'the-token', 'Signature=', 'example.com', 'auth_key'],
  responses: {
    onePage: stored,
    firstPage: page([row], 1_001),
    empty: [
      rows(),
      page(null),
      body({ OnlineInfo: {}, TotalNum: 0, TotalPage: 0, PageNum: 1, PageSize: 1_000 }),
      body({ OnlineInfo: '', TotalNum: 0 }),
      body({ OnlineInfo: [], TotalNum: 0 }),
      body({ TotalNum: 0, TotalPage: 0, PageNum: 1, PageSize: 1_000 }),
      httpResponse(
        `<${operation}Response><RequestId>A</RequestId><TotalNum>0</TotalNum><OnlineInfo/></${operation}Response>`,
      ),
    ],
    badRows: rows(
      { ...row, StreamName: '' },
      row,
      'a text',
      { ...row, StreamName: 'room-2', PublishTime: '2026-03-01T11:00:00Z' },
      { ...row, StreamName: 'x'.repeat(256) },
      { ...row, StreamName: undefined },
    ),
    onlyBadRows: rows({ ...row, StreamName: undefined }),
    failures: {
      ...failures,
      malformed: [
        httpResponse('<html>'),
        body({ OnlineInfo: 'text' }),
        body({ Message: 'text', TotalNum: 0 }),
        page([], 3),
        body({}),
        body({ OnlineInfo: {} }),
        body({ OnlineInfo: null }),
        body({ OnlineInfo: '', TotalNum: 1 }),
        rows({ ...row, DomainName: 'other.example.com' }),
        page([row], 100_001),
      ],
    },
  },
});

test('sends domain, application, the kind of streams and a page size', async () => {
  const { sent, call } = answering(() => rows());

  await sourcesOf(call).online.listOnlineStreams(app, never);

  expect(sent).toEqual([
    {
      operation,
      query: {
        DomainName: 'play.example.com',
        AppName: 'live',
        StreamType: 'raw',
        PageSize: '1000',
        PageNum: '1',
      },
    },
  ]);
});

test('a page of the documented fields is below the limit of 1 MiB, in both formats', () => {
  const { OnlineInfo } = JSON.parse(stored.text);
  const [first] = OnlineInfo.LiveStreamOnlineInfo;
  const json = JSON.stringify(first);
  const xml = Object.entries(first).map(([name, value]) => `<${name}>${value}</${name}>`);
  const inList = `<LiveStreamOnlineInfo>${xml.join('')}</LiveStreamOnlineInfo>`;

  expect(Math.max(json.length, inList.length)).toBeLessThan(1_048_576 / 1_000);
});

test('reads all pages, from the last to the first and twice', async () => {
  const all = Array.from({ length: 2_500 }, (_, i) => ({ ...row, StreamName: `room-${i}` }));
  const { sent, call } = answering(({ query }) => {
    const [number, size] = [Number(query.PageNum), Number(query.PageSize)];
    return page(all.slice((number - 1) * size, number * size), 2_500);
  });

  const { items } = await sourcesOf(call).online.listOnlineStreams(app, never);

  expect(new Set(items.map(({ stream }) => stream)).size).toBe(2_500);
  expect(sent.map(({ query }) => query.PageNum)).toEqual(['1', '3', '2', '1', '3', '2', '1']);
});

test('rejects a further page without rows if the total says that it has some', async () => {
  const { call } = answering(({ query }) => (query.PageNum === '1' ? page([row], 1_001) : page([], 1_001)));

  await expect(sourcesOf(call).online.listOnlineStreams(app, never)).rejects.toMatchObject({
    kind: 'malformed',
  });
});

test('accepts an empty last page if the list became shorter', async () => {
  const { call } = answering(({ query }) => (query.PageNum === '1' ? page([row], 1_001) : page([], 1_000)));

  expect((await sourcesOf(call).online.listOnlineStreams(app, never)).items).toEqual([one]);
});

test('reads smaller pages if a page is too large, also in the next lists', async () => {
  const sizes: string[] = [];
  const http: Http = async ({ url }) => {
    const size = new URL(url).searchParams.get('PageSize') ?? '';
    sizes.push(size);
    if (Number(size) > 100) throw new ProviderError('malformed', 'response too large', { isTooLarge: true });
    return rows(row);
  };
  const source = sourceOf(http);

  for (let n = 0; n < 2; n++) expect((await source.listOnlineStreams(app, never)).items).toEqual([one]);
  expect(sizes).toEqual(['1000', '250', '50', '50']);
});

test('reads all pages if the total is less than the rows of the first page', async () => {
  const list = Array.from({ length: 1_200 }, (_, i) => ({ ...row, StreamName: `s${i}` }));
  const { call } = answering(({ query }) =>
    page(list.slice((Number(query.PageNum) - 1) * 1_000, Number(query.PageNum) * 1_000), 1),
  );

  expect((await sourcesOf(call).online.listOnlineStreams(app, never)).items).toHaveLength(1_200);
});

test('reports a list that changes too fast, or that has an unreadable row, as incomplete', async () => {
  let next = 0;
  const { call } = answering(({ query }) => {
    const length = query.PageNum === '1' ? 1_000 : 500;
    return page(
      Array.from({ length }, () => ({ ...row, StreamName: `s${next++}` })),
      1_500,
    );
  });

  const { isComplete, warnings } = await sourcesOf(call).online.listOnlineStreams(app, never);

  expect([isComplete, warnings]).toEqual([false, [unstableWarning]]);
  expect((await answerTo(rows(row, 'a text'))).isComplete).toBe(false);
});

test.each([
  ['without transcoded streams', row],
  ['of transcoded streams', { ...row, Transcoded: 'yes' }],
])('rejects a list if the provider repeats a page %s', async (_what, listed) => {
  const first = Array.from({ length: 1_000 }, (_, i) => ({ ...listed, StreamName: `s${i}` }));
  const { sent, call } = answering(() => page(first, 90_000));

  await expect(sourcesOf(call).online.listOnlineStreams(app, never)).rejects.toMatchObject({
    kind: 'malformed',
    message: `alibaba ${operation}: a page of the list repeats another one, so that rows are missing`,
  });
  expect(sent).toHaveLength(3);
});

test('rejects a list whose pages are smaller than requested, because its other streams would seem to have ended', async () => {
  const info = { OnlineInfo: { LiveStreamOnlineInfo: [row] } };
  const { call } = answering(() => body({ ...info, TotalNum: 101, PageNum: 1, PageSize: 100 }));

  await expect(sourcesOf(call).online.listOnlineStreams(app, never)).rejects.toMatchObject({
    kind: 'malformed',
    message: `alibaba ${operation}: the request is for pages of 1000 rows, but the response has pages of 100`,
  });
});

test('lowers the page size once for all lists that are read at the same time', async () => {
  const sizes: string[] = [];
  const source = sourceOf(async ({ url }) => {
    const size = new URL(url).searchParams.get('PageSize') ?? '';
    sizes.push(size);
    if (Number(size) > 500) throw new ProviderError('malformed', 'response too large', { isTooLarge: true });
    return rows(row);
  });

  const answers = await Promise.all([1, 2, 3].map(() => source.listOnlineStreams(app, never)));

  expect(answers.map(({ items }) => items)).toEqual([[one], [one], [one]]);
  expect(sizes).toEqual(['1000', '1000', '1000', '250', '250', '250']);
});

test('rejects if even the smallest page is too large', async () => {
  const source = sourceOf(async () => {
    throw new ProviderError('malformed', 'response too large', { isTooLarge: true });
  });

  for (let n = 0; n < 2; n++) {
    await expect(source.listOnlineStreams(app, never)).rejects.toMatchObject({ isTooLarge: true });
  }
});

test.each(['yes', 'YES'])('leaves out a stream with Transcoded: %s', async (Transcoded) => {
  const transcoded = { ...row, StreamName: 'room-1_ld', Transcoded };

  const answer = { malformed: 0, warnings: [], isComplete: true };
  expect(await answerTo(rows(row, transcoded))).toEqual({ ...answer, items: [one] });
  expect(await answerTo(rows(transcoded))).toEqual({ ...answer, items: [] });
});

test('ignores streams of another domain or application, with a warning', async () => {
  const answer = await answerTo(
    rows(
      { ...row, DomainName: 'PLAY.example.com' },
      { ...row, StreamName: 'a', DomainName: 'other.example.com' },
      { ...row, StreamName: 'b', AppName: 'live2' },
    ),
  );

  expect(answer).toEqual({ items: [one], malformed: 0, warnings: [foreignWarning], isComplete: true });
  expect((await answerTo(rows({ ...row, AppName: 'live2' }))).items).toEqual([]);
});

test.each([undefined, '', 'soon', '2026-03-01 11:59:30'])(
  'lists a stream with the begin %s without a begin',
  async (PublishTime) => {
    expect((await answerTo(rows({ ...row, PublishTime }))).items).toEqual([
      { stream: 'room-1', firstStartedAt: undefined },
    ]);
  },
);

test('requests the samples of a listed stream from its ingest domain, without a mapping', async () => {
  const { sent, call } = answering((request) =>
    request.operation === operation
      ? rows({ ...row, PublishDomain: 'Push-2.example.com' })
      : rates({ Time: '2026-03-01T12:00:00Z', VideoFps: '25', VideoRate: '1', AudioRate: '1' }),
  );
  const { online, push } = sourcesOf(call, { configured: {} });
  await online.listOnlineStreams(app, never);
  sent.length = 0;

  const id = { ...app, account: 'a', provider: 'alibaba' as const, stream: 'room-1' };
  const { items } = await push.listPushSamples(id, { from: noon, to: noon + 20_000 }, never);

  expect(items).toMatchObject([{ media: { pushDomain: 'push-2.example.com' } }]);
  expect(sent.map(({ query }) => query.DomainName)).toEqual(['push-2.example.com']);
});
