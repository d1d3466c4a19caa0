import type { AlibabaFailure } from '../alibaba/errors.ts';
import type {
  beyondShapes,
  faults,
  formats,
  noRecordShapes,
  oneRecordShapes,
  orders,
  signatureKinds,
  streamNameShapes,
  windowEnds,
} from './alibaba-schema.ts';
import type {
  emptyShapes,
  failurePlaces,
  forcedAnswers,
  numberShapes,
  outputShapes,
  timeShapes,
} from './scenario-schema.ts';

/** What a simulator plays. Moments of a story count in milliseconds from its beginning. */
export interface Scenario {
  readonly name: string;
  readonly description: string;
  /** Another seed is another noise; everything else stays. */
  readonly seed: number;
  /** The story repeats after this much of its own time, and always has; undefined: it is told once. */
  readonly loopMs: number | undefined;
  /** How many times as fast as the clock the story goes. Samples still come every five seconds. */
  readonly speed: number;
  /** By how much of itself a frame rate may differ from sample to sample; a bit rate by twice as much. */
  readonly noise: number;
  /** At Tencent; Alibaba's is in `alibaba`. */
  readonly account: { readonly appId: number; readonly key: string };
  readonly provider: ApiBehavior;
  /** May be empty where there are domains. */
  readonly streams: readonly StreamGroup[];
  readonly alibaba: AlibabaBehavior;
  readonly domains: readonly DomainStory[];
}

/** How Tencent answers: what its documents leave open is a choice here. */
export interface ApiBehavior {
  /** How long after its own time a sample can be asked for. */
  readonly delayMs: number;
  /** Calls in one calendar second per operation; undefined: no limit. */
  readonly rateLimit: number | undefined;
  readonly output: (typeof outputShapes)[number];
  readonly empty: (typeof emptyShapes)[number];
  readonly failuresIn: (typeof failurePlaces)[number];
  readonly time: (typeof timeShapes)[number];
  readonly numbers: (typeof numberShapes)[number];
  /** Which part of the samples comes later still, and by how much on top of the delay. */
  readonly late: { readonly share: number; readonly byMs: number };
  /** Which part of the rows stands twice in an answer. */
  readonly doubledShare: number;
  readonly story: readonly ApiEvent<ForcedAnswer>[];
}

/** An answer that the story forces: a transport fault, an HTTP status, a code or a text of the provider. */
export type ForcedAnswer = (typeof forcedAnswers)[number];

/** A stretch of the story. `untilMs` is not inside; Infinity: until the story ends. */
export interface TimeRange {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** `Answer` is what the story can force at the provider whose API it is. */
export interface ApiEvent<Answer> extends TimeRange {
  readonly answer: Answer | undefined;
  /** Which part of the calls gets `answer`. */
  readonly share: number;
  readonly rateLimit: number | undefined;
  /** Of what is dated in this stretch. */
  readonly delayMs: number | undefined;
}

/** A share of the ordinary value, or a value of its own. */
export type Level = { readonly share: number } | { readonly value: number };

export interface StreamEvent extends TimeRange {
  readonly fps: Level | undefined;
  readonly bitrate: Level | undefined;
  /** No samples at all. */
  readonly silent: boolean;
  /** Silent for `downMs`, there for `upMs`, and so on. */
  readonly flapping: { readonly upMs: number; readonly downMs: number } | undefined;
  readonly clientIp: string | undefined;
  readonly serverIp: string | undefined;
  /** The address of somebody else who pushes the same stream at the same time. */
  readonly secondPublisher: string | undefined;
}

/** One stream of the YAML, or `count` alike, numbered from 1 at `{n}` in the name. */
export interface StreamGroup {
  readonly name: string;
  readonly count: number;
  readonly domain: string;
  readonly appName: string;
  readonly framesPerSecond: number;
  readonly bitsPerSecond: number;
  readonly clientIp: string;
  readonly serverIp: string;
  /** -Infinity: always there; Infinity: never pushed. */
  readonly startMs: number;
  readonly stopMs: number;
  readonly story: readonly StreamEvent[];
}

/** How Alibaba answers, as ProviderManners for the other. */
export interface AlibabaBehavior {
  readonly account: {
    readonly accessKeyId: string;
    readonly accessKeySecret: string;
    /** undefined: a permanent key, which has none. */
    readonly securityToken: string | undefined;
  };
  /** How the printed config tells the exporter to sign, and what to ask for; the API takes every kind. */
  readonly signature: (typeof signatureKinds)[number];
  readonly format: (typeof formats)[number];
  /** How long after its own time an action can be asked for. */
  readonly delayMs: number;
  /** Calls of the account in one calendar second. */
  readonly rateLimit: number;
  /** The text of `x-acs-retry-after`, meant as milliseconds, on throttled calls; undefined: no such header. */
  readonly retryAfter: string | undefined;
  readonly retentionMs: number;
  /** What becomes of a start older than the retention, and of an end in the future. */
  readonly olderStart: (typeof beyondShapes)[number];
  readonly futureEnd: (typeof beyondShapes)[number];
  /** Which ends of a window are inside. */
  readonly ends: (typeof windowEnds)[number];
  readonly order: (typeof orders)[number];
  /** An answer has at most so many, the first by `order`; undefined: all. */
  readonly mostRecords: number | undefined;
  readonly noRecords: (typeof noRecordShapes)[number];
  readonly oneRecord: (typeof oneRecordShapes)[number];
  readonly streamName: (typeof streamNameShapes)[number];
  readonly extraKeys: boolean;
  /** What a call gets that names no format. */
  readonly defaultFormat: (typeof formats)[number];
  readonly story: readonly ApiEvent<AlibabaAnswer>[];
}

/** What the story forces at Alibaba. */
export interface AlibabaAnswer {
  readonly what: AlibabaFailure | (typeof faults)[number];
  /** In place of a failure's ordinary status. */
  readonly status: number | undefined;
}

/** A domain, as its provider lists streams under it, and what is done to them. */
export interface DomainStory {
  readonly name: string;
  /** At least one. */
  readonly appNames: readonly string[];
  readonly story: readonly ActionEvent[];
}

/** An action, or one that is done again and again. Moments count from the beginning of the story. */
export interface ActionEvent {
  readonly atMs: number;
  /** undefined: done once. */
  readonly everyMs: number | undefined;
  /** Not inside; Infinity: until the story ends. */
  readonly untilMs: number;
  /** Of `count` streams alike it has `{n}` in it. */
  readonly stream: string;
  readonly count: number;
  readonly appName: string;
  /** As the provider spells it. */
  readonly action: string;
  /** undefined: the record does not tell. */
  readonly clientIp: string | undefined;
  /** So many equal records of one second. */
  readonly times: number;
  /** On top of the delay. */
  readonly lateMs: number;
}
