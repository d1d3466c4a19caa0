import * as common from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus';
import * as stat from '@grafana/grafana-foundation-sdk/stat';
import * as table from '@grafana/grafana-foundation-sdk/table';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';

/** Whatever the person who looks has chosen. */
export const datasource = { type: 'prometheus', uid: '${datasource}' };

/** Told apart without red and green: blue is well. */
export const colors = { well: 'blue', warning: 'orange', critical: 'dark-red', none: 'text' };

interface Words {
  /** Never changes, so that links to the panel hold. */
  readonly id: number;
  readonly title: string;
  /** What it shows, and when to worry. */
  readonly description: string;
  readonly unit: string;
}

/** From `at` on the color. What is below the first is well. */
export interface Step {
  readonly at: number;
  readonly color: string;
}

/** One number. */
export function statPanel({
  steps = [],
  base = colors.well,
  noValue = 'unknown',
  expression,
  ...words
}: Words & {
  readonly steps?: readonly Step[];
  readonly base?: string;
  readonly noValue?: string;
  readonly expression: string;
}): stat.PanelBuilder {
  return described(new stat.PanelBuilder(), words)
    .span(4)
    .height(4)
    .noValue(noValue)
    .graphMode(common.BigValueGraphMode.None)
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .thresholds(thresholds(base, steps))
    .withTarget(target('A', expression).instant());
}

/** Lines over time; `queries` by legend. */
export function graphPanel({
  queries,
  ...words
}: Words & { readonly queries: readonly (readonly [legend: string, expression: string])[] }) {
  const panel = described(new timeseries.PanelBuilder(), words)
    .span(12)
    .height(10)
    .min(0)
    .noValue('no data')
    .lineWidth(2)
    // What was not seen is a hole.
    .spanNulls(false)
    .legend(
      new common.VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(common.LegendDisplayMode.Table)
        .placement(common.LegendPlacement.Bottom)
        .calcs(['min', 'lastNotNull']),
    )
    .tooltip(
      new common.VizTooltipOptionsBuilder()
        .mode(common.TooltipDisplayMode.Multi)
        .sort(common.SortOrder.Ascending),
    );
  for (const [i, [legend, expression]] of queries.entries()) {
    panel.withTarget(
      target(refIds[i] ?? '', expression)
        .range()
        .legendFormat(legend),
    );
  }
  return panel;
}

/** Rows from instant queries, joined by their labels; the columns in order, each by its query's title. */
export function tablePanel({
  columns,
  hidden = [],
  labels,
  ...words
}: Words & {
  readonly columns: readonly (readonly [title: string, expression: string])[];
  readonly labels: Readonly<Record<string, string>>;
  readonly hidden?: readonly string[];
}): table.PanelBuilder {
  const panel = described(new table.PanelBuilder(), words).span(24).height(10).noValue('unknown');
  for (const [i, [, expression]] of columns.entries()) {
    panel.withTarget(
      target(refIds[i] ?? '', expression)
        .instant()
        .format(prometheus.PromQueryFormat.Table),
    );
  }
  // Where there is one query Grafana names its column without the letter.
  const value = (i: number) => (columns.length === 1 ? 'Value' : `Value #${refIds[i]}`);
  const names = { ...labels, ...Object.fromEntries(columns.map(([title], i) => [value(i), title])) };
  const excluded = ['Time', ...hidden];
  return panel.withTransformation({ id: 'merge', options: {} }).withTransformation({
    id: 'organize',
    options: {
      excludeByName: Object.fromEntries(excluded.map((name) => [name, true])),
      indexByName: Object.fromEntries(Object.keys(names).map((name, i) => [name, i])),
      renameByName: names,
    },
  });
}

export function thresholds(base: string, steps: readonly Step[]): dashboard.ThresholdsConfigBuilder {
  return new dashboard.ThresholdsConfigBuilder()
    .mode(dashboard.ThresholdsMode.Absolute)
    .steps([{ value: null, color: base }, ...steps.map(({ at, color }) => ({ value: at, color }))]);
}

const refIds = ['A', 'B', 'C', 'D', 'E', 'F', 'G'];

function target(refId: string, expression: string): prometheus.DataqueryBuilder {
  return new prometheus.DataqueryBuilder().refId(refId).datasource(datasource).expr(expression);
}

/** What each kind of panel has, by the same names. */
interface AnyPanel<P> {
  id(id: number): P;
  title(title: string): P;
  description(description: string): P;
  unit(unit: string): P;
  datasource(ref: typeof datasource): P;
}

function described<P extends AnyPanel<P>>(panel: P, { id, title, description, unit }: Words): P {
  return panel.id(id).title(title).description(description).unit(unit).datasource(datasource);
}
