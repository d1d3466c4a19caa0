import type { AlibabaFailure } from '../alibaba/errors.ts';
import type { faults } from './alibaba-schema.ts';
import type { forcedAnswers, ScenarioText } from './scenario-schema.ts';

type ApiText = ScenarioText['provider'];
type AlibabaText = ScenarioText['alibaba'];

/** Input of the simulator. Times of a story are milliseconds after its start. */
export interface Scenario {
  readonly name: string;
  readonly description: string;
  /** Seed of the noise. */
  readonly seed: number;
  /** Length of the story. It also repeats before its start. Undefined: it plays once. */
  readonly loopMs: number | undefined;
  /** Speed of the story relative to the clock. The sample period stays 5 s. */
  readonly speed: number;
  /** Maximum relative deviation of a frame rate between samples; twice as much for a bit rate. */
  readonly noise: number;
  /** Account at Tencent. The one at Alibaba is in `alibaba`. */
  readonly account: { readonly appId: number; readonly key: string };
  readonly provider: ApiBehavior;
  /** Can be empty if there are domains. */
  readonly streams: readonly StreamGroup[];
  readonly alibaba: AlibabaBehavior;
  readonly domains: readonly DomainStory[];
}

/** Behavior of the Tencent API. The documentation leaves these properties open. */
export interface ApiBehavior {
  /** Time after which a sample appears in responses. */
  readonly delayMs: number;
  /** Maximum number of requests of one operation per calendar second; undefined: no limit. */
  readonly rateLimit: number | undefined;
  readonly output: ApiText['output'];
  readonly empty: ApiText['empty'];
  readonly failuresIn: ApiText['failures_in'];
  readonly time: ApiText['time'];
  readonly numbers: ApiText['numbers'];
  /** Ratio of the samples that appear late, and the additional delay. */
  readonly late: { readonly share: number; readonly byMs: number };
  /** Ratio of the rows that are duplicated in a response. */
  readonly doubledShare: number;
  readonly story: readonly ApiEvent<ForcedAnswer>[];
}

/** A response that the story forces: a transport fault, an HTTP status, or a code or text of the provider. */
export type ForcedAnswer = (typeof forcedAnswers)[number];

/** A time range of the story. `untilMs` is exclusive; Infinity: until the story ends. */
export interface TimeRange {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** An event of an API. `Answer` is the type of responses that the story can force at that provider. */
export interface ApiEvent<Answer> extends TimeRange {
  readonly answer: Answer | undefined;
  /** Ratio of the requests that get `answer`. */
  readonly share: number;
  readonly rateLimit: number | undefined;
  /** Delay of data with a time in this range. */
  readonly delayMs: number | undefined;
}

/** A ratio of the normal value, or an absolute value. */
export type Level = { readonly share: number } | { readonly value: number };

export interface StreamEvent extends TimeRange {
  readonly fps: Level | undefined;
  readonly bitrate: Level | undefined;
  /** No samples at all. */
  readonly silent: boolean;
  /** Alternates: no samples for `downMs`, samples for `upMs`. */
  readonly flapping: { readonly upMs: number; readonly downMs: number } | undefined;
  readonly clientIp: string | undefined;
  readonly serverIp: string | undefined;
  /** IP address of a second publisher of the same stream at the same time. */
  readonly secondPublisher: string | undefined;
}

/** One stream, or `count` equal streams with a number from 1 in place of `{n}` in the name. */
export interface StreamGroup {
  readonly name: string;
  readonly count: number;
  readonly domain: string;
  readonly appName: string;
  readonly framesPerSecond: number;
  readonly bitsPerSecond: number;
  readonly clientIp: string;
  readonly serverIp: string;
  /** -Infinity: always live; Infinity: never pushed. */
  readonly startMs: number;
  readonly stopMs: number;
  readonly story: readonly StreamEvent[];
}

/** Behavior of the Alibaba API. */
export interface AlibabaBehavior {
  readonly account: {
    readonly accessKeyId: string;
    readonly accessKeySecret: string;
    /** Undefined for a permanent key. */
    readonly securityToken: string | undefined;
  };
  /** Signature and response format in the printed exporter config. The API accepts all of them. */
  readonly signature: AlibabaText['signature'];
  readonly format: AlibabaText['format'];
  /** Time after which an action appears in responses. */
  readonly delayMs: number;
  /** Maximum number of requests of the account per calendar second. */
  readonly rateLimit: number;
  /**
   * Value of the header `x-acs-retry-after` of throttled responses, in milliseconds; undefined: no header.
   */
  readonly retryAfter: string | undefined;
  readonly retentionMs: number;
  /** Handling of a start before the retention, and of an end in the future. */
  readonly olderStart: AlibabaText['older_start'];
  readonly futureEnd: AlibabaText['future_end'];
  /** Inclusive ends of a window. */
  readonly ends: AlibabaText['ends'];
  readonly order: AlibabaText['order'];
  /** Maximum number of records in a response, the first by `order`; undefined: all. */
  readonly mostRecords: number | undefined;
  readonly noRecords: AlibabaText['no_records'];
  readonly oneRecord: AlibabaText['one_record'];
  readonly streamName: AlibabaText['stream_name'];
  readonly extraKeys: boolean;
  /** Format of responses to requests without one. */
  readonly defaultFormat: AlibabaText['default_format'];
  readonly story: readonly ApiEvent<AlibabaAnswer>[];
}

/** A response that the story forces at Alibaba. */
export interface AlibabaAnswer {
  readonly what: AlibabaFailure | (typeof faults)[number];
  /** Overrides the HTTP status of the failure. */
  readonly status: number | undefined;
}

/** A domain with its applications and the control actions on its streams. */
export interface DomainStory {
  readonly name: string;
  /** Has at least one element. */
  readonly appNames: readonly string[];
  readonly story: readonly ActionEvent[];
}

/** A control action, once or repeated. Times are milliseconds after the start of the story. */
export interface ActionEvent {
  readonly atMs: number;
  /** Undefined: the action does not repeat. */
  readonly everyMs: number | undefined;
  /** Exclusive; Infinity: until the story ends. */
  readonly untilMs: number;
  /** Stream name. If `count` is above 1, the name contains `{n}`, which is replaced by the stream number. */
  readonly stream: string;
  readonly count: number;
  readonly appName: string;
  /** Action label of the provider. */
  readonly action: string;
  /** Undefined: the record has no client. */
  readonly clientIp: string | undefined;
  /** Number of equal records in one second. */
  readonly times: number;
  /** Additional to the delay. */
  readonly lateMs: number;
}
