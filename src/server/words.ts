import type { StreamState } from '../model/stream-state.ts';
import type { BanSource } from '../status/inputs.ts';
import type { TroubleKind } from '../status/troubles.ts';

export const languages = ['en', 'zh'] as const;
export type Language = (typeof languages)[number];

/**
 * Texts of the status page in one language. Its words for states and conditions are those of alerts, dashboards
 * and documentation.
 */
export interface Words {
  /** Value of the attribute `lang`. */
  readonly lang: string;
  /** Locale in which numbers are written. */
  readonly locale: string;
  /** Name of the language, in that language. */
  readonly languageName: string;
  readonly states: Readonly<Record<StreamState, string>>;
  readonly kinds: Readonly<Record<TroubleKind, string>>;
  /** Controls, headings and notes, by name. */
  readonly text: Readonly<Record<TextName, string>>;
  /** Headlines of the banner. */
  readonly allWell: (total: string) => string;
  readonly upOf: (up: string, total: string, silent: string) => string;
  readonly inTrouble: (counts: readonly StateCount[], total: string) => string;
  readonly allUnknown: (total: string) => string;
  readonly forbiddenNow: (count: string) => string;
  readonly interruptedNow: (count: string) => string;
  /** Time without samples in the last five minutes. */
  readonly interruptedFor: (age: string) => string;
  /** Adds the cause to a sentence. */
  readonly because: (text: string, cause: string) => string;
  readonly requestsFail: (kind: string) => string;
  readonly collectorsFailing: (names: string) => string;
  /** Time of the oldest last success of these collectors. */
  readonly lastSuccessWas: (age: string) => string;
  /** Number of further streams, which have no name on the page. */
  readonly andMore: (count: string) => string;
  /** Number of further accounts, domains or warnings, which have no name on the page. */
  readonly andOthers: (count: string) => string;
  readonly notExpected: string;
  readonly ago: (age: string) => string;
  readonly since: string;
  /** Before the time from which on there was no answer at all. */
  readonly noAnswerSince: string;
  /** Before the time at which the config was loaded, since which there was no answer. */
  readonly sinceLoaded: string;
  /** Begin of a state that can have begun earlier. */
  readonly sinceAtLeast: string;
  readonly units: Readonly<Record<'s' | 'min' | 'h' | 'd', string>>;
  readonly expected: (value: string) => string;
  readonly minimum: (value: string) => string;
  readonly separators: Readonly<Record<'list' | 'clause' | 'item', string>>;
  /** Number of publishers besides the one that is shown. */
  readonly morePublishers: (count: number) => string;
  readonly badTime: (age: string) => string;
  readonly lastTrouble: (age: string) => string;
  readonly expectedLive: Readonly<Record<'yes' | 'no' | 'unset', string>>;
  readonly rateRange: (rate: string, low: string, high: string, newest: string) => string;
  readonly noRecentRate: (rate: string) => string;
  readonly shown: (from: string, to: string, total: string) => string;
  readonly refreshes: (seconds: number) => string;
  readonly refresh: (seconds: number) => string;
  readonly stale: string;
  readonly noActions: (range: string) => string;
  readonly noActionsPartly: (range: string) => string;
  readonly notShownDomains: (count: string) => string;
  readonly failing: (count: string) => string;
  readonly banSources: Readonly<Record<BanSource, string>>;
  readonly alertsPosted: (alerts: string, alertmanagers: string) => string;
  readonly inAge: (age: string) => string;
}

/** Number of streams in a state. */
export interface StateCount {
  readonly count: string;
  readonly state: StreamState;
}

export type TextName =
  | 'all'
  | 'streams'
  | 'recovered'
  | 'recoveredNote'
  | 'forbidden'
  | 'interrupted'
  | 'allOn'
  | 'forbiddenStreams'
  | 'stream'
  | 'state'
  | 'frameRate'
  | 'lastMinutes'
  | 'limitLine'
  | 'from'
  | 'bitRate'
  | 'lastHours'
  | 'publisher'
  | 'newestSample'
  | 'search'
  | 'searchHint'
  | 'account'
  | 'allAccounts'
  | 'apply'
  | 'clear'
  | 'none'
  | 'noneYet'
  | 'noTrouble'
  | 'noTroubleSinceStart'
  | 'notReported'
  | 'hidden'
  | 'noStreams'
  | 'noLiveStreams'
  | 'noKnownStreams'
  | 'unknownStreams'
  | 'noMatch'
  | 'pagesLabel'
  | 'previous'
  | 'next'
  | 'ongoing'
  | 'controlActions'
  | 'last24h'
  | 'action'
  | 'time'
  | 'resumed'
  | 'domains'
  | 'domain'
  | 'requestedUpTo'
  | 'uncounted'
  | 'bansFrom'
  | 'noDataYet'
  | 'moreActions'
  | 'unknownActions'
  | 'expires'
  | 'internals'
  | 'collectors'
  | 'collector'
  | 'lastSuccess'
  | 'interval'
  | 'targets'
  | 'accounts'
  | 'rateLimit'
  | 'warnings'
  | 'failedReload'
  | 'endpoints'
  | 'metrics'
  | 'health'
  | 'readiness'
  | 'asOf'
  | 'started'
  | 'configLoaded'
  | 'stateSaved'
  | 'notSaved'
  | 'pause'
  | 'paused'
  | 'backToAll'
  | 'expectedNow'
  | 'troubles'
  | 'troublesNote'
  | 'begin'
  | 'end'
  | 'badSeconds'
  | 'what'
  | 'lastRequests'
  | 'requestsNote'
  | 'noRequests'
  | 'requestTime'
  | 'window'
  | 'status'
  | 'rows'
  | 'counted'
  | 'skipped'
  | 'took'
  | 'nextRequest'
  | 'running'
  | 'totals'
  | 'totalsNote'
  | 'observed'
  | 'missingTime'
  | 'badTotal'
  | 'sessions'
  | 'samples'
  | 'labels'
  | 'server'
  | 'notFound'
  | 'noSuchStream'
  | 'sortBy'
  | 'skipToStreams'
  | 'answerAge';
