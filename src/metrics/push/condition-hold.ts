import { type Condition, canEvaluate, conditions, type Expectation } from '../../model/expectation.ts';
import type { PushTotals } from '../../model/push-ledger.ts';
import type { InSlices } from '../../model/slices.ts';
import type { ZeroHold } from '../zero-hold.ts';

type DegradedMs = PushTotals['degradedMs'];

/**
 * Zero hold of conditions that a reload adds, whose counters appear later than the other counters of their
 * stream. Each is held at its current value. Holds are not saved: after a restart these counters start at
 * their value.
 */
export interface ConditionHold {
  /** Returns `degradedMs` in which each held condition has the value at which it is held. */
  exposedOf(streamKey: string, degradedMs: DegradedMs): DegradedMs;
  /**
   * Holds the conditions that can be evaluated only after the change and releases those that can no longer be
   * evaluated. Call it after the series have changed: a scraper must receive the version that shows them.
   */
  update(streamKey: string, change: ExpectationChange): void;
  remove(streamKey: string): void;
}

export interface ExpectationChange {
  readonly before: Expectation;
  readonly after: Expectation;
  readonly degradedMs: DegradedMs;
}

interface HeldCondition {
  readonly streamKey: string;
  readonly condition: Condition;
  /** The value that the counter is held at. */
  readonly degradedMs: number;
}

/**
 * `onRelease` receives a stream after one of its conditions was released. A reload can release many: they
 * come in slices.
 */
export function createConditionHold(
  zeroHold: Pick<ZeroHold, 'addQueue'>,
  inSlices: InSlices,
  onRelease: (streamKey: string) => void,
): ConditionHold {
  /** By stream key, only of streams with a held condition. */
  const heldByKey = new Map<string, readonly HeldCondition[]>();
  const queue = zeroHold.addQueue<HeldCondition>((released) => {
    void inSlices(released, (held) => {
      // Compare by identity: if a reload has dropped this hold, do nothing, even if the condition is held
      // again.
      drop(held);
      onRelease(held.streamKey);
    });
  });

  const heldOf = (streamKey: string) => heldByKey.get(streamKey) ?? [];

  const drop = (held: HeldCondition) => {
    queue.remove(held);
    const others = heldOf(held.streamKey).filter((other) => other !== held);
    if (others.length > 0) heldByKey.set(held.streamKey, others);
    else heldByKey.delete(held.streamKey);
  };

  return {
    exposedOf(streamKey, degradedMs) {
      const held = heldByKey.get(streamKey);
      if (held === undefined) return degradedMs;
      return {
        ...degradedMs,
        ...Object.fromEntries(held.map(({ condition, degradedMs }) => [condition, degradedMs])),
      };
    },
    update(streamKey, { before, after, degradedMs }) {
      for (const held of heldOf(streamKey)) if (!canEvaluate(held.condition, after)) drop(held);
      for (const condition of conditions) {
        if (canEvaluate(condition, before) || !canEvaluate(condition, after)) continue;
        const held = { streamKey, condition, degradedMs: degradedMs[condition] };
        heldByKey.set(streamKey, [...heldOf(streamKey), held]);
        queue.hold(held);
      }
    },
    remove(streamKey) {
      for (const held of heldOf(streamKey)) drop(held);
    },
  };
}
