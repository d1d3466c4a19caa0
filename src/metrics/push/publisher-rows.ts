import type { LivePush } from '../../model/live-push.ts';
import type { PushSample } from '../../model/push-sample.ts';
import type { StreamId } from '../../model/stream.ts';
import { streamLabels } from '../table/identity-labels.ts';
import type { RowId, SeriesTable } from '../table/series-table.ts';
import { publisherFamilies, type streamTexts } from './push-families.ts';

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

/** Stream whose publishers are shown, with its own row. */
export interface PublishedStream {
  readonly id: StreamId;
  readonly row: RowId;
}

/**
 * Adds the families of publishers to `table`. `addressOf` returns the value of the label client_ip for a sample.
 * Publishers with equal values share one row, which shows the newest of their samples. The first publisher of a
 * stream has the row of the stream itself, so that they share their label text; each further publisher has a row
 * of its own. Returns a function that updates the rows of one stream to its live publishers and returns the first
 * updated row. Its argument `current` is the first row of the stream before the update: a publisher that is still
 * live keeps its row, and the other rows are freed.
 */
export function createPublisherRows(
  table: SeriesTable<keyof typeof streamTexts>,
  addressOf: (sample: PushSample) => string,
) {
  const setRow = table.addFamilies(publisherFamilies);

  const freeRow = (row: RowId, stream: PublishedStream) => {
    if (row === stream.row) setRow(row, undefined);
    else table.freeRow(row);
  };

  const addRow = ({ id }: PublishedStream): RowId => {
    const row = table.addRow();
    table.setText(row, 'stream', streamLabels(id));
    return row;
  };

  const replace = (
    current: PublisherRow | undefined,
    stream: PublishedStream,
    samples: readonly PushSample[],
  ): PublisherRow | undefined => {
    const newest = new Map<string, PushSample>();
    for (const sample of samples) {
      const address = addressOf(sample);
      const known = newest.get(address);
      if (known === undefined || sample.measuredAt > known.measuredAt) newest.set(address, sample);
    }
    const rows = new Map<string, RowId>();
    for (let each = current; each !== undefined; each = each.next) {
      if (newest.has(each.address)) rows.set(each.address, each.row);
      else freeRow(each.row, stream);
    }
    let isOwnRowFree = !rows.values().some((row) => row === stream.row);
    let updated: PublisherRow | undefined;
    for (const [address, sample] of newest) {
      let row = rows.get(address);
      if (row === undefined) {
        row = isOwnRowFree ? stream.row : addRow(stream);
        isOwnRowFree = false;
        table.setText(row, 'publisher', { client_ip: address });
      }
      setRow(row, sample);
      updated = { address, row, next: updated };
    }
    return updated;
  };

  return (current: PublisherRow | undefined, stream: PublishedStream, live: LivePush | undefined) => {
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
