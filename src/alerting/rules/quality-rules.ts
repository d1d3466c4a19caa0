import { minuteMs, secondMs } from '../../model/time.ts';
import { dedented, firing, identity, oneLine, perStream } from './promql.ts';
import type { AlertRule, Text } from './rule.ts';
import type { StreamContext } from './stream-context.ts';
import { lowerFirst, streamText } from './stream-texts.ts';

/**
 * Part of a window in which a condition must hold before its alert fires, and from which on it ends. Of a window of 30 s,
 * these are three samples and one.
 */
const share = { fires: 0.4, ends: 0.2 } as const;

/**
 * Length in seconds of a freeze that fires: more than one sample of 5 s, which extrapolation can show as 7 s, and less
 * than two.
 */
const freezeSeconds = 8;

/** Returns the alerts about the quality of a push: its frames, its video, its bit rate. */
export function qualityRules(context: StreamContext): readonly AlertRule[] {
  const { forMs, isLate, isPast, keepFiringMs, labeled, matchers, metric, record } = context;
  const { scrapeMs, steady, window, windowMs } = context;
  /** Returns what holds. If the newest value alone can fire the alert, the value of its rule is not always a share. */
  const conditionText = (en: string, zh: string): Text =>
    isLate
      ? {
          en: `${streamText.en} has a ${en} below its configured minimum, by its newest value or by many samples of the last ${window}.`,
          zh: `${streamText.zh} 的${zh}低于配置的下限（依据最新值，或最近 ${window} 内的多个采样点）。`,
        }
      : {
          en: `${streamText.en} had a ${en} below its configured minimum in {{ $value | humanizePercentage }} of the last ${window} that it was pushed.`,
          zh: `${streamText.zh} 在最近 ${window} 的推流时间内，有 {{ $value | humanizePercentage }} 的时间${zh}低于配置的下限。`,
        };
  const frozen = `${record('frozen_seconds:increase')} >= ${freezeSeconds}`;
  return [
    conditionAlert(context, 'low_fps', {
      alert: 'LivestreamPushFpsLow',
      forMs,
      keepFiringMs,
      severity: 'warning',
      summary: {
        en: 'The frame rate of a live stream is below its configured minimum.',
        zh: '直播流的帧率低于配置的下限。',
      },
      description: {
        en: `${conditionText('frame rate', '帧率').en} Check the encoder of the stream and the network of the encoder.`,
        zh: `${conditionText('frame rate', '帧率').zh}请检查该流的编码器及其网络。`,
      },
    }),
    {
      alert: 'LivestreamPushFpsCollapsed',
      comment:
        'The mean of all samples is below half of the expected frame rate, and not because the video stands still. It ' +
        'inhibits LivestreamPushFpsLow, whose condition holds up to half a window earlier, and can hold for a window ' +
        'longer. So it waits for less time, and ends later: otherwise that alert would be notified too.',
      expr: labeled(
        dedented(`
            ${record('fps:mean')}
          < on (${identity})
            0.5 * ${oneLine(perStream(metric('expected_fps')))}
          unless on (${identity})
            ${frozen}`),
      ),
      forMs: forMs - Math.min(forMs, windowMs) / 2,
      keepFiringMs: keepFiringMs + windowMs,
      severity: 'critical',
      summary: {
        en: 'The frame rate of a live stream is below half of what is expected.',
        zh: '直播流的帧率不到预期的一半。',
      },
      description: {
        en:
          `${streamText.en} had a mean frame rate of {{ $value | humanize }} frames per second in the last ${window}, ` +
          'less than half of the expected one, so every viewer sees stutter. Check the encoder of the stream and the ' +
          'network of the encoder.',
        zh:
          `${streamText.zh} 最近 ${window} 的平均帧率为每秒 {{ $value | humanize }} 帧，不到预期的一半，所有观众都会看到卡顿。` +
          '请检查该流的编码器及其网络。',
      },
    },
    {
      alert: 'LivestreamPushVideoStalled',
      comment:
        `Two samples without video within ${window}. The counter contains every sample, so a freeze of 10 s between two ` +
        'scrapes is found too. It inhibits LivestreamPushFpsLow and LivestreamPushBitrateLow, which can hold longer ' +
        'after a stutter, so it ends later.',
      expr: labeled(frozen),
      // Its condition ends some seconds before theirs.
      keepFiringMs: keepFiringMs + 30 * secondMs,
      severity: 'critical',
      summary: {
        en: 'A live stream is pushed, but its video stands still.',
        zh: '直播流仍在推流，但画面静止。',
      },
      description: {
        en:
          `${streamText.en} was pushed without video for about {{ $value | humanizeDuration }} in the last ${window}. ` +
          'Check the camera and the encoder. If the stream has only audio, set expect.video: false in the config.',
        zh:
          `${streamText.zh} 在最近 ${window} 内约有 {{ $value | humanizeDuration }} 在推流但没有视频。` +
          '请检查摄像机和编码器。如果该流只有音频，请在配置中设置 expect.video: false。',
      },
    },
    conditionAlert(context, 'low_bitrate', {
      alert: 'LivestreamPushBitrateLow',
      forMs: Math.max(minuteMs, 2 * scrapeMs),
      keepFiringMs,
      severity: 'warning',
      summary: {
        en: 'The bit rate of a live stream is below its configured minimum.',
        zh: '直播流的码率低于配置的下限。',
      },
      description: {
        en: `${conditionText('bit rate', '码率').en} Check the uplink of the encoder, then its settings.`,
        zh: `${conditionText('bit rate', '码率').zh}请先检查编码器的上行网络，再检查其设置。`,
      },
    }),
    {
      alert: 'LivestreamPushTimestampJitter',
      comment:
        'The video that arrived is clearly shorter or longer than the time that passed: the stream stutters, or its ' +
        'timestamps jump. Less than half is a stall, or a stream without video. If the video stood still or its frame rate ' +
        'collapsed in that time, another alert has reported it, and would end before this alert.',
      expr: labeled(
        dedented(`
            max by (${identity}) (
                abs(
                    increase(${metric('media_seconds_total', 'media="video"')}[${steady}])
                  / ignoring (media)
                    (increase(${metric('observed_seconds_total')}[${steady}]) > 0)
                  - 1
                  > -0.5
                )
              unless ignoring (media)
                ${isPast(steady)}
            ) > 0.1
          unless on (${identity})
            max_over_time(${record('frozen_seconds:increase')}[${steady}]) >= ${freezeSeconds}
          unless on (${identity})
            max_over_time(${firing('LivestreamPushFpsCollapsed', matchers)}[${steady}])`),
      ),
      forMs: Math.max(minuteMs, 2 * scrapeMs),
      keepFiringMs,
      severity: 'warning',
      summary: {
        en: 'The video of a live stream is shorter or longer than the time in which it arrived.',
        zh: '直播流的视频时长与到达所用的时间不符。',
      },
      description: {
        en:
          `The video of ${lowerFirst(streamText.en)} differs from the time that passed by {{ $value | humanizePercentage }} ` +
          `in the last ${steady}, so viewers see stutter or jumps. Check the uplink of the encoder and its clock.`,
        zh:
          `${streamText.zh} 最近 ${steady} 内的视频时长与经过的时间相差 {{ $value | humanizePercentage }}，观众会看到卡顿或跳帧。` +
          '请检查编码器的上行网络及其时钟。',
      },
    },
    {
      alert: 'LivestreamPushKeyframeIntervalLong',
      expr: labeled(`${oneLine(perStream(metric('keyframe_interval_seconds')))} > 10`),
      forMs: 5 * minuteMs,
      keepFiringMs,
      severity: 'info',
      summary: {
        en: 'The keyframe interval of a live stream is longer than 10 s, so viewers wait long for the first picture.',
        zh: '直播流的关键帧间隔超过 10 秒，观众要等待很久才能看到画面。',
      },
      description: {
        en: `${streamText.en} has a keyframe interval of {{ $value | humanizeDuration }}. Set it to 2 s in the encoder.`,
        zh: `${streamText.zh} 的关键帧间隔为 {{ $value | humanizeDuration }}。请在编码器中设为 2 秒。`,
      },
    },
  ];
}

