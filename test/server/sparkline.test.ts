import { expect, test } from 'vitest';
import { sparkline, troubledRate } from '../../src/server/sparkline.ts';
import { english } from '../../src/server/words-en.ts';
import type { StreamView } from '../../src/status/stream-view.ts';

const now = Date.parse('2026-03-01T12:00:00Z');
const expected = { fps: 25, bitrate_bps: null, min_fps: null, min_bitrate_bps: null };

function samples(
  ...rates: readonly (readonly [secondsAgo: number, fps: number | null])[]
): StreamView['recent'] {
  return rates.map(([ago, fps]) => ({
    measured_at: new Date(now - ago * 1000).toISOString(),
    fps,
    bitrate_bps: null,
  }));
}

/** Returns the data of the path with this class. */
function path(markup: string, name: string): string | undefined {
  return new RegExp(`<path class="${name}" d="([^"]*)"`).exec(markup)?.[1];
}

test('draws the line from left to right, with zero at the bottom and the expected rate near the top', () => {
  const { markup } = sparkline({ recent: samples([300, 0], [150, 25], [0, 12.5]), expected }, now, english);

  expect(path(markup, 'line')).toBe('M0 33L82.5 5.2L165 19.1');
  expect(path(markup, 'area')).toBe('M0 33L82.5 5.2L165 19.1V33H0Z');
});

test('interrupts the line where samples are missing', () => {
  const { markup } = sparkline(
    { recent: samples([60, 25], [55, 25], [50, 25], [20, 25], [15, 25]), expected },
    now,
    english,
  );

  expect(path(markup, 'line')?.match(/M/g)).toHaveLength(2);
});

test('interrupts the line of a push that breaks after every second sample', () => {
  const { markup } = sparkline(
    { recent: samples([180, 25], [175, 25], [120, 25], [115, 25], [60, 25], [55, 25]), expected },
    now,
    english,
  );

  expect(path(markup, 'line')?.match(/M/g)).toHaveLength(3);
});

test('draws the bit rate with its own limit', () => {
  const recent = samples([10, 25], [5, 25], [0, 25]).map((sample, i) => ({
    ...sample,
    bitrate_bps: i * 1e6,
  }));
  const limits = { ...expected, bitrate_bps: 2e6, min_fps: 20, min_bitrate_bps: 1.6e6 };
  const { markup } = sparkline({ recent, expected: limits }, now, english, 'bitrate_bps');

  expect(path(markup, 'line')).toBe('M159.5 33L162.3 19.1L165 5.2');
  expect(path(markup, 'limit')).toBe('M0 10.8H168');
  expect(markup).toContain(
    'aria-label="Bit rate in the last 5 minutes: 0 bit/s to 2.00 Mbit/s, newest 2.00 Mbit/s"',
  );
});

test('the bit rate shows the trouble if it alone is low or known', () => {
  const both = samples([5, 25], [0, 25]);
  const drawn = (conditions: StreamView['conditions'], recent = both) => troubledRate({ conditions, recent });

  expect(drawn([])).toBe('fps');
  expect(drawn([], [])).toBe('fps');
  expect(drawn(['low_fps', 'low_bitrate'])).toBe('fps');
  expect(drawn(['low_bitrate'])).toBe('bitrate_bps');
  expect(drawn([], samples([5, null], [0, null]))).toBe('bitrate_bps');
  expect(drawn([], samples([5, null], [0, 25]))).toBe('fps');
});

test('skips a sample without a frame rate instead of drawing zero', () => {
  const { markup } = sparkline({ recent: samples([60, 25], [55, null], [50, 25]), expected }, now, english);

  expect(path(markup, 'line')).toBe('M132 5.2L137.5 5.2');
});

test('draws a single sample as a dot', () => {
  const { markup } = sparkline({ recent: samples([60, 25]), expected }, now, english);

  expect(path(markup, 'line')).toBe('M132 5.2h0');
});

test('draws the minimum frame rate as a line of its own', () => {
  expect(
    path(sparkline({ recent: [], expected: { ...expected, min_fps: 20 } }, now, english).markup, 'limit'),
  ).toBe('M0 10.8H168');
  expect(path(sparkline({ recent: [], expected }, now, english).markup, 'limit')).toBeUndefined();
});

test('draws the highest rate of two publishers at the same time', () => {
  const { markup } = sparkline({ recent: samples([60, 3], [60, 25]), expected }, now, english);

  expect(path(markup, 'line')).toBe('M132 5.2h0');
});

test('describes the line for screen readers', () => {
  expect(
    sparkline({ recent: samples([10, 17.25], [5, 25], [0, 24.8]), expected }, now, english).markup,
  ).toContain('aria-label="Frame rate (fps) in the last 5 minutes: 17.3 to 25, newest 24.8"');
  expect(sparkline({ recent: [], expected }, now, english).markup).toContain(
    'aria-label="Frame rate (fps) in the last 5 minutes: no data"',
  );
});

test('draws the part below the minimum once more, with the way down and up', () => {
  const recent = samples([60, 25], [55, 12], [50, 12], [45, 12], [40, 25], [35, 25], [30, 12]);
  const { markup } = sparkline({ recent, expected: { ...expected, min_fps: 20 } }, now, english);

  expect(path(markup, 'low')).toBe('M132 5.2L134.8 19.7L140.3 19.7L143 5.2M145.8 5.2L148.5 19.7');
  expect(path(markup, 'low')?.match(/M/g)).toHaveLength(2);
  expect(markup).toContain('class="now low-now"');
  expect(path(sparkline({ recent, expected }, now, english).markup, 'low')).toBeUndefined();
});

test('leaves out points between others of about the same height', () => {
  const { markup } = sparkline(
    { recent: samples([60, 25], [55, 25.2], [50, 24.9], [45, 20]), expected },
    now,
    english,
  );

  expect(path(markup, 'line')?.match(/L/g)).toHaveLength(2);
});
