import { type Condition, conditions, type Expectation, hasCondition } from '../model/expectation.ts';
import type { PushSample } from '../model/push-sample.ts';
import type { MissingTime } from '../model/state-begin.ts';
import { type EpochMs, hourMs, minuteMs } from '../model/time.ts';

/** What was wrong during a trouble: a condition of the samples, or no samples although the stream was expected. */
export type TroubleKind = Condition | 'missing';

/** Time in which a stream was bad or missing. Good time of less than a minute in between belongs to it. */
export interface Trouble {
  readonly from: EpochMs;
  readonly to: EpochMs;
  /** Time in ms within the trouble that was bad or missing. */
  readonly ms: number;
  readonly kinds: readonly TroubleKind[];
}

export type Troubles = ReturnType<typeof createTroubles>;

/** Time in ms for which a trouble is kept after its end. */
export const troubleKeptMs = 6 * hourMs;
/** Length in ms up to which good time is part of the trouble around it. */
const joinMs = minuteMs;
/** Maximum number of troubles per stream. If there are more, the two with the shortest time in between become one. */
const maxTroubles = 8;

const kinds: readonly TroubleKind[] = [...conditions, 'missing'];

interface Episode {
  from: EpochMs;
  to: EpochMs;
  ms: number;
  /** Bit i is set if `kinds[i]` applies. */
  bits: number;
}

/**
 * Creates the memory of the troubles of the last hours, which the status page shows after they are over. It holds
 * nothing for a stream without trouble, and nothing from before the start of the exporter. Totals never depend
 * on it.
 */
export function createTroubles() {
  /** Troubles of each stream in the order of their times, by stream key. */
  const byStream = new Map<string, Episode[]>();

  function add(streamKey: string, added: Episode): void {
    const known = byStream.get(streamKey);
    if (known === undefined) {
      byStream.set(streamKey, [added]);
      return;
    }
    let position = known.length;
    while (position > 0 && (known[position - 1]?.from ?? 0) > added.from) position--;
    known.splice(position, 0, added);
    // The new trouble can close the distance to both of its neighbors.
    joinWithNext(known, position, joinMs);
    joinWithNext(known, position - 1, joinMs);
    if (known.length > maxTroubles) joinWithNext(known, closest(known), Number.POSITIVE_INFINITY);
  }

  return {
    /** Adds counted samples, in any order. Samples in good condition cost a few comparisons. */
    addSamples(streamKey: string, samples: readonly PushSample[], expectation: Expectation): void {
      for (const sample of samples) {
        let bits = 0;
        for (let i = 0; i < conditions.length; i++) {
          const condition = conditions[i];
          if (condition !== undefined && hasCondition(condition, sample, expectation)) bits |= 1 << i;
        }
        if (bits === 0) continue;
        const { measuredAt, periodMs } = sample;
        add(streamKey, { from: measuredAt - periodMs, to: measuredAt, ms: periodMs, bits });
      }
    },
    /** Adds a time in which the stream was missing for `ms`, after it has ended. */
    addMissing(streamKey: string, { from, to, ms }: MissingTime): void {
      if (ms > 0) add(streamKey, { from, to, ms, bits: 1 << conditions.length });
    },
    /** Returns the troubles of the last hours before `now`, oldest first. */
    of(streamKey: string, now: EpochMs): readonly Trouble[] {
      const known = byStream.get(streamKey);
      if (known === undefined) return [];
      const recent = known.filter(({ to }) => to > now - troubleKeptMs);
      if (recent.length === 0) byStream.delete(streamKey);
      else if (recent.length < known.length) byStream.set(streamKey, recent);
      return recent.map(({ from, to, ms, bits }) => ({
        from,
        to,
        ms,
        kinds: kinds.filter((_, i) => (bits >> i) & 1),
      }));
    },
    /** Returns the bad and missing time of the last hours in ms: of a trouble that began before them, at most its rest. */
    totalMs(streamKey: string, now: EpochMs): number {
      const known = byStream.get(streamKey);
      if (known === undefined) return 0;
      const from = now - troubleKeptMs;
      return known.reduce((total, { to, ms }) => total + Math.max(0, Math.min(ms, to - from)), 0);
    },
    /** Frees the troubles of a removed stream. */
    drop: (streamKey: string) => void byStream.delete(streamKey),
  };
}

/** Joins the trouble at `position` with the next one if the time in between is shorter than `maxMs`. */
function joinWithNext(troubles: Episode[], position: number, maxMs: number): void {
  const first = troubles[position];
  const second = troubles[position + 1];
  if (first === undefined || second === undefined || second.from - first.to >= maxMs) return;
  first.to = Math.max(first.to, second.to);
  first.ms += second.ms;
  first.bits |= second.bits;
  troubles.splice(position + 1, 1);
}

/** Returns the position of the trouble that is followed by the next one after the shortest time. */
function closest(troubles: readonly Episode[]): number {
  let position = 0;
  let shortest = Number.POSITIVE_INFINITY;
  for (let i = 0; i + 1 < troubles.length; i++) {
    const distance = (troubles[i + 1]?.from ?? 0) - (troubles[i]?.to ?? 0);
    if (distance < shortest) [position, shortest] = [i, distance];
  }
  return position;
}
