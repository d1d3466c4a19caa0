import { canEvaluate, type Expectation } from '../../model/expectation.ts';
import type { PushTotals } from '../../model/push-totals.ts';
import type { InSlices } from '../../model/slices.ts';
import type { PushTarget } from '../../model/target.ts';
import type { RowId, SeriesTable } from '../table/series-table.ts';
import type { ZeroHold } from '../zero-hold.ts';
import { createOptionalTotals, type OptionalTotals } from './optional-totals.ts';
import { type OptionalCounter, optionalCounters, optionalFamilies } from './push-counters.ts';
import type { streamTexts } from './push-texts.ts';

/** Stream with optional counters. */
interface OptionalStream {
  readonly row: RowId;
  readonly target: Pick<PushTarget, 'expectation'>;
}

/** Optional counter of one stream that is under zero hold. */
interface HeldCounter {
  readonly stream: OptionalStream;
  readonly counter: OptionalCounter;
  /** Exposed value in ms during the hold. */
  readonly totalMs: number;
}

/** Dependencies of `createOptionalRows`. */
interface OptionalRowsParts {
  readonly table: SeriesTable<keyof typeof streamTexts>;
  readonly zeroHold: Pick<ZeroHold, 'addQueue'>;
  readonly inSlices: InSlices;
  /** Receives errors of work that nobody waits for. By default, they are thrown again. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/**
 * Adds the optional counters to `table`, such as the degraded time of a condition. An optional counter can
 * appear later than the other counters of its stream, because a reload adds an expectation, or because the
 * provider starts to report a value. Then it stays at its value from before until every known scraper has
 * received this value. These holds are not saved, so a restart ends them. Many counters can be released
 * together, so that is done in slices.
 */
export function createOptionalRows({ table, zeroHold, inSlices, onError }: OptionalRowsParts) {
  const setRow = table.addFamilies(optionalFamilies);
  /** Totals of the newest ledgers. */
  const stored = createOptionalTotals();
  /** Held counters by stream. Contains only streams with at least one held counter. */
  const heldBy = new Map<OptionalStream, readonly HeldCounter[]>();
  const queue = zeroHold.addQueue<HeldCounter>((released) => {
    void inSlices(released, (held) => {
      // If `held` was dropped meanwhile, its row can belong to another stream. Holds are compared by identity,
      // so a newer hold of the same counter stays.
      if (!heldOf(held.stream).includes(held)) return;
      drop(held);
      show(held.stream);
    }).catch(onError);
  });

  const heldOf = (stream: OptionalStream) => heldBy.get(stream) ?? [];

  /** Ends the hold of one counter of a stream. */
  const drop = (held: HeldCounter) => {
    queue.remove(held);
    const others = heldOf(held.stream).filter((other) => other !== held);
    if (others.length > 0) heldBy.set(held.stream, others);
    else heldBy.delete(held.stream);
  };

  /** Sets the series of a stream. No-op before its first ledger. */
  const show = (stream: OptionalStream) => {
    const totals = stored.get(stream.row);
    if (totals === undefined) return;
    const held = heldBy.get(stream);
    setRow(stream.row, (counter) => {
      const total = totalOf(counter, totals, stream.target.expectation);
      const hold = total === undefined ? undefined : held?.find((each) => each.counter === counter);
      return hold === undefined ? total : hold.totalMs;
    });
  };

  /**
   * Sets the series of a stream after a change. Holds each counter that the stream has only since the change,
   * and ends the hold of each counter that it no longer has.
   */
  const showChange = (
    stream: OptionalStream,
    before: { readonly totals: OptionalTotals; readonly expectation: Expectation },
  ) => {
    const totals = stored.get(stream.row);
    if (totals === undefined) return;
    const { expectation } = stream.target;
    for (const held of heldOf(stream)) {
      if (totalOf(held.counter, totals, expectation) === undefined) drop(held);
    }
    const added = optionalCounters
      .filter(
        (counter) =>
          totalOf(counter, before.totals, before.expectation) === undefined &&
          totalOf(counter, totals, expectation) !== undefined,
      )
      .map((counter) => ({ stream, counter, totalMs: before.totals[counter] ?? 0 }));
    if (added.length > 0) heldBy.set(stream, [...heldOf(stream), ...added]);
    show(stream);
    // After the series have changed, because the hold waits for a scrape of this version of the tables.
    for (const held of added) queue.hold(held);
  };

  return {
    /**
     * Sets the counters of a stream from its totals. The totals of most streams do not change: no sample was bad,
     * and the provider reports no media times.
     */
    set(stream: OptionalStream, totals: Pick<PushTotals, 'degradedMs' | 'mediaMs'>) {
      const { row } = stream;
      if (stored.isSame(row, totals)) return;
      const before = stored.get(row);
      stored.set(row, totals);
      if (before === undefined || hasSameMedia(before, totals.mediaMs)) show(stream);
      else showChange(stream, { totals: before, expectation: stream.target.expectation });
    },
    /** Applies the expectation of a stream that has replaced the expectation `before`. */
    update(stream: OptionalStream, before: Expectation) {
      const totals = stored.get(stream.row);
      if (totals !== undefined) showChange(stream, { totals, expectation: before });
    },
    /** Ends the holds of all counters of a stream. A release in progress then leaves the freed row alone. */
    remove(stream: OptionalStream) {
      for (const held of heldOf(stream)) drop(held);
      stored.remove(stream.row);
    },
  };
}

/** Returns the total of a counter in ms; undefined if the stream does not have the counter. */
export function totalOf(
  counter: OptionalCounter,
  totals: OptionalTotals,
  expectation: Expectation,
): number | undefined {
  const isMedia = counter === 'video' || counter === 'audio';
  return isMedia || canEvaluate(counter, expectation, totals) ? totals[counter] : undefined;
}

/** Reports whether the provider has reported the same kinds of media time. */
function hasSameMedia(a: PushTotals['mediaMs'], b: PushTotals['mediaMs']): boolean {
  return (
    (a.video === undefined) === (b.video === undefined) && (a.audio === undefined) === (b.audio === undefined)
  );
}
