import { minuteMs, secondMs } from '../../model/time.ts';
import { toDurationText } from '../../text/units.ts';
import { dedented, firing, identity, oneLine, perStream, select } from './promql.ts';
import type { RecordingRule, Rule } from './rule.ts';
import { missingRecord, type StreamContext } from './stream-context.ts';
import { lowerFirst, streamText } from './stream-texts.ts';
import { outlastsDownMs } from './timing.ts';

/** Age in seconds of the end of a push up to which its alert fires. */
const endedSeconds = 600;

/** Returns the alerts about streams that are not pushed, or not all the time. */
export function presenceRules(context: StreamContext): readonly Rule[] {
  const {
    forMs,
    isPast,
    isPosting,
    labeled,
    long,
    longMs,
    matchers,
    metric,
    missing,
    recent,
    record,
    scrapeMs,
  } = context;
  return [
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
      // While requests hang, the state of the stream is unknown for some time before LivestreamCollectorFailing fires.
      keepFiringMs: Math.max(45 * secondMs, outlastsDownMs(scrapeMs)),
      severity: 'critical',
      summary: {
        en: 'The config expects a stream to be live, but the stream is not pushed.',
        zh: '配置预期某路流在播，但没有人推流。',
      },
      description: {
        en:
          `The config expects ${lowerFirst(streamText.en)} to be live now, but the provider has no fresh sample of it. ` +
          'Check that the encoder is running and pushes to this domain, app name and stream.',
        zh:
          `配置预期${streamText.zh} 现在在播，但云厂商没有该流的新采样点。` +
          '请确认编码器正在运行，并且推到该域名、应用名和流名。',
      },
    },
    missingRule(context),
    {
      alert: 'LivestreamPushFlapping',
      comment:
        'A stream that is expected live and had samples lately, but with several holes that are too short for ' +
        'LivestreamPushMissing: one such hole is a smaller part. The time that the samples cover shows the holes long before ' +
        'they are confirmed as missing time. Each series is judged by itself: an exporter under a new name has short ones.',
      expr: labeled(
        dedented(`
            max by (${identity}) (
                rate(${metric('observed_seconds_total')}[${long}])
              and
                rate(${metric('observed_seconds_total')}[${recent}]) > 0
              and
                ${metric('observed_seconds_total')} offset ${long}
            ) < 0.7
          and on (${identity})
            ${oneLine(perStream(`min_over_time(${metric('expected')}[${long}])`))} == 1
          unless on (${identity})
            ${oneLine(perStream(isPast(long)))}
          unless on (${identity})
            max_over_time(${missing}[${long}])
          unless on (account, provider)
            max by (account, provider) (max_over_time(${select('livestream_collector_lag_seconds', matchers)}[${long}])) > 0`) +
          unlessPollsAreSlower(context),
      ),
      forMs: Math.max(minuteMs, 2 * scrapeMs),
      keepFiringMs: Math.max(10 * minuteMs, longMs),
      severity: 'warning',
      summary: {
        en: 'A live stream is interrupted again and again.',
        zh: '直播流时断时续。',
      },
      description: {
        en:
          `${streamText.en} was pushed for only {{ $value | humanizePercentage }} of the last ${long}, although it is ` +
          'expected to be live. Check the network of the encoder, and whether the encoder restarts.',
        zh:
          `${streamText.zh} 预期在播，但在最近 ${long} 内只有 {{ $value | humanizePercentage }} 的时间在推流。` +
          '请检查编码器的网络，以及编码器是否反复重启。',
      },
    },
    {
      alert: 'LivestreamPushEndedAbnormally',
      comment:
        'A push ended by an error or a timeout, and the stream has not come back. Ends by the publisher, and forbidden ones, ' +
        'are no trouble of the stream. The time of the end counts, so a restart of the exporter reports no old end. While it is ' +
        'unknown whether the stream is pushed, there is no alert. LivestreamPushMissing reports the end of a stream that is ' +
        'expected, and the end of the expected hours is no reason to report it again.',
      expr: labeled(
        dedented(`
              time()
            -
              max by (${identity}, reason) (${metric('last_end_timestamp_seconds', 'reason=~"error|timeout"')})
          <
            ${endedSeconds}
          and on (${identity})
            ${record('up:max')} == 0
          unless on (${identity})
            max_over_time(${missing}[${toDurationText(endedSeconds * secondMs)}])`),
        // A label of the config with this name would replace the reason of the end.
        ['reason'],
      ),
      // If the exporter posts alerts, the missing streams are recorded up to two evaluations later.
      forMs: isPosting ? forMs + 2 * scrapeMs : forMs,
      keepFiringMs: outlastsDownMs(scrapeMs),
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
          `${streamText.zh} 在 {{ $value | humanizeDuration }} 前中断（原因：{{ $labels.reason }}），且没有重新推流。` +
          '请先检查编码器的网络，再确认编码器正在运行。',
      },
    },
  ];
}

/**
 * Returns the condition that the polls are about as frequent as the window expects. If they are slower, for example because
 * the provider throttles them, the window contains so few of them that their distance looks like a break. Where samples
 * become stale before the next poll, such samples count as backfilled anyway.
 */
function unlessPollsAreSlower({ isLate, long, matchers, stepMs }: StreamContext): string {
  if (!isLate) return '';
  const interval = select('livestream_collector_interval_seconds', ['collector="push_stats"', ...matchers]);
  // A window of four steps then contains two polls, which can cover less than 70 % of it.
  const maxSeconds = Math.floor((4 * stepMs) / 3 / secondMs);
  return `\nunless on (account, provider)\n  min by (account, provider) (avg_over_time(${interval}[${long}])) > ${maxSeconds}`;
}

/**
 * Returns the rule that records the streams whose LivestreamPushMissing fires. If the exporter posts this alert, it is
 * not in ALERTS. Then the gauge shows the same streams, which were not pushed for as long as the rule waits. In a shorter
 * break, the stream is not missing, but can be interrupted again and again.
 */
function missingRule({ forMs, isPosting, matchers, metric, scrapeMs }: StreamContext): RecordingRule {
  const confirmed = toDurationText(forMs + scrapeMs);
  return {
    record: missingRecord,
    comment: isPosting
      ? 'Streams that are expected live, and are not pushed for as long as the rule LivestreamPushMissing waits.'
      : 'Streams whose LivestreamPushMissing fires.',
    expr: isPosting
      ? dedented(`
            ${oneLine(perStream(metric('expected')))} == 1
          and on (${identity})
            ${oneLine(perStream(`max_over_time(${metric('up')}[${confirmed}])`))} == 0`)
      : oneLine(perStream(firing('LivestreamPushMissing', matchers))),
  };
}
