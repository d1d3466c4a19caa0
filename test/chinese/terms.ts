/** A term of the project and its one Chinese word. */
export interface Term {
  readonly english: string;
  readonly chinese: string;
  /** Words that the texts used for it before, and that must not return. */
  readonly retired?: RegExp;
}

/**
 * Vocabulary of all Chinese texts: status page, dashboards, rules, notifications, docs, runbooks and reference. Whoever
 * writes one of them takes its words from here, and adds a term that is missing.
 */
export const terms: readonly Term[] = [
  // Streams and their state.
  { english: 'up (state of a stream)', chinese: '正常' },
  { english: 'live', chinese: '在播' },
  { english: 'expected live', chinese: '预期在播', retired: /配置要求|应在播|预期正在直播|应播/ },
  { english: 'missing', chinese: '缺失' },
  { english: 'degraded', chinese: '质量不佳', retired: /质量下降/ },
  { english: 'unknown', chinese: '未知' },
  { english: 'not pushed', chinese: '未推流' },
  // The texts that explain the state may say that a push breaks again and again.
  { english: 'interrupted', chinese: '时断时续', retired: /(?<!推)流反复中断|反复中断的流/ },
  { english: 'condition (of quality)', chinese: '质量问题', retired: /符合哪些情况|其中一种情况|的一种情况/ },
  { english: 'bad time', chinese: '异常时长', retired: /异常时间|(?<!质量)不佳时间/ },
  { english: 'bad sample', chinese: '异常采样点', retired: /(?<!质量)不佳采样点/ },
  { english: 'missing time', chinese: '缺失时长' },
  { english: 'pushed, observed time', chinese: '推流时长', retired: /观测时长/ },
  { english: 'media time', chinese: '媒体时长', retired: /媒体时间/ },
  { english: 'no video', chinese: '无画面', retired: /无视频/ },
  { english: 'video stall', chinese: '画面卡顿', retired: /视频卡顿/ },
  // Pushing.
  { english: 'publisher', chinese: '推流端' },
  {
    english: 'publisher change',
    chinese: '推流端变更',
    retired: /推流端(?:变化|的?更换|反复更换)|更换了?推流端/,
  },
  { english: 'ingest node', chinese: '接入节点' },
  { english: 'push domain, ingest domain', chinese: '推流域名' },
  // The provider's own word may be named once, as such.
  { english: 'main streaming domain', chinese: '播流域名', retired: /(?<!文档中的)主播流域名/ },
  { english: 'end of a push', chinese: '推流结束', retired: /(?<!强制)断流/ },
  { english: 'drop (action that cuts a push)', chinese: '强制断流' },
  // Control actions.
  { english: 'control action', chinese: '管控操作' },
  { english: 'control history', chinese: '管控历史', retired: /操作历史|(?<!管控)操作记录/ },
  { english: 'forbid, ban', chinese: '禁推' },
  { english: 'list of forbidden streams', chinese: '禁推列表', retired: /黑名单/ },
  // Polling.
  { english: 'provider', chinese: '云厂商' },
  { english: 'account', chinese: '账号', retired: /帐号|账户/ },
  { english: 'operation', chinese: '接口', retired: /该操作需要|各操作的请求|按账号、操作/ },
  { english: 'collector', chinese: '采集器' },
  { english: 'target', chinese: '采集对象', retired: /失败的目标|(?<!抓取)目标数|暂停的目标/ },
  { english: 'target of a scrape', chinese: '抓取目标' },
  { english: 'list of live streams', chinese: '直播流列表' },
  { english: 'list of live pushes', chinese: '推流列表', retired: /在推流的列表/ },
  { english: 'rate limit', chinese: '频率限额', retired: /速率限制/ },
  { english: 'throttled', chinese: '限流' },
  { english: 'budget', chinese: '预算' },
  { english: 'effective interval', chinese: '实际轮询间隔', retired: /有效轮询间隔|有效间隔/ },
  { english: 'response', chinese: '响应', retired: /应答/ },
  { english: 'watermark', chinese: '水位线' },
  { english: 'lookback', chinese: '回看' },
  { english: 'sample', chinese: '采样点' },
  { english: 'fresh', chinese: '新采样点' },
  { english: 'stale', chinese: '过期', retired: /已经过时|(?<!经)过时的/ },
  { english: 'age of a sample or of data', chinese: '距今', retired: /年龄/ },
  { english: 'gap (time that is not counted)', chinese: '未计入', retired: /未计数/ },
  { english: 'backfilled', chinese: '回填', retired: /补采|补计/ },
  { english: 'catch-up', chinese: '补齐' },
  { english: 'clock skew', chinese: '时钟偏差' },
  { english: 'tolerance of the clock skew', chinese: '容忍范围', retired: /容差/ },
  { english: 'clock set back', chinese: '回拨', retired: /往回调/ },
  { english: 'token (of credentials)', chinese: '令牌', retired: /(?<![\w.])token(?![\w.])/ },
  // Prometheus. Names that its Chinese users write in English stay English.
  { english: 'series', chinese: '序列' },
  { english: 'counter', chinese: 'counter', retired: /计数器/ },
  { english: 'gauge', chinese: 'gauge', retired: /瞬时指标|仪表值/ },
  { english: 'job', chinese: 'job', retired: /任务 \{\{/ },
  { english: 'firing alert', chinese: '正在触发', retired: /触发中的/ },
  { english: 'receiver', chinese: '接收渠道', retired: /接收者|接收器/ },
  { english: 'runbook', chinese: '处理手册', retired: /运维手册/ },
  { english: 'dashboard', chinese: '仪表盘', retired: /看板(?<!服务健康看板)/ },
  // Address of the reader; a word that is often mistyped.
  { english: 'you', chinese: '你', retired: /您/ },
  { english: 'from the start again', chinese: '重新', retired: /从新/ },
];
