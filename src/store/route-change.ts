import { type CoveredTime, type Route, routeOf } from '../model/route.ts';
import type { EpochMs } from '../model/time.ts';

/**
 * The whole route, because it changes rarely: the operation, then, only after a change, the end of the time
 * with rows of other operations, and the covered time. 0: unchanged. null: unknown.
 */
export type RouteChange =
  | 0
  | null
  | readonly [operation: string, since?: EpochMs, ...covered: readonly CoveredChange[]];

/** Start, length, publisher (null: unknown), and the stream if it is not the target's own one. */
type CoveredChange = readonly [from: EpochMs, lengthMs: number, clientIp: string | null, stream?: string];

/** Returns the change of the route of a record. */
export function diffRoute(before: Route | undefined, after: Route | undefined): RouteChange {
  if (after === before) return 0;
  if (after === undefined) return null;
  const { operation, since, covered } = after;
  if (since === undefined) return [operation];
  return [operation, since, ...covered.map(toChange)];
}

/** Returns the route after a change. */
export function patchRoute(before: Route | undefined, change: RouteChange): Route | undefined {
  if (change === 0) return before;
  if (change === null) return undefined;
  const [operation, since, ...covered] = change;
  return since === undefined ? routeOf(operation) : { operation, since, covered: covered.map(fromChange) };
}

function toChange({ from, to, clientIp, stream }: CoveredTime): CoveredChange {
  const change = [from, to - from, clientIp ?? null] as const;
  return stream === undefined ? change : [...change, stream];
}

function fromChange([from, lengthMs, clientIp, stream]: CoveredChange): CoveredTime {
  return { from, to: from + lengthMs, clientIp: clientIp ?? undefined, stream };
}
