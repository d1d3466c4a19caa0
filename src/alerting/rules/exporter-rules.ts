import { minuteMs } from '../../model/time.ts';
import { dedented, identity } from './promql.ts';
import type { RuleGroup } from './rule.ts';
import { downMsOf, outlastsDownMs } from './timing.ts';

export interface ExporterRulesOptions {
  readonly scrapeMs: number;
  /** Name of the scrape job of the exporter. */
  readonly job: string;
}

/** Returns the rules about the exporter itself. */
export function exporterRules({ scrapeMs, job }: ExporterRulesOptions): RuleGroup {
  const up = `up{job=${JSON.stringify(job)}}`;
  const downMs = downMsOf(scrapeMs);
  const keepFiringMs = outlastsDownMs(scrapeMs);
  return {
    name: 'livestream-exporter',
    intervalMs: scrapeMs,
    rules: [
      {
        alert: 'LivestreamExporterDown',
        comment: 'Of several exporters, no one can be scraped.',
        expr: `max by (job) (${up}) == 0`,
        forMs: downMs,
        severity: 'critical',
        summary: {
          en: 'Prometheus can scrape no livestream-exporter.',
          zh: 'Prometheus 无法抓取任何 livestream-exporter。',
        },
        description: {
          en:
            'Prometheus can scrape no exporter of the job {{ $labels.job }}, so the state of all streams is unknown. ' +
            'Check that the exporter process is running and that Prometheus can reach it.',
          zh:
            'Prometheus 无法抓取 job {{ $labels.job }} 的任何 exporter，因此所有流的状态未知。' +
            '请确认 exporter 进程正在运行，并且 Prometheus 能够访问它。',
        },
      },
      {
        alert: 'LivestreamExporterAbsent',
        comment: 'If your scrape job has another name, generate the rules with --job.',
        expr: `absent(${up})`,
        forMs: Math.max(minuteMs, downMs),
        severity: 'critical',
        summary: {
          en: 'Prometheus has no target livestream-exporter.',
          zh: 'Prometheus 没有 livestream-exporter 这个抓取目标。',
        },
        description: {
          en:
            'Prometheus has no target of the job {{ $labels.job }}, so no stream is monitored. Check the scrape config ' +
            'and the service discovery of Prometheus.',
          zh:
            'Prometheus 没有 job {{ $labels.job }} 的抓取目标，因此没有流受到监控。' +
            '请检查 Prometheus 的抓取配置和服务发现。',
        },
      },
      {
        alert: 'LivestreamStateNotSaved',
        comment:
          'Each answer of a history moves a watermark, which the exporter saves within about a second. Lists, such as that ' +
          'of live streams, move none: if only they succeed, there is nothing to save. If the state was never saved, the ' +
          'timestamp of the last save is absent, and the process start time takes its place.',
        expr: dedented(`
              max by (job, instance) (livestream_collector_last_success_timestamp_seconds{collector=~"push_stats|control_history"})
            -
              (
                  max by (job, instance) (livestream_exporter_state_last_save_timestamp_seconds)
                or
                  max by (job, instance) (process_start_time_seconds)
              )
          >
            60`),
        forMs: minuteMs,
        keepFiringMs: Math.max(minuteMs, keepFiringMs),
        severity: 'warning',
        summary: {
          en: 'An exporter cannot save its state, so its counters would decrease after a crash or a restart.',
          zh: 'exporter 无法保存状态，崩溃或重启后其 counter 会减小。',
        },
        description: {
          en:
            'The exporter {{ $labels.instance }} has not saved its state for {{ $value | humanizeDuration }}, although ' +
            'providers respond. Check the free space and the health of the disk that holds the state. Do not restart the ' +
            'exporter until it has saved the state.',
          zh:
            'exporter {{ $labels.instance }} 已有 {{ $value | humanizeDuration }} 没有保存状态，而这期间云厂商有响应。' +
            '请检查存放状态的磁盘的剩余空间和健康状况。在状态保存之前不要重启 exporter。',
        },
      },
      {
        alert: 'LivestreamConfigNotReloaded',
        comment: 'The exporter keeps running with the previous config, so no other alert fires.',
        expr: dedented(`
            min by (job, instance) (livestream_exporter_config_last_reload_successful) == 0
          or
            min by (job, instance) (livestream_exporter_web_config_last_reload_successful) == 0`),
        forMs: minuteMs,
        keepFiringMs,
        severity: 'warning',
        summary: {
          en: 'An exporter rejected a changed config and keeps the previous config.',
          zh: 'exporter 拒绝了修改后的配置，仍使用之前的配置。',
        },
        description: {
          en:
            'The last reload of the config or of the web config (such as a renewed certificate) of the exporter ' +
            '{{ $labels.instance }} failed. The exporter keeps running with the previous one and would not start with the ' +
            'new one. Correct it until check-config accepts it. A config needs another reload then, a web config does not.',
          zh:
            'exporter {{ $labels.instance }} 最近一次重新加载配置或 web config（例如续期的证书）失败。它仍以之前的配置运行，' +
            '而且无法以新配置启动。请修正，直到 check-config 通过；配置还需要再次重新加载，web config 不需要。',
        },
      },
      {
        alert: 'LivestreamAlertsNotPosted',
        comment: 'Only if the exporter posts alerts by itself. It sends a request at least once a minute.',
        expr: dedented(`
            sum by (job, instance, alertmanager) (increase(livestream_alertmanager_post_failures_total[5m]))
          /
            (sum by (job, instance, alertmanager) (increase(livestream_alertmanager_posts_total[5m])) > 0)
          > 0.9`),
        forMs: Math.max(2 * minuteMs, 2 * scrapeMs),
        keepFiringMs,
        severity: 'warning',
        summary: {
          en: 'An exporter cannot post alerts to an Alertmanager.',
          zh: 'exporter 无法向某个 Alertmanager 发送告警。',
        },
        description: {
          en:
            '{{ $value | humanizePercentage }} of the requests of the exporter {{ $labels.instance }} to the Alertmanager ' +
            '{{ $labels.alertmanager }} fail, so the alerts that the exporter posts do not arrive there in time. Read the ' +
            'reason in the log of the exporter or on its status page.',
          zh:
            'exporter {{ $labels.instance }} 发往 Alertmanager {{ $labels.alertmanager }} 的请求有 {{ $value | humanizePercentage }} 失败，' +
            'exporter 直接发送的告警无法及时送达。请在 exporter 的日志或状态页中查看原因。',
        },
      },
      {
        alert: 'LivestreamStreamsDropped',
        expr: 'max by (job) (livestream_streams_dropped) > 0',
        forMs: 5 * minuteMs,
        keepFiringMs: Math.max(5 * minuteMs, keepFiringMs),
        severity: 'warning',
        summary: {
          en: 'Some live streams have no metrics, because limits.max_streams is reached.',
          zh: '部分流没有序列，因为已达到 limits.max_streams。',
        },
        description: {
          en:
            '{{ $value | humanize }} streams have no metrics and are not monitored. Raise limits.max_streams in the ' +
            'config, or discover fewer streams.',
          zh: '{{ $value | humanize }} 路流没有序列，不受监控。请在配置中提高 limits.max_streams，或减少自动发现的流。',
        },
      },
      {
        alert: 'LivestreamStateLost',
        comment:
          'State is lost at startup, so the first scrape already contains the count and increase() would return 0. The ' +
          'counter keeps its value until the process ends; the alert ends after an hour.',
        expr: dedented(`
          max by (job, instance) (
              livestream_exporter_state_resets_total > 0
            and
              time() - process_start_time_seconds < 3600
          )`),
        keepFiringMs,
        severity: 'warning',
        summary: {
          en: 'An exporter lost saved state when it started, so the affected totals restarted at 0.',
          zh: 'exporter 启动时丢失了保存的状态，相关累计值从 0 重新开始。',
        },
        description: {
          en:
            'The exporter {{ $labels.instance }} could not use all of its saved state. Read in its log since the start ' +
            'which state was lost and why, then check the disk that holds the state.',
          zh:
            'exporter {{ $labels.instance }} 无法使用全部已保存的状态。请在它启动以来的日志中查看丢失了什么、为何丢失，' +
            '然后检查存放状态的磁盘。',
        },
      },
      {
        alert: 'LivestreamWatchdog',
        comment: 'Always fires. Route it to a service that complains when it stops.',
        expr: 'vector(1)',
        severity: 'none',
        summary: {
          en: 'This alert always fires, so that its absence shows that alerting is broken.',
          zh: '此告警一直触发；一旦消失，说明告警链路已中断。',
        },
        description: {
          en: 'Alerts reach their receivers. If this alert stops, check Prometheus and Alertmanager.',
          zh: '告警能够送达接收渠道。如果此告警消失，请检查 Prometheus 和 Alertmanager。',
        },
      },
    ],
  };
}

