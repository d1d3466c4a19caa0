import { camelKeys } from './camel-keys.ts';
import type { ScenarioText } from './scenario-schema.ts';

type Immutable<T> = T extends object ? { readonly [Key in keyof T]: Immutable<T[Key]> } : T;

/**
 * Scenario, which is the input of the simulator. The times of events are in milliseconds after the start of
 * the story.
 */
export type Scenario = Immutable<ReturnType<typeof toScenario>>;
/** Behavior of the simulated Tencent API where its documentation leaves cases open, and forced failures. */
export type ApiBehavior = Scenario['provider'];
/** A single stream, or a group of similar streams with numbered names. */
export type StreamGroup = Scenario['streams'][number];
export type StreamEvent = StreamGroup['story'][number];
/**
 * Frame rate or bit rate in an event: either a ratio of the stream's normal value (`share`) or an absolute
 * value (`value`).
 */
export type Level = NonNullable<StreamEvent['fps']>;
export type AlibabaBehavior = Scenario['alibaba'];
/** Domain with its applications and the control actions on its streams. */
export type DomainStory = Scenario['domains'][number];
/** Control action on one or more streams, which happens once or repeatedly. */
export type ActionEvent = DomainStory['story'][number];
/**
 * Response of the simulated Tencent API that an event forces: a fault of the connection or body, an HTTP
 * status, or a code or message of the provider.
 */
export type ForcedAnswer = NonNullable<ApiBehavior['story'][number]['answer']>;
/**
 * Response of the simulated Alibaba API that an event forces. `status` replaces the normal HTTP status of the
 * failure.
 */
export type AlibabaAnswer = NonNullable<AlibabaBehavior['story'][number]['answer']>;

/**
 * Event that changes the behavior of a simulated API for some time. `Answer` is the type of the responses
 * that it can force.
 */
export type ApiEvent<Answer> = Readonly<ReturnType<typeof toApiEvent<Answer>>>;

/**
 * Converts a parsed scenario from the keys of the YAML file to the keys in TypeScript. Fills in values that
 * depend on other keys.
 */
export function toScenario({ account, provider, streams, alibaba, domains, loop, ...rest }: ScenarioText) {
  return {
    ...rest,
    /**
     * Length of the story in ms. The story then repeats forever, both after its end and before its start. If
     * undefined, the story plays once.
     */
    loopMs: loop,
    account: camelKeys(account),
    provider: toApiBehavior(provider),
    /** Groups of streams at Tencent; empty if the scenario has only domains. */
    streams: streams.map((group) => toGroup(group, account.api)),
    alibaba: toAlibaba(alibaba),
    domains: domains.map(toDomain),
  };
}

function toApiBehavior({
  delay,
  late,
  doubled,
  partial,
  unfinished,
  list,
  events,
  story,
  ...rest
}: ScenarioText['provider']) {
  return {
    ...camelKeys(rest),
    /** Time in ms from the timestamp of a sample until a response can contain the sample. */
    delayMs: delay,
    /** Fraction of the samples that appear late (`share`), and their additional delay in ms (`byMs`). */
    late: { share: late.share, byMs: late.by },
    /** Fraction of the rows that a response contains twice. */
    doubledShare: doubled.share,
    /** Fraction of the samples that lack the frame rate or the bit rate. */
    partialShare: partial.share,
    /** Fraction of the responses in which the row of a new sample has no time yet. */
    unfinishedShare: unfinished.share,
    /**
     * Delay of the list of live streams (`delayMs`), and the time in ms by which each page is newer than the
     * previous page (`pageLagMs`).
     */
    list: { delayMs: list.delay, pageLagMs: list.page_lag },
    /**
     * Delay and page lag of the list of ended pushes, and the share of the pushes that appear `byMs` later.
     */
    events: {
      delayMs: events.delay,
      late: { share: events.late.share, byMs: events.late.by },
      pageLagMs: events.page_lag,
    },
    story: story.map((event) => toApiEvent(event, event.answer)),
  };
}

