import {
  conditions,
  type Fleet,
  isDown,
  kindsAt,
  type Labels,
  silentKinds,
  streamLabels,
  type Value,
  type Writer,
} from './fleet-history.ts';
import { type EncodedSeries, encodeSeries, staleMarker } from './remote-write.ts';

/** Time in ms for which an interrupted stream has had breaks when its alert begins. */
const breaksBeforeMs = 240_000;

/** Time in ms for which a stream is missing when its alert begins. */
const missingAfterMs = 30_000;

/** Recorded series of a stream, at the intervals of their rules. They have no labels of the exporter. */
export function streamRecordings(
  fleet: Fleet,
  stream: number,
  times: readonly number[],
): readonly EncodedSeries[] {
  if (fleet.hasRules !== true) return [];
  const id = streamLabels(stream, fleet.accounts);
  const series = (name: string, seconds: number, valueAt: (time: number) => number | undefined) =>
    recorded(fleet, times, { __name__: `stream:livestream_push_${name}`, ...id }, seconds, valueAt);
  const isSilent = (time: number) => silentKinds.some((kind) => kindsAt(fleet, stream, time).has(kind));
  /** An interrupted stream has had breaks for four minutes when its alert begins. */
  const breaksSince = (time: number): number | undefined => {
    const own = fleet.incidents?.find(
      ({ is, fromMs, toMs, kind }) =>
        kind === 'flapping' &&
        is(stream) &&
        time >= fleet.endMs + fromMs - breaksBeforeMs &&
        time < fleet.endMs + toMs,
    );
    return own && (fleet.endMs + own.fromMs - breaksBeforeMs) / 1000;
  };
  /** The newest sample is 8 s old when it is scraped. */
  const lastSample = (time: number): number => {
    let at = time;
    while (isSilent(at)) at -= fleet.stepMs;
    return at / 1000 - 8;
  };
  const isMissing = (time: number) =>
    fleet.incidents?.some(
      ({ is, fromMs, toMs, kind }) =>
        (kind === 'missing' || kind === 'forbidden') &&
        is(stream) &&
        time >= fleet.endMs + fromMs + missingAfterMs &&
        time < fleet.endMs + toMs,
    );
  /** Begin of the state of trouble, according to the rule. */
  const troubleSince = (time: number): number | undefined => {
    const state = stateAt(fleet, stream, time);
    if (state === 4) return lastSample(time);
    if (state === 2.5) return breaksSince(time);
    if (state !== 3 && state !== 2) return undefined;
    let at = time;
    while (stateAt(fleet, stream, at - fleet.stepMs) === state) at -= fleet.stepMs;
    return at / 1000;
  };
  const isBad = (time: number) => [3, 4].includes(stateAt(fleet, stream, time));
  return [
    ...series('state:max', 15, (time) => stateAt(fleet, stream, time)),
    ...series('trouble:max', 15, (time) => {
      const state = stateAt(fleet, stream, time);
      return state > 1 ? state : undefined;
    }),
    ...series('missing:max', 5, (time) => (isMissing(time) === true ? 1 : undefined)),
    ...series('trouble_since_timestamp_seconds:max', 15, troubleSince),
    ...series('bad_seconds:increase5m', 60, (time) => {
      let seconds = 0;
      for (let at = time - 290_000; at <= time; at += 10_000) if (isBad(at)) seconds += 10;
      return seconds > 0 ? seconds : undefined;
    }),
    ...series('due_seconds:increase5m', 60, () => 300),
    ...series('breaks_since_timestamp_seconds:max', 15, breaksSince),
  ];
}

/** Recorded number of streams of each domain of each account by state. */
export function domainWriter(fleet: Fleet): Writer {
  const streams = Array.from({ length: fleet.hasRules === true ? fleet.streams : 0 }, (_, stream) => stream);
  const keyOf = (stream: number) => {
    const { stream: _, app_name, ...domain } = streamLabels(stream, fleet.accounts);
    return JSON.stringify(domain);
  };
  const domains = Map.groupBy(streams, keyOf);
  return (times) =>
    [...domains].flatMap(([key, own]) =>
      [0, 1, 2, 2.5, 3, 4].flatMap((state) =>
        recorded(
          fleet,
          times,
          {
            __name__: 'domain:livestream_push_state:count',
            // Shape: what keyOf writes.
            ...(JSON.parse(key) as Labels),
            state: String(state),
          },
          15,
          (time) => own.filter((stream) => stateAt(fleet, stream, time) === state).length || undefined,
        ),
      ),
    );
}

/** State of a stream according to the recording rule. */
function stateAt(fleet: Fleet, stream: number, time: number): number {
  const kinds = kindsAt(fleet, stream, time);
  if (kinds.has('blind')) return 2;
  const isInterrupted = kinds.has('flapping') && !kinds.has('missing');
  if (!isInterrupted && silentKinds.some((kind) => kinds.has(kind))) return 4;
  if (conditions.some((condition) => kinds.has(condition))) return 3;
  return isInterrupted ? 2.5 : 1;
}

/** Values of a rule at its own interval. A rule without a value ends its series. */
function recorded(
  fleet: Fleet,
  times: readonly number[],
  labels: Labels,
  seconds: number,
  valueAt: (time: number) => number | undefined,
): readonly EncodedSeries[] {
  const own = times.filter((time) => time % (seconds * 1000) === 0);
  const at = (time: number) => (isDown(fleet, time) ? undefined : valueAt(time));
  const values = own.map(
    (time): Value => at(time) ?? (at(time - seconds * 1000) === undefined ? undefined : staleMarker),
  );
  return values.every((value) => value === undefined) ? [] : [encodeSeries(labels, own, values)];
}
