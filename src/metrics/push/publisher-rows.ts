import type { LivePush } from '../../model/live-push.ts';
import type { PushSample } from '../../model/push-sample.ts';
import type { StreamId } from '../../model/stream.ts';
import { streamLabels } from '../table/identity-labels.ts';
import type { RowId, SeriesTable } from '../table/series-table.ts';
import { publisherFamilies, type publisherTexts } from './push-families.ts';

/** Row of one live publisher. */
export interface PublisherRow {
  /** The label value. */
  address: string;
  readonly row: RowId;
}

/** Table rows of live publishers, one per stream and shown address. */
export interface PublisherRows {
  /**
   * Sets the rows of a stream to its live publishers and returns them. `current` are its rows so far: rows of
   * unchanged addresses are kept, the others freed. Publishers with equal shown addresses share a row with
   * the newest sample.
   */
  set(
    current: readonly PublisherRow[],
    stream: StreamId,
    live: LivePush | undefined,
  ): readonly PublisherRow[];
}

/** Adds the publisher families to `table`, which has no other rows. `addressOf` returns the label value. */
export function createPublisherRows(
  table: SeriesTable<keyof typeof publisherTexts>,
  addressOf: (sample: PushSample) => string,
): PublisherRows {
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

  return {
    set(current, stream, live) {
      const [only, second] = current;
      // Fast path without maps: nearly every stream keeps its single publisher.
      if (live !== undefined && live.others.length === 0 && only !== undefined && second === undefined) {
        const address = addressOf(live.followed);
        if (only.address === address) {
          // The view holds the new string, so the old one becomes garbage.
          only.address = address;
          setRow(only.row, live.followed);
          return current;
        }
      }
      return replace(current, stream, live === undefined ? [] : [live.followed, ...live.others]);
    },
  };
}
