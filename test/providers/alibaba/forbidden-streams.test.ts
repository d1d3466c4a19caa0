import { expect, test } from 'vitest';
import type { Http, HttpResponse } from '../../../src/calls/call.ts';
import { foreignWarning, unstableBansWarning } from '../../../src/providers/kit/paged-list.ts';
import { describeSource } from '../../contract/source.ts';
import { answering, body, callOf, failed, failures, never, sourcesOf } from '../../support/alibaba-push.ts';
import { noon } from '../../support/samples.ts';
import { fixture, httpResponse } from '../recorded.ts';

const operation = 'DescribeLiveStreamsBlockList';
const minute = 60_000;
const ban = {
  stream: 'room-1',
  domain: 'play.example.com',
  appName: 'live',
  forbiddenAt: undefined,
  expiresAt: undefined,
};
const two = { ...ban, appName: 'show', stream: 'room/2' };

function page(list: unknown, total: unknown = Array.isArray(list) ? list.length : 0): HttpResponse {
  const counts = { DomainName: 'play.example.com', PageNum: 1, PageSize: 1_000, TotalPage: 1 };
  return body({ ...counts, TotalNum: total, StreamUrls: { StreamUrl: list } });
}

function names(...list: readonly unknown[]): HttpResponse {
  return page(list);
}

function xml(content: string): HttpResponse {
  return httpResponse(`<${operation}Response><RequestId>A</RequestId>${content}</${operation}Response>`);
}

async function listOf(http: Http) {
  const answer = await sourcesOf(callOf(http)).bans.listForbiddenStreams('play.example.com', never);
  if (answer === undefined) throw new Error('the list is not offered');
  return answer;
}

const answerTo = (response: HttpResponse) => listOf(async () => response);

const stored = httpResponse(fixture(`alibaba/${operation}.two-bans.json`));

describeSource(`${operation}, as a source of forbidden streams`, {
  sourceOf: (http) => sourcesOf(callOf(http)).bans,
  async ask(source, signal) {
    const answer = await source.listForbiddenStreams('play.example.com', signal);
    if (answer === undefined) throw new Error('the list is not offered');
    return answer;
  },
  items: [ban, two],
  inOrder: (bans) => bans.toSorted((a, b) => (a.stream < b.stream ? -1 : 1)),
  malformed: 4,
  secrets: ['the-id', 'the-secret', 'the-token', 'Signature='],
  responses: {
    readable: stored,
    empty: [
      names(),
      page(null),
      body({ StreamUrls: {}, TotalNum: 0 }),
      body({ StreamUrls: '', TotalNum: 0 }),
      body({ StreamUrls: [], TotalNum: 0 }),
      body({ StreamUrls: [] }),
      body({ TotalNum: 0 }),
      xml('<TotalNum>0</TotalNum><StreamUrls/>'),
    ],
    badRows: names('', ...JSON.parse(stored.text).StreamUrls.StreamUrl, 'play.example.com/live/', 7, {}),
    onlyBadRows: names('', null),
    failures: {
      ...failures,
      auth: [failed('SignatureDoesNotMatch'), failed('Forbidden.RiskControl', 403)],
      malformed: [
        httpResponse('<html>'),
        body({ Message: 'text', TotalNum: 0 }),
        names(['a list']),
        page([], 3),
        page([ban], 100_001),
        // Without this, a response of another shape would lift all bans.
        body({}),
        body({ StreamUrls: {} }),
        body({ StreamUrls: null }),
        body({ StreamUrls: '', TotalNum: 1 }),
      ],
    },
  },
});

test('sends the domain and a page size', async () => {
  const { sent, call } = answering(() => names());

  await sourcesOf(call).bans.listForbiddenStreams('play.example.com', never);

  expect(sent).toEqual([
    { operation, query: { DomainName: 'play.example.com', PageNum: '1', PageSize: '1000' } },
  ]);
});

test.each([
  ['an XML list', xml('<StreamUrls><StreamUrl>play.example.com/live/room-1</StreamUrl></StreamUrls>')],
  ['a text instead of the list', page('play.example.com/live/room-1', 1)],
  ['a text instead of both lists', body({ StreamUrls: 'play.example.com/live/room-1', TotalNum: 1 })],
  ['a list without a wrapper', body({ StreamUrls: ['play.example.com/live/room-1'], TotalNum: 1 })],
  ['a URL', names('rtmp://play.example.com/live/room-1?auth_key=hush')],
  ['an upper-case domain', names('PLAY.example.com/live/room-1')],
  ['an ingest domain of the config', names('push.example.com/live/room-1')],
  ['no total', body({ StreamUrls: { StreamUrl: ['play.example.com/live/room-1'] } })],
])('reads %s', async (_, response) => {
  expect(await answerTo(response)).toEqual({
    items: [ban],
    malformed: 0,
    isComplete: true,
    warnings: [],
  });
});

