import * as common from '@grafana/grafana-foundation-sdk/common';
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus';
import * as statetimeline from '@grafana/grafana-foundation-sdk/statetimeline';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';
import { colors, thresholds } from './colors.ts';
import { stateMapping } from './states.ts';
import type { PanelText, Say, Text } from './text.ts';
import { absent } from './texts.ts';

/** The data source that the user selects in the dashboard variable. */
export const datasource = { type: 'prometheus', uid: '${datasource}' };

/** What every panel has. Places follow from the widths and heights, in the order of the panels. */
export interface PanelSpec {
  /** Stable, because links to the panel contain it. */
  readonly id: number;
  readonly text: PanelText;
  readonly unit: string;
  readonly width: number;
  readonly height: number;
  /** Text instead of a value. It says why there is none. */
  readonly noValue?: Text;
}

/** A query of a graph. */
export interface Line {
  readonly legend: Text;
  readonly expr: string;
  readonly color?: string;
  /** Dashed: the line is a limit, no measured value. */
  readonly isLimit?: boolean;
}

/** Name and color of a series whose label values are known, such as states and conditions. */
export interface SeriesName {
  /** The value of the label, which is the legend of its query. */
  readonly series: string;
  readonly name: Text;
  readonly color?: string;
  /** Whether the series has an axis of its own at the right, because its values are of another size. */
  readonly hasOwnAxis?: boolean;
}

/**
 * Builds a graph. A graph with a fixed number of lines has its legend in a line below; otherwise the legend
 * is a table at the right, where it shows more rows.
 */
export function graphPanel(
  say: Say,
  spec: PanelSpec & {
    readonly lines: readonly Line[];
    readonly isOpen?: boolean;
    readonly names?: readonly SeriesName[];
    readonly points?: number;
    /** Minimum step, if it is longer than the scrape interval. */
    readonly interval?: string;
  },
): timeseries.PanelBuilder {
  const { lines, isOpen = false, names = [], points, interval } = spec;
  const legend = new common.VizLegendOptionsBuilder()
    .showLegend(true)
    .displayMode(isOpen ? common.LegendDisplayMode.Table : common.LegendDisplayMode.List)
    .placement(isOpen ? common.LegendPlacement.Right : common.LegendPlacement.Bottom)
    .calcs(isOpen ? ['max'] : ['min', 'lastNotNull']);
  if (isOpen) legend.width(legendWidth(say, lines)).sortBy('Max').sortDesc(true);
  const panel = withSpec(say, new timeseries.PanelBuilder(), spec)
    .min(0)
    .lineWidth(2)
    .fillOpacity(0)
    .showPoints(common.VisibilityMode.Auto)
    // Shows unknown values as gaps.
    .spanNulls(false)
    .legend(legend)
    .tooltip(
      new common.VizTooltipOptionsBuilder()
        .mode(common.TooltipDisplayMode.Multi)
        .sort(common.SortOrder.Descending),
    );
  if (points !== undefined) panel.maxDataPoints(points);
  if (interval !== undefined) panel.interval(interval);
  for (const [i, { legend: name, expr, color, isLimit = false }] of lines.entries()) {
    const refId = refIdOf(i);
    panel.withTarget(target(refId, expr).range().legendFormat(say(name)));
    // By query and not by name: the names of series differ between languages and streams.
    const fixed = color === undefined ? [] : [{ id: 'color', value: { mode: 'fixed', fixedColor: color } }];
    if (isLimit || color !== undefined) panel.overrideByQuery(refId, isLimit ? [...fixed, ...dashed] : fixed);
  }
  for (const { series, name, color, hasOwnAxis = false } of names) {
    panel.overrideByName(series, [
      { id: 'displayName', value: say(name) },
      ...(color === undefined ? [] : [{ id: 'color', value: { mode: 'fixed', fixedColor: color } }]),
      // In the same override: the next one would have to match the new name.
      ...(hasOwnAxis ? ownAxis(say(name)) : []),
    ]);
  }
  return panel;
}

function ownAxis(label: string) {
  return [
    { id: 'custom.axisPlacement', value: 'right' },
    { id: 'custom.axisLabel', value: label },
    { id: 'custom.fillOpacity', value: 0 },
    { id: 'custom.lineWidth', value: 1 },
  ];
}

