import type { EmptyRanges } from './empty-ranges.ts';
import type { RecentPublisher } from './publishers.ts';
import type { PushLedger } from './push-ledger.ts';
import type { PushSample } from './push-sample.ts';
import type { TargetLedger } from './target-ledger.ts';
import { type EpochMs, minuteMs, type Window } from './time.ts';

/**
 * Route of a stream: the operation whose answers are counted. Two operations describe the same push by
 * different rows: with other times, periods and ingest nodes. So rows of another route are compared by the
 * time that they cover.
 */
export interface Route {
  readonly operation: string;
  /**
   * End of the time in which rows of other operations were counted (epoch ms). undefined if there are none.
   */
  readonly since: EpochMs | undefined;
  /**
   * Time that counted rows of other operations cover, as far as rows of the operation can describe it again.
   * Empty soon after a change of the route.
   */
  readonly covered: readonly CoveredTime[];
}

/** Time that counted rows of one publisher cover. `from` is exclusive, `to` is inclusive. */
export interface CoveredTime extends Window {
  /** Address of the publisher. undefined if it is unknown: then the rows can belong to any publisher. */
  readonly clientIp: string | undefined;
  /** Key of the stream; undefined for the target's own stream. */
  readonly stream?: string | undefined;
}

/** Parts of a push record that a change of the route reads or changes. */
interface RoutedRecord {
  readonly route?: Route | undefined;
  readonly target: TargetLedger<PushSample>;
  readonly push: PushLedger;
  readonly streams?: ReadonlyMap<string, PushLedger> | undefined;
  readonly empty?: EmptyRanges | undefined;
}

/** Longest time in ms that a row of any operation covers. */
const longestPeriodMs = minuteMs;

const none: readonly CoveredTime[] = [];
const unchanged = new Map<string, Route>();

/** Returns the route that was never changed. All records share one object per operation. */
export function routeOf(operation: string): Route {
  const known = unchanged.get(operation);
  if (known !== undefined) return known;
  const route = { operation, since: undefined, covered: none };
  unchanged.set(operation, route);
  return route;
}

/**
 * Returns the record for an answer of `operation`; the record itself if this is its route. If the route is
 * another one, or unknown because an earlier version saved the record, the time of all counted rows becomes
 * covered time.
 */
export function onRoute<Saved extends RoutedRecord>(record: Saved, operation: string | undefined): Saved {
  if (operation === undefined || record.route?.operation === operation) return record;
  const covered = coveredBy(record);
  if (covered.length === 0 && record.empty === undefined) return { ...record, route: routeOf(operation) };
  const { target, push, streams } = record;
  const byAddress = (ledger: PushLedger, stream: string | undefined) =>
    withAddresses(ledger, addressesOf(target.seen, stream));
  return {
    ...record,
    route: { operation, since: target.watermark, covered },
    push: byAddress(push, undefined),
    streams: streams && new Map([...streams].map(([key, ledger]) => [key, byAddress(ledger, key)])),
  };
}

/** Reports whether rows of several operations are not settled yet. */
export function isMixed(route: Route | undefined): boolean {
  return route !== undefined && route.covered.length > 0;
}

/** Returns the route after the floor has moved: time before the floor is no longer compared. */
export function afterFloor(route: Route | undefined, floor: EpochMs, empty: EmptyRanges | undefined) {
  if (route?.since === undefined) return route;
  const { operation, since, covered } = route;
  const isPassed = ({ to }: CoveredTime) => to <= floor - longestPeriodMs / 2;
  const current = covered.some(isPassed) ? covered.filter((time) => !isPassed(time)) : covered;
  const isNeeded = current.length > 0 || (empty?.ranges.some(({ from }) => from < since) ?? false);
  if (!isNeeded) return routeOf(operation);
  return current === covered ? route : { operation, since, covered: current };
}

/**
 * Returns the samples that can be new. A sample in covered time describes a counted row of another operation.
 * If that row is one of `seen` and lacks a value, it takes the value from the sample.
 */
export function withoutCovered(
  samples: readonly PushSample[],
  seen: readonly PushSample[],
  { covered }: Route,
): readonly PushSample[] {
  const isIncomplete = ({ framesPerSecond, bitsPerSecond }: PushSample) =>
    framesPerSecond === undefined || bitsPerSecond === undefined;
  const incomplete = new Set(seen.filter(isIncomplete));
  return samples.flatMap((sample) => {
    if (!covered.some((time) => isIn(time, sample))) return sample;
    const row = incomplete.values().find((each) => isIn({ ...timeOf(each), ...each }, sample));
    if (row === undefined) return [];
    incomplete.delete(row);
    const { framesPerSecond = sample.framesPerSecond, bitsPerSecond = sample.bitsPerSecond } = row;
    return { ...row, framesPerSecond, bitsPerSecond };
  });
}

