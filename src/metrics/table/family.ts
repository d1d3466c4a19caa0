import type { Head } from './text-format.ts';

/** A metric as data. `Source` is what its values are read from, `Text` which of its row's label texts it carries. */
export interface Family<Source, Text extends string> extends Head {
  /** Of a counter: without `_total`. */
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  readonly text: Text;
  /** Most families have one series a row. */
  readonly points: readonly Point<Source>[];
}

export interface Point<Source> {
  /** The same on every row: what tells the points of a family apart. */
  readonly labels?: Readonly<Record<string, string>>;
  /** undefined draws nothing. */
  value(source: Source): number | undefined;
}
