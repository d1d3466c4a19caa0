import { expect, test } from 'vitest';
import { createWorld } from '../../../src/simulator/world/world.ts';
import { noon } from '../../support/samples.ts';
import { runBudget } from './budget.ts';
import { delayMs, storyOf } from './story.ts';
import { type Measured, problemsOf, reportOf } from './verdict.ts';
import { createWatch, wrongStreams } from './watch.ts';

test('counts everything with every stream up in a small run in real time', async () => {
  const measured = await runBudget({ streams: 48, perSecond: 8, durationMs: 15_000, scrapeEveryMs: 500 });

  // On a busy machine calls wait in a queue and arrive together, so that some can be refused. All of them keep the budget.
  expect(problemsOf({ ...measured, mostInOneSecond: 0, refused: 0 })).toEqual([]);
  expect(measured.mostInOneSecond).toBeGreaterThan(1);
  expect(measured.calls).toBeGreaterThan(48);
  expect(measured.calls).toBeLessThan((1.5 * 8 * measured.tookMs) / 1_000);
  expect(measured.scrapes).toBe(30);
  expect(measured.daemonCpuSeconds).toBeGreaterThan(0);
});

test('counts a gauge that disappears or falls to 0 as a flap, but not one that appears', () => {
  const watch = createWatch();
  const all = scrapeText(['up', 'fps', 'bitrate_bps']);

  watch.see('', undefined);
  watch.see(all, undefined);
  expect(watch.seen()).toEqual({ scrapes: 2, flaps: 0, streamsUp: 1, oldestWatermarkMs: undefined });
  watch.see(scrapeText(['up', 'bitrate_bps']), undefined);
  expect(watch.seen().flaps).toBe(1);
  watch.see(all, undefined);
  expect(watch.seen().flaps).toBe(1);
  watch.see(all.replace('livestream_push_up{stream="s1"} 1', 'livestream_push_up{stream="s1"} 0'), undefined);
  expect(watch.seen()).toMatchObject({ flaps: 2, streamsUp: 0 });
});

test('returns the oldest watermark of all scrapes', () => {
  const watch = createWatch();
  const watermark = (stream: string, at: number) =>
    `livestream_push_watermark_timestamp_seconds{stream="${stream}"} ${at}\n`;

  watch.see(watermark('s1', 100) + watermark('s2', 90), 101_500);
  watch.see(watermark('s1', 110) + watermark('s2', 109), 111_500);

  expect(watch.seen().oldestWatermarkMs).toBe(11_500);
});

test('accepts totals without the samples that were not visible at the watermark, and no other difference', () => {
  const world = createWorld(storyOf({ streams: 1, perSecond: 1 }), noon);
  const watermark = noon + 60_000;
  const exposed = (upTo: number) => {
    const { samples, observedMs, milliframes, bytes } = world.truthOf('s1', noon, upTo + 1);
    return [
      `watermark_timestamp_seconds{stream="s1"} ${watermark / 1_000}`,
      `samples_total{stream="s1"} ${samples}`,
      `observed_seconds_total{stream="s1"} ${observedMs / 1_000}`,
      `frames_total{stream="s1"} ${milliframes / 1_000}`,
      `bytes_total{stream="s1"} ${bytes}`,
    ]
      .map((line) => `livestream_push_${line}\n`)
      .join('');
  };

  expect(wrongStreams(world, exposed(watermark))).toEqual([]);
  expect(wrongStreams(world, exposed(watermark - delayMs))).toEqual([]);
  expect(wrongStreams(world, exposed(watermark - delayMs - 5_000))).toHaveLength(1);
  expect(wrongStreams(world, exposed(watermark + 5_000))).toHaveLength(1);
  expect(wrongStreams(world, exposed(watermark).replace(/(bytes.*)\d\n$/, '$1x\n'))).toHaveLength(1);
  expect(wrongStreams(world, '')).toHaveLength(1);
});

const good: Measured = {
  streams: 2_000,
  perSecond: 20,
  tookMs: 600_000,
  calls: 11_800,
  mostInOneSecond: 20,
  refused: 0,
  scrapes: 120,
  oldestWatermarkMs: 103_000,
  streamsUp: 2_000,
  flaps: 0,
  wrong: [],
  daemonCpuSeconds: 12.34,
};

test('reports a run that held all bars below its table', () => {
  expect(problemsOf(good)).toEqual([]);
  expect(reportOf(good)).toMatchInlineSnapshot(`
    "2000 streams, 600.0 s                      measured      bar
    calls                                         11800
    calls a second                                19.67
    most calls in one calendar second                20    <= 20
    refused calls                                     0        0
    oldest watermark after the first round, s     103.0  < 130.0
    streams up                                     2000     2000
    flaps in 120 scrapes                              0        0
    streams with wrong totals                         0        0
    CPU seconds of the daemon                      12.3
    all bars held
    "
  `);
});

test.each<[problem: string, change: Partial<Measured>]>([
  ['a calendar second saw 21 calls, more than 20', { mostInOneSecond: 21 }],
  ['1 calls were refused', { refused: 1 }],
  ['it ended before the first round did', { oldestWatermarkMs: undefined }],
  ['a watermark was 130.0 s old or older', { oldestWatermarkMs: 130_000 }],
  ['1999 of 2000 streams are up', { streamsUp: 1_999 }],
  ['gauges flapped 3 times', { flaps: 3 }],
  ['the totals of 1 streams are wrong, such as s7', { wrong: ['s7'] }],
])('reports: %s', (problem, change) => {
  expect(problemsOf({ ...good, ...change })).toEqual([problem]);
  expect(reportOf({ ...good, ...change })).toContain(`MISSED: ${problem}\n`);
});

function scrapeText(gauges: readonly string[]): string {
  return gauges.map((gauge) => `livestream_push_${gauge}{stream="s1"} 1\n`).join('');
}
