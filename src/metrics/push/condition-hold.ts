import { type Condition, canEvaluate, conditions, type Expectation } from '../../model/expectation.ts';
import type { PushTotals } from '../../model/push-totals.ts';
import type { InSlices } from '../../model/slices.ts';
import type { ZeroHold } from '../zero-hold.ts';

/** Degraded push time in ms, by condition. */
type DegradedMs = PushTotals['degradedMs'];

/**
 * Expectation of a stream before and after a reload, and the current degraded time of the stream in ms, by
 * condition.
 */
interface ExpectationChange {
  readonly before: Expectation;
  readonly after: Expectation;
  readonly degradedMs: DegradedMs;
}

/** Counter of one condition of one stream that is under zero hold. */
interface HeldCondition {
  readonly streamKey: string;
  readonly condition: Condition;
  /** Exposed value in ms during the hold. */
  readonly degradedMs: number;
}

/**
 * Creates the zero hold of conditions (such as low_fps) that a reload adds to a stream. The counters of these
 * conditions appear later than the other counters of the stream. Each counter stays at its current value
 * until every known scraper has received this value. These holds are not saved, so a restart ends them. When
 * a hold ends, `onRelease` receives the key of the stream. A reload can add many counters, so `onRelease` is
 * called in slices.
 */
export function createConditionHold(
  zeroHold: Pick<ZeroHold, 'addQueue'>,
  inSlices: InSlices,
  onRelease: (streamKey: string) => void,
) {
  /** Held conditions by stream key. Contains only streams with at least one held condition. */
  const heldByKey = new Map<string, readonly HeldCondition[]>();
  const queue = zeroHold.addQueue<HeldCondition>((released) => {
    void inSlices(released, (held) => {
      // If a reload has already removed `held`, `drop` is a no-op. It compares holds by identity, so it does
      // not remove a newer hold of the same condition.
      drop(held);
      onRelease(held.streamKey);
    });
  });

  const heldOf = (streamKey: string) => heldByKey.get(streamKey) ?? [];

  /** Ends the hold of one condition of a stream. */
  const drop = (held: HeldCondition) => {
    queue.remove(held);
    const others = heldOf(held.streamKey).filter((other) => other !== held);
    if (others.length > 0) heldByKey.set(held.streamKey, others);
    else heldByKey.delete(held.streamKey);
  };

  return {
    /**
     * Returns the degraded time in ms to expose: `degradedMs`, but for each held condition the value at which
     * its counter is held.
     */
    exposedOf(streamKey: string, degradedMs: DegradedMs): DegradedMs {
      const held = heldByKey.get(streamKey);
      if (held === undefined) return degradedMs;
      return {
        ...degradedMs,
        ...Object.fromEntries(held.map(({ condition, degradedMs }) => [condition, degradedMs])),
      };
    },
    /**
     * Holds each condition of a stream that can be evaluated only since the change, and ends the hold of each
     * condition that can no longer be evaluated. Call this method after the series have changed, so that the
     * version of the tables for which the hold waits contains the new conditions.
     */
    update(streamKey: string, { before, after, degradedMs }: ExpectationChange) {
      for (const held of heldOf(streamKey)) if (!canEvaluate(held.condition, after)) drop(held);
      for (const condition of conditions) {
        if (canEvaluate(condition, before) || !canEvaluate(condition, after)) continue;
        const held = { streamKey, condition, degradedMs: degradedMs[condition] };
        heldByKey.set(streamKey, [...heldOf(streamKey), held]);
        queue.hold(held);
      }
    },
    /** Ends the holds of all conditions of a stream. */
    remove(streamKey: string) {
      for (const held of heldOf(streamKey)) drop(held);
    },
  };
}
