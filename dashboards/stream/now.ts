import * as common from '@grafana/grafana-foundation-sdk/common';
import { MappingType, type ValueMap } from '@grafana/grafana-foundation-sdk/dashboard';
import { firingCount } from '../alerts.ts';
import { colors, noneIsGood } from '../colors.ts';
import { numbersPanel, statPanel } from '../numbers.ts';
import { byStream, openFor, stateNow, troubleBegin } from '../queries.ts';
import { stateMapping } from '../states.ts';
import { type Say, same } from '../text.ts';
import { absent, states, words } from '../texts.ts';
import { gauge, matchers, select } from './queries.ts';
import { streamTexts as texts } from './texts.ts';

/** Eight tiles about the newest state of the stream. */
export function now(say: Say) {
  const place = { width: 3, height: 4 };
  const { legends } = texts;
  const inRange = (total: string) => byStream(`increase(${select(total)}[$__range])`);
  const bad = [{ at: 1, color: colors.warning }];
  const notWatched: ValueMap = {
    type: MappingType.ValueToText,
    options: { '-1': { text: say(absent.notWatched), color: colors.none, index: 0 } },
  };
  const forbidden: ValueMap = {
    type: MappingType.ValueToText,
    options: {
      '0': { text: say(texts.no), color: colors.ok, index: 0 },
      '1': { text: say(texts.yes), color: colors.warning, index: 1 },
    },
  };
  return [
    statPanel(say, {
      ...place,
      id: 101,
      text: texts.state,
      unit: 'none',
      // Streams of which only control actions are known have no other series.
      expr: `${stateNow(select)} or 0 * ${gauge('livestream_control_last_action_timestamp_seconds')} - 1`,
      steps: [],
      legend: same('{{account}} {{domain}} {{app_name}}'),
    }).mappings([stateMapping(say), notWatched]),
    // By query: a date as the unit of the panel would also be that of a missing value.
    numbersPanel(say, {
      ...place,
      id: 109,
      text: texts.since,
      unit: 'none',
      noValue: same('–'),
      numbers: [
        {
          legend: words.since,
          expr: `1000 * max(${select(troubleBegin)})`,
          steps: [],
        },
      ],
    })
      .textMode(common.BigValueTextMode.Value)
      .overrideByQuery('A', [{ id: 'unit', value: 'dateTimeAsIsoNoDateIfToday' }]),
    numbersPanel(say, {
      ...place,
      id: 102,
      text: texts.fps,
      isStacked: true,
      unit: 'none',
      noValue: same('–'),
      numbers: [
        { legend: legends.newest, expr: gauge('livestream_push_fps'), steps: [] },
        { legend: legends.expected, expr: gauge('livestream_push_expected_fps'), steps: [] },
      ],
    }).decimals(1),
    numbersPanel(say, {
      ...place,
      id: 103,
      text: texts.bitrate,
      isStacked: true,
      unit: 'bps',
      noValue: same('–'),
      numbers: [
        { legend: legends.newest, expr: gauge('livestream_push_bitrate_bps'), steps: [] },
        { legend: legends.expected, expr: gauge('livestream_push_expected_bitrate_bps'), steps: [] },
      ],
    }),
    statPanel(say, {
      ...place,
      id: 104,
      text: texts.age,
      noValue: absent.seeState,
      unit: 's',
      expr: `time() - ${gauge('livestream_push_sample_timestamp_seconds')}`,
      steps: [],
    }).decimals(0),
    numbersPanel(say, {
      ...place,
      id: 105,
      text: texts.bad,
      isStacked: true,
      noValue: absent.seeState,
      unit: 's',
      // Zero is neutral: in a time without answers, nothing was counted.
      numbers: [
        { legend: states.degraded, expr: inRange('livestream_push_bad_seconds_total'), steps: bad },
        {
          legend: states.missing,
          // Its label makes the time that is not counted yet different from the total, of which the larger one is shown.
          expr: byStream(
            `${inRange('livestream_push_missing_seconds_total')} or label_replace(${openFor(select)}, "is", "open", "", "")`,
          ),
          steps: bad,
        },
      ],
    }).decimals(0),
    statPanel(say, {
      ...place,
      id: 107,
      text: texts.forbidden,
      unit: 'none',
      expr: gauge('livestream_control_forbidden'),
      steps: [],
      noValue: absent.unknown,
    }).mappings([forbidden]),
    statPanel(say, {
      ...place,
      id: 108,
      text: texts.alerts,
      unit: 'none',
      expr: firingCount(matchers),
      steps: noneIsGood(colors.warning),
      noValue: absent.noRules,
    }),
  ];
}
