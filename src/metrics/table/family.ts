import type { Head } from './text-format.ts';

/**
 * Description of a metric family. `Source` is the type of the object from which the values of the family are
 * read. `Text` is the key of the label text that the lines of the family have.
 */
export interface Family<Source, Text extends string> extends Head {
  /** Name of the family, without the suffix `_total` even for a counter. */
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  /** Key of the label text that the lines of the family have. */
  readonly text: Text;
  /** Series of the family that each row can have. Most families have one. */
  readonly points: readonly Point<Source>[];
}

/** Series of a family that each row can have. */
export interface Point<Source> {
  /**
   * Labels that distinguish this series from the other series of the family on the same row. They are the
   * same on every row.
   */
  readonly labels?: Readonly<Record<string, string>>;
  /** Returns the value of the series, read from `source`; undefined if the row has no such series. */
  value(source: Source): number | undefined;
}

/**
 * Returns functions that create gauge and counter families. These families have the label text `text` and one
 * series per row.
 */
export function familiesOf<Text extends string>(text: Text) {
  const create =
    (type: 'gauge' | 'counter') =>
    <Source>(name: string, help: string, value: Point<Source>['value']): Family<Source, Text> => ({
      name,
      help,
      type,
      text,
      points: [{ value }],
    });
  return { gauge: create('gauge'), counter: create('counter') };
}