/**
 * Returns the rule about time that is not counted. It compares all streams with their values 15 minutes and two days
 * ago, which costs more than all rules about the exporter, and it is not urgent.
 */
export function gapRules(scrapeMs: number): RuleGroup {
  return {
    name: 'livestream-gaps',
    intervalMs: minuteMs,
    rules: [
      {
        record: streamGaps.record,
        comment:
          'Gaps that are known. Few streams and domains have one, so that a range of days costs little.',
        expr: `${totalOf(streamGaps)} > 0`,
      },
      { record: domainGaps.record, expr: `${totalOf(domainGaps)} > 0` },
      {
        alert: 'LivestreamTimeLost',
        comment:
          'The total grew within 15 minutes, or it had no series 15 minutes ago and is above the last known one: an exporter ' +
          'that returns after days exposes the gap in its first scrape, where increase() returns 0, and so does a stream ' +
          'that returns to the config. The last total of two days prevents that each restart reports old gaps again. ' +
          'The comparison without labels of the exporter prevents that an exporter under a new name does.',
        expr: dedented(`
          count by (account, provider) (
              ${grown(streamGaps)}
            or
              ${grown(domainGaps)}
          )`),
        keepFiringMs: Math.max(2 * minuteMs, outlastsDownMs(scrapeMs)),
        severity: 'info',
        summary: {
          en: 'A time range is missing from the totals of some streams or domains, because the exporter did not poll them or the config did not contain them.',
          zh: '部分流或域名的累计值缺少一段时间，因为 exporter 没有轮询它们，或者配置中没有它们。',
        },
        description: {
          en:
            'Number of streams or domains of account {{ $labels.account }} ({{ $labels.provider }}) with a new gap in ' +
            'their history: {{ $value | humanize }}. Samples and actions of the gap can no longer be counted. Find out ' +
            'why the exporter did not poll these streams or domains for so long.',
          zh:
            '账号 {{ $labels.account }}（{{ $labels.provider }}）中新出现未计入时长的流或域名数：{{ $value | humanize }}。' +
            '这段时间的采样点和操作无法再计入。请查明 exporter 为何长时间没有轮询这些流或域名。',
        },
      },
    ],
  };
}

