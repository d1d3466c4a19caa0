import type { Draws } from './draws.ts';

/** What the proxy can do to a call. */
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

/** All kinds: a name that does not resolve is no doing of the proxy. */
export const faultKinds = [...proxiedKinds, 'dns'] as const;

/** One fault, drawn before its call is known. */
export interface Fault {
  readonly kind: ProxiedKind;
  /** Whether the provider never hears of the call, or answers it and the answer is lost. */
  readonly moment: 'before' | 'after';
  /** From 0 to 1: which form it takes, and how long. */
  readonly form: number;
}

/** There must be an answer to send slowly, or half of. */
const onlyAfter: ReadonlySet<ProxiedKind> = new Set(['slow', 'truncated']);

const bag = proxiedKinds.flatMap((kind) =>
  (['before', 'after'] as const).map((moment) => ({
    kind,
    moment: onlyAfter.has(kind) ? ('after' as const) : moment,
  })),
);

/**
 * What happens to each call in turn; undefined: nothing. One call in `every` has a fault, in uneven steps. Faults come
 * out of a shuffled bag that holds each kind twice, so that none stays away for long.
 */
export function createFaults(draws: Draws, every: number): () => Fault | undefined {
  let left: (typeof bag)[number][] = [];
  let calm = 0;
  return () => {
    if (calm > 0) {
      calm--;
      return undefined;
    }
    // Exponential steps: now and then some calls in a row, now and then a long rest.
    calm = Math.floor(-Math.log(1 - draws.between(0, 1)) * (every - 0.5));
    if (left.length === 0) left = draws.shuffled(bag);
    const next = left.pop();
    return next && { ...next, form: draws.between(0, 1) };
  };
}
