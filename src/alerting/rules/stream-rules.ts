import { minuteMs, secondMs } from '../../model/time.ts';
import { toDurationText } from '../../text/units.ts';
import { dedented, identity, indented, type Matcher, oneOf, perStream, select } from './promql.ts';
import type { AlertRule, RecordingRule, RuleGroup, Text } from './rule.ts';
import { type StreamClass, windowOf } from './timing.ts';

/** Age in seconds of the end of a push up to which its alert fires. */
const endedSeconds = 600;

export interface StreamRulesOptions {
  /** Scrape interval of Prometheus in ms, which is also the evaluation interval. */
  readonly scrapeMs: number;
  /** Names of the labels of `livestream_stream_info` that every stream alert gets. */
  readonly labels: readonly string[];
}

/** Returns the names of a stream, as the subject of a sentence. */
export const streamText: Text = {
  en: 'Stream {{ $labels.stream }} of account {{ $labels.account }} ({{ $labels.provider }}, domain "{{ $labels.domain }}", app name "{{ $labels.app_name }}")',
  zh: '账号 {{ $labels.account }}（{{ $labels.provider }}，域名“{{ $labels.domain }}”，应用名“{{ $labels.app_name }}”）的流 {{ $labels.stream }}',
};

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

/** Returns the rules about the push of each stream of a class. Their group is evaluated in order. */
export function streamRules(
  { accounts, stepMs }: StreamClass,
  { scrapeMs, labels }: StreamRulesOptions,
): RuleGroup {
  const own: readonly Matcher[] = accounts === undefined ? [] : [oneOf('account', accounts)];
  const windowMs = windowOf(stepMs);
  const window = toDurationText(windowMs);
  const longMs = Math.max(5 * minuteMs, 4 * stepMs);
  const long = toDurationText(longMs);
  const recent = toDurationText(Math.max(minuteMs, 2 * stepMs));
  const steady = toDurationText(Math.max(2 * minuteMs, 4 * stepMs));
  const changes = toDurationText(Math.max(10 * minuteMs, longMs));
  const metric = (name: string, ...matchers: Matcher[]) =>
    select(`livestream_push_${name}`, [...own, ...matchers]);
  const record = (name: string, ...matchers: Matcher[]) =>
    select(`stream:livestream_push_${name}`, [...own, ...matchers]);
  /** Alerts get the labels of the config. Where one has none, its value is empty. */
  const labeled = (expr: string) => withLabels(expr, labels);
  /** Samples that were stale when they were counted say nothing about now. */
  const caughtUp = (range: string) => `increase(${metric('backfilled_seconds_total')}[${range}]) > 0`;

  /** Whether the gauges are newer than the counters: a list of live pushes feeds them once a minute. */
  const hasFreshGauges = stepMs > minuteMs;

  const recordings: readonly RecordingRule[] = [
    ...labelRecording(labels, own),
    { record: 'stream:livestream_push_up:max', expr: oneLine(perStream(metric('up'))) },
    {
      record: 'stream:livestream_push_condition:ratio',
      comment:
        'Part of the pushed time in which a condition held, over all samples: no scrape interval is too long to see them. ' +
        'Samples that were counted late, such as those of an outage, are left out: they say nothing about now.',
      expr: dedented(`
        max by (${identity}, condition) (
            increase(${metric('degraded_seconds_total')}[${window}])
          / ignoring (condition) group_left ()
            (increase(${metric('observed_seconds_total')}[${window}]) > 0)
          unless ignoring (condition)
            ${caughtUp(window)}
        )`),
    },
    {
      record: 'stream:livestream_push_frozen_seconds:increase',
      expr: dedented(`
        max by (${identity}) (
            increase(${metric('degraded_seconds_total', 'condition=~"no_video|video_stall"')}[${window}])
          unless ignoring (condition)
            ${caughtUp(window)}
        )`),
    },
    {
      record: 'stream:livestream_push_fps:mean',
      comment: 'Exact mean frame rate. If several publishers push the stream, it is the mean of all of them.',
      expr: dedented(`
        max by (${identity}) (
            increase(${metric('frames_total')}[${window}])
          / ignoring (value)
            (increase(${metric('measured_seconds_total', 'value="fps"')}[${window}]) > 0)
          unless ignoring (value)
            ${caughtUp(window)}
        )`),
    },
  ];

  const forMs = Math.max(hasFreshGauges ? 2 * minuteMs : 30 * secondMs, 2 * scrapeMs);
  const keepFiringMs = Math.max(minuteMs, 2 * windowMs);
  const alerts: readonly AlertRule[] = [
    conditionAlert('low_fps', {
      alert: 'LivestreamPushFpsLow',
      forMs,
      keepFiringMs,
      severity: 'warning',
      summary: {
        en: 'The frame rate of a live stream is below its configured minimum.',
        zh: '直播流的帧率低于配置的下限。',
      },
      description: {
        en:
          `${streamText.en} had a frame rate below its configured minimum in {{ $value | humanizePercentage }} of the ` +
          `last ${window} that it was pushed. Check the encoder of the stream and the network of the encoder.`,
        zh:
          `${streamText.zh}在最近 ${window} 的推流时间内，有 {{ $value | humanizePercentage }} 的时间帧率低于配置的下限。` +
          '请检查该流的编码器及其网络。',
      },
    }),
    {
      alert: 'LivestreamPushFpsCollapsed',
      comment: 'The mean of all samples is below half of the expected frame rate.',
      expr: labeled(
        dedented(`
            ${record('fps:mean')}
          < on (${identity})
            0.5 * ${oneLine(perStream(metric('expected_fps')))}`),
      ),
      forMs,
      keepFiringMs,
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
          `${streamText.zh}最近 ${window} 的平均帧率为每秒 {{ $value | humanize }} 帧，不到预期的一半，所有观众都会看到卡顿。` +
          '请检查该流的编码器及其网络。',
      },
    },
    {
      alert: 'LivestreamPushVideoStalled',
      comment:
        `Two samples without video within ${window}. The counter contains every sample, so a freeze of 10 s between two ` +
        'scrapes is found too.',
      expr: labeled(`${record('frozen_seconds:increase')} >= ${freezeSeconds}`),
      keepFiringMs: Math.max(30 * secondMs, windowMs),
      severity: 'critical',
      summary: {
        en: 'A live stream is pushed, but its video stands still.',
        zh: '直播流仍在推流，但视频画面静止。',
      },
      description: {
        en:
          `${streamText.en} was pushed without video for about {{ $value | humanizeDuration }} in the last ${window}. ` +
          'Check the camera and the encoder. If the stream has only audio, set expect.video: false in the config.',
        zh:
          `${streamText.zh}在最近 ${window} 内约有 {{ $value | humanizeDuration }} 只推流而没有视频。` +
          '请检查摄像机和编码器。如果该流只有音频，请在配置中设置 expect.video: false。',
      },
    },
    conditionAlert('low_bitrate', {
      alert: 'LivestreamPushBitrateLow',
      forMs: Math.max(minuteMs, 2 * scrapeMs),
      keepFiringMs,
      severity: 'warning',
      summary: {
        en: 'The bit rate of a live stream is below its configured minimum.',
        zh: '直播流的码率低于配置的下限。',
      },
      description: {
        en:
          `${streamText.en} had a bit rate below its configured minimum in {{ $value | humanizePercentage }} of the last ` +
          `${window} that it was pushed. Check the uplink of the encoder, then its settings.`,
        zh:
          `${streamText.zh}在最近 ${window} 的推流时间内，有 {{ $value | humanizePercentage }} 的时间码率低于配置的下限。` +
          '请先检查编码器的上行网络，再检查其设置。',
      },
    }),
    {
      alert: 'LivestreamPushMissing',
      comment:
        'Fires only if the provider answered without a sample (0). Without an answer, or while the account lags, the series ' +
        'is absent, and so is this alert.',
      expr: labeled(
        dedented(`
            ${oneLine(perStream(metric('expected')))} == 1
          and on (${identity})
            ${record('up:max')} == 0`),
      ),
      forMs,
      keepFiringMs: Math.max(15 * secondMs, scrapeMs),
      severity: 'critical',
      summary: {
        en: 'The config expects a stream to be live, but the stream is not pushed.',
        zh: '配置要求某路流正在直播，但没有人推流。',
      },
      description: {
        en:
          `The config expects ${lowerFirst(streamText.en)} to be live now, but the provider has no fresh sample of it. ` +
          'Check that the encoder is running and pushes to this domain, app name and stream.',
        zh:
          `配置要求${streamText.zh}现在正在直播，但云厂商没有该流的新采样点。` +
          '请确认编码器正在运行，并且推流到该域名、应用名和流名。',
      },
    },
    {
      alert: 'LivestreamPushFlapping',
      comment:
        'A stream that is expected live and had samples lately, but with several holes that are too short for ' +
        'LivestreamPushMissing: one such hole is a smaller part. The time that the samples cover shows the holes long before ' +
        'they are confirmed as missing time.',
      expr: labeled(
        dedented(`
            ${oneLine(perStream(`rate(${metric('observed_seconds_total')}[${long}])`))} < 0.7
          and on (${identity})
            ${oneLine(perStream(`min_over_time(${metric('expected')}[${long}])`))} == 1
          and on (${identity})
            ${oneLine(perStream(`rate(${metric('observed_seconds_total')}[${recent}])`))} > 0
          and on (${identity})
            ${oneLine(perStream(`${metric('observed_seconds_total')} offset ${long}`))}
          unless on (${identity})
            ${oneLine(perStream(caughtUp(long)))}
          unless on (${identity})
            max by (${identity}) (max_over_time(ALERTS{alertname="LivestreamPushMissing", alertstate="firing"}[${long}]))
          unless on (account, provider)
            max by (account, provider) (max_over_time(${select('livestream_collector_lag_seconds', own)}[${long}])) > 0`),
      ),
      forMs: Math.max(minuteMs, 2 * scrapeMs),
      keepFiringMs: Math.max(10 * minuteMs, longMs),
      severity: 'warning',
      summary: {
        en: 'A live stream is interrupted again and again.',
        zh: '直播流反复中断。',
      },
      description: {
        en:
          `${streamText.en} was pushed for only {{ $value | humanizePercentage }} of the last ${long}, although it is ` +
          'expected to be live. Check the network of the encoder, and whether the encoder restarts.',
        zh:
          `${streamText.zh}预期正在直播，但在最近 ${long} 内只有 {{ $value | humanizePercentage }} 的时间在推流。` +
          '请检查编码器的网络，以及编码器是否反复重启。',
      },
    },
    {
      alert: 'LivestreamPushEndedAbnormally',
      comment:
        'A push ended by an error or a timeout, and the stream has not come back. Ends by the publisher, and forbidden ones, ' +
        'are no trouble of the stream. The time of the end counts, so a restart of the exporter reports no old end.',
      expr: labeled(
        dedented(`
              time()
            -
              max by (${identity}, reason) (${metric('last_end_timestamp_seconds', 'reason=~"error|timeout"')})
          <
            ${endedSeconds}
          unless on (${identity})
            ${record('up:max')} == 1`),
      ),
      forMs: Math.max(30 * secondMs, 2 * scrapeMs),
      severity: 'warning',
      summary: {
        en: 'A push ended by an error or a timeout, and the stream has not come back.',
        zh: '推流因错误或超时而中断，且尚未恢复。',
      },
      description: {
        en:
          `${streamText.en} ended {{ $value | humanizeDuration }} ago, reason {{ $labels.reason }}, and is not pushed ` +
          'again. Check the network of the encoder, then whether the encoder runs.',
        zh:
          `${streamText.zh}在 {{ $value | humanizeDuration }} 前中断（原因：{{ $labels.reason }}），且没有重新推流。` +
          '请先检查编码器的网络，再确认编码器正在运行。',
      },
    },
    {
      alert: 'LivestreamPushTimestampJitter',
      comment:
        'The video that arrived is clearly shorter or longer than the time that passed: the stream stutters, or its ' +
        'timestamps jump. Less than half is a stall, or a stream without video.',
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
              ${caughtUp(steady)}
          ) > 0.1`),
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
          `${streamText.zh}最近 ${steady} 内的视频时长与经过的时间相差 {{ $value | humanizePercentage }}，观众会看到卡顿或跳帧。` +
          '请检查编码器的上行网络及其时钟。',
      },
    },
    {
      alert: 'LivestreamPushPublishersFighting',
      comment:
        'Two encoders push one stream in turn: each change interrupts the viewers. Either both are fresh, but together they ' +
        'push no more than one would (a main and a backup push together push twice as much), or the publisher changes slowly.',
      expr: labeled(
        dedented(`
            (
                ${oneLine(perStream(`count without (client_ip) (${metric('fps')})`))} >= 2
              and on (${identity})
                ${oneLine(perStream(`rate(${metric('observed_seconds_total')}[${recent}])`))} < 1.5
            )
          or
            ${oneLine(perStream(`increase(${metric('client_changes_total')}[${changes}])`))} >= 4`),
      ),
      forMs: Math.max(2 * minuteMs, 2 * scrapeMs),
      keepFiringMs: 10 * minuteMs,
      severity: 'warning',
      summary: {
        en: 'The publisher of a live stream changes again and again.',
        zh: '直播流的推流端反复更换。',
      },
      description: {
        en:
          `Several publishers push ${lowerFirst(streamText.en)} in turn. Probably two encoders have the same stream name. ` +
          'Their addresses are in the label client_ip of livestream_push_fps and on the status page. Stop one of them.',
        zh:
          `多个推流端轮流推${streamText.zh}。可能有两个编码器使用同一个流名。` +
          '它们的地址见 livestream_push_fps 的标签 client_ip 和状态页。请停掉其中一个。',
      },
    },
    {
      alert: 'LivestreamPushPublisherChanged',
      expr: labeled(`${oneLine(perStream(`increase(${metric('client_changes_total')}[${long}])`))} > 0`),
      severity: 'info',
      summary: {
        en: 'Another publisher pushes a live stream.',
        zh: '直播流换了推流端。',
      },
      description: {
        en:
          `${streamText.en} got another publisher (address) in the last ${long}. If nobody has switched the encoder or ` +
          'its uplink, check who pushes the stream. The addresses are in livestream_push_info and on the status page.',
        zh:
          `${streamText.zh}在最近 ${long} 内更换了推流端（地址）。如果没有人切换编码器或其上行网络，请检查是谁在推流。` +
          '地址见 livestream_push_info 和状态页。',
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
        zh: `${streamText.zh}的关键帧间隔为 {{ $value | humanizeDuration }}。请在编码器中设为 2 秒。`,
      },
    },
  ];
  const suffix = accounts === undefined || stepMs <= scrapeMs ? '' : `-${toDurationText(stepMs)}`;
  return { name: `livestream-streams${suffix}`, intervalMs: scrapeMs, rules: [...recordings, ...alerts] };

  /** Returns an expression that is 1 for each stream whose newest value is below its limit. */
  function belowLimit(condition: string): string {
    const [value, limit] = condition === 'low_fps' ? ['fps', 'min_fps'] : ['bitrate_bps', 'min_bitrate_bps'];
    const values = oneLine(perStream(metric(value)));
    return `(${values} < on (${identity}) ${oneLine(perStream(metric(limit)))}) * 0 + 1`;
  }

  /** Returns an alert about a condition, with hysteresis: it fires above one part of the window and ends below another. */
  function conditionAlert(condition: string, rule: Omit<AlertRule, 'expr'>): AlertRule {
    const ratio = record('condition:ratio', `condition="${condition}"`);
    const plain = oneLine(perStream(ratio));
    const gauge = hasFreshGauges ? belowLimit(condition) : undefined;
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
                ALERTS{alertname="${rule.alert}", alertstate="firing"}
            )`) + (gauge === undefined ? '' : `\nor on (${identity})\n  ${gauge}`),
      ),
    };
  }
}

/**
 * Returns the recording rule of the labels that `withLabels` adds; none if the config gives no labels. While a config is
 * rolled out, two exporters can have different labels of a stream, and a rule with two matches would fail.
 */
function labelRecording(labels: readonly string[], matchers: readonly Matcher[]): readonly RecordingRule[] {
  if (labels.length === 0) return [];
  const info = select('livestream_stream_info', matchers);
  const expr = `topk by (${identity}) (\n  1,\n  max by (${identity}, ${labels.join(', ')}) (${info})\n)`;
  return [{ record: labelRecord, comment: 'Labels of the config, which the alerts below get.', expr }];
}

const labelRecord = 'stream:livestream_stream_info:max';

/** Adds the labels of the config to an expression about streams. The value stays. */
export function withLabels(expr: string, labels: readonly string[]): string {
  if (labels.length === 0) return expr;
  return `(\n${indented(expr)}\n)\n* on (${identity}) group_left (${labels.join(', ')})\n  ${labelRecord}`;
}

/** Joins the lines of a short expression. */
function oneLine(expr: string): string {
  return expr
    .replaceAll(/\(\n\s*/g, '(')
    .replaceAll(/\n\s*\)/g, ')')
    .replaceAll(/\s*\n\s*/g, ' ');
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
