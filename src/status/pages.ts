import type { InSlices } from '../model/slices.ts';
import type { StreamInput } from './inputs.ts';
import type { StreamMatch } from './stream-filter.ts';

/** Streams of one page. */
interface Page {
  readonly inputs: readonly StreamInput[];
  /** Number of all selected streams, on this page and on the other pages. */
  readonly total: number;
}

interface PageByKey extends Page {
  /** Whether there are more streams after this page. */
  readonly hasMore: boolean;
}

/** Returns the page of the selected streams at the positions from `offset` on, in config order. */
export async function pageAt(
  streams: Iterable<StreamInput>,
  isSelected: StreamMatch,
  offset: number,
  limit: number,
  inSlices: InSlices,
): Promise<Page> {
  const inputs: StreamInput[] = [];
  let total = 0;
  await inSlices(streams, (input) => {
    if (!isSelected(input)) return;
    if (total >= offset && total < offset + limit) inputs.push(input);
    total++;
  });
  return { inputs, total };
}

/**
 * Returns the page of the first `limit` selected streams whose keys are greater than `after`, in the order of their
 * keys. A page does not depend on streams outside of it. So a listing contains each stream that exists from
 * its first to its last page exactly once, whatever is added or removed in between.
 */
export async function pageAfter(
  streams: Iterable<StreamInput>,
  isSelected: StreamMatch,
  after: string,
  limit: number,
  inSlices: InSlices,
): Promise<PageByKey> {
  /** Smallest keys so far, ascending, at most `limit`. */
  const inputs: StreamInput[] = [];
  let total = 0;
  let later = 0;
  await inSlices(streams, (input) => {
    if (!isSelected(input)) return;
    total++;
    const { key } = input;
    if (key <= after) return;
    later++;
    if (inputs.length === limit && key > (inputs.at(-1)?.key ?? '')) return;
    inputs.splice(positionOf(key, inputs), 0, input);
    if (inputs.length > limit) inputs.pop();
  });
  return { inputs, total, hasMore: later > inputs.length };
}

/** Returns the position of a key among ascending inputs. */
function positionOf(key: string, inputs: readonly StreamInput[]): number {
  let from = 0;
  let to = inputs.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((inputs[middle]?.key ?? '') < key) from = middle + 1;
    else to = middle;
  }
  return from;
}
