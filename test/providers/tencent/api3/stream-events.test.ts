import { expect, test } from 'vitest';
import type { HttpResponse } from '../../../../src/calls/call.ts';
import type { ControlAction } from '../../../../src/model/control-action.ts';
import { providerOf } from '../../../../src/providers/registry.ts';
import { foreignEventsWarning } from '../../../../src/providers/tencent/api3/event-reading.ts';
import { moreReasonsWarning } from '../../../../src/providers/tencent/api3/event-rows.ts';
import { describeControlHistory } from '../../../contract/control-history.ts';
import { bareProviderParts } from '../../../support/provider-parts.ts';
import { noon } from '../../../support/samples.ts';
import { fixture, httpResponse, recorded } from '../../recorded.ts';
import { body, commonFailures, failed, secretsOfCall } from './api3-source.ts';
import { domain, minute, never, sourceOf, window } from './event-source.ts';

const row = {
  StreamName: 'room-1',
  AppName: 'live',
  DomainName: 'push.example.com',
  StreamStartTime: '2026-03-01T11:45:00Z',
  StreamEndTime: '2026-03-01T11:56:00Z',
  Duration: 660,
  StopReason: '收到客户调用的断流请求',
  ClientIp: '192.0.2.5',
  Resolution: '1920*1080',
};

function action(part: Partial<ControlAction>): ControlAction {
  return {
    actedAt: noon - 4 * minute,
    domain: 'push.example.com',
    appName: 'live',
    stream: 'room-1',
    action: 'drop',
    clientIp: undefined,
    ...part,
  };
}

function rows(...list: readonly unknown[]): HttpResponse {
  return body({ EventList: list, TotalNum: list.length, TotalPage: 1, PageNum: 1, PageSize: 100 });
}

function answerTo(response: HttpResponse, countsForbids = true) {
  return sourceOf(async () => response, countsForbids).listControlActions(domain, window, never);
}

const stored = httpResponse(fixture('tencent/DescribeLiveStreamEventList.four-ends.json'));

describeControlHistory('DescribeLiveStreamEventList', {
  sourceOf,
  domain,
  window,
  actions: [
    action({ stream: 'room-2' }),
    action({ actedAt: noon - 3 * minute, stream: 'room-3', action: 'forbid' }),
    action({ actedAt: noon - 2 * minute, action: 'forbid' }),
  ],
  malformed: 4,
  secrets: secretsOfCall,
  responses: {
    actions: stored,
    empty: [
      rows(),
      body({ EventList: null, TotalNum: 0 }),
      failed('ResourceNotFound.EmptyData'),
      failed('FailedOperation.HasNotLivingStream'),
    ],
    badRows: rows(
      ...JSON.parse(stored.text).Response.EventList,
      'a text',
      { ...row, StreamName: '' },
      { ...row, StreamEndTime: 'soon' },
      { ...row, StreamName: undefined },
    ),
    onlyBadRows: rows({ ...row, StreamEndTime: 'soon' }),
    outsideWindow: rows({
      ...row,
      StreamStartTime: '2026-03-01T03:45:00Z',
      StreamEndTime: '2026-03-01T03:56:00Z',
    }),
    failures: {
      ...commonFailures,
      malformed: [
        ...commonFailures.malformed,
        body({ EventList: 'text' }),
        body({}),
        body({ EventList: null }),
        body({ EventList: [], TotalNum: 3 }),
        rows({ ...row, DomainName: 'other.example.com' }),
      ],
    },
  },
});

test('returns the newest end of each stream, with its reason', async () => {
  const { ends } = await answerTo(stored);

  const end = { domain: 'push.example.com', appName: 'live' };
  expect(ends?.toSorted((a, b) => a.endedAt - b.endedAt)).toEqual([
    {
      ...end,
      stream: 'room-2',
      startedAt: noon - 64 * minute,
      endedAt: noon - 4 * minute,
      reason: 'forbidden',
    },
    {
      ...end,
      stream: 'room-3',
      startedAt: noon - 63 * minute,
      endedAt: noon - 3 * minute,
      reason: 'forbidden',
    },
    {
      ...end,
      stream: 'room-1',
      startedAt: noon - 3 * minute,
      endedAt: noon - 2 * minute,
      reason: 'forbidden',
    },
  ]);
});

test('sends the whole query', async () => {
  const { http, sent } = recorded(rows());

  await sourceOf(http).listControlActions(
    { ...domain, appNames: ['live', 'show'] },
    { from: noon - 10 * minute + 1, to: noon - 15_001 },
    never,
  );

  const query = {
    DomainName: 'push.example.com',
    AppName: 'live',
    StartTime: '2026-03-01T11:50:00Z',
    EndTime: '2026-03-01T11:59:45Z',
    PageNum: 1,
    PageSize: 100,
    IsFilter: 1,
    IsAsc: 1,
  };
  expect(sent.map(({ body: text = '' }) => JSON.parse(text))).toEqual([query, { ...query, AppName: 'show' }]);
});