/** Returns an expression that is 1 for each stream whose newest value is below its limit. */
function belowLimit({ metric }: StreamContext, condition: string): string {
  const [value, limit] = condition === 'low_fps' ? ['fps', 'min_fps'] : ['bitrate_bps', 'min_bitrate_bps'];
  const values = oneLine(perStream(metric(value)));
  return `(${values} < on (${identity}) ${oneLine(perStream(metric(limit)))}) * 0 + 1`;
}

/** Returns an alert about a condition, with hysteresis: it fires above one part of the window and ends below another. */
function conditionAlert(context: StreamContext, condition: string, rule: Omit<AlertRule, 'expr'>): AlertRule {
  const { isLate, labeled, record } = context;
  const ratio = record('condition:ratio', `condition="${condition}"`);
  const plain = oneLine(perStream(ratio));
  const gauge = isLate ? belowLimit(context, condition) : undefined;
  return {
    ...rule,
    comment: `Fires if the condition holds in more than ${share.fires * 100} % of the window, and ends at ${share.ends * 100} %.`,
    expr: labeled(
      dedented(`
          ${plain} > ${share.fires}
        or
          (
              ${plain} > ${share.ends}
            and on (${identity})
              ${firing(rule.alert)}
          )`) + (gauge === undefined ? '' : `\nor on (${identity})\n  ${gauge}`),
    ),
  };
}
