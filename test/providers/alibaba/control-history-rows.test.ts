import { expect, test } from 'vitest';
import { answerOf, forbidden, record, resumed, rows, stored } from '../../support/alibaba-control-history.ts';

test('decodes escaped names in XML', async () => {
  const { items } = await answerOf(stored('escaped-names.xml'));

  expect(items.map(({ stream }) => stream)).toEqual(['007&新闻', 'a<b&c']);
});

test('completes a bare name with the requested domain and application', async () => {
  const { items } = await answerOf(stored('bare-names.json'), {
    domain: 'play.example.com',
    appName: 'live',
  });

  expect(items).toEqual([
    { ...forbidden, stream: 'liveStream****', action: 'describelivestreamscontrolhistory' },
    { ...resumed, stream: 'live/cam1' },
  ]);
});

test('leaves the application of a bare name empty if the request names none', async () => {
  const { items } = await answerOf(rows(record({ StreamName: 'cam1' })));

  expect(items).toEqual([{ ...forbidden, appName: '', stream: 'cam1' }]);
});

test.each([
  ['other.example.com/show/cam1', 'other.example.com', 'show', 'cam1'],
  ['play.example.com/live/a/b/c', 'play.example.com', 'live', 'a/b/c'],
  ['play.example.com/live//', 'play.example.com', 'live', '/'],
  ['play.example.com/live/cam1?vhost=1/2', 'play.example.com', 'live', 'cam1?vhost=1/2'],
  ['play.example.com/*/cam1', 'play.example.com', '*', 'cam1'],
  ['play.example.com//cam1', 'play.example.com', '', 'cam1'],
  ['Play.Example.COM/Live/Cam1', 'play.example.com', 'Live', 'Cam1'],
  ['/live/cam1', 'play.example.com', 'live', 'cam1'],
  ['live/cam1', 'play.example.com', '', 'live/cam1'],
  [' cam1 ', 'play.example.com', '', 'cam1'],
  // A lone surrogate becomes the replacement character.
  ['play.example.com/live/cam\ud801', 'play.example.com', 'live', 'cam\ufffd'],
])(
  'splits the name %j into domain %j, application %j and stream %j',
  async (name, ofDomain, appName, stream) => {
    const { items } = await answerOf(rows(record({ StreamName: name })));

    expect(items).toEqual([{ ...forbidden, domain: ofDomain, appName, stream }]);
  },
);

test('truncates each part of a long name on its own, and keeps long names different', async () => {
  const app = 'b'.repeat(255);
  const long = 'c'.repeat(300);
  const names = [`${long}/${app}/${long}1`, `${long}/${app}/${long}2`];

  const { items } = await answerOf(rows(...names.map((name) => record({ StreamName: name }))));

  expect(items.map(({ appName }) => appName)).toEqual([app, app]);
  expect(items.map(({ domain, stream }) => [domain.length, stream.length])).toEqual([
    [255, 255],
    [255, 255],
  ]);
  expect(items[0]?.domain).toBe(items[1]?.domain);
  expect(items[0]?.stream).not.toBe(items[1]?.stream);
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
])('normalizes the action %j to %j', async (text, action) => {
  const { items } = await answerOf(rows(record({ Action: text })));

  expect(items).toEqual([{ ...forbidden, action }]);
});

test('reads the client address in canonical form', async () => {
  const { items } = await answerOf(rows(record({ ClientIP: '2001:DB8:0::1' })));

  expect(items).toEqual([{ ...forbidden, clientIp: '2001:db8::1' }]);
});

test.each([undefined, '', ' ', '-', null, 7])('treats a client address of %j as unknown', async (ip) => {
  const { items, malformed } = await answerOf(rows(record({ ClientIP: ip })));

  expect([items, malformed]).toEqual([[{ ...forbidden, clientIp: undefined }], 0]);
});

test('keeps rows outside the window if others are inside, because the ledger filters them', async () => {
  const { items } = await answerOf(
    rows(
      record(),
      record({ TimeStamp: '2025-07-07T00:10:00Z' }),
      record({ TimeStamp: '2026-01-01T00:00:00Z' }),
    ),
  );

  expect(items.map(({ actedAt }) => actedAt)).toEqual([
    forbidden.actedAt,
    Date.UTC(2025, 6, 7, 0, 10),
    Date.UTC(2026, 0, 1),
  ]);
});

test('rejects rows that are all outside the window, and names no setting', async () => {
  await expect(answerOf(rows(record({ TimeStamp: '2025-07-07T12:06:00Z' })))).rejects.toMatchObject({
    kind: 'malformed',
    message:
      'alibaba DescribeLiveStreamsControlHistory: rows are outside the requested window (check for a proxy or gateway that returns old responses)',
  });
});

test('removes the secrets of push URLs from names, before they are split', async () => {
  const names = [
    'push.example.com/live/cam1?txSecret=0f/1e&txTime=65ab',
    'rtmp://push.example.com/live/cam1?auth_key=1-0-0-0f1e',
    'push.example.com/live/cam1?vhost=x&token=0f1e',
    'cam1%3Fauth_key%3D0f1e',
  ];

  const { items } = await answerOf(rows(...names.map((name) => record({ StreamName: name }))));

  expect(items.map(({ appName, stream }) => `${appName}/${stream}`)).toEqual([
    'live/cam1',
    'live/cam1',
    'live/cam1?vhost=x',
    '/cam1',
  ]);
});
