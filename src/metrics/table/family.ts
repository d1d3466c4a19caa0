import type { Head } from './text-format.ts';

/**
 * Metric family as data. `Source` is the type of the object that the family's values are read from. `Text` is
 * the key of the label text that the family's lines have.
 */
export interface Family<Source, Text extends string> extends Head {
  /** Name of the family: without the suffix `_total`, even for a counter. */
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  /** Key of the label text of the family's lines. */
  readonly text: Text;
  /** Series that the family has per row. Most families have one series per row. */
  readonly points: readonly Point<Source>[];
}

/** One series of a family on each row. */
export interface Point<Source> {
  /** Labels that distinguish the series of a family on one row. Every row has the same labels here. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Returns the value of the series for a source; undefined if the row has no such series. */
  value(source: Source): number | undefined;
}

/**
 * Returns constructors of gauge and counter families that have the label text `text` and one series per row.
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