test.each(['room-1', 'play.example.com/*/room-1', 'play.example.com//room-1'])(
  'reads %s as a ban on the stream in each application',
  async (name) => {
    expect((await answerTo(names(name))).items).toEqual([{ ...ban, appName: undefined }]);
  },
);

test('finds the ingest domains of the domain by its mapping, only if a name has another domain', async () => {
  const mapping = {
    LiveDomainModel: [
      { DomainName: 'push-2.example.com', Type: 'publish' },
      { DomainName: 'play.example.com', Type: 'vhost' },
    ],
  };
  const responses = [
    names('play.example.com/live/room-1'),
    names('push-2.example.com/live/room-1', 'other.example.com/live/room-9'),
  ];
  const { sent, call } = answering((request) =>
    request.operation === operation ? (responses.shift() ?? names()) : body({ LiveDomainModels: mapping }),
  );
  const { bans } = sourcesOf(call, { configured: {} });

  expect((await bans.listForbiddenStreams('play.example.com', never))?.items).toEqual([ban]);
  expect(sent).toHaveLength(1);
  expect(await bans.listForbiddenStreams('play.example.com', never)).toEqual({
    items: [ban],
    malformed: 0,
    isComplete: true,
    warnings: [foreignWarning],
  });
  expect(sent.map((each) => each.operation)).toEqual([operation, operation, 'DescribeLiveDomainMapping']);
});

test('rejects if it is unknown whether another domain is an ingest domain', async () => {
  const { call } = answering((request) =>
    request.operation === operation ? names('push-2.example.com/live/room-1') : failed('NoPermission', 403),
  );

  await expect(
    sourcesOf(call, { configured: {} }).bans.listForbiddenStreams('play.example.com', never),
  ).rejects.toMatchObject({
    kind: 'auth',
    message: expect.stringContaining('live:DescribeLiveDomainMapping'),
  });
});

test.each(['Forbidden', 'Forbidden.RAM', 'NoPermission'])(
  'returns undefined for the code %s, and asks again after ten minutes',
  async (code) => {
    let response = failed(code, 403);
    const { sent, call } = answering(() => response);
    let now = noon;
    const { bans } = sourcesOf(call, { now: () => now });
    const ask = (domain = 'play.example.com') => bans.listForbiddenStreams(domain, never);

    expect(await ask()).toBeUndefined();
    now += 9 * minute;
    expect(await ask()).toBeUndefined();
    expect(sent).toHaveLength(1);
    expect(await ask('two.example.com')).toBeUndefined();
    expect(sent).toHaveLength(2);

    response = stored;
    now += minute;
    expect((await ask())?.items).toEqual([ban, two]);
    await ask();
    expect(sent).toHaveLength(4);
  },
);

test('reads all pages, so that no ban is missed that is in the list all the time', async () => {
  const all = Array.from({ length: 2_500 }, (_, i) => `play.example.com/live/room-${i}`);
  let requests = 0;
  const { call } = answering(({ query }) => {
    // Each request, a new ban moves all others.
    if (requests < 5) all.unshift(`play.example.com/live/new-${requests}`);
    requests++;
    const [number, size] = [Number(query.PageNum), Number(query.PageSize)];
    return page(all.slice((number - 1) * size, number * size), all.length);
  });

  const answer = await sourcesOf(call).bans.listForbiddenStreams('play.example.com', never);

  const streams = new Set(answer?.items.map(({ stream }) => stream));
  expect(all.filter((name) => !streams.has(name.split('/')[2] ?? ''))).toEqual([]);
  expect(answer?.isComplete).toBe(true);
});

test('says that a list is incomplete if it changes too fast or has an unreadable name', async () => {
  let requests = 0;
  const changing = await listOf(async () => {
    requests++;
    return page(
      Array.from({ length: 1_000 }, (_, i) => `play.example.com/live/${requests}-${i}`),
      2_000,
    );
  });
  const unreadable = await answerTo(names('play.example.com/live/room-1', ''));

  expect([changing.isComplete, changing.warnings]).toEqual([false, [unstableBansWarning]]);
  expect([unreadable.isComplete, unreadable.malformed]).toEqual([false, 1]);
});
