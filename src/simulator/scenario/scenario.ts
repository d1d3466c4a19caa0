import { camelKeys } from './camel-keys.ts';
import type { ScenarioText } from './scenario-schema.ts';

type Immutable<T> = T extends object ? { readonly [Key in keyof T]: Immutable<T[Key]> } : T;

/** Input of the simulator. Times of a story are milliseconds after its start. */
export type Scenario = Immutable<ReturnType<typeof toScenario>>;
/** Behavior of the Tencent API. The documentation leaves these properties open. */
export type ApiBehavior = Scenario['provider'];
/** Streams with consecutive numbers, or one stream. */
export type StreamGroup = Scenario['streams'][number];
export type StreamEvent = StreamGroup['story'][number];
/** A ratio of the normal value, or an absolute value. */
export type Level = NonNullable<StreamEvent['fps']>;
export type AlibabaBehavior = Scenario['alibaba'];
/** A domain with its applications and the control actions on its streams. */
export type DomainStory = Scenario['domains'][number];
/** A control action, once or repeated. */
export type ActionEvent = DomainStory['story'][number];
/** A response that the story forces: a transport fault, an HTTP status, or a code or text of the provider. */
export type ForcedAnswer = NonNullable<ApiBehavior['story'][number]['answer']>;
/** A response that the story forces at Alibaba. `status` overrides the HTTP status of the failure. */
export type AlibabaAnswer = NonNullable<AlibabaBehavior['story'][number]['answer']>;

/** An event of an API. `Answer` is the type of responses that the story can force at that provider. */
export type ApiEvent<Answer> = Readonly<ReturnType<typeof toApiEvent<Answer>>>;

/** Converts a scenario to the keys of TypeScript and fills in values that depend on other keys. */
export function toScenario({ account, provider, streams, alibaba, domains, loop, ...rest }: ScenarioText) {
  return {
    ...rest,
    /** Length of the story. It also repeats before its start. Undefined: it plays once. */
    loopMs: loop,
    account: camelKeys(account),
    provider: toApiBehavior(provider),
    /** Can be empty if there are domains. */
    streams: streams.map(toGroup),
    alibaba: toAlibaba(alibaba),
    domains: domains.map(toDomain),
  };
}

function toApiBehavior({ delay, late, doubled, story, ...rest }: ScenarioText['provider']) {
  return {
    ...camelKeys(rest),
    /** Time after which a sample appears in responses. */
    delayMs: delay,
    /** Ratio of the samples that appear late, and the additional delay. */
    late: { share: late.share, byMs: late.by },
    /** Ratio of the rows that are duplicated in a response. */
    doubledShare: doubled.share,
    story: story.map((event) => toApiEvent(event, event.answer)),
  };
}

function toGroup({ fps, bitrate, start, stop, story, ...rest }: ScenarioText['streams'][number]) {
  return {
    ...camelKeys(rest),
    framesPerSecond: fps,
    bitsPerSecond: bitrate,
    /** -Infinity: always live; Infinity: never pushed. */
    startMs: start,
    stopMs: stop,
    story: story.map(({ at, for: durationMs, silent = false, flapping, ...effects }) => ({
      ...toTimeRange(at, durationMs),
      ...camelKeys(effects),
      /** No samples at all. */
      silent,
      /** Alternates: no samples for `downMs`, samples for `upMs`. */
      flapping: flapping && { upMs: flapping.up, downMs: flapping.down },
    })),
  };
}

function toAlibaba({
  access_key_id,
  access_key_secret,
  security_token,
  delay,
  retry_after,
  retention,
  story,
  ...rest
}: ScenarioText['alibaba']) {
  return {
    ...camelKeys(rest),
    account: camelKeys({ access_key_id, access_key_secret, security_token }),
    /** Time after which an action appears in responses. */
    delayMs: delay,
    /** Value of the header `x-acs-retry-after` of throttled responses, in milliseconds; undefined: no header. */
    retryAfter: retry_after === 'none' ? undefined : retry_after,
    retentionMs: retention,
    story: story.map(({ answer, status, ...event }) => toApiEvent(event, answer && { what: answer, status })),
  };
}

function toDomain({ name, app_names: appNames, story }: ScenarioText['domains'][number]) {
  return {
    name,
    appNames,
    story: story.map(({ at, every, until = Infinity, app_name, client_ip, late, ...rest }) => ({
      ...rest,
      atMs: at,
      /** Undefined: the action does not repeat. */
      everyMs: every,
      /** Exclusive; Infinity: until the story ends. */
      untilMs: until,
      // The schema requires at least one app name.
      appName: app_name ?? appNames[0] ?? '',
      /** Undefined: the record has no client. */
      clientIp: client_ip === 'none' ? undefined : client_ip,
      /** Additional to the delay. */
      lateMs: late,
    })),
  };
}

interface ApiEventText {
  readonly at: number;
  readonly for?: number | undefined;
  readonly share?: number | undefined;
  readonly rate_limit?: number | undefined;
  readonly delay?: number | undefined;
}

function toApiEvent<Answer>(event: ApiEventText, answer: Answer | undefined) {
  return {
    ...toTimeRange(event.at, event.for),
    answer,
    /** Ratio of the requests that get `answer`. */
    share: event.share ?? 1,
    rateLimit: event.rate_limit,
    /** Delay of data with a time in this range. */
    delayMs: event.delay,
  };
}

/** Returns a time range of the story. `untilMs` is exclusive; Infinity: until the story ends. */
function toTimeRange(fromMs: number, durationMs = Infinity) {
  return { fromMs, untilMs: fromMs + durationMs };
}
