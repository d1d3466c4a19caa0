import { MappingType, type ValueMap } from '@grafana/grafana-foundation-sdk/dashboard';
import { alertTable } from '../alerts.ts';
import { colors } from '../colors.ts';
import type { Options } from '../frame.ts';
import { barPanel } from '../panels.ts';
import { growthOverMoves, identity } from '../queries.ts';
import { tablePanel } from '../tables.ts';
import { type Say, same } from '../text.ts';
import { absent, words } from '../texts.ts';
import type { fleetQueries } from './queries.ts';
import { select } from './select.ts';
import { fleetTexts as texts } from './texts.ts';

/** Alerts, bans and control actions. */
export function events(say: Say, queries: ReturnType<typeof fleetQueries>, options: Options) {
  const unknownTime: ValueMap = {
    type: MappingType.ValueToText,
    options: { '0': { text: say(absent.unknown), color: colors.unknown, index: 0 } },
  };
  const actions = growthOverMoves(select('livestream_control_domain_actions_total'), [
    'account',
    'domain',
    'action',
  ]);
  return [
    alertTable(say, options, {
      id: 301,
      text: texts.alertTable,
      width: 24,
      height: 8,
      matchers: 'account=~"$account|", domain=~"$domain|"',
      hasStream: true,
    }),
    tablePanel(say, {
      id: 302,
      text: texts.forbiddenTable,
      unit: 'none',
      width: 12,
      height: 8,
      noValue: absent.noneOrNotWatched,
      keys: identity,
      columns: [
        { title: words.stream, width: 150, label: 'stream', isFlexible: true },
        {
          title: words.since,
          width: 160,
          expr: queries.forbiddenSince,
          unit: 'dateTimeAsSystem',
          mappings: [unknownTime],
        },
        { title: words.domain, width: 160, label: 'domain' },
        { title: words.account, width: 135, label: 'account' },
      ],
      sortBy: [words.since],
    }),
    barPanel(say, {
      id: 303,
      text: texts.actions,
      isSum: true,
      unit: 'none',
      width: 12,
      height: 8,
      noValue: absent.noDataOrNotWatched,
      lines: [{ legend: same('{{action}}'), expr: `sum by (action) (${actions})` }],
    })
      .overrideByName('forbid', [{ id: 'color', value: { mode: 'fixed', fixedColor: colors.warning } }])
      .overrideByName('resume', [{ id: 'color', value: { mode: 'fixed', fixedColor: colors.ok } }]),
  ];
}
