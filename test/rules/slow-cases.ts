import type { RuleCase } from './promtool.ts';
import { exporterSeries, news, series, streamSeries, values } from './series.ts';

const rejected = 'account="a", provider="tencent", operation="DescribeStreamPushInfoList"';

/** Cases of an account whose history is polled every five minutes, so that a list feeds its gauges. */
export const slowPollCases: readonly RuleCase[] = [
  {
    name: 'the gauges show a low frame rate long before the counters',
    interval: '5s',
    series: {
      ...streamSeries({
        steps: 240,
        differ: {
          'fps client_ip="192.0.2.1"': '25x24 15x120 25x94',
          observed_seconds_total: '0x60 300x60 600x118',
        },
      }),
      ...streamSeries({ stream: 'calm', steps: 240, differ: { 'fps client_ip="192.0.2.2"': '21x240' } }),
    },
    firing: {
      '200s': [],
      '260s': [`LivestreamPushFpsLow ${news}`],
      '700s': [`LivestreamPushFpsLow ${news}`],
    },
  },
  {
    name: 'a low frame rate fires by the counters too, although every sample is stale when it is counted',
    interval: '5s',
    series: streamSeries({
      steps: 240,
      differ: {
        observed_seconds_total: '0x54 275x54 550x54 825x75',
        backfilled_seconds_total: '0x54 275x54 550x54 825x75',
        'degraded_seconds_total condition="low_fps"': '0x54 0x54 275x54 550x75',
        bad_seconds_total: '0x54 0x54 275x54 550x75',
      },
    }),
    firing: { '500s': [], '900s': [`LivestreamPushFpsLow ${news}`] },
  },
  {
    name: 'a stream that is polled less often than planned is not interrupted',
    interval: '1m',
    series: {
      // Throttled: every 12 minutes instead of every five.
      ...streamSeries({
        steps: 120,
        step: 60,
        differ: { observed_seconds_total: values(120, (i) => 720 * Math.floor(i / 12)) },
      }),
      ...exporterSeries({ steps: 120, differ: { livestream_collector_interval_seconds: '720x120' } }),
    },
    firing: { '50m': [], '60m': [], '70m': [], '90m': [], '110m': [] },
  },
  {
    name: 'a stream with breaks is interrupted, whose polls are a little slower than planned',
    interval: '1m',
    series: {
      ...streamSeries({
        steps: 120,
        step: 60,
        differ: { observed_seconds_total: values(120, (i) => 180 * Math.floor(i / 6)) },
      }),
      ...exporterSeries({ steps: 120, differ: { livestream_collector_interval_seconds: '360x120' } }),
    },
    firing: {
      '15m': [],
      '60m': [`LivestreamPushFlapping ${news}`],
      '110m': [`LivestreamPushFlapping ${news}`],
    },
  },
  {
    name: 'targets fail and recover one by one in an outage, which is one alert; some that fail for longer are another',
    interval: '5s',
    series: {
      ...exporterSeries({
        steps: 400,
        differ: {
          livestream_collector_targets: '60x400',
          livestream_collector_targets_failing: '0x12 1+1x58 60x120 59-1x58 0x149',
          livestream_collector_interval_seconds: '275x400',
        },
      }),
      ...Object.fromEntries(
        [
          ['targets', '60x400'],
          ['targets_failing', '0x12 3x387'],
          ['lag_seconds', '0x400'],
          ['interval_seconds', '275x400'],
        ].map(([name = '', text = '']) => [
          `livestream_collector_${name}{job="livestream-exporter", instance="i", account="b", provider="tencent", collector="push_stats"}`,
          text,
        ]),
      ),
    },
    firing: {
      '350s': [],
      '700s': [
        'LivestreamCollectorFailing account=a collector=push_stats',
        'LivestreamCollectorTargetsFailing account=b collector=push_stats',
      ],
      '1100s': ['LivestreamCollectorTargetsFailing account=b collector=push_stats'],
      '1200s': ['LivestreamCollectorTargetsFailing account=b collector=push_stats'],
      '1300s': ['LivestreamCollectorTargetsFailing account=b collector=push_stats'],
    },
  },
];

