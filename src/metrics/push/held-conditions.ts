import { type Condition, canEvaluate, conditions, type Expectation } from '../../model/expectation.ts';
import type { PushTotals } from '../../model/push-ledger.ts';
import type { ZeroHoldPort } from '../zero-hold-port.ts';

type DegradedMs = PushTotals['degradedMs'];

/**
 * Counters of conditions that can be judged only since a reload, so that they appear after their stream's others. Each is
 * held at what it appeared at until every scraper has seen it: else increase() would not know of what was counted
 * before its first sample. Nothing of it is saved: after a restart they start at their value.
 */
export interface HeldConditions {
  /** What the stream's counters are shown at. */
  shownOf(streamKey: string, degradedMs: DegradedMs): DegradedMs;
  /**
   * The stream's expectation is another: what it judges anew is held from now on, and what it does not judge any more is
   * let go. To be called when the series show it, since a scraper has to see the version they stand in.
   */
  rejudge(streamKey: string, change: Rejudged): void;
  /** These keys of the births were seen. Gives the streams whose counters show what they are from now on. */
  release(conditionKeys: readonly string[]): ReadonlySet<string>;
  /** The stream's series have ended. */
  end(streamKey: string): void;
}

/** A stream's expectation before and after, and what its counters stand at. */
export interface Rejudged {
  readonly before: Expectation;
  readonly after: Expectation;
  readonly degradedMs: DegradedMs;
}

/** `births` has keys of its own, those that `release` reads. */
export function createHeldConditions({ zeroHold, version, elapsed }: ZeroHoldPort): HeldConditions {
  /** By stream key, and only of streams that have any: mostly there is none. */
  const heldByKey = new Map<string, Map<Condition, number>>();

  const hold = (streamKey: string, condition: Condition, at: number) => {
    const held = heldByKey.get(streamKey) ?? new Map<Condition, number>();
    heldByKey.set(streamKey, held.set(condition, at));
    zeroHold.hold(conditionKey(streamKey, condition), version(), elapsed());
  };

  /** Whether it was held. */
  const letGo = (streamKey: string, condition: Condition): boolean => {
    zeroHold.remove(conditionKey(streamKey, condition));
    const held = heldByKey.get(streamKey);
    const wasHeld = held?.delete(condition) ?? false;
    if (held?.size === 0) heldByKey.delete(streamKey);
    return wasHeld;
  };

  return {
    shownOf(streamKey, degradedMs) {
      const held = heldByKey.get(streamKey);
      return held === undefined ? degradedMs : { ...degradedMs, ...Object.fromEntries(held) };
    },
    rejudge(streamKey, { before, after, degradedMs }) {
      for (const condition of conditions) {
        const isJudged = canEvaluate(condition, after);
        if (isJudged === canEvaluate(condition, before)) continue;
        if (isJudged) hold(streamKey, condition, degradedMs[condition]);
        else letGo(streamKey, condition);
      }
    },
    release(conditionKeys) {
      const released = new Set<string>();
      for (const key of conditionKeys) {
        const [streamKey, condition] = parseConditionKey(key);
        if (letGo(streamKey, condition)) released.add(streamKey);
      }
      return released;
    },
    end(streamKey) {
      for (const condition of heldByKey.get(streamKey)?.keys() ?? []) letGo(streamKey, condition);
    },
  };
}

function conditionKey(streamKey: string, condition: Condition): string {
  return JSON.stringify([streamKey, condition]);
}

/** Of a key that `conditionKey` made; any other text is a bug. */
function parseConditionKey(key: string): readonly [streamKey: string, condition: Condition] {
  // The types are those that conditionKey wrote.
  return JSON.parse(key) as [string, Condition];
}
