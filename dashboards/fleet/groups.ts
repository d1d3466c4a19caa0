import * as common from '@grafana/grafana-foundation-sdk/common';
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus';
import * as table from '@grafana/grafana-foundation-sdk/table';
import { thresholds, thresholdsOf } from '../colors.ts';
import { target, withSpec } from '../panels.ts';
import { type StateName, state, stateColors, stateNames } from '../states.ts';
import type { Say } from '../text.ts';
import { absent, states } from '../texts.ts';
import { fleetTexts as texts } from './texts.ts';

/** Widths of the columns in px: of the title in English, with the arrow of the states by which the table is sorted. */
const widths: Readonly<Record<StateName, number>> = {
  missing: 90,
  degraded: 102,
  interrupted: 112,
  unknown: 94,
  up: 65,
  notPushed: 90,
};

/** Builds a matrix: one row per group, one column per state. */
export function groupTable(say: Say, expr: string): table.PanelBuilder {
  const row = 'group\\state';
  const panel = withSpec(say, new table.PanelBuilder(), {
    id: 204,
    text: texts.breakdown,
    unit: 'none',
    width: 13,
    height: 8,
    noValue: absent.noStates,
  })
    .thresholds(thresholds([]))
    .withTarget(target('A', expr).instant().format(prometheus.PromQueryFormat.Table))
    .withTransformation({
      id: 'groupingToMatrix',
      options: { columnField: 'state', rowField: 'group', valueField: 'Value', emptyValue: 'null' },
    })
    .withTransformation({
      id: 'organize',
      options: {
        // Columns of an empty answer.
        excludeByName: { Time: true, Value: true },
        indexByName: Object.fromEntries(
          [row, ...stateNames.map((name) => String(state[name]))].map((name, i) => [name, i]),
        ),
        renameByName: {
          [row]: say(texts.columns.group),
          ...Object.fromEntries(stateNames.map((name) => [String(state[name]), say(states[name])])),
        },
      },
    })
    .sortBy(
      stateNames
        .slice(0, stateNames.indexOf('up'))
        .map((name) => new common.TableSortByFieldStateBuilder().displayName(say(states[name])).desc(true)),
    )
    .overrideByName(say(texts.columns.group), [
      { id: 'custom.minWidth', value: 112 },
      { id: 'noValue', value: '' },
      { id: 'unit', value: 'string' },
    ]);
  for (const name of stateNames) {
    panel.overrideByName(say(states[name]), [
      { id: 'custom.width', value: widths[name] },
      // The matrix has no number where a group has no stream in this state.
      { id: 'noValue', value: '0' },
      { id: 'custom.cellOptions', value: { type: 'color-text' } },
      thresholdsOf([{ at: 1, color: stateColors[name] }]),
    ]);
  }
  return panel;
}
