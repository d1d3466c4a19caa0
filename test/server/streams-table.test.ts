import { expect, test } from 'vitest';
import { streamsTable } from '../../src/server/streams-table.ts';
import { english } from '../../src/server/words-en.ts';
import type { StreamView } from '../../src/status/stream-view.ts';
import { inOneSlice } from '../support/slices.ts';
import { at, streamView } from './start.ts';
import { allStreams, rowText, times } from './status-markup.ts';

test('names the state of a stream in words, what is wrong, and since when', async () => {
  const states = [
    streamView(),
    streamView({ state: 'missing' }),
    streamView({ state: 'degraded', conditions: ['low_fps', 'low_bitrate'] }),
    streamView({ state: 'unknown', state_since_at: null, state_age_seconds: null }),
    streamView({ state: 'not_pushed', due: false }),
    streamView({ state: 'not_pushed', due: null, state_since_is_exact: false }),
    streamView({ state: 'missing', forbidden: true }),
  ];

  const shown = (await Promise.all(states.map(rowText))).map((text) => text.split(' news')[0]);

  expect(shown).toEqual([
    'up 60 min since 11:00:00 UTC',
    'missing 60 min since 11:00:00 UTC',
    'degraded 60 min low frame rate, low bit rate since 11:00:00 UTC',
    'unknown &gt; 60 min no answer since 11:00:00 UTC',
    'not pushed 60 min not expected since 11:00:00 UTC',
    'not pushed &gt; 60 min since before 11:00:00 UTC',
    'missing forbidden 60 min since 11:00:00 UTC',
  ]);
});

test('shows measured and expected values', async () => {
  expect(await rowText(streamView({ publishers: 2, labels: { channel: 'one' } }))).toBe(
    'up 60 min since 11:00:00 UTC news tencent · push.example.com/live channel: one 25 expected 25 2.00 Mbit/s expected 2.50 Mbit/s no trouble 8 s ago from 192.0.2.10 + 1 more publisher',
  );
});

test('distinguishes zero, not reported and not measured', async () => {
  const fps = async (part: Parameters<typeof streamView>[0]) =>
    (await rowText(streamView(part))).split('live ')[1]?.split(' expected 25')[0];

  expect(await fps({ fps: 0 })).toBe('0');
  expect(await fps({ fps: null })).toBe('not reported');
  expect(await fps({ state: 'missing', fps: null })).toBe('–');
});

test('distinguishes a hidden address from one that is not reported, and still counts publishers', async () => {
  const text = (part: Partial<StreamView>) =>
    rowText(streamView({ client_ip: null, publishers: 2, ...part }));

  expect(await text({ client_ip_is_hidden: true })).toMatch(/ hidden by the config \+ 1 more publisher$/);
  expect(await text({})).toMatch(/ not reported \+ 1 more publisher$/);
});

test('keeps showing trouble that is over, with its bad seconds', async () => {
  const trouble = (ago: number, seconds: number, kinds: StreamView['troubles'][number]['kinds']) => ({
    from_at: at,
    to_at: new Date(Date.parse(at) - ago * 1000).toISOString(),
    seconds,
    kinds,
  });
  const troubles = [trouble(9_000, 40, ['missing']), trouble(840, 20, ['low_fps'])];

  expect(await rowText(streamView({ troubles }))).toContain(
    '60 s of trouble low frame rate, until 14 min ago',
  );
  expect(
    await rowText(streamView({ troubles, state: 'degraded', conditions: ['low_bitrate', 'video_stall'] })),
  ).toContain('60 s of trouble low bit rate, video stall, ongoing');
});

test('shows at most six hours of trouble in the last six hours', async () => {
  const lasted = {
    from_at: '2026-02-26T12:00:00.000Z',
    to_at: '2026-03-01T11:00:00.000Z',
    seconds: 71 * 3_600,
    kinds: ['missing' as const],
  };

  expect(await rowText(streamView({ troubles: [lasted] }))).toContain(
    '5 h of trouble missing, until 60 min ago',
  );
});

