import { panelText, text } from '../text.ts';

/** Texts of the exporter dashboard. */
export const exporterTexts = {
  dashboard: panelText(
    ['Live streams: exporter', 'Can the other dashboards be believed, and what does the exporter need?'],
    ['直播流：exporter', '其他仪表盘的数据是否可信？exporter 的资源用量如何？'],
  ),
  rows: {
    now: text('Now', '当前'),
    requests: text('Requests to the providers', '对云厂商的请求'),
    data: text('Data', '数据'),
    process: text('Process and state', '进程与状态'),
  },
  up: panelText(
    [
      'Exporters',
      'Number of selected exporters that Prometheus can scrape. 0: check that the exporter is running.',
    ],
    ['exporter', '所选 exporter 中 Prometheus 能抓取的数量。为 0 时，请检查 exporter 是否在运行。'],
  ),
  failing: panelText(
    [
      'Failing',
      'Number of streams and domains whose last poll failed. The status page of the exporter shows each failure.',
    ],
    ['失败的采集对象', '最近一次轮询失败的流和域名的数量。exporter 的状态页显示每个失败的原因。'],
  ),
  failures: panelText(
    [
      'Failures',
      'Share of failed requests in the last 5 minutes. The exporter retries them; from 10 % on, look at the kinds below.',
    ],
    ['失败的请求', '最近 5 分钟内失败请求的占比。exporter 会重试；达到 10% 时，请查看下方的类型。'],
  ),
  overdue: panelText(
    [
      'Oldest poll',
      'Time since the last successful poll of the slowest collector, as a share of what is allowed (60 s and three polling intervals). At 100 %, the alert LivestreamCollectorFailing fires.',
    ],
    [
      '最久未轮询',
      '最慢的采集器距上次成功轮询的时间，占允许时间（60 秒加三个轮询间隔）的比例。达到 100% 时触发告警 LivestreamCollectorFailing。',
    ],
  ),
  lag: panelText(
    [
      'Provider lag',
      'How much later than normal the data of the slowest account is. Above 0: several of its streams are unknown for this reason.',
    ],
    ['云厂商延迟', '延迟最大的账号，其数据比正常情况晚多久。大于 0 时，该账号的多路流因此状态未知。'],
  ),
  clock: panelText(
    [
      'Clock offset',
      'Largest offset between the clock of an exporter and that of a provider. From 15 s on, the alert LivestreamClockOff fires.',
    ],
    ['时钟偏差', 'exporter 时钟与云厂商时钟的最大偏差。达到 15 秒时触发告警 LivestreamClockOff。'],
  ),
  saved: panelText(
    [
      'Unsaved',
      'Time between the last save of the state and the last successful poll: what a crash would count twice. From 60 s on, the alert LivestreamStateNotSaved fires.',
    ],
    [
      '未保存的时间',
      '状态最近一次保存与最近一次成功轮询之间的时间，即崩溃后会重复计入的时间。达到 60 秒时触发告警 LivestreamStateNotSaved。',
    ],
  ),
  config: panelText(
    [
      'Config',
      'Whether the last reload of the config and of the web config succeeded on all exporters. If it failed, the previous one is active; the log contains the problems.',
    ],
    [
      '配置',
      '所有 exporter 最近一次重新加载配置和 web config 是否成功。失败时沿用之前的配置，日志中有原因。',
    ],
  ),
  requests: panelText(
    [
      'Requests by operation',
      'Requests per second that the exporters send to the providers, with retries and failed requests.',
    ],
    ['各接口的请求', 'exporter 每秒发往云厂商的请求数，含重试和失败的请求。'],
  ),
  kinds: panelText(
    [
      'Failures by kind',
      'Failed requests per second. auth and refused do not end by themselves: read the status page. throttled: another program uses the account, or the budget is too high. unavailable: network or provider.',
    ],
    [
      '各类型的失败',
      '每秒失败的请求数。auth 和 refused 不会自行恢复，请查看状态页；throttled 表示其他程序也在使用该账号，或预算过高；unavailable 表示网络或云厂商故障。',
    ],
  ),
  latency: panelText(
    [
      'Latency',
      'Duration of requests, failed ones included: half of them were faster than p50, 99 % faster than p99.',
    ],
    ['请求耗时', '请求的耗时（含失败的请求）：一半的请求快于 p50，99% 的请求快于 p99。'],
  ),
  budget: panelText(
    [
      'Budget usage',
      'Request rate as a share of the allowed rate. The exporter spaces its requests a tenth wider than the budget, so 91 % is full: from the dashed line on, streams are polled less often than configured, but no data is lost.',
    ],
    [
      '预算用量',
      '请求速率占允许速率的比例。exporter 的请求间隔比预算宽十分之一，因此 91% 即为用满：达到虚线时，轮询会慢于配置，但不丢数据。',
    ],
  ),
  delay: panelText(
    [
      'Delay of the data',
      'Age of push samples when the exporter counted them, without catching up, against the expected delay (dashed) and the effective delay, which the exporter uses. Above the dashed line: the provider is later than the config expects.',
    ],
    [
      '数据延迟',
      '推流采样点从产生到被计入的时间（不含补齐期间），以及配置的预期延迟（虚线）和 exporter 实际使用的延迟。高于虚线表示云厂商比配置预期的更慢。',
    ],
  ),
  lagOverTime: panelText(
    [
      'Provider lag by account',
      'How much later than normal the newest sample of an account is, while its requests succeed. Normally 0.',
    ],
    ['各账号的云厂商延迟', '请求成功时，账号的最新采样点比正常情况晚多久。正常为 0。'],
  ),
  polls: panelText(
    [
      'Time since the last successful poll',
      'By collector, as a share of what is allowed (60 s and three polling intervals). At the dashed line, the alert LivestreamCollectorFailing fires.',
    ],
    [
      '距上次成功轮询的时间',
      '按采集器显示其占允许时间（60 秒加三个轮询间隔）的比例。到达虚线时触发告警 LivestreamCollectorFailing。',
    ],
  ),
  collectors: panelText(
    [
      'Collectors',
      'One row per collector: number of targets, failing targets, publishers without series, polling interval, duration of the last poll, time since the last success, and age of the newest sample of all its streams.',
    ],
    [
      '采集器',
      '每行一个采集器：采集对象数、失败的采集对象数、没有序列的推流端数、轮询间隔、最近一次轮询的耗时、距上次成功的时间，以及其全部流的最新采样点距今的时间。',
    ],
  ),
  skipped: panelText(
    [
      'Rows not counted',
      'Number of received rows (samples or actions) that were not counted in each interval, by reason. Normally none; some late rows are normal after an outage.',
    ],
    [
      '未计入的行',
      '每个时段内收到但未计入的行（采样点或操作）数，按原因显示。正常情况下没有；中断后出现少量 late 属正常。',
    ],
  ),
  clockOverTime: panelText(
    [
      'Clock',
      'Exporter clock minus provider clock, and the time until targets that a backward clock step paused are polled again. At the dashed lines, the alert LivestreamClockOff fires.',
    ],
    [
      '时钟',
      'exporter 时钟减去云厂商时钟，以及因时钟回拨而暂停的采集对象恢复轮询所需的时间。到达虚线时触发告警 LivestreamClockOff。',
    ],
  ),
  gaps: panelText(
    [
      'Time lost and backfilled',
      'Stream seconds in each interval: lost (no longer available at the provider, or not in the config) and backfilled (counted late, for example after an outage). Lost time is reported, never hidden.',
    ],
    [
      '未计入和回填的时间',
      '每个时段内的流时长（秒）：未计入（云厂商已不再保留，或当时不在配置中）和回填（较晚才计入，例如中断之后）。未计入的时间如实显示，从不隐藏。',
    ],
  ),
  exporters: panelText(
    [
      'Exporters',
      'One row per exporter, with its version, uptime, time since the last accepted config, lost state (since its start), rewritten state, and streams without series. The name opens its status page, if your browser reaches that address.',
    ],
    [
      'exporter',
      '每行一个 exporter：版本、运行时长、距最近一次接受配置的时间、状态丢失次数（启动以来）、状态重写次数，以及没有序列的流数。若浏览器能访问该地址，点击名称可打开其状态页。',
    ],
  ),
  memory: panelText(
    [
      'Memory',
      'Resident memory and used heap of each exporter. It grows with the number of streams, not with time.',
    ],
    ['内存', '每个 exporter 的常驻内存和已用堆。它随流的数量增长，而不随时间增长。'],
  ),
  cpu: panelText(
    ['CPU', 'CPU time per second of each exporter. At 100 % of one core, polls and scrapes become late.'],
    ['CPU', '每个 exporter 每秒使用的 CPU 时间。用满一个核时，轮询和抓取会变慢。'],
  ),
  loop: panelText(
    [
      'Event loop lag and scrapes',
      '99th percentile of the event loop lag, and how long Prometheus waits for a scrape. Above 1 s, look for missing CPU.',
    ],
    [
      '事件循环延迟与抓取耗时',
      '事件循环延迟的第 99 百分位数，以及 Prometheus 等待一次抓取的时间。超过 1 秒时，请检查 CPU 是否不足。',
    ],
  ),
  files: panelText(
    [
      'Open files',
      'Open files of each exporter, and the limit of the process (dashed). The exporter uses at most a quarter of the limit for requests.',
    ],
    ['打开的文件', '每个 exporter 打开的文件数，虚线为进程的上限。请求最多使用上限的四分之一。'],
  ),
  alertmanagers: panelText(
    [
      'Direct posting',
      'One row per exporter and Alertmanager, if the exporter posts alerts by itself: failed posts and posts in the time range, and the time since the last success. Without an alert, it posts once a minute.',
    ],
    [
      '直接发送告警',
      '每行一个 exporter 和 Alertmanager（exporter 直接发送告警时）：所选时间范围内失败的和全部的发送次数，以及距上次成功的时间。没有告警时每分钟发送一次。',
    ],
  ),
  posted: panelText(
    ['Posted alerts', 'Number of firing alerts that the exporter posts to Alertmanagers by itself, by name.'],
    ['直接发送的告警', 'exporter 直接发送给 Alertmanager 的、正在触发的告警数，按名称显示。'],
  ),
  alertTable: panelText(
    [
      'Firing alerts',
      'Alerts about accounts and exporters, critical ones first, then the newest. Alert began: the time from which its condition holds, before the vertical lines, at which it began to fire. Needs the alert rules of livestream-exporter in Prometheus.',
    ],
    [
      '正在触发的告警',
      '关于账号和 exporter 的告警，严重的在前，其次最新的在前。“告警开始时间”是其条件开始成立的时间，早于竖线（开始触发）。需要在 Prometheus 中加载 livestream-exporter 的告警规则。',
    ],
  ),
  failed: panelText(
    [
      'Failed requests in the time range',
      'Number of failed requests by account, operation and kind, most first. Retries count.',
    ],
    ['所选时间范围内失败的请求', '按账号、接口和类型统计的失败请求数，从多到少，重试也计入。'],
  ),
  columns: {
    failed: text('Failed', '失败'),
    posts: text('Posts', '发送'),
    targets: text('Targets', '采集对象'),
    failing: text('Failing', '失败'),
    publishers: text('No series', '无序列'),
    interval: text('Interval', '间隔'),
    duration: text('Last poll', '轮询耗时'),
    success: text('Success', '上次成功'),
    newest: text('Newest sample', '最新采样点'),
    version: text('Version', '版本'),
    node: text('Node.js', 'Node.js'),
    uptime: text('Uptime', '运行时长'),
    configAge: text('Config', '配置'),
    resets: text('State lost', '状态丢失'),
    recreations: text('Rewritten', '状态重写'),
    dropped: text('Dropped streams', '无序列的流'),
  },
  legends: {
    budget: text('full', '用满'),
    delay50: text('p50 {{account}}', 'p50 {{account}}'),
    delay90: text('p90 {{account}}', 'p90 {{account}}'),
    expected: text('expected {{account}}', '预期 {{account}}'),
    effective: text('effective {{account}}', '实际 {{account}}'),
    limit: text('alert', '告警'),
    paused: text('paused {{account}}', '暂停 {{account}}'),
    lost: text('lost', '未计入'),
    lostActions: text('lost (actions)', '未计入（操作）'),
    backfilled: text('backfilled', '回填'),
    resident: text('resident {{instance}}', '常驻 {{instance}}'),
    heap: text('heap {{instance}}', '堆 {{instance}}'),
    loop: text('event loop {{instance}}', '事件循环 {{instance}}'),
    scrape: text('scrape {{instance}}', '抓取 {{instance}}'),
    open: text('open {{instance}}', '打开 {{instance}}'),
    max: text('limit {{instance}}', '上限 {{instance}}'),
  },
  ok: text('ok', '正常'),
  rejected: text('rejected', '被拒绝'),
};
