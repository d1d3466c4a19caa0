import * as common from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus';
import * as stat from '@grafana/grafana-foundation-sdk/stat';
import * as table from '@grafana/grafana-foundation-sdk/table';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';

/** The data source that the user selects in the dashboard variable. */
export const datasource = { type: 'prometheus', uid: '${datasource}' };

/** Status colors that do not rely on telling red from green: blue is ok. */
export const colors = { ok: 'blue', warning: 'orange', critical: 'dark-red', none: 'text' };

interface PanelText {
  /** Stable, because links to the panel contain it. */
  readonly id: number;
  readonly title: string;
  /** The quantity and, if it matters, the value from which somebody must act. */
  readonly description: string;
  readonly unit: string;
}

/** A threshold: the color of values from `at` on. Values below the first threshold have the base color. */
export interface Threshold {
  readonly at: number;
  readonly color: string;
}

/** Builds a panel with one number. */
export function statPanel({
  steps = [],
  base = colors.ok,
  noValue = 'unknown',
  expression,
  ...text
}: PanelText & {
  readonly steps?: readonly Threshold[];
  readonly base?: string;
  readonly noValue?: string;
  readonly expression: string;
}): stat.PanelBuilder {
  return withText(new stat.PanelBuilder(), text)
    .span(4)
    .height(4)
    .noValue(noValue)
    .graphMode(common.BigValueGraphMode.None)
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .thresholds(thresholds(base, steps))
    .withTarget(target('A', expression).instant());
}

/** Builds a graph with one query per legend. */
export function graphPanel({
  queries,
  ...text
}: PanelText & { readonly queries: readonly (readonly [legend: string, expression: string])[] }) {
  const panel = withText(new timeseries.PanelBuilder(), text)
    .span(12)
    .height(10)
    .min(0)
    .noValue('no data')
    .lineWidth(2)
    // Shows unknown values as gaps.
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

/** Builds a table that joins instant queries by their labels. The columns keep the given order and titles. */
export function tablePanel({
  columns,
  hidden = [],
  labels,
  ...text
}: PanelText & {
  readonly columns: readonly (readonly [title: string, expression: string])[];
  readonly labels: Readonly<Record<string, string>>;
  readonly hidden?: readonly string[];
}): table.PanelBuilder {
  const panel = withText(new table.PanelBuilder(), text).span(24).height(10).noValue('unknown');
  for (const [i, [, expression]] of columns.entries()) {
    panel.withTarget(
      target(refIds[i] ?? '', expression)
        .instant()
        .format(prometheus.PromQueryFormat.Table),
    );
  }
  // If there is only one query, Grafana names its column without the ref id.
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

export function thresholds(base: string, steps: readonly Threshold[]): dashboard.ThresholdsConfigBuilder {
  return new dashboard.ThresholdsConfigBuilder()
    .mode(dashboard.ThresholdsMode.Absolute)
    .steps([{ value: null, color: base }, ...steps.map(({ at, color }) => ({ value: at, color }))]);
}

const refIds = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I'];

function target(refId: string, expression: string): prometheus.DataqueryBuilder {
  return new prometheus.DataqueryBuilder().refId(refId).datasource(datasource).expr(expression);
}

/** The methods that all panel builders share. */
interface AnyPanel<P> {
  id(id: number): P;
  title(title: string): P;
  description(description: string): P;
  unit(unit: string): P;
  datasource(ref: typeof datasource): P;
}

function withText<P extends AnyPanel<P>>(panel: P, { id, title, description, unit }: PanelText): P {
  return panel.id(id).title(title).description(description).unit(unit).datasource(datasource);
}
