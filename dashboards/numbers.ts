import * as common from '@grafana/grafana-foundation-sdk/common';
import * as stat from '@grafana/grafana-foundation-sdk/stat';
import { type Step, thresholds, thresholdsOf } from './colors.ts';
import { type PanelSpec, refIdOf, target, withSpec } from './panels.ts';
import type { Say, Text } from './text.ts';

/** Builds a panel with one number per series. */
export function statPanel(
  say: Say,
  spec: PanelSpec & { readonly expr: string; readonly steps: readonly Step[]; readonly legend?: Text },
): stat.PanelBuilder {
  const query = target('A', spec.expr).instant();
  return startStat(say, spec)
    .textMode(spec.legend === undefined ? common.BigValueTextMode.Value : common.BigValueTextMode.Auto)
    .thresholds(thresholds(spec.steps))
    .withTarget(spec.legend === undefined ? query : query.legendFormat(say(spec.legend)));
}

/** One of several numbers of a panel. */
export interface NamedNumber {
  readonly legend: Text;
  readonly expr: string;
  readonly steps: readonly Step[];
  readonly noValue?: Text;
}

/** Builds a panel with several numbers, each with its name. */
export function numbersPanel(
  say: Say,
  spec: PanelSpec & { readonly numbers: readonly NamedNumber[]; readonly isStacked?: boolean },
): stat.PanelBuilder {
  const { isStacked = false } = spec;
  const panel = startStat(say, spec)
    .textMode(common.BigValueTextMode.ValueAndName)
    // Side by side, a number right of its name would stand next to the following name.
    .wideLayout(false)
    .orientation(isStacked ? common.VizOrientation.Horizontal : common.VizOrientation.Vertical)
    .thresholds(thresholds([]));
  // In a tile, and on a phone, the names would otherwise be too small to read.
  const sizes = new common.VizTextDisplayOptionsBuilder().titleSize(12);
  panel.text(isStacked ? sizes.valueSize(22) : sizes);
  for (const [i, { legend, expr, steps, noValue }] of spec.numbers.entries()) {
    const refId = refIdOf(i);
    panel.withTarget(target(refId, expr).instant().legendFormat(say(legend)));
    panel.overrideByQuery(refId, [
      thresholdsOf(steps),
      ...(noValue === undefined ? [] : [{ id: 'noValue', value: say(noValue) }]),
    ]);
  }
  return panel;
}

function startStat(say: Say, spec: PanelSpec): stat.PanelBuilder {
  return withSpec(say, new stat.PanelBuilder(), spec)
    .graphMode(common.BigValueGraphMode.None)
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']));
}