function toGroup(
  { api, fps, bitrate, start, stop, story, ...rest }: ScenarioText['streams'][number],
  defaultApi: ScenarioText['account']['api'],
) {
  return {
    ...camelKeys(rest),
    api: api ?? defaultApi,
    framesPerSecond: fps,
    bitsPerSecond: bitrate,
    /**
     * Start of the push in ms after the start of the story. -Infinity means that the stream is live from the
     * beginning, Infinity that it is never pushed.
     */
    startMs: start,
    /** End of the push in ms after the start of the story. Infinity means that the push does not end. */
    stopMs: stop,
    story: story.map(({ at, for: durationMs, silent = false, flapping, ...effects }) => ({
      ...toTimeRange(at, durationMs),
      ...camelKeys(effects),
      /** Whether the stream has no samples during the event. */
      silent: silent || effects.cut !== undefined,
      /**
       * If this is set, the stream alternates during the event: it has no samples for `downMs`, then samples
       * for `upMs`, and so on.
       */
      flapping: flapping && { upMs: flapping.up, downMs: flapping.down },
    })),
  };
}

function toAlibaba({
  access_key_id,
  access_key_secret,
  security_token,
  delay,
  domain_delay,
  retry_after,
  retention,
  story,
  ...rest
}: ScenarioText['alibaba']) {
  return {
    ...camelKeys(rest),
    account: camelKeys({ access_key_id, access_key_secret, security_token }),
    /** Time in ms from a control action until a response can contain its record. */
    delayMs: delay,
    /** Time in ms until the rates and the push metrics of a domain contain a minute. */
    domainDelayMs: domain_delay,
    /**
     * Wait in ms that the header `x-acs-retry-after` of throttled responses requests; undefined if they have
     * no such header.
     */
    retryAfter: retry_after === 'none' ? undefined : retry_after,
    retentionMs: retention,
    story: story.map(({ answer, status, ...event }) => toApiEvent(event, answer && { what: answer, status })),
  };
}

function toDomain({ name, app_names, push_domains, story }: ScenarioText['domains'][number]) {
  return {
    name,
    appNames: app_names,
    pushDomains: push_domains,
    story: story.map(
      ({ at, every, until = Infinity, app_name, client_ip, late, expires, recorded, ...rest }) => ({
        ...rest,
        atMs: at,
        /** Time between repetitions of the action in ms; undefined if the action does not repeat. */
        everyMs: every,
        /**
         * End of the repetitions (exclusive) in ms after the start of the story. Infinity means the end of
         * the story.
         */
        untilMs: until,
        // The schema requires at least one application, so the last alternative is never used.
        appName: app_name ?? app_names[0] ?? '',
        /** IP address of the client in the record; undefined if the record has no client. */
        clientIp: client_ip === 'none' ? undefined : client_ip,
        /** Delay of the record in ms, in addition to the normal delay of the API. */
        lateMs: late,
        /** Time in ms after which a ban ends by itself; undefined if it does not. */
        expiresMs: expires,
        /** Whether the control history contains the action. */
        isRecorded: recorded,
      }),
    ),
  };
}

interface ApiEventText {
  readonly at: number;
  readonly for?: number | undefined;
  readonly share?: number | undefined;
  readonly rate_limit?: number | undefined;
  readonly delay?: number | undefined;
  readonly held_until?: number | undefined;
}

function toApiEvent<Answer>(event: ApiEventText, answer: Answer | undefined) {
  return {
    ...toTimeRange(event.at, event.for),
    answer,
    /** Fraction of the requests during the event that get the response `answer`. */
    share: event.share ?? 1,
    rateLimit: event.rate_limit,
    /**
     * Delay in ms of samples or actions whose time is within the event, instead of the normal delay of the
     * API. If undefined, the normal delay applies.
     */
    delayMs: event.delay,
    /**
     * Position in the story, in ms, before which no response contains the samples whose time is within the
     * event. undefined if the event does not hold samples back.
     */
    heldUntilMs: event.held_until,
  };
}

/**
 * Returns a time range in ms after the start of the story. `untilMs` is exclusive; Infinity means the end of
 * the story.
 */
function toTimeRange(fromMs: number, durationMs = Infinity) {
  return { fromMs, untilMs: fromMs + durationMs };
}
