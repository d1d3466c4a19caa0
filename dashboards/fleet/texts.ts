import { panelText, text } from '../text.ts';

/** Texts of the fleet dashboard. */
export const fleetTexts = {
  dashboard: panelText(
    ['Live streams: fleet', 'Which streams are in trouble, and is it one or many?'],
    ['直播流：总览', '哪些流有问题？是个别流还是很多流？'],
  ),
  rows: {
    now: text('Now', '当前'),
    streams: text('Streams', '流'),
    alerts: text('Alerts and control actions', '告警与管控操作'),
  },
  states: panelText(
    [
      'Streams by state',
      'Each stream is in one state only, that of the table. Missing: the config expects it to be live, but the provider has no fresh sample; check its encoder. Degraded: bad samples in the last 2 minutes (frame rate or bit rate below the configured minimum, no video, or stalled video). Interrupted: its push breaks again and again (alert LivestreamPushFlapping). Unknown: the provider has not responded recently, or returns its data late; see Failing requests. Up: pushed, and none of these. A question mark: the states of all streams are unknown. Streams that nobody pushes or expects are in none of these numbers. Needs the recording rules of livestream-exporter in Prometheus.',
    ],
    [
      '各状态的流',
      '每路流只计入一个状态，与下表一致。缺失：配置预期在播，但云厂商没有其新采样点，请检查编码器。质量不佳：最近 2 分钟内有异常采样点（帧率或码率低于配置的下限、无画面，或画面卡顿）。时断时续：推流反复中断（告警 LivestreamPushFlapping）。未知：云厂商近期没有响应，或数据延迟，请看“失败的请求”。正常：正在推流，且没有上述问题。问号：所有流的状态都未知。没有人推流、配置也不预期在播的流不计入这几个数字。需要在 Prometheus 中加载 livestream-exporter 的记录规则。',
    ],
  ),
  failing: panelText(
    [
      'Failing requests',
      'Why streams are unknown: the kind of failure, the account, the operation, and the number of failed requests of the last 5 minutes. It shows kinds with more than 10 % of the requests of the last 2 minutes, and each auth and refused, which do not end by themselves. The name of an account opens the exporter dashboard; the status page has the message of the provider.',
    ],
    [
      '失败的请求',
      '流状态未知的原因：失败的类型、账号和接口，以及最近 5 分钟内失败的请求数。只显示占最近 2 分钟请求 10% 以上的类型，以及不会自行恢复的 auth 和 refused。点击账号名打开 exporter 仪表盘；云厂商返回的信息见状态页。',
    ],
  ),
  forbidden: panelText(
    [
      'Forbidden',
      'Number of streams that were forbidden and not resumed, so that nobody can push them. The table below lists them. Not watched: no account has a control history. No data: nobody knows. This number and that table ignore the filters for labels and the ingest node.',
    ],
    [
      '禁推',
      '已被禁推且尚未恢复的流的数量，没有人能推这些流。下方的表列出了它们。未采集：没有账号启用管控历史。无数据：情况未知。标签和接入节点的筛选对此不起作用。',
    ],
  ),
  alerts: panelText(
    [
      'Firing alerts',
      'Number of firing alerts of the selected accounts and domains, and of the exporter. No value: Prometheus has not loaded the alert rules of livestream-exporter (the alert LivestreamWatchdog is absent).',
    ],
    [
      '正在触发的告警',
      '所选账号和域名以及 exporter 的正在触发的告警数量。没有值：Prometheus 没有加载 livestream-exporter 的告警规则（没有告警 LivestreamWatchdog）。',
    ],
  ),
  badShare: panelText(
    [
      'Bad time share',
      'Share of the time range in which streams were bad (degraded) or missing, of the time in which they were pushed or expected live. It is the ratio of the alerts on the error budget, in windows of 5 minutes, so the newest minutes of bad samples count less; a stream that is missing now counts since its last sample, and an interrupted one at least 90 s. From 1 % on, the default objective of 99 % is missed. Needs the recording rules of livestream-exporter in Prometheus.',
    ],
    [
      '异常时长占比',
      '在所选时间范围内，流质量不佳或缺失的时间占推流或预期在播时间的比例。它与错误预算告警的比例相同，按 5 分钟窗口计算，因此最近几分钟的异常采样点权重较小；目前缺失的流从其最后一个采样点起计算。达到 1% 时，即未达到默认的 99% 目标。需要在 Prometheus 中加载 livestream-exporter 的记录规则。',
    ],
  ),
  exporters: panelText(
    [
      'Exporters',
      'Number of exporters that Prometheus can scrape now. If it is 0, this page shows old data or none: check that the exporter is running. An exporter counts only if Prometheus scraped it within the time range.',
    ],
    [
      'exporter',
      'Prometheus 目前能抓取的 exporter 的数量。为 0 时，本页只有旧数据或没有数据，请检查 exporter 是否在运行。只统计所选时间范围内抓取成功过的 exporter。',
    ],
  ),
  trouble: panelText(
    [
      'Streams in trouble',
      'Number of missing, degraded, interrupted and unknown streams. A stream counts in its worst state within the interval of a point, so that no interval hides a short interruption. Unknown streams (thin line) have their own axis at the right: after a start of the exporter, all are unknown. Vertical lines: an alert began to fire, which is later than its trouble began. Needs the recording rules of livestream-exporter in Prometheus.',
    ],
    [
      '有问题的流',
      '缺失、质量不佳、时断时续和未知的流的数量。图中每一点按该时段内各路流的最差状态计数，因此无论时段多长，都不会漏掉短暂中断。未知的流（细线）使用右侧的坐标轴：exporter 启动后，所有流都是未知的。竖线：有告警开始触发，晚于问题开始的时间。需要在 Prometheus 中加载 livestream-exporter 的记录规则。',
    ],
  ),
  breakdown: panelText(
    [
      'One or many?',
      'Number of streams by state, for each value of the label selected in "Group by". If the trouble is in one row, look for its cause there: account, domain, application, ingest node or a label of the config. A stream that is not pushed has no ingest node. Needs the recording rules of livestream-exporter in Prometheus.',
    ],
    [
      '个别还是普遍？',
      '按“分组”所选标签的每个取值统计各状态的流数。如果问题集中在某一行，请在该账号、域名、应用、接入节点或配置标签上找原因。没有推流的流没有接入节点。需要在 Prometheus 中加载 livestream-exporter 的记录规则。',
    ],
  ),
  table: panelText(
    [
      'Streams, worst first',
      'One row per stream: missing, degraded, interrupted, unknown, up, not pushed, each by its total bad time in the time range (degraded, or missing although expected live, at least since the last sample of a stream that is missing now). What: its alert, also while it waits, causes and critical ones first. Since: as on the status page, the begin of its state, which is the last sample, the first bad sample, the first break, or since when it is unknown; of a forbidden stream the ban, and of a stream that is up its alert. Frame rate, bit rate and ingest node are those of the newest sample. The name of a stream opens its dashboard; the symbol in a column title filters. The state needs the recording rules of livestream-exporter in Prometheus.',
    ],
    [
      '流列表（问题最严重的在前）',
      '每行一路流：依次为缺失、质量不佳、时断时续、未知、正常、未推流，同一状态内按所选时间范围内的异常时长合计排序（质量不佳，或预期在播却缺失；目前缺失的流至少从其最后一个采样点起计算）。“问题”取自该流的告警（包括等待触发的告警），原因和严重告警优先。“开始时间”与状态页一致，即其状态的开始：最后一个采样点、第一个异常采样点、第一次中断，或状态变为未知的时间；禁推的流为禁推时间，正常的流为告警开始时间。帧率、码率和接入节点取自最新采样点。点击流名打开其仪表盘；列标题上的符号可筛选。状态需要在 Prometheus 中加载 livestream-exporter 的记录规则。',
    ],
  ),
  timeline: panelText(
    [
      'State of the worst streams',
      'The worst state of the 20 worst streams (in the order of the table) within each interval. A state begins here when it was known, up to a minute after the time in the column Since. A gap: no data, because the exporter was down or did not know the stream yet. Needs the recording rules of livestream-exporter in Prometheus.',
    ],
    [
      '最差的流的状态',
      '最差的 20 路流（按上表的顺序）在每个时段内的最差状态。状态从得知的时刻画起，比“开始时间”列最多晚一分钟左右。空白表示没有数据：exporter 未运行，或当时还不知道该流。需要在 Prometheus 中加载 livestream-exporter 的记录规则。',
    ],
  ),
  alertTable: panelText(
    [
      'Firing alerts',
      'Alerts of the selected accounts and domains, and of the exporter, critical ones first, then the newest. Alert began: the time from which its condition holds, which is later than the time since which the stream is in trouble, and before the vertical lines, at which it began to fire. Needs the alert rules of livestream-exporter in Prometheus.',
    ],
    [
      '正在触发的告警',
      '所选账号和域名以及 exporter 的告警，严重的在前，其次最新的在前。“告警开始时间”是其条件开始成立的时间，晚于流的问题开始的时间，早于竖线（开始触发）。需要在 Prometheus 中加载 livestream-exporter 的告警规则。',
    ],
  ),
  forbiddenTable: panelText(
    [
      'Forbidden now',
      'Streams that nobody can push, and since when: the last forbid. Unknown: the ban is only in the list of forbidden streams.',
    ],
    ['当前禁推', '没有人能推的流，以及开始时间：最近一次禁推。未知：仅在禁推列表中。'],
  ),
  actions: panelText(
    [
      'Control actions',
      'Number of control actions (such as forbid and resume) in each interval, at the time at which the exporter counted them. Each action is in one bar.',
    ],
    [
      '管控操作',
      '每个时段内的管控操作（如禁推、恢复）次数，按 exporter 计入的时间显示。每次操作只计入一根柱。',
    ],
  ),
  columns: {
    bad: text('Bad in total', '异常时长合计'),
    fps: text('Frames/s', '帧率'),
    bitrate: text('Bit rate', '码率'),
    failed: text('Failed in 5 min', '5 分钟内失败'),
    appName: text('App', '应用名'),
    group: text('Group', '分组值'),
  },
  serverFilter: text(
    'Hides streams that another ingest node receives now. Streams without a known ingest node, such as missing ones, stay.',
    '隐藏目前由其他接入节点接收的流。接入节点未知的流（如缺失的流）仍然显示。',
  ),
  labelFilter: text(
    'Label of the config. For the labels of your config, generate the dashboards with --labels.',
    '配置中的标签。要使用自己配置中的标签，请用 --labels 生成仪表盘。',
  ),
};
