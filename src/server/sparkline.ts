import type { StreamView } from '../status/stream-view.ts';
import { type Html, html } from './html.ts';
import { bitRateText, fpsText } from './quantity.ts';
import type { Words } from './words.ts';

const width = 168;
const height = 36;
const windowMs = 5 * 60_000;
/**
 * Distance between the line and the border of the image, in units of the viewBox, so that the stroke is not
 * cut off at the top and at zero.
 */
const margin = 3;
/** Value of a sample that is drawn: the frame rate or the bit rate. */
export type DrawnRate = 'fps' | 'bitrate_bps';

const rates = {
  fps: {
    limit: 'min_fps',
    // Minimum for the upper end of the scale, so that 1 fps does not look like a full frame rate.
    minTop: 10,
    toText: fpsText,
  },
  bitrate_bps: { limit: 'min_bitrate_bps', minTop: 100_000, toText: bitRateText },
} as const;

interface Point {
  readonly at: number;
  readonly rate: number;
}

/** Returns the rate that shows the trouble of a stream: the frame rate, unless only the bit rate is low or known. */
export function troubledRate({ conditions, recent }: Pick<StreamView, 'conditions' | 'recent'>): DrawnRate {
  const isBitRateLow = conditions.length > 0 && conditions.every((each) => each === 'low_bitrate');
  const isOnlyBitRate = recent.length > 0 && recent.every(({ fps }) => fps === null);
  return isBitRateLow || isOnlyBitRate ? 'bitrate_bps' : 'fps';
}

/**
 * Renders the rates of the five minutes before `now` (epoch ms) as an SVG line. The line is interrupted where samples
 * are missing, and has another color below the limit.
 */
export function sparkline(
  { recent, expected }: Pick<StreamView, 'recent' | 'expected'>,
  now: number,
  words: Words,
  drawn: DrawnRate = 'fps',
): Html {
  const { limit, minTop } = rates[drawn];
  const min = expected[limit];
  const points = toPoints(recent, drawn);
  const top = 1.08 * Math.max(minTop, expected[drawn] ?? 0, min ?? 0, ...points.map(({ rate }) => rate));
  const x = (at: number) => oneDecimal((1 - (now - at) / windowMs) * (width - margin));
  const y = (rate: number) => oneDecimal(height - margin - (rate / top) * (height - 2 * margin));
  const path = (segment: readonly Point[]) =>
    `M${corners(segment, y)
      .map(({ at, rate }) => `${x(at)} ${y(rate)}`)
      .join('L')}`;
  const segments = toSegments(points);
  // A path with a single point is invisible. Add a line of zero length, which round line caps turn into a
  // dot.
  const lineOf = (segment: readonly Point[]) => `${path(segment)}${segment.length === 1 ? 'h0' : ''}`;
  const line = segments.map(lineOf).join('');
  const area = segments.map((segment) => `${path(segment)}V${y(0)}H${x(segment[0]?.at ?? now)}Z`).join('');
  const low =
    min === null
      ? ''
      : segments
          .flatMap((each) => below(each, min))
          .map(lineOf)
          .join('');
  const newest = points.at(-1);
  const isLow = newest !== undefined && min !== null && newest.rate < min;
  return html`<svg class="spark" viewBox="0 0 ${width} ${height}" role="img" aria-label="${describe(points, drawn, words)}">
<path class="base" d="M0 ${y(0)}H${width}"/>${min !== null && html`<path class="limit" d="M0 ${y(min)}H${width}"/>`}
<path class="area" d="${area}"/><path class="line" d="${line}"/>${low !== '' && html`<path class="low" d="${low}"/>`}${
    newest !== undefined &&
    html`<path class="now${isLow && ' low-now'}" d="M${x(newest.at)} ${y(newest.rate)}h0"/>`
  }</svg>`;
}

/**
 * Returns one point per measurement time, sorted by time. If several publishers have a sample of the same
 * time, the point has the highest rate.
 */
function toPoints(samples: StreamView['recent'], drawn: DrawnRate): readonly Point[] {
  const highest = new Map<number, number>();
  for (const sample of samples) {
    const rate = sample[drawn];
    if (rate === null) continue;
    const at = Date.parse(sample.measured_at);
    highest.set(at, Math.max(highest.get(at) ?? 0, rate));
  }
  return [...highest].map(([at, rate]) => ({ at, rate })).sort((a, b) => a.at - b.at);
}

/**
 * Splits the points into segments. A new segment starts after a distance of more than 2.5 times the usual distance,
 * because a sample is then missing. The usual distance is the lower quartile: of a push that breaks every few samples,
 * half of the distances are breaks.
 */
function toSegments(points: readonly Point[]): readonly (readonly Point[])[] {
  const distances = points.slice(1).map(({ at }, i) => at - (points[i]?.at ?? at));
  const usual = distances.toSorted((a, b) => a - b)[Math.floor(distances.length / 4)] ?? 0;
  const segments: Point[][] = [];
  points.forEach((point, i) => {
    const isGap = (distances[i - 1] ?? Number.POSITIVE_INFINITY) > usual * 2.5;
    if (isGap) segments.push([point]);
    else segments.at(-1)?.push(point);
  });
  return segments;
}

/** Returns the points without those that move the line by less than half a unit, which nobody sees. */
function corners(segment: readonly Point[], y: (rate: number) => number): readonly Point[] {
  const kept: Point[] = [];
  segment.forEach((point, i) => {
    const before = kept.at(-1);
    const next = segment[i + 1];
    const isFar = ({ rate }: Point) => before === undefined || Math.abs(y(rate) - y(before.rate)) >= 0.5;
    if (next === undefined || isFar(point) || isFar(next)) kept.push(point);
  });
  return kept;
}

/** Returns the parts of a segment that are below the limit, each with its neighbors. */
function below(segment: readonly Point[], limit: number): readonly (readonly Point[])[] {
  const parts: Point[][] = [];
  segment.forEach((point, i) => {
    if (point.rate >= limit) return;
    const previous = segment[i - 1];
    if (previous === undefined || previous.rate >= limit) parts.push(previous ? [previous] : []);
    parts.at(-1)?.push(point);
    const next = segment[i + 1];
    if (next !== undefined && next.rate >= limit) parts.at(-1)?.push(next);
  });
  return parts;
}

/** Returns the text that screen readers read instead of the image. */
function describe(points: readonly Point[], drawn: DrawnRate, words: Words): string {
  const name = drawn === 'fps' ? words.text.frameRate : words.text.bitRate;
  const newest = points.at(-1);
  if (newest === undefined) return words.noRecentRate(name);
  const { toText } = rates[drawn];
  const values = points.map(({ rate }) => rate);
  return words.rateRange(name, toText(Math.min(...values)), toText(Math.max(...values)), toText(newest.rate));
}

function oneDecimal(value: number): number {
  return Math.round(value * 10) / 10;
}
