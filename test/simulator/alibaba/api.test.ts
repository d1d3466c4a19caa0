import { expect, test } from 'vitest';
import { start } from '../support.ts';
import { asForm, utc, v1Call, v3Call } from './caller.ts';
import { bodyOf, controlInfoOf, createApi, day, documentOf, minute, now, secondsOf } from './support.ts';

const forbidden = {
  Action: 'forbid',
  ClientIP: '192.0.2.5',
  StreamName: 'play.example.com/live/cam1',
  TimeStamp: '2023-11-14T22:14:20Z',
};
const resumed = {
  Action: 'resume',
  StreamName: 'play.example.com/tv/cam2',
  TimeStamp: '2023-11-14T22:18:20Z',
};

test.each([
  ['V1, in a query', v1Call({ now })],
  ['V1, posted with a query', v1Call({ now, method: 'POST' })],
  ['V1, in a form', asForm(v1Call({ now, method: 'POST' }))],
  ['V3, posted', v3Call({ now })],
  ['V3, by GET', v3Call({ now, method: 'GET' })],
])('returns the actions of the window for a request signed by %s', (_, call) => {
  const handled = createApi()(call, now);

  expect(handled).toMatchObject({
    operation: 'DescribeLiveStreamsControlHistory',
    outcome: 'ok',
    windowMs: 10 * minute,
    rows: 2,
    reply: { status: 200, headers: { 'content-type': 'application/json;charset=utf-8' } },
  });
  const { headers } = documentOf(handled);
  expect(bodyOf(handled)).toEqual({
    ControlInfo: { LiveStreamControlInfo: [forbidden, resumed] },
    RequestId: headers['x-acs-request-id'],
  });
  expect(headers['x-acs-request-id']).toMatch(/^[\dA-F]{8}(-[\dA-F]{4}){3}-[\dA-F]{12}$/);
  expect(headers.date).toBe('Tue, 14 Nov 2023 22:23:20 GMT');
});

test('gives each response a unique request ID', () => {
  const answer = createApi();
  const ids = [1, 2, 3].map(() => documentOf(answer(v3Call({ now }), now)).headers['x-acs-request-id']);

  expect(new Set(ids).size).toBe(3);
});

test('filters by app name; an unknown app name yields no actions', () => {
  const answer = createApi();
  const withApp = (AppName: string) => answer(v1Call({ now, history: { AppName } }), now);

  expect(controlInfoOf(withApp('tv'))).toEqual({ LiveStreamControlInfo: [resumed] });
  expect(withApp('other').outcome).toBe('empty');
});

test('returns an action after the delay, and a late action later still', () => {
  const answer = createApi(
    'delay: 10s',
    '[{at: 1m, stream: a, action: forbid}, {at: 61s, stream: b, action: forbid, late: 40s}]',
  );
  const seen = (s: number) => {
    const at = start + s * 1_000;
    return secondsOf(answer(v3Call({ now: at }), at));
  };

  expect([69, 70, 110, 111].map(seen)).toEqual([[], [60], [60], [60, 61]]);
});

test('returns two equal actions of one second as two equal rows', () => {
  const handled = createApi('', '[{at: 1m, stream: a, action: forbid, times: 2}]')(v3Call({ now }), now);

  expect(secondsOf(handled)).toEqual([60, 60]);
  expect(
    new Set(JSON.parse(JSON.stringify(controlInfoOf(handled))).LiveStreamControlInfo.map(JSON.stringify))
      .size,
  ).toBe(1);
});

test.each([
  ['both', [60, 300]],
  ['start', [60]],
  ['none', []],
])('with "ends: %s", returns the actions at %j of the two at the ends of the window', (ends, seconds) => {
  const history = { StartTime: utc(start + minute), EndTime: utc(start + 5 * minute) };

  expect(secondsOf(createApi(`ends: ${ends}`)(v3Call({ now, history }), now))).toEqual(seconds);
});

test('returns rows in descending order and limits their number if configured', () => {
  const seconds = (alibaba: string) => secondsOf(createApi(alibaba)(v3Call({ now }), now));

  expect(seconds('order: descending')).toEqual([300, 60]);
  expect(seconds('most_records: 1, one_record: list')).toEqual([60]);
  expect(seconds('order: descending, most_records: 1')).toEqual([300]);
});

test.each([
  ['list', '{"ControlInfo":{"LiveStreamControlInfo":[]}', '<ControlInfo/>'],
  ['object', '{"ControlInfo":{}', '<ControlInfo/>'],
  ['outer_list', '{"ControlInfo":[]', '<ControlInfo/>'],
  ['null', '{"ControlInfo":null', '<ControlInfo/>'],
  ['text', '{"ControlInfo":""', '<ControlInfo/>'],
  ['absent', '{', ''],
])('represents an empty response as %s', (shape, json, xml) => {
  const answer = createApi(`no_records: ${shape}`, '[]');
  const inJson = answer(v3Call({ now }), now);
  const inXml = answer(v1Call({ now, but: { Format: 'xml' } }), now);

  expect(documentOf(inJson).text.replace(/,?"RequestId.*/, '')).toBe(json);
  expect(documentOf(inXml).text.replace(/^<\?.*Response>(.*)<RequestId>.*$/, '$1')).toBe(xml);
  expect([inJson.outcome, inXml.outcome]).toEqual(['empty', 'empty']);
});

test('represents a single row as an object if configured, but never two rows', () => {
  const answer = createApi('one_record: object');

  expect(controlInfoOf(answer(v1Call({ now, history: { AppName: 'live' } }), now))).toEqual({
    LiveStreamControlInfo: forbidden,
  });
  expect(controlInfoOf(answer(v1Call({ now }), now))).toEqual({
    LiveStreamControlInfo: [forbidden, resumed],
  });
});

test('returns bare stream names and undocumented keys if configured', () => {
  const handled = createApi('stream_name: bare, extra_keys: true')(
    v1Call({ now, history: { AppName: 'live' } }),
    now,
  );

  expect(controlInfoOf(handled)).toEqual({
    LiveStreamControlInfo: [{ ...forbidden, StreamName: 'cam1', Extra: 'undocumented key' }],
  });
});

test('accepts a window of exactly seven days and an empty window', () => {
  const answer = createApi();
  const outcomeOf = (history: Record<string, string>) => answer(v3Call({ now, history }), now).outcome;

  expect(outcomeOf({ StartTime: utc(now - 7 * day) })).toBe('ok');
  expect(outcomeOf({ StartTime: utc(start + minute), EndTime: utc(start + minute) })).toBe('ok');
});

test('truncates or rejects a start before the retention and an end in the future, as configured', () => {
  const old = { StartTime: utc(start) };
  const future = { EndTime: utc(now + minute) };
  const outcomesWith = (alibaba: string) => [
    createApi(alibaba)(v3Call({ now, history: old }), now),
    createApi(alibaba)(v3Call({ now, history: future }), now),
  ];

  expect(outcomesWith('retention: 6m').map(secondsOf)).toEqual([[300], [300]]);
  expect(
    outcomesWith('retention: 10m, older_start: refused, future_end: refused').map(({ outcome }) => outcome),
  ).toEqual(['ok', 'InvalidEndTime.Malformed']);
  expect(outcomesWith('retention: 6m, older_start: refused').map(({ outcome }) => outcome)).toEqual([
    'InvalidStartTime.Malformed',
    'InvalidStartTime.Malformed',
  ]);
});
