import type { RuleCase } from './promtool.ts';
import { exporterSeries, series, streamSeries, values } from './series.ts';

const news = 'account=a stream=news team=blue';

/** Cases of the alerts about streams, at a scrape interval of 5 s. */
export const streamCases: readonly RuleCase[] = [
  {
    name: 'a frame rate below the minimum fires once, and ends a minute after the recovery',
    interval: '5s',
    series: {
      // Low from 65 s to 240 s.
      ...streamSeries({
        steps: 90,
        differ: {
          'degraded_seconds_total condition="low_fps"': '0x12 5+5x35 180x60',
          frames_total: '0+90x90',
        },
      }),
      ...streamSeries({ stream: 'calm', steps: 90 }),
    },
    firing: {
      '95s': [],
      '115s': [`LivestreamPushFpsLow ${news}`],
      '240s': [`LivestreamPushFpsLow ${news}`],
      '300s': [`LivestreamPushFpsLow ${news}`],
      '400s': [],
    },
  },
  {
    name: 'a single bad sample, or each third, fires nothing',
    interval: '5s',
    series: {
      ...streamSeries({ steps: 60, differ: { 'degraded_seconds_total condition="low_fps"': '0x20 5x39' } }),
      ...streamSeries({
        stream: 'noisy',
        steps: 60,
        differ: { 'degraded_seconds_total condition="low_fps"': values(60, (i) => 5 * Math.floor(i / 3)) },
      }),
    },
    firing: { '110s': [], '140s': [], '200s': [], '300s': [] },
  },
  {
    name: 'two exporters, whose targets have other labels, cause one alert',
    interval: '5s',
    series: {
      ...streamSeries({ steps: 60, differ: { 'degraded_seconds_total condition="low_fps"': '0+5x60' } }),
      ...streamSeries({
        steps: 60,
        instance: 'j',
        differ: { 'degraded_seconds_total condition="low_fps"': '100+5x60' },
      }),
    },
    firing: { '120s': [`LivestreamPushFpsLow ${news}`] },
  },
  {
    name: 'a mean far below the expected frame rate is critical',
    interval: '5s',
    series: streamSeries({
      steps: 120,
      differ: {
        'degraded_seconds_total condition="low_fps"': '0x12 5+5x25 130x80',
        frames_total: '0+125x12 1525+25x25 2275+125x80',
      },
    }),
    firing: {
      '60s': [],
      '140s': [`LivestreamPushFpsCollapsed ${news}`, `LivestreamPushFpsLow ${news}`],
      '480s': [],
    },
  },
  {
    name: 'video that stands still for 10 s fires at once; for 5 s it does not',
    interval: '5s',
    series: {
      ...streamSeries({
        steps: 60,
        differ: { 'degraded_seconds_total condition="no_video"': '0x12 5 10x46', frames_total: '0+125x60' },
      }),
      ...streamSeries({
        stream: 'blink',
        steps: 60,
        differ: { 'degraded_seconds_total condition="no_video"': '0x12 5x47' },
      }),
    },
    firing: {
      '65s': [],
      '70s': [`LivestreamPushVideoStalled ${news}`],
      '120s': [`LivestreamPushVideoStalled ${news}`],
      '170s': [],
    },
  },
  {
    name: 'video that arrives in less than half of the time fires like video that stands still',
    interval: '5s',
    series: streamSeries({
      steps: 60,
      differ: { 'degraded_seconds_total condition="video_stall"': '0x12 5 10x46' },
    }),
    firing: { '65s': [], '70s': [`LivestreamPushVideoStalled ${news}`], '170s': [] },
  },
  {
    name: 'an audio-only stream, whose video is not evaluated, fires nothing',
    interval: '5s',
    series: streamSeries({
      stream: 'audio',
      steps: 120,
      differ: {
        expected_fps: '',
        min_fps: '',
        frames_total: '0x120',
        'degraded_seconds_total condition="low_fps"': '',
        'degraded_seconds_total condition="no_video"': '',
        'media_seconds_total media="video"': '0x120',
        'media_seconds_total media="audio"': '0+5x120',
        keyframe_interval_seconds: '',
      },
    }),
    firing: { '70s': [], '150s': [], '300s': [], '600s': [] },
  },
  {
    name: 'a bit rate below the minimum fires after a minute',
    interval: '5s',
    series: {
      ...streamSeries({
        steps: 120,
        differ: { 'degraded_seconds_total condition="low_bitrate"': '0x12 5+5x35 180x70' },
      }),
      ...streamSeries({
        stream: 'audio',
        steps: 120,
        differ: { expected_fps: '', min_fps: '', frames_total: '0x120' },
      }),
    },
    firing: { '120s': [], '150s': [`LivestreamPushBitrateLow ${news}`], '420s': [] },
  },
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
      '250s': [],
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
    name: 'video that is shorter or longer than the time that passed fires; a short loss does not',
    interval: '5s',
    series: {
      ...streamSeries({
        steps: 160,
        differ: { 'media_seconds_total media="video"': '0+5x12 64+4x60 305+5x86' },
      }),
      ...streamSeries({
        stream: 'fast',
        steps: 160,
        differ: { 'media_seconds_total media="video"': '0+5x12 66+6x60 431+5x86' },
      }),
      ...streamSeries({
        stream: 'blink',
        steps: 160,
        differ: { 'media_seconds_total media="video"': '0+5x12 62 64+5x146' },
      }),
    },
    firing: {
      '120s': [],
      '300s': [
        `LivestreamPushTimestampJitter ${news}`,
        'LivestreamPushTimestampJitter account=a stream=fast team=blue',
      ],
      '600s': [],
    },
  },
  {
    name: 'a change of the publisher is an information, and many are a warning',
    interval: '5s',
    series: {
      ...streamSeries({
        steps: 300,
        differ: { client_changes_total: '0x12 1x20 2x20 3x20 4x20 5x20 6x180' },
      }),
      ...streamSeries({ stream: 'once', steps: 300, differ: { client_changes_total: '0x12 1x287' } }),
    },
    firing: {
      '60s': [],
      '100s': [
        `LivestreamPushPublisherChanged ${news}`,
        'LivestreamPushPublisherChanged account=a stream=once team=blue',
      ],
      '550s': [`LivestreamPushPublisherChanged ${news}`, `LivestreamPushPublishersFighting ${news}`],
      '1400s': [`LivestreamPushPublishersFighting ${news}`],
      '1500s': [],
    },
  },
  {
    name: 'a long keyframe interval is an information after five minutes',
    interval: '5s',
    series: {
      ...streamSeries({ steps: 160, differ: { keyframe_interval_seconds: '2x12 12x70 2x76' } }),
      ...streamSeries({ stream: 'edge', steps: 160, differ: { keyframe_interval_seconds: '10x160' } }),
    },
    firing: { '300s': [], '400s': [`LivestreamPushKeyframeIntervalLong ${news}`], '600s': [] },
  },
  {
    name: 'an outage in which a stream was bad fires nothing when it is caught up',
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
      },
    }),
    firing: { '600s': [], '1260s': [], '1290s': [], '1320s': [], '1500s': [], '1800s': [], '2000s': [] },
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
    name: 'a forbidden stream fires with and without labels of the config, until 30 s after the resume',
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
      '145s': [`LivestreamForbidden ${news}`, 'LivestreamForbidden account=b stream=guest'],
      '165s': ['LivestreamForbidden account=b stream=guest'],
    },
  },
];

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
    firing: { '5m': [], '6m': [`LivestreamPushVideoStalled ${news}`], '16m': [] },
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
