import type { Life } from './story.ts';

/** What the scrapes have shown of the begins and ends of the pushes. */
export interface Watched {
  /** Longest time in ms from the begin of a push until its stream had series. */
  readonly longestUnseenMs: number;
  /** Time in ms for each begin that was seen: the median. */
  readonly medianUnseenMs: number;
  /** Longest time in ms for which the series of a stream stayed after the end of its last push. */
  readonly longestAfterEndMs: number;
  /** Pushes that ended before their stream had series. */
  readonly unseen: readonly { readonly name: string; readonly fromMs: number; readonly toMs: number }[];
  /** Largest number of streams with series. */
  readonly mostSeries: number;
}

/** Creates the observation of a run by its scrapes. */
export function createWatch(lives: readonly Life[]) {
  /** Begin of each live push without series yet, in ms after the start, by name. */
  const waiting = new Map<string, number>();
  const begins = eventsOf(lives, ({ fromMs }) => Math.max(0, fromMs));
  const ends = eventsOf(lives, ({ toMs }) => toMs);
  const seenAfterMs: number[] = [];
  const unseen: Watched['unseen'][number][] = [];
  /** End of the last push of each stream that is not pushed. */
  const ended = new Map<string, number>();
  let longestAfterEndMs = 0;
  let mostSeries = 0;
  return {
    /**
     * Adds a scrape at `ms`, which shows the streams `names`. Pushes that begin after `untilMs` are ignored.
     */
    shown(names: ReadonlySet<string>, ms: number, untilMs: number): void {
      mostSeries = Math.max(mostSeries, names.size);
      for (const { name, at } of begins.upTo(untilMs)) {
        waiting.set(name, at);
        ended.delete(name);
      }
      for (const { name, at } of ends.upTo(ms)) {
        const begunAt = waiting.get(name);
        if (begunAt === undefined || begunAt > at) continue;
        if (!names.has(name)) unseen.push({ name, fromMs: begunAt, toMs: at });
        waiting.delete(name);
      }
      for (const [name, at] of waiting) {
        if (!names.has(name)) continue;
        seenAfterMs.push(ms - at);
        waiting.delete(name);
      }
      for (const { name, at } of ends.passed()) ended.set(name, at);
      for (const [name, at] of ended) {
        if (names.has(name)) longestAfterEndMs = Math.max(longestAfterEndMs, ms - at);
        else ended.delete(name);
      }
    },
    result(): Watched {
      const sorted = seenAfterMs.toSorted((a, b) => a - b);
      return {
        longestUnseenMs: waiting.size > 0 ? Infinity : (sorted.at(-1) ?? 0),
        medianUnseenMs: sorted[sorted.length >> 1] ?? 0,
        longestAfterEndMs,
        unseen,
        mostSeries,
      };
    },
  };
}

interface Event {
  readonly name: string;
  readonly at: number;
}

function eventsOf(lives: readonly Life[], timeOf: (push: Life['pushes'][number]) => number) {
  const all = lives.flatMap(({ name, pushes }) => pushes.map((push): Event => ({ name, at: timeOf(push) })));
  const events = all.filter(({ at }) => at < Infinity).toSorted((a, b) => a.at - b.at);
  let next = 0;
  let last: readonly Event[] = [];
  return {
    /** Returns the events up to `ms` that were not returned before. */
    upTo(ms: number): readonly Event[] {
      const from = next;
      while (next < events.length && (events[next]?.at ?? Infinity) <= ms) next++;
      last = events.slice(from, next);
      return last;
    },
    /** Returns the events of the last call of `upTo` again. */
    passed: () => last,
  };
}
