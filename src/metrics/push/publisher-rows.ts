import type { LivePush } from '../../model/live-push.ts';
import type { PushSample } from '../../model/push-sample.ts';
import type { StreamId } from '../../model/stream.ts';
import { streamLabels } from '../table/identity-labels.ts';
import type { RowId, SeriesTable } from '../table/series-table.ts';
import { publisherFamilies, type publisherTexts } from './push-families.ts';

/** What is shown of one live publisher. */
export interface PublisherRow {
  /** As it is shown. */
  address: string;
  readonly row: RowId;
}

/** Rows of a table, one for each live publisher of each stream. */
export interface PublisherRows {
  /**
   * One row for each address as it is shown, and none but those: of two publishers that look alike the newest sample.
   * `shown` are the stream's rows by now, which are used again where their address stays; what is given takes their place.
   */
  set(shown: readonly PublisherRow[], stream: StreamId, live: LivePush | undefined): readonly PublisherRow[];
}

/** The families are added to the table, which has no other rows. `addressOf` gives the label value, by the settings of the moment. */
export function createPublisherRows(
  table: SeriesTable<keyof typeof publisherTexts>,
  addressOf: (sample: PushSample) => string,
): PublisherRows {
  const draw = table.addFamilies(publisherFamilies);

  const newRow = (stream: StreamId, address: string): RowId => {
    const row = table.addRow();
    table.setText(row, 'publisher', { ...streamLabels(stream), client_ip: address });
    return row;
  };

  const change = (
    shown: readonly PublisherRow[],
    stream: StreamId,
    pushed: readonly PushSample[],
  ): readonly PublisherRow[] => {
    const samples = new Map<string, PushSample>();
    for (const sample of pushed) {
      const address = addressOf(sample);
      const known = samples.get(address);
      if (known === undefined || sample.measuredAt > known.measuredAt) samples.set(address, sample);
    }
    const rows = new Map(shown.map(({ address, row }) => [address, row]));
    for (const [address, row] of rows) {
      if (!samples.has(address)) table.freeRow(row);
    }
    return [...samples].map(([address, sample]) => {
      const row = rows.get(address) ?? newRow(stream, address);
      draw(row, sample);
      return { address, row };
    });
  };

  return {
    set(shown, stream, live) {
      const [known, more] = shown;
      // Nearly always it is the one publisher that it was before, and needs no maps.
      if (live !== undefined && live.others.length === 0 && known !== undefined && more === undefined) {
        const address = addressOf(live.followed);
        if (known.address === address) {
          // The view holds it too, and the old one is free.
          known.address = address;
          draw(known.row, live.followed);
          return shown;
        }
      }
      return change(shown, stream, live === undefined ? [] : [live.followed, ...live.others]);
    },
  };
}
