import { expect, test } from 'vitest';
import { ask, forbidden, record, resumed, rows, stored } from '../../support/alibaba-control-history.ts';

test('names that XML has to spell out are the names', async () => {
  const { items } = await ask(stored('escaped-names.xml'));

  expect(items.map(({ stream }) => stream)).toEqual(['007&新闻', 'a<b&c']);
});

test('a bare name is of the domain and the application that were asked about', async () => {
  const { items } = await ask(stored('bare-names.json'), { domain: 'play.example.com', appName: 'live' });

  expect(items).toEqual([
    { ...forbidden, stream: 'liveStream****', action: 'describelivestreamscontrolhistory' },
    { ...resumed, stream: 'live/cam1' },
  ]);
});

test('a bare name, asked about without an application, has none', async () => {
  const { items } = await ask(rows(record({ StreamName: 'cam1' })));

  expect(items).toEqual([{ ...forbidden, appName: '', stream: 'cam1' }]);
});

test.each([
  ['other.example.com/show/cam1', 'other.example.com', 'show', 'cam1'],
  ['play.example.com/live/a/b/c', 'play.example.com', 'live', 'a/b/c'],
  ['play.example.com/live//', 'play.example.com', 'live', '/'],
  ['play.example.com/live/cam1?auth=1/2', 'play.example.com', 'live', 'cam1?auth=1/2'],
  ['play.example.com/*/cam1', 'play.example.com', '*', 'cam1'],
  ['play.example.com//cam1', 'play.example.com', '', 'cam1'],
  ['/live/cam1', 'play.example.com', 'live', 'cam1'],
  ['live/cam1', 'play.example.com', '', 'live/cam1'],
  [' cam1 ', 'play.example.com', '', 'cam1'],
  // Half a character: written down, all of them are this one.
  ['play.example.com/live/cam\ud801', 'play.example.com', 'live', 'cam\ufffd'],
])('the name %j is of domain %j, application %j, stream %j', async (name, ofDomain, appName, stream) => {
  const { items } = await ask(rows(record({ StreamName: name })));

  expect(items).toEqual([{ ...forbidden, domain: ofDomain, appName, stream }]);
});

test.each([
  [' Forbid ', 'forbid'],
  ['RESUME', 'resume'],
  ['ForbidLiveStream', 'forbidlivestream'],
  ['for\u0000bid\u202e\r\nnow', 'for bid now'],
  ['\ud800forbid', 'forbid'],
  ['禁播', '禁播'],
  ['a'.repeat(1000), 'a'.repeat(64)],
  [`${'a'.repeat(63)}🎥🎥`, `${'a'.repeat(63)}🎥`],
  [`${'a'.repeat(63)} b`, 'a'.repeat(63)],
])('the action %j is %j', async (told, action) => {
  const { items } = await ask(rows(record({ Action: told })));

  expect(items).toEqual([{ ...forbidden, action }]);
});

test.each([undefined, '', ' ', null, 7])('a client address of %j is unknown', async (ip) => {
  const { items, malformed } = await ask(rows(record({ ClientIP: ip })));

  expect([items, malformed]).toEqual([[{ ...forbidden, clientIp: undefined }], 0]);
});

test('rows outside of the window are kept: the ledger judges them', async () => {
  const { items } = await ask(rows(record({ TimeStamp: '2026-01-01T00:00:00Z' })));

  expect(items).toEqual([{ ...forbidden, actedAt: Date.UTC(2026, 0, 1) }]);
});
