import type { Draws } from './draws.ts';

/** Faults that the proxy can inject. */
export const proxiedKinds = [
  'reset',
  'stall',
  'slow',
  'truncated',
  'http_5xx',
  'html',
  'throttled',
  'wrong_json',
  'half_open',
] as const;

export type ProxiedKind = (typeof proxiedKinds)[number];

/**
 * Faults of long windows, which last for a whole life: 504 or a body that is too large for a window above a maximum
 * length, or responses with a maximum number of rows, without the oldest or the newest ones.
 */
export const windowKinds = ['long_504', 'too_large', 'oldest_cut', 'newest_cut'] as const;

export type WindowKind = (typeof windowKinds)[number];

/** All kinds of faults. The proxy does not inject `dns`. */
export const faultKinds = [...proxiedKinds, 'dns', ...windowKinds] as const;

/** Planned fault of one request. */
export interface Fault {
  readonly kind: ProxiedKind;
  /** `before`: the request does not reach the provider. `after`: the provider responds, but the response is lost. */
  readonly moment: 'before' | 'after';
  /** Variant and duration, from 0 to 1. */
  readonly form: number;
}

/** Faults that need a response. */
const onlyAfter: ReadonlySet<ProxiedKind> = new Set(['slow', 'truncated']);

const bag = proxiedKinds.flatMap((kind) =>
  (['before', 'after'] as const).map((moment) => ({
    kind,
    moment: onlyAfter.has(kind) ? ('after' as const) : moment,
  })),
);

/**
 * Creates the sequence of faults, one per request; undefined: no fault. On average, one request in `every` has a fault.
 * The kinds come from a shuffled bag that contains each kind twice, so that all kinds occur regularly.
 */
export function createFaults(draws: Draws, every: number): () => Fault | undefined {
  let left: (typeof bag)[number][] = [];
  let calm = 0;
  return () => {
    if (calm > 0) {
      calm--;
      return undefined;
    }
    // Exponentially distributed gaps: sometimes several faults in a row, sometimes a long pause.
    calm = Math.floor(-Math.log(1 - draws.between(0, 1)) * (every - 0.5));
    if (left.length === 0) left = draws.shuffled(bag);
    const next = left.pop();
    return next && { ...next, form: draws.between(0, 1) };
  };
}
