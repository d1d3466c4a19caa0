import type { StreamView } from '../status/stream-view.ts';
import { type Html, html } from './html.ts';
import { fpsText } from './quantity.ts';
import type { Words } from './words.ts';

const width = 168;
const height = 36;
const windowMs = 5 * 60_000;
/**
 * Distance between the line and the border of the image, in units of the viewBox, so that the stroke is not
 * cut off at the top and at zero.
 */
const margin = 3;
/**
 * Minimum for the upper end of the scale, in frames per second, so that 1 fps does not look like a full frame
 * rate.
 */
const minTopFps = 10;

interface Point {
  readonly at: number;
  readonly fps: number;
}

/**
 * Renders the frame rates of the five minutes before `now` (epoch ms) as an SVG line. The line is interrupted
 * where samples are missing, and has another color below the limit.
 */
export function sparkline(
  { recent, expected }: Pick<StreamView, 'recent' | 'expected'>,
  now: number,
  words: Words,
): Html {
  const { fps: expectedFps, min_fps: minFps } = expected;
  const points = toPoints(recent);
  const top = 1.08 * Math.max(minTopFps, expectedFps ?? 0, minFps ?? 0, ...points.map(({ fps }) => fps));
  const x = (at: number) => oneDecimal((1 - (now - at) / windowMs) * (width - margin));
  const y = (fps: number) => oneDecimal(height - margin - (fps / top) * (height - 2 * margin));
  const path = (segment: readonly Point[]) =>
    `M${corners(segment, y)
      .map(({ at, fps }) => `${x(at)} ${y(fps)}`)
      .join('L')}`;
  const segments = toSegments(points);
  // A path with a single point is invisible. Add a line of zero length, which round line caps turn into a
  // dot.
  const lineOf = (segment: readonly Point[]) => `${path(segment)}${segment.length === 1 ? 'h0' : ''}`;
  const line = segments.map(lineOf).join('');
  const area = segments.map((segment) => `${path(segment)}V${y(0)}H${x(segment[0]?.at ?? now)}Z`).join('');
  const low =
    minFps === null
      ? ''
      : segments
          .flatMap((each) => below(each, minFps))
          .map(lineOf)
          .join('');
  const newest = points.at(-1);
  const isLow = newest !== undefined && minFps !== null && newest.fps < minFps;
  return html`<svg class="spark" viewBox="0 0 ${width} ${height}" role="img" aria-label="${describe(points, words)}">
<path class="base" d="M0 ${y(0)}H${width}"/>${minFps !== null && html`<path class="limit" d="M0 ${y(minFps)}H${width}"/>`}
<path class="area" d="${area}"/><path class="line" d="${line}"/>${low !== '' && html`<path class="low" d="${low}"/>`}${
    newest !== undefined &&
    html`<path class="now${isLow && ' low-now'}" d="M${x(newest.at)} ${y(newest.fps)}h0"/>`
  }</svg>`;
}

/**
 * Returns one point per measurement time, sorted by time. If several publishers have a sample of the same
 * time, the point has the highest frame rate.
 */
function toPoints(samples: StreamView['recent']): readonly Point[] {
  const highest = new Map<number, number>();
  for (const { measured_at, fps } of samples) {
    if (fps === null) continue;
    const at = Date.parse(measured_at);
    highest.set(at, Math.max(highest.get(at) ?? 0, fps));
  }
  return [...highest].map(([at, fps]) => ({ at, fps })).sort((a, b) => a.at - b.at);
}

/**
 * Splits the points into segments. A new segment starts after a distance of more than 2.5 times the median
 * distance, because a sample is then missing.
 */
function toSegments(points: readonly Point[]): readonly (readonly Point[])[] {
  const distances = points.slice(1).map(({ at }, i) => at - (points[i]?.at ?? at));
  const median = distances.toSorted((a, b) => a - b)[Math.floor(distances.length / 2)] ?? 0;
  const segments: Point[][] = [];
  points.forEach((point, i) => {
    const isGap = (distances[i - 1] ?? Number.POSITIVE_INFINITY) > median * 2.5;
    if (isGap) segments.push([point]);
    else segments.at(-1)?.push(point);
  });
  return segments;
}

/** Returns the points without those that move the line by less than half a unit, which nobody sees. */
function corners(segment: readonly Point[], y: (fps: number) => number): readonly Point[] {
  const kept: Point[] = [];
  segment.forEach((point, i) => {
    const before = kept.at(-1);
    const next = segment[i + 1];
    const isFar = ({ fps }: Point) => before === undefined || Math.abs(y(fps) - y(before.fps)) >= 0.5;
    if (next === undefined || isFar(point) || isFar(next)) kept.push(point);
  });
  return kept;
}

/** Returns the parts of a segment that are below the limit, each with its neighbors. */
function below(segment: readonly Point[], limit: number): readonly (readonly Point[])[] {
  const parts: Point[][] = [];
  segment.forEach((point, i) => {
    if (point.fps >= limit) return;
    const previous = segment[i - 1];
    if (previous === undefined || previous.fps >= limit) parts.push(previous ? [previous] : []);
    parts.at(-1)?.push(point);
    const next = segment[i + 1];
    if (next !== undefined && next.fps >= limit) parts.at(-1)?.push(next);
  });
  return parts;
}

/** Returns the text that screen readers read instead of the image. */
function describe(points: readonly Point[], words: Words): string {
  const newest = points.at(-1);
  if (newest === undefined) return words.text.noFrameRate;
  const rates = points.map(({ fps }) => fps);
  const [low, high] = [fpsText(Math.min(...rates)), fpsText(Math.max(...rates))];
  return words.fpsRange(low, high, fpsText(newest.fps));
}

function oneDecimal(value: number): number {
  return Math.round(value * 10) / 10;
}
