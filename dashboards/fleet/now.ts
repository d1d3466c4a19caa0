import { MappingType, type ValueMap } from '@grafana/grafana-foundation-sdk/dashboard';
import { firingCount } from '../alerts.ts';
import { colors, noneIsGood } from '../colors.ts';
import { type Options, uidOf } from '../frame.ts';
import { numbersPanel, statPanel } from '../numbers.ts';
import { stateColors } from '../states.ts';
import { tablePanel } from '../tables.ts';
import { type Say, same } from '../text.ts';
import { absent, links, states, words } from '../texts.ts';
import type { fleetQueries } from './queries.ts';
import { fleetTexts as texts } from './texts.ts';

/** Numbers of the streams by state first, then whether they can be believed, and why requests fail. */
export function now(say: Say, queries: ReturnType<typeof fleetQueries>, options: Options) {
  const place = { width: 3, height: 4, unit: 'none' };
  const notWatched: ValueMap = {
    type: MappingType.ValueToText,
    options: { '-1': { text: say(absent.notWatched), color: colors.none, index: 0 } },
  };
  return [
    numbersPanel(say, {
      id: 101,
      text: texts.states,
      unit: 'none',
      width: 24,
      height: 4,
      noValue: absent.noStates,
      numbers: (['missing', 'degraded', 'interrupted', 'unknown', 'up'] as const).map((name) => ({
        legend: states[name],
        expr: queries[name],
        steps: name === 'up' ? [{ at: 1, color: colors.ok }] : noneIsGood(stateColors[name]),
        noValue: same('?'),
      })),
    }),
    statPanel(say, {
      ...place,
      id: 105,
      text: texts.forbidden,
      expr: queries.forbidden,
      steps: noneIsGood(colors.critical),
    }).mappings([notWatched]),
    statPanel(say, {
      ...place,
      id: 106,
      text: texts.alerts,
      expr: firingCount('account=~"$account|", domain=~"$domain|"'),
      steps: noneIsGood(colors.warning),
      noValue: absent.noRules,
    }),
    statPanel(say, {
      ...place,
      width: 4,
      id: 107,
      text: texts.badShare,
      unit: 'percentunit',
      expr: queries.badShare,
      // A small share is neutral: missing time counts only after 16 minutes.
      steps: [
        { at: 0.001, color: colors.warning },
        { at: 0.01, color: colors.critical },
      ],
      noValue: absent.noStates,
    }).decimals(2),
    statPanel(say, {
      ...place,
      id: 108,
      text: texts.exporters,
      expr: 'sum(up and on (job, instance) last_over_time(livestream_exporter_build_info[$__range]))',
      steps: [
        { at: 0, color: colors.critical },
        { at: 1, color: colors.ok },
      ],
      noValue: absent.none,
    }),
    failingTable(say, queries.failing, options),
  ];
}

/** Requests that fail, and why: the reason why the streams of an account are unknown. */
function failingTable(say: Say, expr: string, { language }: Options) {
  const exporter = `/d/${uidOf('exporter', language)}?var-datasource=\${datasource}&var-account=\${__data.fields.account:percentencode}&\${__url_time_range}`;
  return tablePanel(say, {
    id: 110,
    text: texts.failing,
    unit: 'none',
    width: 11,
    height: 4,
    noValue: absent.noneOrNoData,
    keys: ['account', 'operation', 'kind'],
    columns: [
      { title: words.kind, width: 95, label: 'kind' },
      {
        title: words.account,
        width: 125,
        label: 'account',
        link: { title: say(links.exporterOf), url: exporter },
      },
      { title: words.operation, width: 150, label: 'operation', isFlexible: true },
      {
        title: texts.columns.failed,
        width: 130,
        expr,
        steps: [{ at: 1, color: colors.warning }],
      },
    ],
    sortBy: [texts.columns.failed],
  });
}
