import { type Html, html } from './html.ts';
import { fpsText } from './quantity.ts';

export interface SparkPoint {
  readonly measured_at: string;
  /** null: there was a sample, and it did not tell. */
  readonly fps: number | null;
}

export interface SparkScale {
  /** Epoch milliseconds of the right edge. */
  readonly now: number;
  readonly expectedFps: number | null;
  readonly minFps: number | null;
}

const width = 168;
const height = 36;
const windowMs = 5 * 60_000;
/** Room for the stroke, so that neither the top nor zero is cut in half. */
const margin = 3;
/** The narrowest scale: otherwise a single frame per second would look like a full one. */
const smallestTop = 10;

interface Place {
  readonly at: number;
  readonly fps: number;
}

/** Frames per second over the last five minutes. Where there is no sample there is no line: a gap is not zero. */
export function sparkline(points: readonly SparkPoint[], { now, expectedFps, minFps }: SparkScale): Html {
  const places = toPlaces(points);
  const top = 1.08 * Math.max(smallestTop, expectedFps ?? 0, minFps ?? 0, ...places.map(({ fps }) => fps));
  const x = (at: number) => digits((1 - (now - at) / windowMs) * (width - margin));
  const y = (fps: number) => digits(height - margin - (fps / top) * (height - 2 * margin));
  const runs = unbroken(places);
  const line = runs.map(
    (run) => run.map(({ at, fps }, i) => `${i === 0 ? 'M' : 'L'}${x(at)} ${y(fps)}`).join('') + dot(run),
  );
  const area = runs
    .filter((run) => run.length > 1)
    .map(
      (run) =>
        `M${x(run[0]?.at ?? now)} ${y(0)}${run.map(({ at, fps }) => `L${x(at)} ${y(fps)}`).join('')}L${x(run.at(-1)?.at ?? now)} ${y(0)}Z`,
    );
  const newest = places.at(-1);
  return html`<svg class="spark" viewBox="0 0 ${width} ${height}" role="img" aria-label="${describe(places)}">
<path class="base" d="M0 ${y(0)}H${width}"/>${minFps !== null && html`<path class="limit" d="M0 ${y(minFps)}H${width}"/>`}
<path class="area" d="${area.join('')}"/><path class="line" d="${line.join('')}"/>${newest !== undefined && html`<circle class="now" cx="${x(newest.at)}" cy="${y(newest.fps)}" r="2.4"/>`}</svg>`;
}

/** Of several publishers at one moment the best: the line shows whether the stream had its frames. */
function toPlaces(points: readonly SparkPoint[]): readonly Place[] {
  const best = new Map<number, number>();
  for (const { measured_at, fps } of points) {
    if (fps === null) continue;
    const at = Date.parse(measured_at);
    best.set(at, Math.max(best.get(at) ?? 0, fps));
  }
  return [...best].map(([at, fps]) => ({ at, fps })).sort((a, b) => a.at - b.at);
}

/** Parted where a sample is missing: at a step much longer than the usual one. */
function unbroken(places: readonly Place[]): readonly (readonly Place[])[] {
  const steps = places.slice(1).map(({ at }, i) => at - (places[i]?.at ?? at));
  const usual = steps.toSorted((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 0;
  const runs: Place[][] = [];
  places.forEach((place, i) => {
    const step = steps[i - 1] ?? Number.POSITIVE_INFINITY;
    const run = step <= usual * 2.5 ? runs.at(-1) : undefined;
    if (run === undefined) runs.push([place]);
    else run.push(place);
  });
  return runs;
}

/** A lone sample would draw nothing: a line of no length with round ends is a dot. */
function dot(run: readonly Place[]): string {
  return run.length === 1 ? 'h0' : '';
}

function describe(places: readonly Place[]): string {
  const newest = places.at(-1);
  if (newest === undefined) return 'No frame rate in the last 5 minutes';
  const rates = places.map(({ fps }) => fps);
  const [low, high] = [fpsText(Math.min(...rates)), fpsText(Math.max(...rates))];
  return `Frames per second in the last 5 minutes: ${low} to ${high}, newest ${fpsText(newest.fps)}`;
}

function digits(value: number): number {
  return Math.round(value * 10) / 10;
}
