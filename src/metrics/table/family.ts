import type { Head } from './text-format.ts';

/**
 * Metric family as data. `Source` is the type that its values are read from, `Text` the label text of its
 * row.
 */
export interface Family<Source, Text extends string> extends Head {
  /** Without `_total`, also for a counter. */
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  readonly text: Text;
  /** Series of a row; most families have one. */
  readonly points: readonly Point<Source>[];
}

export interface Point<Source> {
  /** Labels that distinguish the points of a family, equal on every row. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Returns undefined if the row has no series. */
  value(source: Source): number | undefined;
}

/** Returns constructors of families with this label text and one series per row. */
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
