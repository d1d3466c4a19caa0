import type { RuleCase } from './promtool.ts';
import { exporterSeries, series } from './series.ts';

const account = 'account="a", provider="tencent"';
const collector = `${account}, collector="push_stats"`;
const liveList = `${account}, collector="online_streams"`;
const bans = `${account}, collector="forbidden_streams"`;
const control = 'account="b", provider="alibaba", collector="control_history"';
const operation = `${account}, operation="DescribeStreamPushInfoList"`;
const other = `${account}, operation="DescribeLiveStreamOnlineList"`;
const failing = 'LivestreamCollectorFailing account=a collector=push_stats';

const alertmanager = (name: string) => `alertmanager="${name}"`;

/** Cases of the alerts about accounts and the exporter, at a scrape interval of 5 s. */
export const exporterCases: readonly RuleCase[] = [
  {
    name: 'an account of which all polls fail, hang or never succeed is failing',
    interval: '5s',
    series: {
      ...exporterSeries({ steps: 60, differ: { livestream_collector_targets_failing: '0x12 1x24 0x23' } }),
      ...series('livestream_collector_targets', control, '2x60'),
      ...series('livestream_collector_targets_failing', control, '0x60'),
      // The last poll of the other account succeeds at 100 s.
      ...series('livestream_collector_last_success_timestamp_seconds', control, '0+5x20 100x39'),
      ...series('livestream_collector_interval_seconds', control, '10x60'),
    },
    firing: {
      '90s': [],
      '100s': [failing],
      '210s': [failing],
      '230s': ['LivestreamCollectorFailing account=b collector=control_history'],
    },
  },
  {
    name: 'with two exporters, an account fails only if both fail',
    interval: '5s',
    series: {
      ...exporterSeries({ steps: 60, differ: { livestream_collector_targets_failing: '1x60' } }),
      ...exporterSeries({ steps: 60, instance: 'j' }),
    },
    firing: { '200s': [] },
  },
  {
    name: 'some failing targets are a warning after two minutes, all of them are not',
    interval: '5s',
    series: {
      ...series('up', '', '1x80'),
      ...series('livestream_collector_targets', collector, '3x80'),
      ...series('livestream_collector_targets_failing', collector, '0x12 1x40 0x27'),
    },
    firing: {
      '170s': [],
      '190s': ['LivestreamCollectorTargetsFailing account=a collector=push_stats'],
      '350s': [],
    },
  },
  {
    name: 'requests that are rejected, throttled or failing, by operation',
    interval: '5s',
    series: {
      ...series('up', '', '1x400'),
      ...series('livestream_api_requests_total', operation, '0+10x400'),
      ...series('livestream_api_requests_total', other, '0+10x400'),
      ...series('livestream_api_request_failures_total', `${operation}, kind="auth"`, '0x12 5+5x60 300x327'),
      ...series('livestream_api_request_failures_total', `${operation}, kind="throttled"`, '0+2x200 400x199'),
      ...series('livestream_api_request_failures_total', `${other}, kind="unavailable"`, '0+3x200 600x199'),
      ...series('livestream_api_request_failures_total', `${other}, kind="throttled"`, '0+0.5x400'),
    },
    firing: {
      '150s': [],
      '300s': ['LivestreamRequestsRejected account=a operation=DescribeStreamPushInfoList'],
      '700s': [
        'LivestreamRequestsRejected account=a operation=DescribeStreamPushInfoList',
        'LivestreamRequestsThrottled account=a operation=DescribeStreamPushInfoList',
        'LivestreamRequestsFailing account=a operation=DescribeLiveStreamOnlineList',
      ],
      '1900s': [],
    },
  },
  {
    name: 'requests that failed in an outage do not fire after it',
    interval: '5s',
    series: {
      ...exporterSeries({ steps: 400, differ: { livestream_collector_targets_failing: '0x12 1x240 0x147' } }),
      ...series('livestream_api_requests_total', operation, '0+10x400'),
      ...series(
        'livestream_api_request_failures_total',
        `${operation}, kind="unavailable"`,
        '0x12 10+10x240 2410x147',
      ),
      ...series('livestream_api_request_failures_total', `${operation}, kind="auth"`, '0x12 1+1x240 241x147'),
    },
    firing: { '700s': [failing], '1290s': [failing], '1310s': [], '1400s': [], '1600s': [], '1900s': [] },
  },
  {
    name: 'a clock that is wrong, or was set back',
    interval: '5s',
    series: {
      ...series('up', '', '1x80'),
      ...series('livestream_exporter_clock_offset_seconds', account, '14x12 -16x30 1x37'),
      ...series('livestream_collector_clock_behind_seconds', control, '0x12 300-5x30 0x37'),
    },
    firing: {
      '110s': [],
      '130s': ['LivestreamClockOff account=a', 'LivestreamClockOff account=b'],
      '300s': [],
    },
  },
  {
    name: 'no exporter can be scraped; one of two is enough',
    interval: '5s',
    series: {
      ...series('up', '', '1x12 0x20 1x27'),
      ...series('up', '', '1x12 0x10 1x37', 'j'),
    },
    firing: { '75s': [], '80s': ['LivestreamExporterDown'], '115s': ['LivestreamExporterDown'], '120s': [] },
  },
  {
    name: 'no exporter is a target',
    interval: '5s',
    series: { ...series('up', '', '1x12 stale _x20 1x26') },
    firing: { '120s': [], '130s': ['LivestreamExporterAbsent'], '170s': [] },
  },
  {
    name: 'the web config is not reloaded, such as a renewed certificate',
    interval: '5s',
    series: {
      ...series('up', '', '1x60'),
      ...series('livestream_exporter_config_last_reload_successful', '', '1x60'),
      ...series('livestream_exporter_web_config_last_reload_successful', '', '1x12 0x20 1x28'),
      ...series('process_start_time_seconds', '', '0x60'),
    },
    firing: { '120s': [], '130s': ['LivestreamConfigNotReloaded instance=i'] },
  },
  {
    name: 'the state is not saved, the config not reloaded, streams are dropped',
    interval: '5s',
    series: {
      ...series('up', '', '1x140'),
      ...series('livestream_collector_last_success_timestamp_seconds', collector, '0+5x140'),
      ...series('livestream_exporter_state_last_save_timestamp_seconds', '', '0+5x12 60x60 365+5x66'),
      ...series('livestream_exporter_config_last_reload_successful', '', '1x12 0x40 1x87'),
      ...series('livestream_streams_dropped', '', '0x12 7x80 0x47'),
      ...series('process_start_time_seconds', '', '0x140'),
      ...series('livestream_exporter_state_resets_total', '', '0x140'),
    },
    firing: {
      '120s': [],
      '130s': ['LivestreamConfigNotReloaded instance=i'],
      '200s': ['LivestreamConfigNotReloaded instance=i', 'LivestreamStateNotSaved instance=i'],
      '370s': ['LivestreamStateNotSaved instance=i', 'LivestreamStreamsDropped'],
      '450s': ['LivestreamStreamsDropped'],
    },
  },
  {
    name: 'the history of all streams cannot be requested, so nothing changes that could be saved; lists succeed',
    interval: '5s',
    series: {
      ...series('up', '', '1x80'),
      ...series('livestream_collector_last_success_timestamp_seconds', collector, '0+5x12 60x68'),
      ...series('livestream_collector_last_success_timestamp_seconds', liveList, '0+5x80'),
      ...series('livestream_collector_last_success_timestamp_seconds', bans, '0+5x80'),
      ...series('livestream_exporter_state_last_save_timestamp_seconds', '', '0+5x12 60x68'),
      ...series('process_start_time_seconds', '', '0x80'),
    },
    firing: { '200s': [], '300s': [], '400s': [] },
  },
  {
    name: 'an Alertmanager to which all posts fail; some failures of another one are no alert',
    interval: '5s',
    series: {
      ...series('up', '', '1x200'),
      ...series('livestream_alertmanager_posts_total', alertmanager('down'), '0+1x200'),
      ...series(
        'livestream_alertmanager_post_failures_total',
        `${alertmanager('down')}, kind="unavailable"`,
        '0+0x12 1+1x80 81x107',
      ),
      ...series(
        'livestream_alertmanager_post_failures_total',
        `${alertmanager('down')}, kind="auth"`,
        '0x200',
      ),
      ...series('livestream_alertmanager_posts_total', alertmanager('works'), '0+1x200'),
      ...series(
        'livestream_alertmanager_post_failures_total',
        `${alertmanager('works')}, kind="unavailable"`,
        '0+0.5x200',
      ),
      // Without a request, nothing is known.
      ...series('livestream_alertmanager_posts_total', alertmanager('idle'), '0x200'),
    },
    firing: {
      '170s': [],
      '480s': ['LivestreamAlertsNotPosted instance=i'],
      '900s': [],
    },
  },
];