/**
 * Returns the time at which a sample is compared with ranges of counted time. Rows of one operation do not
 * overlap, so the time of the row suffices. The middle decides if rows of other operations border the ranges.
 */
export function comparedAt(
  sample: PushSample,
  route: Route | undefined,
  operation: string | undefined,
): EpochMs {
  const isSame = operation === undefined || route?.operation === operation;
  const mixedTo = isSame ? (route?.since ?? Number.NEGATIVE_INFINITY) : Number.POSITIVE_INFINITY;
  return sample.measuredAt - sample.periodMs > mixedTo ? sample.measuredAt : middleOf(sample);
}

function middleOf({ measuredAt, periodMs }: PushSample): EpochMs {
  return measuredAt - periodMs / 2;
}

function timeOf({ measuredAt, periodMs }: PushSample): Window {
  return { from: measuredAt - periodMs, to: measuredAt };
}

/** Reports whether the middle of a sample is in the time, and the sample can be of the same publisher. */
function isIn({ from, to, clientIp, stream }: CoveredTime, sample: PushSample): boolean {
  const middle = middleOf(sample);
  const isSamePublisher =
    clientIp === undefined || sample.clientIp === undefined || clientIp === sample.clientIp;
  return middle > from && middle <= to && stream === sample.stream && isSamePublisher;
}

/**
 * Returns the time that all counted rows of the record cover, as far as further rows can describe it again.
 */
function coveredBy({ route, target, push, streams }: RoutedRecord): readonly CoveredTime[] {
  const { floor, seen } = target;
  const settled = [[undefined, push] as const, ...(streams ?? [])].flatMap(([stream, ledger]) =>
    settledTime(ledger, stream, target),
  );
  const rows = seen.map((sample) => {
    const { clientIp, stream, periodMs } = sample;
    return { time: { ...timeOf(sample), clientIp, stream }, toleranceMs: periodMs / 2 };
  });
  const ranges = [...(route?.covered ?? []), ...settled].map((time) => ({ time, toleranceMs: 0 }));
  return joined([...ranges, ...rows]).filter(({ to }) => to > floor - longestPeriodMs / 2);
}

/** Returns the time of the newest settled row of each publisher. */
function settledTime(
  { judged, newestAt }: PushLedger,
  stream: string | undefined,
  { floor, seen }: TargetLedger<PushSample>,
): readonly CoveredTime[] {
  const addresses = addressesOf(seen, stream);
  const toTime = (to: EpochMs, clientIp: string | undefined): CoveredTime => {
    return { from: to - longestPeriodMs, to, clientIp, stream };
  };
  const { publishers } = judged;
  // A gap removes the publishers.
  const isGap = publishers.length === 0 && newestAt !== undefined && newestAt < floor;
  if (isGap) return [toTime(newestAt, undefined)];
  return publishers.map(([name, lastAt]) => toTime(lastAt, addresses.get(name)));
}

/** Joins times of one publisher whose distance is not longer than the tolerance. */
function joined(
  parts: readonly { readonly time: CoveredTime; readonly toleranceMs: number }[],
): readonly CoveredTime[] {
  const times: CoveredTime[] = [];
  /** Index of the last time of each publisher. */
  const last = new Map<string, number>();
  for (const { time, toleranceMs } of parts.toSorted((a, b) => a.time.to - b.time.to)) {
    const key = JSON.stringify([time.clientIp, time.stream]);
    const index = last.get(key);
    const before = index === undefined ? undefined : times[index];
    if (index !== undefined && before !== undefined && time.from - before.to <= toleranceMs) {
      times[index] = { ...before, from: Math.min(before.from, time.from), to: time.to };
    } else last.set(key, times.push(time) - 1);
  }
  return times;
}

/** Returns the address of each publisher of a stream, by the name that `settle` gives the publisher. */
function addressesOf(seen: readonly PushSample[], stream: string | undefined): ReadonlyMap<string, string> {
  const addresses = new Map<string, string>();
  for (const { session, clientIp, stream: own } of seen) {
    if (own !== stream || clientIp === undefined) continue;
    addresses.set(clientIp, clientIp);
    if (session !== undefined) addresses.set(session, clientIp);
  }
  return addresses;
}

/**
 * Identifies the publishers by their addresses, because another operation does not report the same sessions.
 */
function withAddresses(ledger: PushLedger, addresses: ReadonlyMap<string, string>): PushLedger {
  const publishers = new Map<string, EpochMs>();
  for (const [name, lastAt] of ledger.judged.publishers) {
    const address = addresses.get(name) ?? name;
    publishers.set(address, Math.max(lastAt, publishers.get(address) ?? lastAt));
  }
  const renamed: readonly RecentPublisher[] = [...publishers];
  return { ...ledger, judged: { ...ledger.judged, publishers: renamed } };
}
