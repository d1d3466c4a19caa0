import type { RuleCase } from './promtool.ts';
import { exporterSeries, news, series, streamSeries, values } from './series.ts';

/** Cases of the alerts about streams that are absent, unknown or forbidden, at a scrape interval of 5 s. */
export const presenceCases: readonly RuleCase[] = [
  {
    name: 'a stream that is expected but not pushed is missing; without an answer it is unknown',
    interval: '5s',
    series: {
      ...streamSeries({
        steps: 80,
        differ: {
          up: '1x12 0x30 1x36',
          observed_seconds_total: '0+5x12 60x30 60+5x36',
          frames_total: '0+125x12 1500x30 1500+125x36',
          'measured_seconds_total value="fps"': '0+5x12 60x30 60+5x36',
        },
      }),
      ...streamSeries({
        stream: 'unknown',
        steps: 80,
        differ: {
          up: '1x12 stale',
          observed_seconds_total: '0+5x12 60x67',
          frames_total: '0+125x12 1500x67',
          'measured_seconds_total value="fps"': '0+5x12 60x67',
        },
      }),
      ...streamSeries({
        stream: 'unexpected',
        steps: 80,
        differ: { up: '0x80', expected: '0x80', observed_seconds_total: '0x80' },
      }),
    },
    firing: {
      '90s': [],
      '100s': [`LivestreamPushMissing ${news}`],
      '215s': [`LivestreamPushMissing ${news}`],
      '270s': [],
    },
  },
  {
    name: 'a stream that flaps faster than it is missing fires; one that ends does not flap',
    interval: '5s',
    series: {
      // Ten seconds on, thirty seconds off.
      ...streamSeries({
        steps: 240,
        differ: {
          observed_seconds_total: values(240, (i) => 10 * Math.floor(i / 8) + 5 * Math.min(2, i % 8)),
        },
      }),
      ...streamSeries({
        stream: 'ends',
        steps: 240,
        differ: { up: '1x128 0x111', expected: '1x128 0x111', observed_seconds_total: '0+5x120 600x119' },
      }),
      ...streamSeries({
        stream: 'begins',
        steps: 240,
        differ: { observed_seconds_total: '0x60 0+5x179', expected: '0x60 1x179' },
      }),
    },
    firing: {
      '300s': [],
      '420s': [`LivestreamPushFlapping ${news}`],
      '1000s': [`LivestreamPushFlapping ${news}`],
    },
  },
  {
    name: 'a stream is not interrupted because another exporter polls it after a restart',
    interval: '5s',
    series: {
      ...streamSeries({ instance: 'i', steps: 240, differ: { observed_seconds_total: '0+5x120 stale' } }),
      ...streamSeries({ instance: 'j', steps: 240, differ: { observed_seconds_total: '_x124 620+5x116' } }),
    },
    firing: Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`${660 + 30 * i}s`, []])),
  },
  {
    name: 'a push that an error ended fires until the stream is back, or for ten minutes; another end does not',
    interval: '5s',
    series: {
      ...streamSeries({
        steps: 160,
        differ: {
          up: '1x12 0x40 1x107',
          expected: '0x160',
          'last_end_timestamp_seconds reason="error"': '_x12 60x147',
        },
      }),
      ...streamSeries({
        stream: 'gone',
        steps: 160,
        differ: {
          up: '1x12 0x147',
          expected: '0x160',
          'last_end_timestamp_seconds reason="timeout"': '_x12 60x147',
        },
      }),
      ...streamSeries({
        stream: 'done',
        steps: 160,
        differ: {
          up: '1x12 0x147',
          expected: '0x160',
          'last_end_timestamp_seconds reason="normal"': '_x12 60x147',
        },
      }),
      // Nobody knows whether the stream is pushed again.
      ...streamSeries({
        stream: 'unknown',
        steps: 160,
        differ: {
          up: '1x12 stale',
          expected: '0x160',
          'last_end_timestamp_seconds reason="error"': '_x12 60x147',
        },
      }),
    },
    firing: {
      '90s': [],
      '200s': [
        `LivestreamPushEndedAbnormally ${news}`,
        'LivestreamPushEndedAbnormally account=a stream=gone team=blue',
      ],
      '400s': ['LivestreamPushEndedAbnormally account=a stream=gone team=blue'],
      '700s': [],
    },
  },
  {
    name: 'the end of a push of an expected stream is one alert, also when the expected hours end',
    interval: '5s',
    series: streamSeries({
      steps: 200,
      differ: {
        up: '1x69 0x130',
        expected: '1x120 0x79',
        observed_seconds_total: '0+5x60 300x139',
        frames_total: '0+125x60 7500x139',
        'measured_seconds_total value="fps"': '0+5x60 300x139',
        'media_seconds_total media="video"': '0+5x60 300x139',
        'last_end_timestamp_seconds reason="timeout"': '_x69 300x130',
      },
    }),
    firing: {
      '375s': [],
      '400s': [`LivestreamPushMissing ${news}`],
      '640s': [`LivestreamPushMissing ${news}`],
      '660s': [],
      '700s': [],
      '800s': [],
      '890s': [],
    },
  },
  {
    name: 'an account that lags is one alert; its streams are unknown',
    interval: '5s',
    series: {
      ...streamSeries({ steps: 160, differ: { up: '1x12 stale', observed_seconds_total: '0+5x12 60x147' } }),
      ...streamSeries({
        stream: 'sport',
        steps: 160,
        differ: { up: '1x12 stale', observed_seconds_total: '0+5x12 60x147' },
      }),
      ...exporterSeries({ steps: 160, differ: { livestream_collector_lag_seconds: '0x18 20+5x80 0x60' } }),
    },
    firing: {
      '140s': [],
      '170s': ['LivestreamProviderLagging account=a'],
      '480s': ['LivestreamProviderLagging account=a'],
      '600s': [],
    },
  },
  {
    name: 'an outage in which a stream was bad and changed its publisher fires nothing when it is caught up',
    interval: '5s',
    series: streamSeries({
      steps: 420,
      differ: {
        up: '1x12 stale _x239 1x166',
        observed_seconds_total: '0+5x12 60x239 1260+5x167',
        frames_total: '0+125x12 1500x239 7500+125x167',
        'measured_seconds_total value="fps"': '0+5x12 60x239 1260+5x167',
        'degraded_seconds_total condition="low_fps"': '0x252 1200x167',
        'degraded_seconds_total condition="no_video"': '0x252 600x167',
        bad_seconds_total: '0x252 1200x167',
        backfilled_seconds_total: '0x252 1200x167',
        client_changes_total: '0x252 5x167',
      },
    }),
    firing: { '600s': [], '1260s': [], '1290s': [], '1320s': [], '1500s': [], '1800s': [], '2000s': [] },
  },
  {
    name: 'a forbidden stream fires with and without labels of the config, until 90 s after the resume',
    interval: '5s',
    series: {
      ...streamSeries({ steps: 60 }),
      ...series(
        'livestream_control_forbidden',
        'account="a", provider="tencent", domain="push.example.com", app_name="live", stream="news"',
        '0x12 1x12 0x35',
      ),
      ...series(
        'livestream_control_forbidden',
        'account="b", provider="alibaba", domain="d", app_name="live", stream="guest"',
        '0x12 1x47',
      ),
      ...series(
        'livestream_control_forbidden',
        'account="b", provider="alibaba", domain="d", app_name="live", stream="free"',
        '0x60',
      ),
    },
    firing: {
      '60s': [],
      '65s': [`LivestreamForbidden ${news}`, 'LivestreamForbidden account=b stream=guest'],
      '205s': [`LivestreamForbidden ${news}`, 'LivestreamForbidden account=b stream=guest'],
      '225s': ['LivestreamForbidden account=b stream=guest'],
    },
  },
];
