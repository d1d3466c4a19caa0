import { MappingType, type ValueMap } from '@grafana/grafana-foundation-sdk/dashboard';
import { firingCount } from '../alerts.ts';
import { colors, noneIsGood } from '../colors.ts';
import { statPanel } from '../panels.ts';
import { byStream, stateNow } from '../queries.ts';
import { stateMapping } from '../states.ts';
import { type Say, same } from '../text.ts';
import { absent } from '../texts.ts';
import { gauge, matchers, select } from './queries.ts';
import { streamTexts as texts } from './texts.ts';

/** Eight numbers about the newest state of the stream. */
export function now(say: Say) {
  const place = { width: 3, height: 4 };
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
      expr: stateNow(select),
      steps: [],
      legend: same('{{account}} {{domain}} {{app_name}}'),
    }).mappings([stateMapping(say)]),
    statPanel(say, {
      ...place,
      id: 102,
      text: texts.fps,
      unit: 'none',
      expr: gauge('livestream_push_fps'),
      steps: [],
      noValue: same('–'),
    }).decimals(1),
    statPanel(say, {
      ...place,
      id: 103,
      text: texts.bitrate,
      unit: 'bps',
      expr: gauge('livestream_push_bitrate_bps'),
      steps: [],
      noValue: same('–'),
    }),
    statPanel(say, {
      ...place,
      id: 104,
      text: texts.age,
      unit: 's',
      expr: `time() - ${gauge('livestream_push_sample_timestamp_seconds')}`,
      steps: [],
    }).decimals(0),
    statPanel(say, {
      ...place,
      id: 105,
      text: texts.bad,
      unit: 's',
      expr: byStream(`increase(${select('livestream_push_bad_seconds_total')}[$__range])`),
      // Zero is neutral: in a time without answers, nothing was counted.
      steps: [{ at: 1, color: colors.warning }],
    }).decimals(0),
    statPanel(say, {
      ...place,
      id: 106,
      text: texts.missing,
      unit: 's',
      expr: byStream(`increase(${select('livestream_push_missing_seconds_total')}[$__range])`),
      // Zero is neutral: in a time without answers, nothing was counted.
      steps: [{ at: 1, color: colors.warning }],
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
