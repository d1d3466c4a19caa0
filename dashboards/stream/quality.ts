import { colors } from '../colors.ts';
import { graphPanel, timelinePanel } from '../panels.ts';
import { type Say, same } from '../text.ts';
import { absent, framesPerSecond, valueNames, words } from '../texts.ts';
import { gauge, lowest, mean, partOfPushed, select } from './queries.ts';
import { streamTexts as texts } from './texts.ts';

/** Panels on which control actions and other events are drawn. */
export const annotated = [201, 202, 203, 301];

/** Frame rate, bit rate, and how long each condition held. */
export function quality(say: Say) {
  const { legends } = texts;
  // Three samples of 5 s: enough for a point, and also the interval of the recording rules.
  const place = { width: 12, height: 9, interval: '15s', noValue: absent.seeState };
  const names = Object.entries(valueNames).map(([series, name]) => ({ series, name }));
  return [
    timelinePanel(say, {
      id: 204,
      text: texts.timeline,
      unit: 'none',
      width: 24,
      height: 4,
      points: 240,
      noValue: absent.noStates,
      lines: [
        {
          legend: words.state,
          expr: `max_over_time(${select('stream:livestream_push_state:max')}[$__rate_interval])`,
        },
      ],
    }),
    graphPanel(say, {
      ...place,
      id: 201,
      text: texts.fpsOverTime,
      unit: 'none',
      lines: [
        { legend: legends.mean, expr: mean('livestream_push_frames_total', 'fps'), color: colors.ok },
        { legend: legends.lowest, expr: lowest('livestream_push_fps'), color: colors.unknown },
        {
          legend: legends.minimum,
          expr: `max(${select('livestream_push_min_fps')})`,
          color: colors.warning,
          isLimit: true,
        },
        {
          legend: legends.expected,
          expr: `max(${select('livestream_push_expected_fps')})`,
          color: colors.none,
          isLimit: true,
        },
        {
          legend: legends.declared,
          expr: `max(${select('livestream_push_declared_fps')})`,
          color: 'yellow',
          isLimit: true,
        },
      ],
    }).axisLabel(say(framesPerSecond)),
    graphPanel(say, {
      ...place,
      id: 202,
      text: texts.bitrateOverTime,
      unit: 'bps',
      lines: [
        {
          legend: legends.mean,
          expr: `8 * ${mean('livestream_push_bytes_total', 'bitrate')}`,
          color: colors.ok,
        },
        { legend: legends.lowest, expr: lowest('livestream_push_bitrate_bps'), color: colors.unknown },
        {
          legend: legends.minimum,
          expr: `max(${select('livestream_push_min_bitrate_bps')})`,
          color: colors.warning,
          isLimit: true,
        },
        {
          legend: legends.video,
          expr: `max(${select('livestream_push_video_bitrate_bps')})`,
          color: 'green',
        },
        {
          legend: legends.audio,
          expr: `max(${select('livestream_push_audio_bitrate_bps')})`,
          color: 'yellow',
        },
      ],
    }),
    graphPanel(say, {
      ...place,
      id: 203,
      text: texts.conditions,
      unit: 'percentunit',
      lines: [
        {
          legend: same('{{condition}}'),
          expr: partOfPushed('livestream_push_degraded_seconds_total', 'condition'),
        },
      ],
      isOpen: true,
      names,
    })
      .fillOpacity(15)
      .max(1),
    graphPanel(say, {
      ...place,
      id: 205,
      text: texts.media,
      unit: 'percentunit',
      noValue: absent.notReported,
      lines: [
        {
          legend: same('{{media}}'),
          expr: partOfPushed('livestream_push_media_seconds_total', 'media'),
        },
      ],
      isOpen: true,
      names,
    }).axisSoftMax(1.1),
    graphPanel(say, {
      ...place,
      height: 7,
      id: 206,
      text: texts.keyframes,
      unit: 's',
      noValue: absent.notReported,
      lines: [
        {
          legend: texts.keyframes.title,
          expr: `max(max_over_time(${select('livestream_push_keyframe_interval_seconds')}[$__rate_interval]))`,
          color: colors.ok,
        },
        {
          legend: legends.alert,
          expr: `0 * ${gauge('livestream_push_keyframe_interval_seconds')} + 10`,
          color: colors.warning,
          isLimit: true,
        },
      ],
    }),
    graphPanel(say, {
      ...place,
      height: 7,
      id: 207,
      text: texts.audio,
      unit: 'none',
      noValue: absent.notReported,
      lines: [{ legend: texts.audio.title, expr: lowest('livestream_push_audio_fps'), color: colors.ok }],
    }).axisLabel(say(framesPerSecond)),
  ];
}
