import { expect, test } from 'vitest';
import type { Http, HttpResponse } from '../../../../src/calls/call.ts';
import type { ForbiddenStream } from '../../../../src/model/questions.ts';
import { unstableBansWarning } from '../../../../src/providers/kit/paged-list.ts';
import { createApi3ForbiddenStreams } from '../../../../src/providers/tencent/api3/forbidden-streams.ts';
import { describeSource } from '../../../contract/source.ts';
import { noon } from '../../../support/samples.ts';
import { inOneSlice } from '../../../support/slices.ts';
import { fixture, httpResponse, recorded } from '../../recorded.ts';
import { body, callOf, commonFailures, failed, secretsOfCall } from './api3-source.ts';

const minute = 60_000;
const never = new AbortController().signal;
const row = {
  StreamName: 'room-1',
  CreateTime: '2026-03-01 19:30:00',
  ExpireTime: '2026-03-08 19:30:00',
  AppName: 'live',
  DomainName: 'push.example.com',
};
const one: ForbiddenStream = {
  stream: 'room-1',
  domain: 'push.example.com',
  appName: 'live',
  forbiddenAt: noon - 30 * minute,
  expiresAt: noon - 30 * minute + 7 * 24 * 60 * minute,
};
const two: ForbiddenStream = {
  stream: 'room-2',
  domain: undefined,
  appName: undefined,
  forbiddenAt: noon - 60 * minute,
  expiresAt: noon + 60 * minute,
};

function sourceOf(http: Http, now = () => noon, site: 'china' | 'international' = 'international') {
  return createApi3ForbiddenStreams(callOf(http), { site, now, inSlices: inOneSlice });
}

function rows(...list: readonly unknown[]): HttpResponse {
  return body({ ForbidStreamList: list, TotalNum: list.length, TotalPage: 1, PageNum: 1, PageSize: 100 });
}

const stored = httpResponse(fixture('tencent/DescribeLiveForbidStreamList.two-bans.json'));

describeSource('DescribeLiveForbidStreamList, as a source of forbidden streams', {
  sourceOf: (http) => sourceOf(http),
  async ask(source, signal) {
    const answer = await source.listForbiddenStreams('push.example.com', signal);
    if (answer === undefined) throw new Error('the list is not offered');
    return answer;
  },
  items: [one, two],
  inOrder: (bans) => bans.toSorted((a, b) => (a.stream < b.stream ? -1 : 1)),
  malformed: 3,
  secrets: secretsOfCall,
  responses: {
    readable: stored,
    empty: [rows(), body({ ForbidStreamList: null, TotalNum: 0 }), body({ TotalNum: 0 })],
    badRows: rows(
      ...JSON.parse(stored.text).Response.ForbidStreamList,
      'a text',
      { ...row, StreamName: '' },
      { ...row, StreamName: 'x'.repeat(256) },
    ),
    onlyBadRows: rows({ ...row, StreamName: undefined }),
    failures: {
      ...commonFailures,
      malformed: [
        ...commonFailures.malformed,
        body({ ForbidStreamList: 'text' }),
        body({ ForbidStreamList: [], TotalNum: 3 }),
        // Without this, a response of another shape would lift all bans.
        body({}),
        body({ ForbidStreamList: null }),
      ],
    },
  },
});

test('reads the list under its early name, and bans without times', async () => {
  const source = sourceOf(async () =>
    body({ ProhibitStreamList: [{ StreamName: 'a', CreateTime: '', ExpireTime: null }] }),
  );

  expect((await source.listForbiddenStreams('push.example.com', never))?.items).toEqual([
    { stream: 'a', domain: undefined, appName: undefined, forbiddenAt: undefined, expiresAt: undefined },
  ]);
});

test('returns the bans of the requested domain, and those without a domain, from one list', async () => {
  const { http, sent } = recorded(stored);
  const source = sourceOf(http);

  const [own, other] = await Promise.all([
    source.listForbiddenStreams('PUSH.example.com', never),
    source.listForbiddenStreams('other.example.com', never),
  ]);

  expect([own?.items.length, other?.items]).toEqual([2, [two]]);
  expect(sent.map(({ body: text = '' }) => JSON.parse(text))).toEqual([{ PageNum: 1, PageSize: 100 }]);
});

test('counts an unreadable row of one list only for the first domain', async () => {
  const source = sourceOf(async () => rows(row, {}));

  const answers = [
    await source.listForbiddenStreams('push.example.com', never),
    await source.listForbiddenStreams('other.example.com', never),
  ];

  expect(answers.map((answer) => [answer?.malformed, answer?.isComplete])).toEqual([
    [1, false],
    [0, false],
  ]);
});

test('requests the list again after 10 s, and after a failure', async () => {
  const { http, sent } = recorded(failed('InternalError'), stored);
  let now = noon;
  const source = sourceOf(http, () => now);

  await expect(source.listForbiddenStreams('push.example.com', never)).rejects.toMatchObject({
    kind: 'unavailable',
  });
  await source.listForbiddenStreams('push.example.com', never);
  now += 9_000;
  await source.listForbiddenStreams('push.example.com', never);
  expect(sent).toHaveLength(2);

  now += 1_000;
  await source.listForbiddenStreams('push.example.com', never);
  expect(sent).toHaveLength(3);
});

test.each(['InvalidAction', 'ActionOffline', 'InvalidAction.NotFound'])(
  'returns undefined for the code %s, and asks again after an hour',
  async (code) => {
    const { http, sent } = recorded(failed(code));
    let now = noon;
    const source = sourceOf(http, () => now, 'china');
    const ask = () => source.listForbiddenStreams('push.example.com', never);

    expect(await ask()).toBeUndefined();
    now += 59 * minute;
    expect(await ask()).toBeUndefined();
    expect(sent).toHaveLength(1);

    now += minute;
    expect(await ask()).toBeUndefined();
    expect(sent).toHaveLength(2);
  },
);

test('counts forbids only where the list is their only source', () => {
  const { http } = recorded(stored);

  expect(sourceOf(http).countedActions).toEqual(['forbid', 'resume']);
  expect(sourceOf(http, undefined, 'china').countedActions).toEqual(['resume']);
});

test('says that a list which changes too fast is incomplete', async () => {
  let requests = 0;
  const source = sourceOf(async () => {
    const StreamName = `room-${requests++}`;
    return body({
      ForbidStreamList: Array.from({ length: 100 }, (_, i) => ({ ...row, StreamName: `${StreamName}-${i}` })),
      TotalNum: 200,
    });
  });

  expect(await source.listForbiddenStreams('push.example.com', never)).toMatchObject({
    malformed: 0,
    isComplete: false,
    warnings: [unstableBansWarning],
  });
  const stable = await sourceOf(async () => stored).listForbiddenStreams('push.example.com', never);
  expect(stable?.isComplete).toBe(true);
  const unreadable = await sourceOf(async () => rows(row, {})).listForbiddenStreams(
    'push.example.com',
    never,
  );
  expect([unreadable?.malformed, unreadable?.isComplete]).toEqual([1, false]);
});
