import { expect, test } from 'vitest';
import { type SparkPoint, sparkline } from '../../src/server/sparkline.ts';

const now = Date.parse('2026-03-01T12:00:00Z');
const scale = { now, expectedFps: 25, minFps: null };

function points(...rates: readonly (readonly [secondsAgo: number, fps: number | null])[]): SparkPoint[] {
  return rates.map(([ago, fps]) => ({ measured_at: new Date(now - ago * 1000).toISOString(), fps }));
}

/** The path of the class, from the markup. */
function path(markup: string, name: string): string | undefined {
  return new RegExp(`<path class="${name}" d="([^"]*)"`).exec(markup)?.[1];
}

test('the line goes from left to right, with zero at the bottom and the expected rate near the top', () => {
  const { markup } = sparkline(points([300, 0], [150, 25], [0, 12.5]), scale);

  expect(path(markup, 'line')).toBe('M0 33L82.5 5.2L165 19.1');
});

test('where no sample is, there is no line', () => {
  const { markup } = sparkline(points([60, 25], [55, 25], [50, 25], [20, 25], [15, 25]), scale);

  expect(path(markup, 'line')?.match(/M/g)).toHaveLength(2);
});

test('a sample that did not tell its rate is no zero', () => {
  const { markup } = sparkline(points([60, 25], [55, null], [50, 25]), scale);

  expect(path(markup, 'line')).toBe('M132 5.2L137.5 5.2');
});

test('a lone sample is a dot', () => {
  const { markup } = sparkline(points([60, 25]), scale);

  expect(path(markup, 'line')).toBe('M132 5.2h0');
});

test('the lowest rate that is well is a line of its own', () => {
  expect(path(sparkline([], { ...scale, minFps: 20 }).markup, 'limit')).toBe('M0 10.8H168');
  expect(path(sparkline([], scale).markup, 'limit')).toBeUndefined();
});

test('of two publishers at one moment the better one is drawn', () => {
  const { markup } = sparkline(points([60, 3], [60, 25]), scale);

  expect(path(markup, 'line')).toBe('M132 5.2h0');
});

test('who cannot see the line is told what it shows', () => {
  expect(sparkline(points([10, 17.25], [5, 25], [0, 24.8]), scale).markup).toContain(
    'aria-label="Frames per second in the last 5 minutes: 17.3 to 25, newest 24.8"',
  );
  expect(sparkline([], scale).markup).toContain('aria-label="No frame rate in the last 5 minutes"');
});
