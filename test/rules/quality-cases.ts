import type { RuleCase } from './promtool.ts';
import { news, streamSeries, values } from './series.ts';

/** Cases of the alerts about the quality of a push, at a scrape interval of 5 s. */
export const qualityCases: readonly RuleCase[] = [
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
      // The milder alert does not outlive the one that inhibits it, so it is never notified.
      '270s': [`LivestreamPushFpsCollapsed ${news}`, `LivestreamPushFpsLow ${news}`],
      '280s': [`LivestreamPushFpsCollapsed ${news}`],
      '480s': [],
    },
  },
  ...[
    { frames: 25, early: [`LivestreamPushFpsCollapsed ${news}`] },
    { frames: 60, early: [] },
  ].map(({ frames, early }) => ({
    name: `a fall to ${frames} of 125 frames is critical no later than the milder alert, which is not notified then`,
    interval: '5s',
    series: streamSeries({
      steps: 40,
      differ: {
        'degraded_seconds_total condition="low_fps"': '0x12 5+5x27',
        frames_total: `0+125x12 ${1500 + frames}+${frames}x27`,
      },
    }),
    firing: {
      '90s': [],
      '100s': early,
      '105s': [`LivestreamPushFpsCollapsed ${news}`, `LivestreamPushFpsLow ${news}`],
    },
  })),
  {
    name: 'video that stands still for a minute is no collapsed frame rate, not even when it is over',
    interval: '5s',
    series: streamSeries({
      steps: 80,
      differ: {
        'degraded_seconds_total condition="no_video"': '0x12 5+5x11 60x56',
        frames_total: '0+125x12 1500x11 1625+125x56',
      },
    }),
    firing: Object.fromEntries([
      ['70s', [`LivestreamPushVideoStalled ${news}`]],
      ...Array.from({ length: 8 }, (_, i) => [`${120 + 5 * i}s`, [`LivestreamPushVideoStalled ${news}`]]),
      ['250s', []],
    ]),
  },
  {
    name: 'video that stood still for 40 s is no jitter of the time after it',
    interval: '5s',
    series: streamSeries({
      steps: 140,
      differ: {
        'degraded_seconds_total condition="no_video"': '0x30 5+5x7 40x101',
        'media_seconds_total media="video"': '0+5x30 150x7 155+5x101',
      },
    }),
    firing: Object.fromEntries([
      ['165s', [`LivestreamPushVideoStalled ${news}`]],
      ...Array.from({ length: 8 }, (_, i) => [`${220 + 10 * i}s`, [`LivestreamPushVideoStalled ${news}`]]),
      ...Array.from({ length: 9 }, (_, i) => [`${310 + 10 * i}s`, []]),
    ]),
  },
  {
    name: 'a frame rate that collapsed together with the video time is no jitter of the time after it',
    interval: '5s',
    series: streamSeries({
      steps: 120,
      differ: {
        'degraded_seconds_total condition="low_fps"': '0x40 5+5x23 120x55',
        frames_total: '0+125x40 5050+50x23 6325+125x55',
        'media_seconds_total media="video"': '0+5x40 203+3x23 277+5x55',
      },
    }),
    firing: {
      '300s': ['FpsCollapsed', 'FpsLow'].map((name) => `LivestreamPush${name} ${news}`),
      ...Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`${450 + 10 * i}s`, []])),
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
      // Prometheus 3 leaves out the sample at the start of a range, so it ends 5 s earlier there.
      '175s': [`LivestreamPushVideoStalled ${news}`],
      '200s': [],
    },
  },
  {
    name: 'a low frame rate during stalls ends with them, so it is not notified, and so does a low bit rate',
    interval: '5s',
    series: streamSeries({
      steps: 100,
      differ: {
        'degraded_seconds_total condition="low_fps"': '0x12 5+5x19 100x68',
        'degraded_seconds_total condition="low_bitrate"': '0x12 5+5x19 100x68',
        'degraded_seconds_total condition="video_stall"': '0x12 5+5x19 100x68',
        frames_total: '0+125x12 1525+25x19 2125+125x68',
      },
    }),
    firing: Object.fromEntries([
      ['160s', ['BitrateLow', 'FpsLow', 'VideoStalled'].map((name) => `LivestreamPush${name} ${news}`)],
      ['220s', ['BitrateLow', 'FpsLow', 'VideoStalled'].map((name) => `LivestreamPush${name} ${news}`)],
      // The milder alerts end before LivestreamPushVideoStalled, which inhibits them.
      ['260s', [`LivestreamPushVideoStalled ${news}`]],
      ['300s', []],
    ]),
  },
  {
    name: 'video that arrives in less than half of the time fires like video that stands still',
    interval: '5s',
    series: streamSeries({
      steps: 60,
      differ: { 'degraded_seconds_total condition="video_stall"': '0x12 5 10x46' },
    }),
    firing: { '65s': [], '70s': [`LivestreamPushVideoStalled ${news}`], '200s': [] },
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
    name: 'a long keyframe interval is an information after five minutes',
    interval: '5s',
    series: {
      ...streamSeries({ steps: 160, differ: { keyframe_interval_seconds: '2x12 12x70 2x76' } }),
      ...streamSeries({ stream: 'edge', steps: 160, differ: { keyframe_interval_seconds: '10x160' } }),
    },
    firing: { '300s': [], '400s': [`LivestreamPushKeyframeIntervalLong ${news}`], '600s': [] },
  },
];