/** Usual number of characters of a label in a legend. */
const labelLengths: Readonly<Record<string, number>> = {
  account: 10,
  operation: 32,
  instance: 21,
  collector: 15,
};

/** Returns the width of a legend at the right in px, in which the usual names and a number have room. */
export function legendWidth(say: Say, lines: readonly Line[]): number {
  const lengths = lines.map(
    ({ legend }) =>
      say(legend).replaceAll(/\{\{(\w+)\}\}/g, (_, label) => '0'.repeat(labelLengths[label] ?? 14)).length,
  );
  return Math.min(380, Math.max(240, Math.ceil(110 + 6.5 * Math.max(...lengths))));
}

const dashed = [
  { id: 'custom.lineStyle', value: { fill: 'dash', dash: [8, 8] } },
  { id: 'custom.lineWidth', value: 1 },
  { id: 'custom.showPoints', value: 'never' },
];

/** Builds a graph of bars, each of which contains the events of its own interval and no others. */
export function barPanel(
  say: Say,
  spec: PanelSpec & {
    readonly lines: readonly Line[];
    /** Whether the lines are parts of a sum; otherwise one can contain another. */
    readonly isSum?: boolean;
  },
): timeseries.PanelBuilder {
  const stacking = spec.isSum ? common.StackingMode.Normal : common.StackingMode.None;
  return (
    graphPanel(say, { ...spec, points: 120 })
      // The interval has several scrapes, so that each difference of totals exists.
      .interval('1m')
      .drawStyle(common.GraphDrawStyle.Bars)
      .fillOpacity(70)
      .lineWidth(1)
      .barMaxWidth(20)
      .axisSoftMax(5)
      .stacking(new common.StackingConfigBuilder().mode(stacking))
      .legend(
        new common.VizLegendOptionsBuilder()
          .showLegend(true)
          .displayMode(common.LegendDisplayMode.List)
          .placement(common.LegendPlacement.Bottom)
          .calcs(['sum']),
      )
  );
}

/** Builds a timeline with one lane per series, whose values are states. */
export function timelinePanel(
  say: Say,
  spec: PanelSpec & {
    readonly lines: readonly Line[];
    readonly points: number;
    /** Whether the lanes are names (such as addresses) that exist or not, instead of states. */
    readonly isPresence?: boolean;
  },
): statetimeline.PanelBuilder {
  const panel = withSpec(say, new statetimeline.PanelBuilder(), spec)
    .maxDataPoints(spec.points)
    .mergeValues(true)
    // The value of a lane that only exists or not is 1, which says nothing.
    .showValue(spec.isPresence === true ? common.VisibilityMode.Never : common.VisibilityMode.Auto)
    .rowHeight(0.85)
    .lineWidth(0)
    .fillOpacity(80)
    .spanNulls(false)
    .thresholds(thresholds([{ at: 0, color: colors.ok }]))
    .legend(
      new common.VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(common.LegendDisplayMode.List)
        .placement(common.LegendPlacement.Bottom),
    )
    .tooltip(new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Single));
  if (spec.isPresence !== true) panel.mappings([stateMapping(say)]).interval(recordedInterval);
  for (const [i, { legend, expr }] of spec.lines.entries())
    panel.withTarget(target(refIdOf(i), expr).range().legendFormat(say(legend)));
  return panel;
}

/** Interval of the recording rule of the state: a window of a graph contains at least one of its samples. */
export const recordedInterval = '15s';

export function target(refId: string, expr: string): prometheus.DataqueryBuilder {
  return new prometheus.DataqueryBuilder().refId(refId).datasource(datasource).expr(expr);
}

export function refIdOf(index: number): string {
  return String.fromCharCode('A'.charCodeAt(0) + index);
}

/** The methods that all panel builders share. */
interface AnyPanel<P> {
  id(id: number): P;
  title(title: string): P;
  description(description: string): P;
  unit(unit: string): P;
  noValue(noValue: string): P;
  datasource(ref: typeof datasource): P;
  span(width: number): P;
  height(height: number): P;
}

export function withSpec<P extends AnyPanel<P>>(say: Say, panel: P, spec: PanelSpec): P {
  const { id, text, unit, width, height, noValue = absent.noData } = spec;
  return panel
    .id(id)
    .title(say(text.title))
    .description(say(text.description))
    .unit(unit)
    .noValue(say(noValue))
    .datasource(datasource)
    .span(width)
    .height(height);
}
