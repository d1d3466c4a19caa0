import { text } from './text.ts';

/** Texts that several dashboards use. */
export const words = {
  account: text('Account', '账号'),
  action: text('Action', '操作'),
  alert: text('Alert', '告警'),
  alertBegan: text('Alert began', '告警开始时间'),
  appName: text('App name', '应用名'),
  audio: text('audio', '音频'),
  collector: text('Collector', '采集器'),
  domain: text('Domain', '域名'),
  instance: text('Exporter', 'exporter'),
  kind: text('Kind', '类型'),
  operation: text('Operation', '接口'),
  server: text('Ingest node', '接入节点'),
  severity: text('Severity', '级别'),
  since: text('Since', '开始时间'),
  state: text('State', '状态'),
  stream: text('Stream', '流'),
  video: text('video', '视频'),
  what: text('What', '问题'),
};

/** Texts instead of a value. They say why there is none. */
export const absent = {
  noAlerts: text('no firing alert, or no alert rules', '没有正在触发的告警，或没有加载告警规则'),
  noData: text('no data', '无数据'),
  none: text('none', '无'),
  noRules: text('no rules', '未加载规则'),
  noStates: text('no data, or no rules', '无数据，或未加载规则'),
  noPosting: text('no direct posting', '未启用直接发送'),
  notReported: text('not reported', '未上报'),
  notSet: text('not set', '未配置'),
  notWatched: text('not watched', '未采集'),
  noDataOrNotWatched: text('no data, or not watched', '无数据，或未采集'),
  seeState: text('no data: see State', '无数据，请看“状态”'),
  noneOrNoData: text('none, or no data', '无，或无数据'),
  noneOrNotWatched: text('none, not watched, or no data', '无，或未采集，或无数据'),
  unknown: text('unknown', '未知'),
};

/** Conditions and media, by the values of their labels. */
export const valueNames = {
  low_fps: text('low frame rate', '帧率低'),
  no_video: text('no video', '无画面'),
  low_bitrate: text('low bit rate', '码率低'),
  video_stall: text('video stall', '画面卡顿'),
  audio: text('audio', '音频'),
  video: text('video', '视频'),
};

/** Unit of the axis of frame rates. */
export const framesPerSecond = text('frames/s', '帧/秒');

export const states = {
  missing: text('missing', '缺失'),
  degraded: text('degraded', '质量不佳'),
  interrupted: text('interrupted', '时断时续'),
  unknown: text('unknown', '未知'),
  up: text('up', '正常'),
  notPushed: text('not pushed', '未推流'),
};

export const links = {
  dashboards: text('Dashboards', '仪表盘'),
  exporterOf: text('Show the requests of this account', '查看该账号的请求'),
  ruleOf: text('Rule of the alert in Grafana', '在 Grafana 中查看告警规则'),
  runbookOf: text('Runbook of the alert', '告警的处理手册'),
  statusPage: text('Status page of the exporter', 'exporter 的状态页'),
  streamOf: text('Show this stream', '查看这路流'),
};

/** What annotations say happened. */
export const happened = {
  begun: text('Began to fire', '开始触发'),
  firing: text('Firing', '正在触发'),
};

/** Names of the annotations. */
export const annotations = {
  alerts: text('Firing alerts', '正在触发的告警'),
  begun: text('Alerts that began to fire', '开始触发的告警'),
  actions: text('Control actions', '管控操作'),
  starts: text('Push started', '推流开始'),
  publishers: text('Publisher changed', '推流端变更'),
};
