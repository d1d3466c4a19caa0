import type { ControlAction } from '../model/control-action.ts';
import type { RowKind } from '../model/duplicates.ts';
import type { PushSample } from '../model/push-sample.ts';
import type { TargetLedger } from '../model/target-ledger.ts';
import { fromStored } from './earlier-ledgers.ts';

/**
 * JSON form in which earlier versions saved a target ledger, which contains the polling progress and the already
 * counted rows of one target. Each counted row is an array of values without field names. Times are wall clock
 * times in epoch ms.
 */
export interface TargetBody {
  readonly watermark: number;
  readonly floor: number;
  readonly backFrom?: number | undefined;
  readonly seen: readonly (readonly unknown[])[];
}

/** Field names of a stored row, in the order of the values in the row. */
type RowFields<T> = readonly (keyof T)[];

/** Fields of a push sample. The stream is missing if the target has only its own stream. */
export const streamSampleFields: RowFields<PushSample> = [
  'measuredAt',
  'periodMs',
  'clientIp',
  'serverIp',
  'session',
  'framesPerSecond',
  'bitsPerSecond',
  'stream',
];

/** Fields of a control action. */
export const actionFields: RowFields<ControlAction> = [
  'actedAt',
  'domain',
  'appName',
  'stream',
  'action',
  'clientIp',
];

/**
 * Converts the JSON form back to a target ledger. Sorts the counted rows, because an earlier version of the
 * exporter may have saved them in another order.
 */
export function fromBody<T>(
  { watermark, floor, backFrom, seen }: TargetBody,
  fields: RowFields<T>,
  kind: RowKind<T>,
): TargetLedger<T> {
  let previous: Partial<T> = {};
  let previousValues: readonly unknown[] = [];
  const rows = seen.map((values) => {
    const row: Partial<T> = {};
    for (let i = 0; i < values.length; i++) {
      // The casts are safe: `fields` has a name for each value, and the checksum proves that the exporter
      // wrote the values.
      const field = fields[i] as keyof T;
      // If the value equals that of the previous row, reuse the previous string, so that both rows share its
      // memory.
      row[field] =
        values[i] === previousValues[i] ? previous[field] : (fromStored(field, values[i]) as T[keyof T]);
    }
    previous = row;
    previousValues = values;
    return row as T;
  });
  return { watermark, floor, backFrom, seen: rows.sort(kind.compare) };
}