test('names what is wrong now, and not the last trouble that is over', async () => {
  const over = { from_at: at, to_at: '2026-03-01T09:00:00.000Z', seconds: 40, kinds: ['low_fps' as const] };

  expect(await rowText(streamView({ troubles: [over], state: 'missing' }))).toContain(
    '61 min of trouble missing, ongoing',
  );
  expect(await rowText(streamView({ state: 'missing' }))).toContain('60 min of trouble missing, ongoing');
  expect(await rowText(streamView({ state: 'degraded', conditions: ['low_fps'] }))).toContain(
    'low frame rate, ongoing',
  );
});

test('says of an interrupted stream that its trouble goes on, with the time of its breaks', async () => {
  const over = { from_at: at, to_at: at, seconds: 50, kinds: ['missing' as const] };

  expect(await rowText(streamView({ troubles: [over], interrupted_seconds: 240 }))).toContain(
    '4 min of trouble interrupted, ongoing',
  );
});

test('does not say that an unknown stream had no trouble', async () => {
  const text = await rowText(streamView({ state: 'unknown', fps: null }));

  expect(text).not.toContain('no trouble');
  expect(text).toContain('unknown 8 s ago');
});

test('shows no graph without samples, because it would look like one of zeros', async () => {
  const graphs = async (recent: StreamView['recent'], state: StreamView['state']) => {
    const { markup } = await streamsTable(
      [streamView({ recent, state })],
      { ...times, query: allStreams, words: english },
      inOneSlice,
    );
    return markup.match(/<svg class="spark"/g)?.length ?? 0;
  };

  expect(await graphs([], 'missing')).toBe(0);
  expect(await graphs([{ measured_at: at, fps: 0, bitrate_bps: null }], 'missing')).toBe(1);
});

test('says how long there is no answer, which can be longer than the present config', async () => {
  const unknown = streamView({ state: 'unknown', state_since_at: null, state_age_seconds: null });
  const age = async (startedAt: string) => {
    const options = { ...times, startedAt, query: allStreams, words: english };
    const { markup } = await streamsTable([unknown], options, inOneSlice);
    return /<span class="age">([^<]*)</.exec(markup)?.[1];
  };

  expect(await age('2026-03-01T10:59:58.000Z')).toBe('60\u00a0min');
  expect(await age('2026-03-01T09:00:00.000Z')).toBe('&gt;\u00a060\u00a0min');
});

test('claims no good hours before the start of the exporter', async () => {
  const text = async (startedAt: string) => {
    const { markup } = await streamsTable(
      [streamView()],
      { ...times, startedAt, query: allStreams, words: english },
      inOneSlice,
    );
    return /no trouble[^<]*/.exec(markup)?.[0];
  };

  expect(await text('2026-03-01T06:00:00.000Z')).toBe('no trouble');
  expect(await text('2026-03-01T06:00:01.000Z')).toBe('no trouble since the start');
});

test('does not say that a forbidden stream has no trouble', async () => {
  expect(await rowText(streamView({ state: 'not_pushed', due: null, forbidden: true }))).toContain(
    ' forbidden, ongoing ',
  );
  expect(await rowText(streamView({ state: 'missing', forbidden: true }))).toContain(
    '60 min of trouble forbidden, missing, ongoing',
  );
});

test('does not say that a stream without any answer had no trouble', async () => {
  const text = await rowText(streamView({ state: 'unknown', state_since_at: null, sample_at: null }));

  expect(text).not.toContain('no trouble');
  expect(text).toContain('no data yet');
});

test('shows the failure kind and message of a stream', async () => {
  const stream = streamView({ last_failure: { kind: 'throttled', message: 'tencent X: HTTP 429', at: '' } });

  expect(await rowText(stream)).toContain('throttled: tencent X: HTTP 429');
});
