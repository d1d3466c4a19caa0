import { colors, noneIsGood } from '../colors.ts';
import { barPanel, graphPanel } from '../panels.ts';
import { growth } from '../queries.ts';
import { tablePanel } from '../tables.ts';
import { type Say, same } from '../text.ts';
import { absent, words } from '../texts.ts';
import { byAccount, byCollector, interval, ofAccount, overdue, quantile, sinceSuccess } from './queries.ts';
import { exporterTexts as texts } from './texts.ts';

/** How fresh and complete the data is. */
export function data(say: Say) {
  const place = { width: 12, height: 8, isOpen: true };
  const delay = (q: number) => quantile(q, 'livestream_sample_delay_seconds', ['account']);
  const push = 'collector="push_stats"';
  const { legends, columns } = texts;
  const difference = (metric: string) => {
    const total = `sum by (account, instance) (${ofAccount(metric)})`;
    return `sum(clamp_min(max by (account) (${total} - sum by (account, instance) (${ofAccount(metric)} offset $__interval)), 0))`;
  };
  return [
    tablePanel(say, {
      id: 301,
      text: texts.collectors,
      unit: 'none',
      width: 24,
      height: 9,
      keys: ['account', 'provider', 'collector'],
      columns: [
        {
          title: columns.failing,
          width: 90,
          expr: byCollector(ofAccount('livestream_collector_targets_failing')),
          steps: noneIsGood(colors.critical),
        },
        { title: words.account, width: 160, label: 'account', isFlexible: true },
        { title: words.collector, width: 160, label: 'collector', isFlexible: true },
        {
          title: columns.targets,
          width: 90,
          expr: byCollector(ofAccount('livestream_collector_targets')),
        },
        {
          title: columns.success,
          width: 110,
          expr: sinceSuccess,
          unit: 's',
          decimals: 0,
          noValue: absent.none,
        },
        { title: columns.interval, width: 100, expr: interval, unit: 's', decimals: 0 },
        {
          title: columns.duration,
          width: 110,
          expr: byCollector(ofAccount('livestream_collector_run_duration_seconds')),
          unit: 's',
        },
        {
          title: columns.newest,
          width: 140,
          expr: `time() - ${byCollector(ofAccount('livestream_collector_newest_sample_timestamp_seconds'))}`,
          unit: 's',
          decimals: 0,
          noValue: same('–'),
        },
        {
          title: columns.publishers,
          width: 110,
          expr: byCollector(ofAccount('livestream_collector_publishers_dropped')),
          noValue: same('–'),
          steps: noneIsGood(colors.warning),
        },
      ],
      sortBy: [columns.failing, columns.success],
    }),
    graphPanel(say, {
      ...place,
      id: 302,
      text: texts.delay,
      unit: 's',
      lines: [
        { legend: legends.delay50, expr: delay(0.5) },
        { legend: legends.delay90, expr: delay(0.9) },
        {
          legend: legends.effective,
          expr: byAccount(ofAccount('livestream_collector_effective_delay_seconds')),
        },
        {
          legend: legends.expected,
          expr: byAccount(ofAccount('livestream_expected_delay_seconds', push)),
          isLimit: true,
        },
      ],
    }),
    graphPanel(say, {
      ...place,
      id: 303,
      text: texts.polls,
      unit: 'percentunit',
      lines: [
        {
          legend: same('{{account}} {{collector}}'),
          expr: overdue,
        },
        {
          legend: legends.limit,
          expr: `0 * max(${ofAccount('livestream_collector_interval_seconds')}) + 1`,
          color: colors.warning,
          isLimit: true,
        },
      ],
    }),
    graphPanel(say, {
      ...place,
      id: 304,
      text: texts.lagOverTime,
      unit: 's',
      lines: [
        {
          legend: same('{{account}}'),
          expr: byAccount(
            `max_over_time(${ofAccount('livestream_collector_lag_seconds')}[$__rate_interval])`,
          ),
        },
      ],
    }).axisSoftMax(30),
    graphPanel(say, {
      ...place,
      id: 305,
      text: texts.clockOverTime,
      unit: 's',
      lines: [
        {
          legend: same('{{account}} {{instance}}'),
          expr: `max by (account, instance) (${ofAccount('livestream_exporter_clock_offset_seconds')})`,
        },
        {
          legend: legends.paused,
          expr: `${byAccount(ofAccount('livestream_collector_clock_behind_seconds'))} > 0`,
        },
        {
          legend: legends.limit,
          expr: `0 * max(${ofAccount('livestream_exporter_clock_offset_seconds')}) + 15`,
          color: colors.warning,
          isLimit: true,
        },
        {
          legend: legends.limit,
          expr: `0 * max(${ofAccount('livestream_exporter_clock_offset_seconds')}) - 15`,
          color: colors.warning,
          isLimit: true,
        },
      ],
    })
      .min(-20)
      .axisSoftMax(20),
    barPanel(say, {
      id: 306,
      text: texts.gaps,
      unit: 's',
      width: 12,
      height: 8,
      lines: [
        {
          legend: legends.lost,
          expr: difference('livestream_push_gap_seconds_total'),
          color: colors.critical,
        },
        {
          legend: legends.lostActions,
          expr: difference('livestream_control_gap_seconds_total'),
          color: colors.unknown,
        },
        {
          legend: legends.backfilled,
          expr: difference('livestream_push_backfilled_seconds_total'),
          color: colors.ok,
        },
      ],
    }),
    barPanel(say, {
      id: 307,
      text: texts.skipped,
      isSum: true,
      unit: 'none',
      width: 12,
      height: 8,
      lines: [
        {
          legend: same('{{reason}}'),
          expr: `sum by (reason) (${growth(ofAccount('livestream_samples_skipped_total'), ['account', 'instance', 'reason'])})`,
        },
      ],
    }),
  ];
}
