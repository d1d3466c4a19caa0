import { dayMs, hourMs, minuteMs, secondMs } from './time.ts';

/** Kind of data that the exporter collects. It is the value of the metric label `collector`. */
export type Question =
  | 'push_stats'
  | 'control_history'
  | 'online_streams'
  | 'live_push_stats'
  | 'forbidden_streams'
  | 'stream_state';

/** One operation of a provider's API that returns one kind of data, with its defaults. */
export interface Capability {
  /** Name of the provider. It is the value of the metric label `provider`. */
  readonly provider: string;
  /** API of the provider, which is also the name of its directory below `providers/<provider>/`. */
  readonly api: string;
  /** The provider's name of the API method. It is the value of the metric label `operation`. */
  readonly operation: string;
  readonly question: Question;
  /** Default of the polling interval in ms. */
  readonly intervalMs: number;
  /** Default of the budget: the maximum request rate of one account for this operation, including retries. */
  readonly requestsPerSecond: number;
}

/** Operation that returns the rows of a time range (a window). */
export interface HistoryCapability extends Capability {
  readonly question: 'push_stats' | 'control_history';
  /** Maximum length of the time range (window) of one request, in ms. */
  readonly spanMs: number;
  /** Maximum age in ms of the data that the provider can return. */
  readonly retentionMs: number;
  /** Time that one row covers, in ms; 0 if each row is a single event. */
  readonly periodMs: number;
  /**
   * Default of the setting `expected_delay`: time in ms after which a row normally appears at the provider.
   */
  readonly expectedDelayMs: number;
  /**
   * Time in ms within which equal control actions on a stream are one action: the provider records what an
   * action did, such as the ends of the main and of the backup push. Absent if each row is an action of its
   * own.
   */
  readonly sameActionMs?: number;
}

/** Operation that lists what exists now. */
export interface ListCapability extends Capability {
  readonly question: 'online_streams' | 'live_push_stats' | 'forbidden_streams' | 'stream_state';
  /**
   * Present if one list contains the items of all targets of the account, so that they share it for some
   * time.
   */
  readonly isAccountWide?: true;
  /**
   * Present if the operation lists the state of a requested time: the maximum age in ms of this time when the
   * list is requested.
   */
  readonly ageMs?: number;
}

/**
 * All operations that the exporter supports. The providers, the kinds of data and the config defaults are
 * derived from this list, see `operations.ts`.
 */
