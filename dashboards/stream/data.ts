import { MappingType, type ValueMap } from '@grafana/grafana-foundation-sdk/dashboard';
import { alertTable } from '../alerts.ts';
import { colors } from '../colors.ts';
import type { Options } from '../frame.ts';
import { barPanel, graphPanel } from '../panels.ts';
import { tablePanel } from '../tables.ts';
import type { Say } from '../text.ts';
import { absent, words } from '../texts.ts';
import { gauge, grown, matchers, select } from './queries.ts';
import { streamTexts as texts } from './texts.ts';

/** How old and complete the data is, what was done to the stream, and what the config expects. */
export function data(say: Say, options: Options) {
  const { legends, columns } = texts;
  const expected: ValueMap = {
    type: MappingType.ValueToText,
    options: {
      '0': { text: say(texts.no), color: colors.none, index: 0 },
      '1': { text: say(texts.yes), color: colors.none, index: 1 },
    },
  };
  const lastAction = `max by (action) (${select('livestream_control_last_action_timestamp_seconds')})`;
  const lastEnd = `max by (reason) (${select('livestream_push_last_end_timestamp_seconds')})`;
  // The reason of an end is shown in the same column as an action.
  const ends = `label_replace(${lastEnd}, "action", "${say(columns.end)}: $1", "reason", "(.*)")`;
  return [
    graphPanel(say, {
      id: 401,
      text: texts.freshness,
      noValue: absent.seeState,
      unit: 's',
      width: 12,
      height: 8,
      lines: [
        {
          legend: legends.sample,
          expr: `time() - max(${select('livestream_push_sample_timestamp_seconds')})`,
          color: colors.ok,
        },
        {
          legend: legends.watermark,
          expr: `time() - max(${select('livestream_push_watermark_timestamp_seconds')})`,
          color: colors.unknown,
        },
      ],
    }),
    barPanel(say, {
      id: 402,
      text: texts.counted,
      noValue: absent.seeState,
      unit: 's',
      width: 12,
      height: 8,
      lines: [
        { legend: legends.observed, expr: grown('livestream_push_observed_seconds_total'), color: colors.ok },
        {
          legend: legends.missing,
          expr: grown('livestream_push_missing_seconds_total'),
          color: colors.critical,
        },
        { legend: legends.lost, expr: grown('livestream_push_gap_seconds_total'), color: colors.warning },
        {
          legend: legends.backfilled,
          expr: grown('livestream_push_backfilled_seconds_total'),
          color: colors.unknown,
        },
      ],
    }),
    alertTable(say, options, {
      id: 403,
      text: texts.alertTable,
      width: 12,
      height: 6,
      matchers,
      hasStream: false,
    }),
    tablePanel(say, {
      id: 404,
      text: texts.actions,
      unit: 'none',
      width: 12,
      height: 6,
      noValue: absent.noneOrNotWatched,
      keys: ['action'],
      columns: [
        {
          title: columns.last,
          width: 170,
          expr: `1000 * max by (action) (${lastAction} or ${ends})`,
          unit: 'dateTimeAsSystem',
        },
        { title: columns.action, width: 200, label: 'action', isFlexible: true },
      ],
      sortBy: [columns.last],
    }),
    tablePanel(say, {
      id: 405,
      text: texts.info,
      noValue: absent.seeState,
      unit: 'none',
      width: 24,
      height: 4,
      keys: ['account', 'provider', 'domain', 'app_name', 'stream'],
      columns: [
        {
          title: columns.samples,
          width: 100,
          expr: gauge('livestream_push_samples_total'),
          decimals: 0,
        },
        { title: words.account, width: 120, label: 'account', isFlexible: true },
        { title: words.domain, width: 150, label: 'domain', isFlexible: true },
        { title: words.appName, width: 100, label: 'app_name' },
        {
          title: columns.observed,
          width: 120,
          expr: gauge('livestream_push_observed_seconds_total'),
          unit: 's',
          decimals: 1,
        },
        {
          title: columns.start,
          width: 160,
          expr: `1000 * ${gauge('livestream_push_start_timestamp_seconds')}`,
          unit: 'dateTimeAsSystem',
          noValue: absent.notReported,
        },
        {
          title: columns.live,
          width: 120,
          expr: gauge('livestream_push_expected'),
          noValue: absent.notSet,
          mappings: [expected],
        },
        {
          title: columns.fps,
          width: 140,
          expr: gauge('livestream_push_expected_fps'),
          noValue: absent.notSet,
        },
        {
          title: columns.bitrate,
          width: 130,
          expr: gauge('livestream_push_expected_bitrate_bps'),
          noValue: absent.notSet,
          unit: 'bps',
        },
      ],
      sortBy: [columns.samples],
    }),
  ];
}
