import { minuteMs, secondMs } from '../../model/time.ts';
import { withLabels } from './config-labels.ts';
import { dedented, firing, identity, indented } from './promql.ts';
import type { RuleGroup, Text } from './rule.ts';
import type { StreamRulesOptions } from './stream-context.ts';
import { streamText } from './stream-texts.ts';
import { outlastsDownMs } from './timing.ts';

const accountText: Text = {
  en: 'account {{ $labels.account }} ({{ $labels.provider }})',
  zh: '账号 {{ $labels.account }}（{{ $labels.provider }}）',
};

const collectors: Text = {
  en:
    'Collectors: push_stats (push samples of streams), control_history (control actions of domains), online_streams ' +
    '(lists of live streams), live_push_stats (lists of live pushes) and forbidden_streams (lists of forbidden streams).',
  zh: '采集器：push_stats（流的推流采样点）、control_history（域名的管控操作）、online_streams（直播流列表）、live_push_stats（推流列表）和 forbidden_streams（禁推列表）。',
};

export interface AccountRulesOptions extends StreamRulesOptions {
  /** Longest time in ms between two polls of a stream; 0 if none is known. */
  readonly slowestMs: number;
}

/** Returns the rules about the requests of each account, and about streams that are forbidden. */
export function accountRules({ scrapeMs, labels, slowestMs }: AccountRulesOptions): RuleGroup {
  const collector = 'account, provider, collector';
  const operation = 'account, provider, operation';
  const failures = (kinds: string) =>
    `sum by (${operation}) (rate(livestream_api_request_failures_total{kind=~"${kinds}"}[5m]))`;
  // The range of the rates is longer than the alert about an outage lasts after its end.
  const unlessDown = dedented(`
    unless on (account, provider)
      max_over_time(${firing('LivestreamCollectorFailing')}[5m])`);
  const requests = `sum by (${operation}) (rate(livestream_api_requests_total[5m]))`;
  const graceSeconds = Math.max(60, (2 * scrapeMs) / secondMs);
  const isDown = dedented(`
      min by (${collector}) (
        livestream_collector_targets_failing / (livestream_collector_targets > 0)
      )
    == 1`);
  const steps = Math.max(30 * secondMs, 2 * scrapeMs);
  const outlastsMs = outlastsDownMs(scrapeMs);
  return {
    name: 'livestream-accounts',
    intervalMs: scrapeMs,
    rules: [
      {
        alert: 'LivestreamCollectorFailing',
        comment:
          'All targets fail, or no poll has succeeded for a grace time plus three effective intervals. The first condition ' +
          'alone misses polls that hang; the second alone misses an account that never had a successful poll.',
        expr: dedented(`
            (
              ${isDown.replaceAll('\n', '\n              ')}
            )
          or
              time() - max by (${collector}) (livestream_collector_last_success_timestamp_seconds)
            >
                ${graceSeconds}
              + 3 * max by (${collector}) (livestream_collector_interval_seconds)`),
        forMs: steps,
        keepFiringMs: outlastsMs,
        severity: 'critical',
        summary: {
          en: 'One kind of data cannot be polled from an account, so the affected streams or domains are not monitored.',
          zh: '无法从某个账号获取一类数据，因此相关的流或域名不受监控。',
        },
        description: {
          en:
            `For ${accountText.en}, the last poll of every target of the collector {{ $labels.collector }} failed, or ` +
            `the collector has had no successful poll for too long. ${collectors.en} Read the last failure on the ` +
            'status page of the exporter (of lists: in its log), and correct the cause.',
          zh:
            `${accountText.zh}的采集器 {{ $labels.collector }} 的采集对象最近一次轮询全部失败，或该采集器长时间没有成功的轮询。` +
            `${collectors.zh}请在 exporter 的状态页（列表则在日志中）查看最近的失败，并消除原因。`,
        },
      },
      {
        alert: 'LivestreamCollectorTargetsFailing',
        comment:
          'Some targets fail, but not all, which LivestreamCollectorFailing covers. When an outage ends, the targets recover ' +
          'one by one, each with its next poll, and the waiting time starts again then.',
        expr: dedented(`
            min by (${collector}) (livestream_collector_targets_failing) > 0
          unless
            (
              ${isDown.replaceAll('\n', '\n              ')}
            )`),
        forMs: Math.max(2 * minuteMs, 2 * scrapeMs, slowestMs + minuteMs),
        keepFiringMs: Math.max(minuteMs, outlastsMs),
        severity: 'warning',
        summary: {
          en: 'Some streams or domains are not monitored because their requests fail.',
          zh: '部分流或域名因请求失败而不受监控。',
        },
        description: {
          en:
            `Number of streams or domains of ${accountText.en}, collector {{ $labels.collector }}, whose requests fail: ` +
            '{{ $value | humanize }}. Read the last failure of each stream or domain on the status page of the ' +
            'exporter (of lists: in its log), and correct the cause.',
          zh:
            `${accountText.zh}的采集器 {{ $labels.collector }} 中请求失败的流或域名数：{{ $value | humanize }}。` +
            '请在 exporter 的状态页（列表则在日志中）查看每个流或域名最近的失败，并消除原因。',
        },
      },
      {
        alert: 'LivestreamProviderLagging',
        comment:
          'Several streams of the account stopped at the same time, although requests succeed. The exporter reports this lag ' +
          'for 15 min. After that, the streams count as not pushed, and LivestreamPushMissing can fire.',
        expr: 'max by (account, provider) (livestream_collector_lag_seconds) > 0',
        forMs: minuteMs,
        keepFiringMs: Math.max(minuteMs, outlastsMs),
        severity: 'warning',
        summary: {
          en: 'Several streams of an account stopped at the same time, although requests succeed, so their state is unknown.',
          zh: '请求成功，但某个账号的多路流同时停止更新，因此它们的状态未知。',
        },
        description: {
          en:
            `Several streams of ${accountText.en} stopped at the same time, although requests succeed. The newest ` +
            'sample of the account is {{ $value | humanizeDuration }} later than normal. Either the provider returns its ' +
            'data late, or the pushes have ended. Check the console and the status page of the provider, and the ' +
            'network of the encoders.',
          zh:
            `${accountText.zh}的多路流同时停止更新，但请求成功。该账号最新的采样点比正常情况晚 {{ $value | humanizeDuration }}。` +
            '可能是云厂商返回数据延迟，也可能是推流已经结束。请检查云厂商的控制台和状态页，以及编码器的网络。',
        },
      },
      {
        alert: 'LivestreamRequestsRejected',
        comment:
          'The provider does not accept the key, or the key lacks a permission. Somebody must act. If all requests ' +
          'fail, LivestreamCollectorFailing reports it; this alert must not follow when they succeed again.',
        expr: `  ${failures('auth|refused')} > 0\n${unlessDown}`,
        forMs: 2 * minuteMs,
        keepFiringMs: 2 * minuteMs,
        severity: 'warning',
        summary: {
          en: 'A provider rejects the requests of an account.',
          zh: '云厂商拒绝某个账号的请求。',
        },
        description: {
          en:
            `The provider rejects requests of ${accountText.en} to {{ $labels.operation }}. Read the reason in the log or ` +
            'on the status page of the exporter: key, permission, clock, or a wrong name of a domain or stream.',
          zh:
            `云厂商拒绝${accountText.zh}对 {{ $labels.operation }} 的请求。请在 exporter 的日志或状态页查看原因：密钥、权限、时钟，` +
            '或错误的域名、流名。',
        },
      },
      {
        alert: 'LivestreamRequestsThrottled',
        comment: 'The exporter slows down by itself and loses nothing, but gauges and alerts come later.',
        expr: `${failures('throttled')} / (${requests} > 0) > 0.1`,
        forMs: 10 * minuteMs,
        keepFiringMs: 5 * minuteMs,
        severity: 'info',
        summary: {
          en: 'A provider throttles the requests of an account.',
          zh: '云厂商对某个账号限流。',
        },
        description: {
          en:
            `The provider throttles {{ $value | humanizePercentage }} of the requests of ${accountText.en} to ` +
            '{{ $labels.operation }}. Other programs probably use the same account. Lower requests_per_second in the ' +
            'config to the share of the exporter.',
          zh:
            `云厂商对${accountText.zh}的 {{ $labels.operation }} 请求限流，被限流的比例为 {{ $value | humanizePercentage }}。` +
            '可能有其他程序使用同一账号。请在配置中降低 requests_per_second，使其等于分给 exporter 的份额。',
        },
      },
      {
        alert: 'LivestreamRequestsFailing',
        comment:
          'If all requests fail, LivestreamCollectorFailing reports it; this alert must not follow when they succeed again.',
        expr: `  ${failures('unavailable|malformed|internal')} / (${requests} > 0) > 0.2\n${unlessDown}`,
        forMs: 10 * minuteMs,
        keepFiringMs: 5 * minuteMs,
        severity: 'warning',
        summary: {
          en: 'Many requests of an account fail.',
          zh: '某个账号的大量请求失败。',
        },
        description: {
          en:
            `{{ $value | humanizePercentage }} of the requests of ${accountText.en} to {{ $labels.operation }} fail for ` +
            'technical reasons. The exporter retries them and loses nothing that the provider retains. Check the network ' +
            'of the exporter and the status page of the provider.',
          zh:
            `${accountText.zh}对 {{ $labels.operation }} 的请求有 {{ $value | humanizePercentage }} 因技术原因失败。` +
            'exporter 会重试，只要云厂商仍保留数据就不会丢失。请检查 exporter 的网络和云厂商的状态页。',
        },
      },
      {
        alert: 'LivestreamClockOff',
        comment:
          'Above the tolerated clock skew (25 s by default) the exporter discards responses; after a backward clock step it ' +
          'pauses targets. This alert inhibits no stream alert: within the tolerance the data is correct, and beyond it the ' +
          'exporter exposes none.',
        expr: dedented(`
            max by (account, provider) (abs(livestream_exporter_clock_offset_seconds)) > 15
          or
            max by (account, provider) (livestream_collector_clock_behind_seconds) > 0`),
        forMs: minuteMs,
        keepFiringMs: Math.max(minuteMs, outlastsMs),
        severity: 'warning',
        summary: {
          en: "The clock of the exporter's host is wrong or was set back.",
          zh: 'exporter 所在主机的时钟不准，或曾被回拨。',
        },
        description: {
          en:
            `The clock of the exporter's host differs from the clock of the provider of ${accountText.en} by ` +
            "{{ $value | humanizeDuration }}, or the exporter's clock was set back, and polling of the account is " +
            "paused for {{ $value | humanizeDuration }}. Check the time synchronization (NTP) of the exporter's host.",
          zh:
            `exporter 主机的时钟与${accountText.zh}的云厂商时钟相差 {{ $value | humanizeDuration }}；` +
            '或者 exporter 的时钟曾被回拨，该账号的轮询将暂停 {{ $value | humanizeDuration }}。请检查 exporter 主机的时间同步（NTP）。',
        },
      },
      {
        alert: 'LivestreamForbidden',
        comment:
          'Keeps firing for so long that a stopped or restarting exporter does not look like a resume, and that an encoder ' +
          'that pushes again after a resume ends LivestreamPushMissing first, which was inhibited.',
        expr: withLabelsIfKnown(`max by (${identity}) (livestream_control_forbidden) == 1`, labels),
        keepFiringMs: outlastsMs + minuteMs,
        severity: 'warning',
        summary: {
          en: 'A stream is forbidden at its provider, so nobody can push the stream.',
          zh: '某路流在云厂商处被禁推，没有人能推流。',
        },
        description: {
          en:
            `${streamText.en} was forbidden and has not been resumed, so ` +
            'nobody can push the stream. Find out who forbade the stream and why, then resume the stream at the provider.',
          zh:
            `${streamText.zh} ` +
            '被禁推且尚未恢复，没有人能推流。请查明是谁、为何禁推，然后在云厂商处恢复该流。',
        },
      },
    ],
  };
}

/** Adds the labels of the config, but keeps streams that are known only from actions and have no such labels. */
function withLabelsIfKnown(expr: string, labels: readonly string[]): string {
  if (labels.length === 0) return expr;
  return `(\n${indented(withLabels(expr, labels))}\n)\nor on (${identity})\n  ${expr}`;
}
