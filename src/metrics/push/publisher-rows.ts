import type { LivePush } from '../../model/live-push.ts';
import type { PushSample } from '../../model/push-sample.ts';
import type { StreamId } from '../../model/stream.ts';
import { streamLabels } from '../table/identity-labels.ts';
import type { RowId, SeriesTable } from '../table/series-table.ts';
import { publisherFamilies, type publisherTexts } from './push-families.ts';

/**
 * Table row of one live publisher of a stream. The rows of a stream are a linked list: nearly every stream
 * has one publisher, and an array would double the memory.
 */
export interface PublisherRow {
  /** Exposed address of the publisher, which is the value of the label client_ip. */
  address: string;
  readonly row: RowId;
  readonly next: PublisherRow | undefined;
}

/**
 * Adds the families of publishers to `table`, which must have no other rows. `addressOf` returns the value of
 * the label client_ip for a sample. Publishers with equal values share one row, which shows the newest of
 * their samples. Returns a function that updates the rows of one stream to its live publishers and returns
 * the first updated row. Its argument `current` is the first row of the stream before the update: rows whose
 * address is still live stay, and the other rows are freed.
 */
export function createPublisherRows(
  table: SeriesTable<keyof typeof publisherTexts>,
  addressOf: (sample: PushSample) => string,
) {
  const setRow = table.addFamilies(publisherFamilies);

  const addRow = (stream: StreamId, address: string): RowId => {
    const row = table.addRow();
    table.setText(row, 'publisher', { ...streamLabels(stream), client_ip: address });
    return row;
  };

  const replace = (
    current: PublisherRow | undefined,
    stream: StreamId,
    samples: readonly PushSample[],
  ): PublisherRow | undefined => {
    const newest = new Map<string, PushSample>();
    for (const sample of samples) {
      const address = addressOf(sample);
      const known = newest.get(address);
      if (known === undefined || sample.measuredAt > known.measuredAt) newest.set(address, sample);
    }
    const rows = new Map<string, RowId>();
    for (let each = current; each !== undefined; each = each.next) rows.set(each.address, each.row);
    for (const [address, row] of rows) {
      if (!newest.has(address)) table.freeRow(row);
    }
    let updated: PublisherRow | undefined;
    for (const [address, sample] of newest) {
      const row = rows.get(address) ?? addRow(stream, address);
      setRow(row, sample);
      updated = { address, row, next: updated };
    }
    return updated;
  };

  return (current: PublisherRow | undefined, stream: StreamId, live: LivePush | undefined) => {
    // Fast path without maps: nearly every stream has a single publisher that does not change.
    if (
      live !== undefined &&
      live.others.length === 0 &&
      current !== undefined &&
      current.next === undefined
    ) {
      const address = addressOf(live.followed);
      if (current.address === address) {
        // Replace the string even if it is equal. The new view keeps its own copy of the string in memory
        // anyway, and the memory of the old copy can then be freed.
        current.address = address;
        setRow(current.row, live.followed);
        return current;
      }
    }
    return replace(current, stream, live === undefined ? [] : [live.followed, ...live.others]);
  };
}
