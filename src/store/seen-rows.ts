import type { ControlAction } from '../model/control-action.ts';
import type { RowKind } from '../model/duplicates.ts';
import type { PushSample } from '../model/push-sample.ts';
import type { TargetLedger } from '../model/target-ledger.ts';

/**
 * JSON form of a target ledger. Its rows are arrays of field values without keys: each save writes about a dozen rows
 * per target.
 */
export interface TargetBody {
  readonly watermark: number;
  readonly floor: number;
  readonly backFrom?: number | undefined;
  readonly seen: readonly (readonly unknown[])[];
}

/** Fields of a stored row, in the order of its values. To change the order, raise `rowVersion`. */
export type RowFields<T> = readonly (keyof T)[];

export const sampleFields: RowFields<PushSample> = [
  'measuredAt',
  'periodMs',
  'clientIp',
  'serverIp',
  'session',
  'framesPerSecond',
  'bitsPerSecond',
];

/** Fields of the samples of a target with several streams. */
export const streamSampleFields: RowFields<PushSample> = [...sampleFields, 'stream'];

export const actionFields: RowFields<ControlAction> = [
  'actedAt',
  'domain',
  'appName',
  'stream',
  'action',
  'clientIp',
];

export function toBody<T>(
  { watermark, floor, backFrom, seen }: TargetLedger<T>,
  fields: RowFields<T>,
): TargetBody {
  return { watermark, floor, backFrom, seen: seen.map((row) => fields.map((field) => row[field] ?? null)) };
}

/** Parses a target ledger and sorts its rows, because an earlier version can have used another order. */
export function fromBody<T>(
  { watermark, floor, backFrom, seen }: TargetBody,
  fields: RowFields<T>,
  kind: RowKind<T>,
): TargetLedger<T> {
  let previous: Partial<T> = {};
  const rows = seen.map((values) => {
    const row: Partial<T> = {};
    for (let i = 0; i < values.length; i++) {
      // `fields` has a name for each value, and the checksum proves that `toBody` wrote the values.
      const field = fields[i] as keyof T;
      const value = (values[i] ?? undefined) as T[keyof T];
      // Interns equal strings of consecutive rows, so that they share memory.
      row[field] = value === previous[field] ? previous[field] : value;
    }
    previous = row;
    return row as T;
  });
  return { watermark, floor, backFrom, seen: rows.sort(kind.compare) };
}
