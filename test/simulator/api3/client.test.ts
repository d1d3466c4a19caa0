import { afterEach, expect, test } from 'vitest';
import { type Simulator, startSimulator } from '../../../src/simulator/server.ts';
import { scenarioOf } from '../support.ts';
import { type Client, sendWithClient, utc } from './official-client.ts';

/*
 * Tests the simulator with the official client. The client signs with the system time, so the simulator uses the system
 * time too, plus an offset.
 */

const minute = 60_000;
/** A whole second, because requests have whole seconds. */
const realNow = Math.floor(Date.now() / 1_000) * 1_000;
const started: AsyncDisposable[] = [];

afterEach(async () => {
  for (const one of started.splice(0)) await one[Symbol.asyncDispose]();
});

async function startWith(provider = '', now = Date.now, account = '', stream = ''): Promise<Simulator> {
  const scenario = scenarioOf(`
name: official
noise: 0%
account: {${account}}
provider: {delay: 0s, time: iso, ${provider}}
streams:
  - {name: room-1, domain: push.example.com, app_name: show, fps: 25, bitrate: 2500kbit, client_ip: 192.0.2.5, ${stream}}
`);
  const simulator = await startSimulator({
    scenario,
    clock: { now },
    startedAt: realNow - 60 * minute,
  });
  started.push(simulator);
  return simulator;
}

/** Requests push history with the official client. Rejects with `code` for a failure. */
function callWithClient({
  action = 'DescribeStreamPushInfoList',
  query,
  ...client
}: Client & { readonly action?: string; readonly query?: object }) {
  return sendWithClient(client, action, {
    StreamName: 'room-1',
    PushDomain: 'push.example.com',
    AppName: 'show',
    StartTime: utc(realNow - 10 * minute),
    // Both ends are included, so 59 s have exactly 12 samples.
    EndTime: utc(realNow - 9 * minute - 1_000),
    ...query,
  });
}

test('returns the media time of the video and the keyframe interval of an event', async () => {
  const { port } = await startWith(
    '',
    Date.now,
    '',
    'story: [{at: 50m, video_time: 80%, keyframe_interval: 15s}]',
  );

  const rows = (await callWithClient({ port })).DataInfoList as readonly Record<string, unknown>[];

  expect(rows).toHaveLength(12);
  expect(new Set(rows.map(({ LocalTs, VideoTs, GopSize }) => `${LocalTs} ${VideoTs} ${GopSize}`))).toEqual(
    new Set(['5000 4000 15000']),
  );
});

test('answers a request of the official client', async () => {
  const { port } = await startWith();

  const response = await callWithClient({ port });

  expect(response.DataInfoList).toHaveLength(12);
  expect(response.DataInfoList[0]).toMatchObject({
    PushDomain: 'push.example.com',
    AppName: 'show',
    ClientIp: '192.0.2.5',
    VideoFps: 25,
    VideoRate: 2_372_000,
    AudioRate: 128_000,
    LocalTs: 5_000,
  });
});

test('accepts the token of temporary credentials, and only this token', async () => {
  const { port } = await startWith('', Date.now, 'token: the-token');

  expect((await callWithClient({ port, token: 'the-token' })).DataInfoList).toHaveLength(12);
  for (const token of [undefined, 'another']) {
    await expect(callWithClient({ port, ...(token && { token }) })).rejects.toMatchObject({
      code: 'AuthFailure.TokenFailure',
    });
  }
});

test.each([
  ['a wrong secret key', { secretKey: 'guessed' }, 'AuthFailure.SignatureFailure'],
  ['an unknown secret id', { secretId: 'unknown' }, 'AuthFailure.SecretIdNotFound'],
  ['an unknown action', { action: 'DescribeEverything' }, 'InvalidAction'],
  ['another version', { version: '2017-03-12' }, 'NoSuchVersion'],
  ['an unknown parameter', { query: { DomainName: 'push.example.com' } }, 'UnknownParameter'],
  ['no stream', { query: { StreamName: undefined } }, 'MissingParameter'],
  ['a time without a zone', { query: { StartTime: '2026-03-01 12:00:00' } }, 'InvalidParameterValue'],
  ['an end before the start', { query: { EndTime: utc(realNow - 20 * minute) } }, 'InvalidParameterValue'],
])('rejects %s', async (_what, part, code) => {
  const { port } = await startWith();

  await expect(callWithClient({ port, ...part })).rejects.toMatchObject({ code });
});

test.each([-6 * minute, 6 * minute])('rejects a clock skew of %d ms', async (offMs) => {
  const { port } = await startWith('', () => Date.now() + offMs);

  await expect(callWithClient({ port })).rejects.toMatchObject({ code: 'AuthFailure.SignatureExpire' });
});

test.each([
  ['another application', { AppName: 'live' }],
  ['no application, which means live', { AppName: undefined }],
  ['another domain', { PushDomain: 'other.example.com' }],
  ['another stream', { StreamName: 'room-2' }],
])('finds nothing for %s', async (_what, query) => {
  const { port } = await startWith('empty: list');

  expect((await callWithClient({ port, query })).DataInfoList).toEqual([]);
});

test('limits the requests of the account per second', async () => {
  // The time stands still, so that all requests are in one second.
  const { port } = await startWith('rate_limit: 1', () => realNow);

  const results = await Promise.allSettled([1, 2, 3, 4].map(() => callWithClient({ port })));

  const codes = results.flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : []));
  expect(codes).toEqual(Array(3).fill('RequestLimitExceeded'));
});

test('plays a failure of the story', async () => {
  const { port } = await startWith('story: [{at: 0s, answer: ResourceNotFound.FreezeService}]');

  await expect(callWithClient({ port })).rejects.toMatchObject({ code: 'ResourceNotFound.FreezeService' });
});
