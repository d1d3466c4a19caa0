import type { LivePush } from '../../model/live-push.ts';
import type { PushSample } from '../../model/push-sample.ts';
import type { StreamId } from '../../model/stream.ts';
import { streamLabels } from '../table/identity-labels.ts';
import type { RowId, SeriesTable } from '../table/series-table.ts';
import { publisherFamilies, type publisherTexts } from './push-families.ts';

/** Table row of one live publisher of a stream. */
export interface PublisherRow {
  /** Exposed address of the publisher, which is the value of the label client_ip. */
  address: string;
  readonly row: RowId;
}

/**
 * Adds the families of publishers to `table`, which must have no other rows. `addressOf` returns the value of
 * the label client_ip for a sample. Publishers with equal values share one row, which shows the newest of
 * their samples. Returns a function that updates the rows of one stream to its live publishers and returns
 * the updated rows. Its argument `current` contains the rows of the stream before the update: rows whose
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
    current: readonly PublisherRow[],
    stream: StreamId,
    samples: readonly PushSample[],
  ): readonly PublisherRow[] => {
    const newest = new Map<string, PushSample>();
    for (const sample of samples) {
      const address = addressOf(sample);
      const known = newest.get(address);
      if (known === undefined || sample.measuredAt > known.measuredAt) newest.set(address, sample);
    }
    const rows = new Map(current.map(({ address, row }) => [address, row]));
    for (const [address, row] of rows) {
      if (!newest.has(address)) table.freeRow(row);
    }
    return [...newest].map(([address, sample]) => {
      const row = rows.get(address) ?? addRow(stream, address);
      setRow(row, sample);
      return { address, row };
    });
  };

  return (current: readonly PublisherRow[], stream: StreamId, live: LivePush | undefined) => {
    const [only, second] = current;
    // Fast path without maps: nearly every stream has a single publisher that does not change.
    if (live !== undefined && live.others.length === 0 && only !== undefined && second === undefined) {
      const address = addressOf(live.followed);
      if (only.address === address) {
        // Replace the string even if it is equal. The new view keeps its own copy of the string in memory
        // anyway, and the memory of the old copy can then be freed.
        only.address = address;
        setRow(only.row, live.followed);
        return current;
      }
    }
    return replace(current, stream, live === undefined ? [] : [live.followed, ...live.others]);
  };
}
