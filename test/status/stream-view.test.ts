import { expect, test } from 'vitest';
import { addSamples, newPushLedger } from '../../src/model/push-ledger.ts';
import { streamKey } from '../../src/model/stream.ts';
import { type StreamsContext, toStreamView } from '../../src/status/stream-view.ts';
import { type StreamsQuery, toStreamsView } from '../../src/status/streams-view.ts';
import { createTroubles } from '../../src/status/troubles.ts';
import { alwaysLive, noon, pushSample, pushTarget, streamId } from '../support/samples.ts';
import { context, streamInput, viewOf } from './inputs.ts';

const all: StreamsQuery = { limit: 100, from: { offset: 0 }, filter: {} };

test('returns all fields of a stream', async () => {
  const sample = pushSample({ measuredAt: noon - 8_000, framesPerSecond: 12, videoMs: 4_800 });
  const ledger = addSamples(newPushLedger(noon - 60_000), [sample], {
    expectation: alwaysLive,
    freshness: { expectedDelayMs: 0, staleAfterMs: 0 },
    now: noon + 10_000,
  });
  const input = streamInput('news', {
    target: pushTarget({ stream: streamId(), labels: { channel: 'one' } }),
    view: viewOf(sample),
    ledger: () => ledger,
    failure: { kind: 'throttled', message: 'tencent X: HTTP 429', at: noon - 1_000 },
  });
  const points = (key: string) => {
    expect(key).toBe(streamKey(streamId()));
    return [{ measuredAt: noon - 8_000, framesPerSecond: 12, bitsPerSecond: undefined }];
  };

  const forbid = { count: 1, lastAt: noon - 60_000, leftZero: true };
  const controlLedgerOf = () => ({ stream: streamId(), actions: { forbid } });
  const troubles = createTroubles();
  troubles.addSamples(input.key, [sample], alwaysLive);

  const view = await toStreamsView([input], all, {
    ...context,
    points,
    controlLedgerOf,
    troubles: troubles.of,
  });

  expect(view).toEqual({
    now: '2026-03-01T12:00:00.000Z',
    total: 1,
    offset: 0,
    limit: 100,
    streams: [
      {
        key: Buffer.from('["tencent","tencent","push.example.com","live","news"]').toString('base64url'),
        account: 'tencent',
        provider: 'tencent',
        domain: 'push.example.com',
        app_name: 'live',
        stream: 'news',
        state: 'degraded',
        state_since_at: '2026-03-01T11:50:00.000Z',
        state_age_seconds: 600,
        state_since_is_exact: true,
        due: true,
        conditions: ['low_fps'],
        interrupted_since_at: null,
        interrupted_seconds: null,
        fps: 12,
        bitrate_bps: 2_000_000,
        client_ip: '192.0.2.10',
        client_ip_is_hidden: false,
        server_ip: '198.51.100.1',
        publishers: 1,
        sample_at: '2026-03-01T11:59:52.000Z',
        sample_age_seconds: 8,
        watermark_at: '2026-03-01T11:59:58.000Z',
        watermark_age_seconds: 2,
        totals: {
          samples: 1,
          observed_seconds: 5,
          measured_seconds: { fps: 5, bitrate: 5 },
          frames: 60,
          bytes: 1_250_000,
          media_seconds: { video: 4.8, audio: null },
          degraded_seconds: { low_fps: 5, no_video: 0, low_bitrate: 0, video_stall: 0 },
          bad_seconds: 5,
          missing_seconds: 0,
          backfilled_seconds: 5,
          gap_seconds: 0,
          sessions: 0,
          client_changes: 0,
        },
        last_failure: { kind: 'throttled', message: 'tencent X: HTTP 429', at: '2026-03-01T11:59:59.000Z' },
        expected: { fps: 25, bitrate_bps: 2_000_000, min_fps: 20, min_bitrate_bps: 1_000_000 },
        labels: { channel: 'one' },
        forbidden: true,
        forbidden_since_at: '2026-03-01T11:59:00.000Z',
        troubles: [
          {
            from_at: '2026-03-01T11:59:47.000Z',
            to_at: '2026-03-01T11:59:52.000Z',
            seconds: 5,
            kinds: ['low_fps'],
          },
        ],
        recent: [{ measured_at: '2026-03-01T11:59:52.000Z', fps: 12, bitrate_bps: null }],
      },
    ],
  });
});

