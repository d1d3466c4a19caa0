import { panelText, text } from '../text.ts';

/** Texts of the dashboard of one stream. */
export const streamTexts = {
  dashboard: panelText(
    ['Live streams: stream', 'What is wrong with this stream, since when, and who did what?'],
    ['直播流：单路流', '这路流有什么问题？从何时开始？谁做了什么？'],
  ),
  rows: {
    now: text('Now', '当前'),
    quality: text('Quality', '质量'),
    push: text('Publishers and pushes', '推流端与推流'),
    data: text('Data and control actions', '数据与管控操作'),
  },
  state: panelText(
    [
      'State',
      'State of the stream. Missing: expected live, but not pushed. Degraded: bad samples in the last 2 minutes. Interrupted: pushed with breaks again and again, alert LivestreamPushFlapping (needs the rules). Unknown: the provider has not responded recently, or returns its data late. Not watched: only control actions of this stream are known, because neither the config nor a discovered domain contains it, so that most panels stay empty. No data: the exporter is down, or nothing is known of this stream. If several streams have this name, each is shown: select the domain.',
    ],
    [
      '状态',
      '流的状态。缺失：预期在播但未推流。质量不佳：最近 2 分钟内有异常采样点。时断时续：推流反复中断，告警 LivestreamPushFlapping（需要规则）。未知：云厂商近期没有响应，或数据延迟。未采集：只有该流的管控操作，配置和自动发现的域名都不包含它，因此大多数面板没有数据。无数据：exporter 未运行，或没有该流的任何数据。如有多路同名的流，则分别显示，请选择域名。',
    ],
  ),
  since: panelText(
    [
      'Since',
      'Begin of the trouble that the state names, as on the status page: the last sample, the first bad sample, the first break, or since when the state is unknown. A dash: no trouble. Needs the recording rules of livestream-exporter in Prometheus.',
    ],
    [
      '开始时间',
      '当前问题的开始时间，与状态页一致：最后一个采样点、第一个异常采样点、第一次中断，或状态变为未知的时间。短横线表示没有问题。需要在 Prometheus 中加载 livestream-exporter 的记录规则。',
    ],
  ),
  fps: panelText(
    [
      'Frame rate',
      'Frames per second of the newest sample, and what the config expects. Absent while the stream is not pushed or its state is unknown.',
    ],
    ['帧率', '最新采样点的每秒帧数，以及配置的预期值。未推流或状态未知时没有值。'],
  ),
  bitrate: panelText(
    [
      'Bit rate',
      'Bits per second of the newest sample, video and audio, and what the config expects. Absent while the stream is not pushed or its state is unknown.',
    ],
    ['码率', '最新采样点的码率（含视频和音频），以及配置的预期值。未推流或状态未知时没有值。'],
  ),
  age: panelText(
    [
      'Last sample',
      'Time since the newest sample, by the time of the provider. While the stream is pushed, it is the delay of the provider plus the polling interval.',
    ],
    ['最新采样点', '距最新采样点的时间（按云厂商的时间）。推流期间，它约等于云厂商的延迟加轮询间隔。'],
  ),
  bad: panelText(
    [
      'Bad in total',
      'Time within the time range in which the stream was degraded (over all samples; the graph of conditions shows when), and in which it was expected live, but had no sample (missing). Missing time counts after 16 minutes; until then, it is the time since the last sample, or at least 90 s of an interrupted stream. It is 0 if the config expects nothing. Needs the recording rules of livestream-exporter in Prometheus.',
    ],
    [
      '异常时长合计',
      '所选时间范围内质量不佳的时间（按全部采样点计算，质量问题的图显示发生的时间），以及预期在播但没有采样点（缺失）的时间。缺失时长在 16 分钟后才计入，在此之前按距最后一个采样点的时间计算，时断时续的流至少计 90 秒。配置没有预期时为 0。需要在 Prometheus 中加载 livestream-exporter 的记录规则。',
    ],
  ),
  alerts: panelText(
    [
      'Firing alerts',
      'Number of firing alerts of this stream. No value: Prometheus has not loaded the alert rules of livestream-exporter.',
    ],
    ['正在触发的告警', '该流正在触发的告警数。没有值：Prometheus 没有加载 livestream-exporter 的告警规则。'],
  ),
  forbidden: panelText(
    [
      'Forbidden',
      'Whether pushing the stream is forbidden. Unknown: the exporter knows no action and no ban of this stream.',
    ],
    ['禁推', '该流是否被禁推。未知：exporter 没有该流的管控操作或禁推记录。'],
  ),
  fpsOverTime: panelText(
    [
      'Frame rate',
      'Frames per second: the exact mean of all samples, and the lowest value of the gauge in each interval (of several publishers, the lowest). A stream is degraded below the dashed line of the minimum. If bit rate and frame rate fall together, check the network of the encoder; if only one falls, check the encoder and its source.',
    ],
    [
      '帧率',
      '每秒帧数：全部采样点的准确平均值，以及每个时段内 gauge 的最低值（多个推流端取最低）。低于下限的虚线即为质量不佳。帧率和码率同时下降时，请检查编码器的网络；只有一个下降时，请检查编码器及其视频源。',
    ],
  ),
  bitrateOverTime: panelText(
    [
      'Bit rate',
      'Bits per second: the exact mean of all samples, the lowest value of the gauge in each interval, and the parts of video and audio if the provider reports them. A stream is degraded below the dashed line.',
    ],
    [
      '码率',
      '每秒比特数：全部采样点的准确平均值、每个时段内 gauge 的最低值，以及云厂商上报的视频和音频码率。低于虚线即为质量不佳。',
    ],
  ),
  conditions: panelText(
    [
      'Conditions',
      'Share of the pushed time with each degraded condition, over all samples, at the time of counting. Conditions overlap: do not add them. A condition that the config or the provider does not allow to evaluate has no line.',
    ],
    [
      '质量问题',
      '各质量问题占推流时长的比例，按全部采样点计算，显示在计入的时刻。各问题可能重叠，不要相加。无法按配置或云厂商数据判断的问题没有曲线。',
    ],
  ),
  timeline: panelText(
    [
      'State',
      'The worst state of the stream within each interval. A state begins here when it was known, up to a minute after Since. A gap: no data. Needs the recording rules of livestream-exporter in Prometheus.',
    ],
    [
      '状态',
      '该流在每个时段内的最差状态。状态从得知的时刻画起，比开始时间最多晚一分钟左右。空白表示没有数据。需要在 Prometheus 中加载 livestream-exporter 的记录规则。',
    ],
  ),
  publishers: panelText(
    [
      'Frame rate by publisher',
      'Frames per second of each publisher: who pushes, and when. Two lines at a time are two publishers: a backup, or a conflict. The addresses depend on client_ip in the config.',
    ],
    [
      '各推流端的帧率',
      '每个推流端的每秒帧数：谁在推流，何时推流。同时有两条线表示有两个推流端：备用，或冲突。地址的显示取决于配置中的 client_ip。',
    ],
  ),
  nodes: panelText(
    [
      'Publisher, ingest node and format',
      'Who pushes the stream, to which node, and in which format. A change begins another lane. A value that the provider does not report has no lane.',
    ],
    [
      '推流端、接入节点与格式',
      '谁在推流、推到哪个节点、使用什么格式。变化时出现新的一行。云厂商未上报的值没有对应的行。',
    ],
  ),
  events: panelText(
    [
      'Pushes and publisher changes',
      'Number of pushes started and of changes of the publisher in each interval, at the time of counting: after a break, they count 16 minutes later. Several per hour: the stream is interrupted again and again.',
    ],
    [
      '推流次数与推流端变更',
      '每个时段内推流开始的次数和推流端变更的次数，显示在计入的时刻：中断之后的要晚 16 分钟计入。每小时多次，表示推流反复中断。',
    ],
  ),
  media: panelText(
    [
      'Media time',
      'Media time that arrived per second of push, by the timestamps of the stream. 100 % is smooth; below, the push stalls; above, it catches up. Only Tencent Cloud API 3.0 reports it.',
    ],
    [
      '媒体时长',
      '每秒推流到达的媒体时长（按流的时间戳）。100% 为流畅；低于 100% 表示卡顿，高于 100% 表示正在追赶。只有腾讯云 API 3.0 上报。',
    ],
  ),
  keyframes: panelText(
    [
      'Keyframe interval',
      'Seconds between two keyframes. From 4 s on, viewers wait long for the first picture; above the dashed line (10 s), the alert LivestreamPushKeyframeIntervalLong fires.',
    ],
    [
      '关键帧间隔',
      '两个关键帧之间的秒数。达到 4 秒时，观众需要等较久才能看到画面；超过虚线（10 秒）时触发告警 LivestreamPushKeyframeIntervalLong。',
    ],
  ),
  audio: panelText(
    [
      'Audio frame rate',
      'Audio frames per second, if the provider reports them. 0 is silence in the connection, not in the sound.',
    ],
    ['音频帧率', '云厂商上报的每秒音频帧数。为 0 表示没有音频数据，而非声音安静。'],
  ),
  counted: panelText(
    [
      'Time counted',
      'Seconds in each interval: observed (with samples), missing, lost (no longer available at the provider), and backfilled (observed, but counted late). They stand at the time of counting.',
    ],
    [
      '计入的时间',
      '每个时段的秒数：有采样点、缺失、未计入（云厂商已不再保留）、回填（有采样点但较晚才计入）。显示在计入的时刻。',
    ],
  ),
  freshness: panelText(
    [
      'Data age',
      'Time since the newest sample, and since the end of the last successful request (watermark). If only the first grows, nobody pushes. If both grow, the requests fail: see the exporter dashboard.',
    ],
    [
      '数据新鲜度',
      '距最新采样点的时间，以及距最近一次成功请求的时间范围终点（水位线）的时间。只有前者增长：没有人推流；两者都增长：请求失败，请查看 exporter 仪表盘。',
    ],
  ),
  alertTable: panelText(
    [
      'Firing alerts',
      'Alerts of this stream, critical ones first, then the newest. Alert began: the time from which its condition holds, which is later than the time since which the stream is in trouble. Needs the alert rules of livestream-exporter in Prometheus.',
    ],
    [
      '正在触发的告警',
      '该流的告警，严重的在前，其次最新的在前。“告警开始时间”是其条件开始成立的时间，晚于流的问题开始的时间。需要在 Prometheus 中加载 livestream-exporter 的告警规则。',
    ],
  ),
  actions: panelText(
    [
      'Control actions',
      'Last control action of each kind on this stream, and the last recorded end of a push, with its reason. The graphs above show them as dashed lines.',
    ],
    ['管控操作', '该流各类管控操作的最近一次，以及最近一次推流结束及其原因。上方的图用虚线标出。'],
  ),
  info: panelText(
    [
      'About the stream',
      'Expectations and totals of the stream. A value without a number is not set in the config.',
    ],
    ['流的信息', '流的预期和累计值。没有数字的项，配置中没有设置。'],
  ),
  legends: {
    mean: text('mean', '平均'),
    lowest: text('lowest', '最低'),
    minimum: text('minimum', '下限'),
    expected: text('expected', '预期'),
    newest: text('now', '当前'),
    declared: text('declared by the encoder', '编码器声明'),
    video: text('video', '视频'),
    audio: text('audio', '音频'),
    sessions: text('pushes started', '推流开始'),
    changes: text('publisher changes', '推流端变更'),
    observed: text('observed', '有采样点'),
    missing: text('missing', '缺失'),
    lost: text('lost', '未计入'),
    backfilled: text('backfilled', '回填'),
    sample: text('newest sample', '最新采样点'),
    watermark: text('last request', '最近请求'),
    alert: text('alert', '告警'),
    publisher: text('publisher {{client_ip}}', '推流端 {{client_ip}}'),
    server: text('ingest node {{server_ip}}', '接入节点 {{server_ip}}'),
    format: text(
      '{{push_domain}} {{resolution}} {{video_codec}} {{audio_codec}}',
      '{{push_domain}} {{resolution}} {{video_codec}} {{audio_codec}}',
    ),
  },
  columns: {
    end: text('Push ended', '推流结束'),
    action: text('Action or reason', '操作或原因'),
    last: text('Last', '最近一次'),
    live: text('Expected live', '预期在播'),
    fps: text('Expected frames/s', '预期帧率'),
    bitrate: text('Expected bit rate', '预期码率'),
    samples: text('Samples', '采样点'),
    observed: text('Pushed time', '推流时长'),
    start: text('Push began', '推流开始于'),
  },
  yes: text('yes', '是'),
  no: text('no', '否'),
};
