import { MappingType, type ValueMap } from '@grafana/grafana-foundation-sdk/dashboard';
import { colors, goodBelow, noneIsGood } from '../colors.ts';
import { statPanel } from '../numbers.ts';
import type { Say } from '../text.ts';
import { absent } from '../texts.ts';
import { byCollector, ofAccount, ofExporter, overdue } from './queries.ts';
import { exporterTexts as texts } from './texts.ts';

/** Eight numbers about whether the data is complete and fresh. */
export function now(say: Say) {
  const place = { width: 3, height: 4 };
  const reloaded: ValueMap = {
    type: MappingType.ValueToText,
    options: {
      '0': { text: say(texts.rejected), color: colors.critical, index: 0 },
      '1': { text: say(texts.ok), color: colors.ok, index: 1 },
    },
  };
  return [
    statPanel(say, {
      ...place,
      id: 101,
      text: texts.up,
      unit: 'none',
      expr: `sum(${ofExporter('up')} and on (job, instance) last_over_time(${ofExporter('livestream_exporter_build_info')}[$__range]))`,
      steps: [
        { at: 0, color: colors.critical },
        { at: 1, color: colors.ok },
      ],
      noValue: absent.none,
    }),
    statPanel(say, {
      ...place,
      id: 102,
      text: texts.failing,
      unit: 'none',
      expr: `sum(${byCollector(ofAccount('livestream_collector_targets_failing'))})`,
      steps: noneIsGood(colors.critical),
    }),
    statPanel(say, {
      ...place,
      id: 103,
      text: texts.failures,
      unit: 'percentunit',
      // Each exporter sends its own requests, so these are not de-duplicated.
      expr: `sum(increase(${ofAccount('livestream_api_request_failures_total')}[5m])) / (sum(increase(${ofAccount('livestream_api_requests_total')}[5m])) > 0)`,
      steps: goodBelow(0.01, 0.1),
    }).decimals(1),
    statPanel(say, {
      ...place,
      id: 104,
      text: texts.overdue,
      unit: 'percentunit',
      expr: `max(${overdue})`,
      steps: goodBelow(0.5, 1),
    }).decimals(0),
    statPanel(say, {
      ...place,
      id: 105,
      text: texts.lag,
      unit: 's',
      expr: `max(${ofAccount('livestream_collector_lag_seconds')})`,
      steps: goodBelow(0.001),
    }),
    statPanel(say, {
      ...place,
      id: 106,
      text: texts.clock,
      unit: 's',
      expr: `max(abs(${ofAccount('livestream_exporter_clock_offset_seconds')}))`,
      steps: goodBelow(5, 15),
    }),
    statPanel(say, {
      ...place,
      id: 107,
      text: texts.saved,
      unit: 's',
      // Never below 0: a save can be newer than the poll. Only a poll of a history has something to save.
      expr: `max(clamp_min(max by (job, instance) (${ofAccount('livestream_collector_last_success_timestamp_seconds', 'collector=~"push_stats|control_history"')}) - max by (job, instance) (${ofExporter('livestream_exporter_state_last_save_timestamp_seconds')}), 0))`,
      steps: goodBelow(30, 60),
    }).decimals(0),
    statPanel(say, {
      ...place,
      id: 108,
      text: texts.config,
      unit: 'none',
      expr: `min(${ofExporter('livestream_exporter_config_last_reload_successful')} or label_replace(${ofExporter('livestream_exporter_web_config_last_reload_successful')}, "of", "web", "", ""))`,
      steps: [],
    }).mappings([reloaded]),
  ];
}
