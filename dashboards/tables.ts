import * as common from '@grafana/grafana-foundation-sdk/common';
import type { ValueMap } from '@grafana/grafana-foundation-sdk/dashboard';
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus';
import * as table from '@grafana/grafana-foundation-sdk/table';
import { type Step, thresholds, thresholdsOf } from './colors.ts';
import { type PanelSpec, refIdOf, target, withSpec } from './panels.ts';
import { withKey } from './queries.ts';
import type { Say, Text } from './text.ts';

interface Column {
  readonly title: Text;
  /** In px. The columns of a table fit in a window of 1,280 px. */
  readonly width: number;
  /** Whether the column takes its part of the place that is left. */
  readonly isFlexible?: boolean;
}

/** A column with a label of the series. An empty label stays empty: links use it as it is. */
export interface LabelColumn extends Column {
  readonly label: string;
  readonly link?: Link | undefined;
}

/** A column with the value of a query. */
export interface ValueColumn extends Column {
  /** If a table has several queries, it shows the maximum of the series of each row. */
  readonly expr: string;
  readonly unit?: string;
  readonly decimals?: number;
  readonly noValue?: Text;
  readonly mappings?: readonly ValueMap[];
  readonly steps?: readonly Step[];
  /** Whether the color fills the cell, instead of coloring its text. */
  readonly isFilled?: boolean;
}

/** A column with a label that only the series of its own query have, which can be that of a column with values. */
export interface InfoColumn extends Column {
  readonly expr: string;
  readonly info: string;
  readonly mappings?: readonly ValueMap[];
}

export interface Link {
  readonly title: string;
  readonly url: string;
  readonly targetBlank?: boolean;
}

export interface TableSpec extends PanelSpec {
  /** Labels that identify a row. */
  readonly keys: readonly string[];
  /** Query whose series are the rows; absent if the first column is. */
  readonly rows?: string;
  readonly columns: readonly (LabelColumn | ValueColumn | InfoColumn)[];
  readonly sortBy: readonly Text[];
}

/**
 * Builds a table with one row per series of `rows`, or of the first query. Several queries are joined by a
 * key of the identifying labels. The transformation `merge` would compare every row with every other one if a
 * query has no series.
 */
export function tablePanel(say: Say, spec: TableSpec): table.PanelBuilder {
  const { keys, columns, rows, sortBy } = spec;
  const panel = withSpec(say, new table.PanelBuilder(), spec)
    .thresholds(thresholds([]))
    .sortBy(
      sortBy.map((title) => new common.TableSortByFieldStateBuilder().displayName(say(title)).desc(true)),
    );
  const withQuery = columns.filter((column) => 'expr' in column);
  const values = withQuery.filter(({ expr }, i) => withQuery.findIndex((each) => each.expr === expr) === i);
  const exprs = values.map((column, i) => {
    if (values.length === 1 && rows === undefined) return column.expr;
    const key = withKey(column.expr, keys);
    if (i === 0 && rows === undefined) return key;
    const infos = withQuery.flatMap((each) =>
      'info' in each && each.expr === column.expr ? [each.info] : [],
    );
    return `max by (${['key', ...infos].join(', ')}) (${key})`;
  });
  const queries = rows === undefined ? exprs : [...exprs, withKey(rows, keys)];
  for (const [i, expr] of queries.entries()) {
    panel.withTarget(target(refIdOf(i), expr).instant().format(prometheus.PromQueryFormat.Table));
  }
  // With several queries, the name of a column of values contains the id of its query. Grouped, it contains the reducer.
  const valueName = (i: number) =>
    queries.length === 1 ? `Value (${newestOfGroup})` : `Value #${refIdOf(i)}`;
  const fieldOf = (column: (typeof columns)[number]): string => {
    if ('label' in column) return column.label;
    return 'info' in column ? column.info : valueName(values.findIndex(({ expr }) => expr === column.expr));
  };
  const shown = columns.map(fieldOf);
  const hidden = [
    'Time',
    ...queries.map((_, i) => `Time ${i + 1}`),
    'key',
    ...queries.map((_, i) => valueName(i)),
    ...keys,
  ].filter((name) => !shown.includes(name));
  if (queries.length > 1)
    panel.withTransformation({ id: 'joinByField', options: { byField: 'key', mode: 'outer' } });
  if (rows !== undefined) panel.withTransformation(withField(keys.at(-1) ?? ''));
  if (queries.length === 1) panel.withTransformation(groupedBy(keys));
  panel.withTransformation({
    id: 'organize',
    options: {
      excludeByName: Object.fromEntries(hidden.map((name) => [name, true])),
      indexByName: Object.fromEntries(shown.map((name, i) => [name, i])),
      renameByName: Object.fromEntries(columns.map((column) => [fieldOf(column), say(column.title)])),
    },
  });
  for (const column of columns) panel.overrideByName(say(column.title), propertiesOf(say, column));
  return panel;
}

const newestOfGroup = 'lastNotNull';

/**
 * Groups the only answer of a table by its labels, which changes no row. An empty answer has no labels, and the
 * transformation drops it, so that the panel shows its text for no value instead of a lone title of a column.
 */
function groupedBy(keys: readonly string[]) {
  const groups = keys.map((key) => [key, { aggregations: [], operation: 'groupby' }] as const);
  const value = { aggregations: [newestOfGroup], operation: 'aggregate' };
  return { id: 'groupBy', options: { fields: { ...Object.fromEntries(groups), Value: value } } };
}

/** Removes the rows that only other queries have. */
function withField(fieldName: string) {
  const filters = [{ fieldName, config: { id: 'isNotNull', options: {} } }];
  return { id: 'filterByValue', options: { filters, type: 'include', match: 'all' } };
}

function propertiesOf(say: Say, column: LabelColumn | ValueColumn | InfoColumn) {
  const width = { id: column.isFlexible ? 'custom.minWidth' : 'custom.width', value: column.width };
  const filterable = { id: 'custom.filterable', value: true };
  if ('info' in column) {
    const texts = column.mappings === undefined ? [] : [{ id: 'mappings', value: column.mappings }];
    return [width, filterable, { id: 'noValue', value: '' }, ...texts];
  }
  if ('label' in column) {
    const links = column.link === undefined ? [] : [{ id: 'links', value: [column.link] }];
    return [width, filterable, { id: 'noValue', value: '' }, { id: 'unit', value: 'string' }, ...links];
  }
  const { unit, decimals, noValue, mappings, steps, isFilled = false } = column;
  const cell = isFilled ? { type: 'color-background', mode: 'basic' } : { type: 'color-text' };
  return [
    width,
    // A state is a text to the reader.
    ...(isFilled ? [filterable, { id: 'custom.align', value: 'left' }] : []),
    ...(unit === undefined ? [] : [{ id: 'unit', value: unit }]),
    ...(decimals === undefined ? [] : [{ id: 'decimals', value: decimals }]),
    ...(noValue === undefined ? [] : [{ id: 'noValue', value: say(noValue) }]),
    ...(mappings === undefined ? [] : [{ id: 'mappings', value: mappings }]),
    ...(steps === undefined ? [] : [thresholdsOf(steps)]),
    ...(mappings === undefined && steps === undefined ? [] : [{ id: 'custom.cellOptions', value: cell }]),
  ];
}