export const capabilities = [
  {
    // Source: cloud.tencent.com/document/product/267/9579. The page documents a history of three days, a
    // recommended span of at most two hours, and one row every 5 s. Not documented: the delay of rows and the
    // rate limit.
    provider: 'tencent',
    api: 'statcgi',
    operation: 'Get_LivePushStatHistory',
    question: 'push_stats',
    spanMs: 2 * hourMs,
    retentionMs: 3 * dayMs,
    periodMs: 5 * secondMs,
    intervalMs: 5 * secondMs,
    expectedDelayMs: 10 * secondMs,
    requestsPerSecond: 20,
  },
  {
    // Source: cloud.tencent.com/document/product/267/84046 and the SDK models of both sites document a
    // history of seven days and a span of three hours, which the China site only recommends. The exporter
    // requests at most two hours, because a response for three hours can exceed the limit of 1 MiB. The
    // stored pages document 40 requests/s; the default budget is half of this rate. The example of the field
    // LocalTs shows one row every 5 s. Not documented: the delay of rows.
    provider: 'tencent',
    api: 'api3',
    operation: 'DescribeStreamPushInfoList',
    question: 'push_stats',
    spanMs: 2 * hourMs,
    retentionMs: 7 * dayMs,
    periodMs: 5 * secondMs,
    intervalMs: 5 * secondMs,
    expectedDelayMs: 10 * secondMs,
    requestsPerSecond: 20,
  },
  {
    // Source: cloud.tencent.com/document/product/267/20472 and the stored pages document 80 requests/s for
    // the China site and 100 for the international one; the default budget is half of the lower rate. The
    // China page advises about one call a minute, and calls the list an aid that may be late. Not documented:
    // how late.
    provider: 'tencent',
    api: 'api3',
    operation: 'DescribeLiveStreamOnlineList',
    question: 'online_streams',
    intervalMs: 15 * secondMs,
    requestsPerSecond: 40,
  },
  {
    // Source: cloud.tencent.com/document/product/267/33990 documents 30 requests/s for the China site and
    // advises about one call a minute; the stored page of the international site (2023) documents 500. The
    // default budget is half of the lower rate. Not documented: how late the list is.
    provider: 'tencent',
    api: 'api3',
    operation: 'DescribeLiveStreamPushInfoList',
    question: 'live_push_stats',
    intervalMs: minuteMs,
    requestsPerSecond: 15,
  },
  {
    // Source: cloud.tencent.com/document/api/267/33186 (China) and page 30800 (international) document 300
    // requests/s, a history of 60 days and a span of a month; the SDK models of the international site say 30
    // days. The default budget is half of the rate. Both pages call the records offline data. Not documented:
    // their delay.
    provider: 'tencent',
    api: 'api3',
    operation: 'DescribeLiveStreamEventList',
    question: 'control_history',
    spanMs: 30 * dayMs,
    retentionMs: 60 * dayMs,
    periodMs: 0,
    intervalMs: 30 * secondMs,
    expectedDelayMs: 30 * secondMs,
    sameActionMs: 10 * secondMs,
    requestsPerSecond: 150,
  },
  {
    // Source: only the international site has the operation; its page documents 100 requests/s. While the
    // China site had it, its page (cloud.tencent.com/document/api/267/33187) documented 2 requests/s and
    // called it an aid.
    provider: 'tencent',
    api: 'api3',
    operation: 'DescribeLiveForbidStreamList',
    question: 'forbidden_streams',
    intervalMs: 30 * secondMs,
    isAccountWide: true,
    requestsPerSecond: 2,
  },
  {
    // Source: the pages of both sites document 300 requests/s; the default budget is half of this rate. The
    // collector of forbidden streams requests it for single streams if the site has no list of them.
    provider: 'tencent',
    api: 'api3',
    operation: 'DescribeLiveStreamState',
    question: 'stream_state',
    intervalMs: 30 * secondMs,
    requestsPerSecond: 150,
  },
  {
    // Source: help.aliyun.com/document_detail/35411 documents a span of seven days, and page 2391389
    // documents 50 requests/s. The default budget is half of this rate. Not documented: the delay of rows,
    // and the retention, which is at least the span.
    provider: 'alibaba',
    api: 'live',
    operation: 'DescribeLiveStreamsControlHistory',
    question: 'control_history',
    spanMs: 7 * dayMs,
    retentionMs: 7 * dayMs,
    periodMs: 0,
    intervalMs: 30 * secondMs,
    expectedDelayMs: 30 * secondMs,
    requestsPerSecond: 25,
  },
  {
    // Source: the SDK models of 2026-08 document one row every 5 s, a span of three hours, a history of 30
    // days and 50 requests/s; the default budget is half of this rate. A response for three hours has at most
    // 0.5 MiB, also in XML. Not documented: the delay of rows.
    provider: 'alibaba',
    api: 'live',
    operation: 'DescribeLiveCenterStreamRateData',
    question: 'push_stats',
    spanMs: 3 * hourMs,
    retentionMs: 30 * dayMs,
    periodMs: 5 * secondMs,
    intervalMs: 5 * secondMs,
    expectedDelayMs: 30 * secondMs,
    requestsPerSecond: 25,
  },
  {
    // Source: page 2391389 documents 10,000 requests per minute; the default budget is half of this rate. Not
    // documented: how late the list is.
    provider: 'alibaba',
    api: 'live',
    operation: 'DescribeLiveStreamsOnlineList',
    question: 'online_streams',
    intervalMs: 15 * secondMs,
    requestsPerSecond: 80,
  },
  {
    // Source: the SDK models of 2026-08 and page 2391389 document 50 requests/s; the default budget is half
    // of this rate. Not documented: how late the list is, and whether it still contains bans that have
    // expired.
    provider: 'alibaba',
    api: 'live',
    operation: 'DescribeLiveStreamsBlockList',
    question: 'forbidden_streams',
    intervalMs: 30 * secondMs,
    requestsPerSecond: 25,
  },
  {
    // Source: the SDK models of 2026-08 document 100 requests/s; the default budget is half of this rate.
    // They advise to request times that are at least 5 minutes ago. The exporter requests whole minutes,
    // because the console shows one value per minute. Not documented: how long ago a requested time can be.
    provider: 'alibaba',
    api: 'live',
    operation: 'DescribeLiveDomainFrameRateAndBitRateData',
    question: 'live_push_stats',
    intervalMs: minuteMs,
    ageMs: 6 * minuteMs,
    requestsPerSecond: 50,
  },
] as const satisfies readonly (HistoryCapability | ListCapability)[];

/** Operation that answers no question, but whose answer other operations or `doctor` need. */
export interface Lookup extends Omit<Capability, 'question' | 'intervalMs'> {
  /** Present if only the command `doctor` requests the operation: the daemon needs no permission for it. */
  readonly isOnlyForDoctor?: true;
  /** Maximum length of the time range of one request, in ms; absent if requests have none. */
  readonly spanMs?: number;
  /** Maximum age in ms of the data that the provider can return; absent if it returns the present state. */
  readonly retentionMs?: number;
}

/**
 * Source: the SDK models of 2026-08 document one row per minute, a span of 24 hours, a history of 31 days and
 * 10 requests/s; the default budget is half of this rate. Not documented: the delay of rows. `doctor`
 * requests the rows of one stream once.
 */
export const pushMetrics = {
  provider: 'alibaba',
  api: 'live',
  operation: 'DescribeLiveStreamPushMetricDetailData',
  requestsPerSecond: 5,
  isOnlyForDoctor: true,
  spanMs: dayMs,
  retentionMs: 31 * dayMs,
} as const satisfies Lookup;

/** All lookups that the exporter uses. */
export const lookups = [
  {
    // Source: page 2391389 documents 500 requests per minute; the default budget is half of this rate. The
    // exporter requests it once per domain and hour.
    provider: 'alibaba',
    api: 'live',
    operation: 'DescribeLiveDomainMapping',
    requestsPerSecond: 4,
  },
  pushMetrics,
] as const satisfies readonly Lookup[];
