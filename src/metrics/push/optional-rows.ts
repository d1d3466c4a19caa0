import { type Condition, canEvaluate, type Expectation } from '../../model/expectation.ts';
import type { Media, PushTotals } from '../../model/push-totals.ts';
import type { InSlices } from '../../model/slices.ts';
import type { PushTarget } from '../../model/target.ts';
import type { RowId, SeriesTable } from '../table/series-table.ts';
import type { ZeroHold } from '../zero-hold.ts';
import { type OptionalCounter, optionalCounters, optionalFamilies } from './push-counters.ts';
import type { streamTexts } from './push-texts.ts';

/**
 * Totals of the optional counters of a stream, in ms; undefined as long as the provider has not reported the
 * value.
 */
export type OptionalTotals = Readonly<Record<Condition, number> & Record<Media, number | undefined>>;

/** Stream with optional counters. */
interface OptionalStream {
  readonly row: RowId;
  readonly target: Pick<PushTarget, 'expectation'>;
  /** Totals of the newest ledger; undefined before the first ledger. */
  optionalTotals: OptionalTotals | undefined;
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
}

/**
 * Adds the optional counters to `table`, such as the degraded time of a condition. An optional counter can
 * appear later than the other counters of its stream, because a reload adds an expectation, or because the
 * provider starts to report a value. Then it stays at its value from before until every known scraper has
 * received this value. These holds are not saved, so a restart ends them. Many counters can be released
 * together, so that is done in slices.
 */
export function createOptionalRows({ table, zeroHold, inSlices }: OptionalRowsParts) {
  const setRow = table.addFamilies(optionalFamilies);
  /** Held counters by stream. Contains only streams with at least one held counter. */
  const heldBy = new Map<OptionalStream, readonly HeldCounter[]>();
  const queue = zeroHold.addQueue<HeldCounter>((released) => {
    void inSlices(released, (held) => {
      // If `held` was dropped meanwhile, this is a no-op. Holds are compared by identity, so a newer hold of
      // the same counter stays.
      drop(held);
      show(held.stream);
    });
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
    const { optionalTotals: totals } = stream;
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
    const { optionalTotals: totals } = stream;
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
    /** Sets the counters of a stream from its totals. */
    set(stream: OptionalStream, { degradedMs, mediaMs }: Pick<PushTotals, 'degradedMs' | 'mediaMs'>) {
      const before = stream.optionalTotals;
      const totals = { ...degradedMs, ...mediaMs };
      stream.optionalTotals = totals;
      if (before === undefined || hasSameMedia(before, totals)) show(stream);
      else showChange(stream, { totals: before, expectation: stream.target.expectation });
    },
    /** Applies the expectation of a stream that has replaced the expectation `before`. */
    update(stream: OptionalStream, before: Expectation) {
      const { optionalTotals: totals } = stream;
      if (totals !== undefined) showChange(stream, { totals, expectation: before });
    },
    /** Ends the holds of all counters of a stream. A release in progress then leaves the freed row alone. */
    remove(stream: OptionalStream) {
      for (const held of heldOf(stream)) drop(held);
      stream.optionalTotals = undefined;
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
function hasSameMedia(a: OptionalTotals, b: OptionalTotals): boolean {
  return (
    (a.video === undefined) === (b.video === undefined) && (a.audio === undefined) === (b.audio === undefined)
  );
}