test('returns no rates and no publisher of a missing stream, but the age of its newest sample', async () => {
  const ledger = { ...newPushLedger(noon), newestAt: noon - 90_000 };

  const [stream] = await viewsOf(
    [streamInput('a', { view: viewOf(undefined), ledger: () => ledger })],
    all,
    context,
  );

  expect(stream).toMatchObject({
    state: 'missing',
    fps: null,
    bitrate_bps: null,
    client_ip: null,
    publishers: 0,
    sample_age_seconds: 90,
  });
});

test('returns zero for a rate of zero and null for an unknown rate', async () => {
  const views = await viewsOf(
    [0, undefined].map((framesPerSecond) =>
      streamInput('a', { view: viewOf(pushSample({ framesPerSecond })) }),
    ),
    all,
    context,
  );

  expect(views.map(({ fps }) => fps)).toEqual([0, null]);
});

test('returns no time of a sample for the values of a list of live pushes, but that of the history', async () => {
  const view = { ...viewOf(pushSample({ framesPerSecond: 24 })), isListed: true as const };
  const ledger = { ...newPushLedger(noon), newestAt: noon - 90_000 };

  const [stream] = await viewsOf([streamInput('a', { view, ledger: () => ledger })], all, context);

  expect(stream).toMatchObject({ state: 'up', fps: 24, sample_at: new Date(noon - 90_000).toISOString() });
});

test('returns the time of a list of live pushes that has one', async () => {
  const view = {
    ...viewOf(pushSample({ measuredAt: noon - 300_000 })),
    isListed: true as const,
    hasTimes: true as const,
  };

  const [stream] = await viewsOf([streamInput('a', { view })], all, context);

  expect(stream).toMatchObject({ state: 'up', sample_at: new Date(noon - 300_000).toISOString() });
});

test('returns null for everything unknown about a stream that was never polled', async () => {
  const [stream] = await viewsOf(
    [streamInput('a', { view: undefined, ledger: () => undefined })],
    all,
    context,
  );

  expect(stream).toMatchObject({
    state: 'unknown',
    publishers: null,
    sample_at: null,
    sample_age_seconds: null,
    watermark_at: null,
    totals: null,
  });
});

test('returns the interruption only of a stream that is expected, and pushed or in a short break', () => {
  const interruption = () => ({ since: noon - 240_000, ms: 100_000 });
  const of = (part: Parameters<typeof streamInput>[1]) => {
    const view = toStreamView(streamInput('news', part), { ...context, interruption });
    return [view.state, view.interrupted_since_at, view.interrupted_seconds];
  };

  expect(of({})).toEqual(['up', '2026-03-01T11:56:00.000Z', 100]);
  const missingFor = (ms: number) => of({ view: viewOf(undefined, { since: noon - ms }) });
  expect(missingFor(300_000)).toEqual(['missing', '2026-03-01T11:56:00.000Z', 100]);
  expect(missingFor(301_000)).toEqual(['missing', null, null]);
  expect(of({ view: viewOf(undefined, { isUnknown: true, expiresAt: noon - 1 }) })).toEqual([
    'unknown',
    null,
    null,
  ]);
  expect(of({ target: pushTarget({ expectation: { ...alwaysLive, live: undefined } }) })).toEqual([
    'up',
    null,
    null,
  ]);
});

test('masks or hides the client address as configured', async () => {
  const shown = async (showClientIp: StreamsContext['showClientIp']) =>
    (await viewsOf([streamInput()], all, { ...context, showClientIp }))[0];

  expect(await shown(() => '192.0.2.0/24')).toMatchObject({
    client_ip: '192.0.2.0/24',
    client_ip_is_hidden: false,
  });
  expect(await shown(() => '')).toMatchObject({ client_ip: null, client_ip_is_hidden: true });
});

test('hides the message of an internal error, which can contain secrets', async () => {
  const failure = { kind: 'internal', message: 'Invalid URL http://a/?sign=hush', at: noon };

  const [stream] = await viewsOf([streamInput('a', { failure })], all, context);

  expect(stream?.last_failure?.message).toBe('internal error (see the exporter log)');
});

test('reads the recent points of only the streams on the page', async () => {
  const read: string[] = [];
  const points = (key: string) => {
    read.push(key);
    return [];
  };

  await toStreamsView(
    [streamInput('a'), streamInput('b'), streamInput('c')],
    { ...all, limit: 1 },
    { ...context, points },
  );

  expect(read).toEqual([streamKey(streamId({ stream: 'a' }))]);
});

async function viewsOf(...parameters: Parameters<typeof toStreamsView>) {
  return (await toStreamsView(...parameters))?.streams ?? [];
}