/** Gaps of streams or domains: their labels, their metric, and the recorded series of those above 0. */
interface Gaps {
  readonly labels: string;
  readonly metric: string;
  readonly record: string;
}

const streamGaps: Gaps = {
  labels: identity,
  metric: 'livestream_push_gap_seconds_total',
  record: 'stream:livestream_push_gap_seconds:max',
};

const domainGaps: Gaps = {
  labels: 'account, provider, domain',
  metric: 'livestream_control_gap_seconds_total',
  record: 'domain:livestream_control_gap_seconds:max',
};

function totalOf({ labels, metric }: Gaps, offset = ''): string {
  return `max by (${labels}) (${metric}${offset})`;
}

/** Returns the streams or domains whose total has grown lately. Only totals above 0 can have. */
function grown(gaps: Gaps): string {
  const { record } = gaps;
  return [
    '(',
    `    ${record} > ${totalOf(gaps, ' offset 15m')}`,
    '  or',
    `    ${record}`,
    '  unless',
    `    ${totalOf(gaps, ' offset 15m')}`,
    '  unless',
    `    last_over_time(${record}[2d] offset 15m) >= ${record}`,
    // Until the recorded series are two days old.
    '  unless',
    `    ${totalOf(gaps, ' offset 2d')} >= ${record}`,
    ')',
  ].join('\n              ');
}