test('does not request the last seconds, whose end can be in the future for the provider', async () => {
  const { http, sent } = recorded(rows());

  await sourceOf(http).listControlActions(domain, window, never);

  expect(JSON.parse(sent[0]?.body ?? '')).toMatchObject({ EndTime: '2026-03-01T11:59:50Z' });
});

test('does not count forbids if the list of forbidden streams counts them', async () => {
  const { items, ends } = await answerTo(stored, false);

  expect(items).toEqual([action({ stream: 'room-2' })]);
  expect(ends).toHaveLength(3);
});

test('takes equal actions of one second for one, because one call cuts all pushes of a stream', async () => {
  const { items } = await answerTo(rows(row, { ...row, ClientIp: '192.0.2.6' }, row));

  expect(items).toEqual([action({})]);
});

test.each([
  '',
  null,
  undefined,
  0,
  '0000-00-00 00:00:00',
  '1970-01-01T00:00:00Z',
  '1970-01-01 08:00:00',
  '-',
])('ignores a push that is still running: end %j', async (StreamEndTime) => {
  expect(await answerTo(rows({ ...row, StreamEndTime, StopReason: '' }))).toMatchObject({
    items: [],
    ends: [],
    malformed: 0,
    warnings: [],
  });
});

test('reports no secret of a push URL in an undocumented reason', async () => {
  const StopReason = 'closed rtmp://push.example.com/live/a?x=1&txSecret=5f0e1c&txTime=5f';
  const source = sourceOf(async () => rows({ ...row, StopReason }));

  const { warnings } = await source.listControlActions(domain, window, never);

  expect(warnings).toEqual([
    expect.stringMatching(/^unknown StopReason "closed rtmp:\/\/push.example.com\/live\/a\?x=1":/),
  ]);
});

test('takes an undocumented reason for no action, and reports its text once, for at most 20 texts', async () => {
  const texts = Array.from({ length: 30 }, (_, i) => `理由 ${i}\n${'x'.repeat(200)}`);
  const source = sourceOf(async () => rows(...texts.map((StopReason) => ({ ...row, StopReason }))));

  const { items, ends, warnings } = await source.listControlActions(domain, window, never);

  expect(items).toEqual([]);
  expect(ends).toMatchObject([{ reason: 'unknown' }]);
  expect(warnings).toHaveLength(21);
  expect(warnings[0]).toMatch(/^unknown StopReason "理由 0 x{70,80}": .*no control action/);
  expect(warnings).toContain(moreReasonsWarning);
  expect((await source.listControlActions(domain, window, never)).warnings).toEqual(warnings);
});

test('ignores pushes of another domain or application, with a warning', async () => {
  const { items, warnings } = await answerTo(
    rows({ ...row, DomainName: 'PUSH.example.com' }, { ...row, StreamName: 'a', AppName: 'show' }),
  );

  expect([items, warnings]).toEqual([[action({})], [foreignEventsWarning]]);
});

test.each([
  ['is running since long before the window', '2026-02-01T11:45:00Z', '2026-03-01T11:56:00Z'],
  ['ended after the window', '2026-03-01T11:56:00Z', '2026-03-01T12:40:00Z'],
  ['contains the window', '2026-03-01T10:56:00Z', '2026-03-01T12:40:00Z'],
])('accepts a push that %s', async (_what, StreamStartTime, StreamEndTime) => {
  await expect(answerTo(rows({ ...row, StreamStartTime, StreamEndTime }))).resolves.toMatchObject({
    items: [{ stream: 'room-1' }],
  });
});

test('reads a time with a UTC offset, and one without as Beijing time', async () => {
  for (const StreamEndTime of ['2026-03-01T19:56:00+08:00', '2026-03-01 19:56:00']) {
    expect((await answerTo(rows({ ...row, StreamEndTime }))).items).toEqual([action({})]);
  }
});

test.each([
  ['china', ['drop', 'forbid', 'forbid']],
  ['international', ['drop']],
])('counts each forbid at one source: the site %s', async (site, expected) => {
  const { control_history } = providerOf('tencent').createSources(
    {
      settings: { api: 'api3', endpoint: 'https://live.example.com', site, credentialsFrom: 'static' },
      getSecret: (name) => (name === 'token' ? undefined : name),
    },
    bareProviderParts(async () => stored),
  );

  const answer = await control_history?.listControlActions(domain, window, never);

  expect(answer?.items.map(({ action: name }) => name)).toEqual(expected);
});