/** Value of a total that grows by `growth` with each poll, every 19 minutes, at steps of a minute. */
const perPoll = (growth: number) => values(180, (i) => growth * Math.floor(i / 19));

/** Cases of an account so large that each of its streams is polled every 19 minutes. */
export const rarePollCases: readonly RuleCase[] = [
  {
    name: 'a stream that is bad for long uses up its budget; the samples of an outage do not',
    interval: '1m',
    series: {
      // Bad in a fifth of the time, with two publishers.
      ...streamSeries({
        steps: 180,
        step: 60,
        differ: { observed_seconds_total: perPoll(2280), bad_seconds_total: perPoll(456) },
      }),
      // After an outage of two hours in which the stream was bad.
      ...streamSeries({
        stream: 'caught-up',
        steps: 180,
        step: 60,
        differ: {
          observed_seconds_total: values(180, (i) => (i < 170 ? 2280 : 1140 * Math.floor(i / 19))),
          bad_seconds_total: values(180, (i) => (i < 170 ? 0 : 5700)),
        },
      }),
    },
    firing: {
      '130m': [`LivestreamPushBudgetBurnFast ${news}`],
      '150m': [`LivestreamPushBudgetBurnFast ${news}`],
      '175m': [`LivestreamPushBudgetBurnFast ${news}`],
    },
  },
];

/** Cases of an account that the config does not name, beside one with slow polls. */
export const unknownAccountCases: readonly RuleCase[] = [
  {
    name: 'a stream of an account without known streams fires like those of the fastest account',
    interval: '5s',
    series: streamSeries({
      steps: 60,
      differ: { 'degraded_seconds_total condition="low_fps"': '0x12 5+5x47' },
    }),
    firing: { '60s': [], '120s': [`LivestreamPushFpsLow ${news}`] },
  },
];

/** Cases at a scrape interval of a minute. */
export const slowScrapeCases: readonly RuleCase[] = [
  {
    name: 'a freeze of 10 s between two scrapes is found, one of 5 s is not; the gauges show neither',
    interval: '1m',
    series: {
      ...streamSeries({
        steps: 20,
        step: 60,
        differ: { 'degraded_seconds_total condition="no_video"': '0x5 10x14' },
      }),
      ...streamSeries({
        stream: 'blink',
        steps: 20,
        step: 60,
        differ: { 'degraded_seconds_total condition="no_video"': '0x5 5x14' },
      }),
    },
    firing: { '5m': [], '6m': [`LivestreamPushVideoStalled ${news}`], '19m': [] },
  },
  {
    name: 'a low frame rate fires once and does not flap',
    interval: '1m',
    series: streamSeries({
      steps: 40,
      step: 60,
      differ: { 'degraded_seconds_total condition="low_fps"': '0x5 60+60x15 960x18' },
    }),
    firing: {
      '6m': [],
      '11m': [`LivestreamPushFpsLow ${news}`],
      '14m': [`LivestreamPushFpsLow ${news}`],
      '17m': [`LivestreamPushFpsLow ${news}`],
      '21m': [`LivestreamPushFpsLow ${news}`],
      '36m': [],
    },
  },
];

/** Value of a counter that is scraped every two minutes, between the evaluations, at steps of a minute. */
const perScrape = (growth: number) =>
  Array.from({ length: 121 }, (_, i) => (i % 2 === 1 ? growth * i : '_')).join(' ');

/** Cases at the longest scrape interval, two minutes. */
export const slowestScrapeCases: readonly RuleCase[] = [
  {
    name: 'rejected requests fire, and so does a stream that is bad for long',
    interval: '1m',
    series: {
      ...series('up', '', '1x120'),
      ...series('livestream_api_requests_total', rejected, perScrape(60)),
      ...series('livestream_api_request_failures_total', `${rejected}, kind="auth"`, perScrape(60)),
      ...streamSeries({
        steps: 120,
        step: 60,
        differ: {
          observed_seconds_total: perScrape(60),
          missing_seconds_total: perScrape(0),
          bad_seconds_total: perScrape(12),
        },
      }),
    },
    firing: {
      '60m': [
        'LivestreamRequestsRejected account=a operation=DescribeStreamPushInfoList',
        `LivestreamPushBudgetBurnFast ${news}`,
      ],
    },
  },
];
