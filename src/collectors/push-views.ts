import type { PushSeries } from '../metrics/push/push-series.ts';
import type { PlannedApp } from '../model/list-plan.ts';
import { type Listing, replacesListed, viewAfterList } from '../model/listed-view.ts';
import type { PushSample } from '../model/push-sample.ts';
import { type PushView, viewTtlMs } from '../model/push-view.ts';
import type { ListAnswer, ListedApp, ListedPush } from '../model/questions.ts';
import type { InSlices } from '../model/slices.ts';
import { type MissingTime, missingBefore } from '../model/state-begin.ts';
import type { StreamId } from '../model/stream.ts';
import { defaultAppName, type PushTarget } from '../model/target.ts';
import type { EpochMs } from '../model/time.ts';
import type { PushPollTarget } from '../polling/push-history.ts';
import { createDroppedPublishers, type DroppedPublishersParts } from './dropped-publishers.ts';

/** Application of a domain whose streams are push targets of the account. */
interface AppViews {
  readonly key: string;
  readonly app: ListedApp;
  /** Targets by name of the stream. */
  readonly targets: Map<string, PushPollTarget>;
  /** Longest `stale_after` of the targets in ms; undefined if it must be computed again. */
  staleAfterMs: number | undefined;
  /** Last complete list: its time, and the names of the targets in it. */
  last: { readonly at: EpochMs; readonly names: ReadonlySet<string> } | undefined;
  /** Time of the first list that lacked a stream which the previous list contained, by stream name. */
  readonly gone: Map<string, EpochMs>;
  /** Time up to which the lists feed the gauges, unless there is another list. */
  listedUntil: EpochMs;
  /**
   * Time in ms after an answer of history until a list can show a later time: the age of the lists, and two
   * intervals.
   */
  bridgeMs: number;
}

/** Application of a domain that a list of live pushes can cover. */
export interface ListableApp extends PlannedApp {
  readonly app: ListedApp;
}

/** Times in ms that determine how long the values of a list are shown. */
export interface ListIntervals {
  readonly effectiveIntervalMs: number;
  readonly configuredIntervalMs: number;
}

export interface PushViewsParts extends DroppedPublishersParts {
  readonly series: Pick<PushSeries, 'setView'>;
  /** Requests the history of the target before that of other targets. */
  readonly expedite: (targetKey: string) => void;
  readonly inSlices: InSlices;
  /**
   * Receives the time in which a stream was missing, when the stream is back or no longer expected. By default, nobody
   * does.
   */
  readonly onMissing?: (streamKey: string, time: MissingTime) => void;
}

export type PushViews = ReturnType<typeof createPushViews>;

/** Labels of a stream that is no target: the same object each time, so that a comparison is fast. */
const noLabels: PushTarget['labels'] = {};

/**
 * Creates the states of all streams of one account, which the gauges show. A state comes from the newest
 * answer of history, or from a list of live pushes, if the list is newer.
 */
export function createPushViews(parts: PushViewsParts) {
  const { series, expedite, inSlices, onMissing } = parts;
  const dropped = createDroppedPublishers(parts);
  /** State of each stream in its last answer, by stream key. */
  const views = new Map<string, PushView>();
  /** Application of each target, by stream key. */
  const appOf = new Map<string, AppViews>();
  const apps = new Map<string, AppViews>();
  /** Stream keys of targets whose history is requested before that of others. */
  const urgent = new Set<string>();

  function set({ streamKey, target }: PushPollTarget, view: PushView): void {
    for (const missing of missingBefore(views.get(streamKey), view, target.expectation)) {
      onMissing?.(streamKey, missing);
    }
    views.set(streamKey, view);
    dropped.set(streamKey, target, view);
    series.setView(streamKey, view);
  }

  /** Applies what a list shows of one target. */
  function setListed(target: PushPollTarget, listing: Listing, ttlMs: number): void {
    const { key, streamKey } = target;
    const { view, isUrgent } = viewAfterList(target.target, views.get(streamKey), listing, ttlMs);
    if (view !== undefined) set(target, view);
    if (!isUrgent) return;
    urgent.add(streamKey);
    expedite(key);
  }

  /**
   * Applies a list to the listed targets of an application. A complete list also applies to all other
   * targets.
   */
  async function applyList(
    app: AppViews,
    { items, isComplete, measuredAt }: ListAnswer<ListedPush>,
    requestedAt: EpochMs,
    ttlMs: number,
  ): Promise<void> {
    const listedAt = measuredAt ?? requestedAt;
    const { last, gone } = app;
    const pushes = new Map<string, PushSample[]>();
    const names = new Set<string>();
    await inSlices(items, ({ stream, sample }) => {
      if (!app.targets.has(stream)) return;
      names.add(stream);
      const known = pushes.get(stream);
      if (known === undefined) pushes.set(stream, [sample]);
      else known.push(sample);
    });
    const listingOf = (name: string, own: readonly PushSample[]): Listing => ({
      requestedAt,
      listedAt,
      hasTimes: measuredAt !== undefined,
      pushes: own,
      listedBeforeAt: last?.names.has(name) ? last.at : undefined,
      goneAt: gone.get(name),
    });
    await inSlices(pushes, ([name, own]) => {
      gone.delete(name);
      const target = app.targets.get(name);
      if (target !== undefined) setListed(target, listingOf(name, own), ttlMs);
    });
    if (!isComplete) return;
    await inSlices(app.targets.values(), (target) => {
      const name = target.target.stream.stream;
      if (pushes.has(name)) return;
      if (last?.names.has(name)) gone.set(name, listedAt);
      if (gone.has(name)) setListed(target, listingOf(name, []), ttlMs);
    });
    app.last = { at: listedAt, names };
  }

  return {
    /** Adds a target without a state. */
    add(pollTarget: PushPollTarget): void {
      const { streamKey, target } = pollTarget;
      const { domain, appName, stream } = target.stream;
      const key = JSON.stringify([domain, appName]);
      const app = apps.get(key) ?? newApp(key, { domain, appName: appName || defaultAppName });
      apps.set(key, app);
      app.targets.set(stream, pollTarget);
      if (app.staleAfterMs !== undefined) app.staleAfterMs = Math.max(app.staleAfterMs, target.staleAfterMs);
      appOf.set(streamKey, app);
    },
    /** Replaces the settings of a target. */
    update(pollTarget: PushPollTarget): void {
      const app = appOf.get(pollTarget.streamKey);
      if (app === undefined) return;
      app.targets.set(pollTarget.target.stream.stream, pollTarget);
      app.staleAfterMs = undefined;
    },
    remove({ streamKey, target }: PushPollTarget): void {
      const app = appOf.get(streamKey);
      appOf.delete(streamKey);
      views.delete(streamKey);
      urgent.delete(streamKey);
      dropped.remove(streamKey);
      if (app === undefined) return;
      app.targets.delete(target.stream.stream);
      app.gone.delete(target.stream.stream);
      if (target.staleAfterMs === app.staleAfterMs) app.staleAfterMs = undefined;
      if (app.targets.size === 0) apps.delete(app.key);
    },
    /** Returns the number of live publishers without series at `now` (wall clock). */
    publishersDropped: dropped.count,
    has: (streamKey: string): boolean => appOf.has(streamKey),
    /** Returns the keys in `streams` that are targets. */
    targetKeysIn(streams: ReadonlyMap<string, unknown>): ReadonlySet<string> {
      // Walk the smaller of both, because each can have tens of thousands of streams.
      const [walked, other] = streams.size < appOf.size ? [streams, appOf] : [appOf, streams];
      return new Set(walked.keys().filter((key) => other.has(key)));
    },
    get: (streamKey: string): PushView | undefined => views.get(streamKey),
    /** Returns the labels that the config gives to a stream; none if it is not a target. */
    labelsOf: (streamKey: string, { stream }: StreamId): PushTarget['labels'] =>
      appOf.get(streamKey)?.targets.get(stream)?.target.labels ?? noLabels,
    /**
     * Sets the state in an answer of history, unless a list shows a newer one. No-op if the target was
     * removed. `now` is the wall clock.
     */
    answered(target: PushPollTarget, view: PushView, now: EpochMs): void {
      const app = appOf.get(target.streamKey);
      if (app === undefined || !replacesListed(view, views.get(target.streamKey), now)) return;
      // Lists of the time before this answer do not replace it, so it is shown until there is a later one.
      const bridgedTo = now < app.listedUntil ? view.answeredAt + app.bridgeMs : 0;
      set(target, view.expiresAt < bridgedTo ? { ...view, expiresAt: bridgedTo } : view);
    },
    /** Returns the applications of all targets. */
    apps: (): Iterable<ListableApp> =>
      apps.values().map((each) => ({ key: each.key, app: each.app, staleAfterMs: staleAfterOf(each) })),
    /**
     * Applies a list of live pushes, which was requested at `requestedAt` (wall clock). No-op if the
     * application has no targets any more. Call it once at a time for each application.
     */
    async listed(
      appKey: string,
      answer: ListAnswer<ListedPush>,
      requestedAt: EpochMs,
      { effectiveIntervalMs, configuredIntervalMs }: ListIntervals,
    ): Promise<void> {
      const app = apps.get(appKey);
      if (app === undefined) return;
      const ttlMs = viewTtlMs(staleAfterOf(app), effectiveIntervalMs, configuredIntervalMs);
      // After a long time without a list, two lists are not consecutive.
      const { measuredAt = requestedAt } = answer;
      if (app.last !== undefined && Math.abs(measuredAt - app.last.at) > ttlMs) {
        app.last = undefined;
        app.gone.clear();
      }
      app.listedUntil = requestedAt + ttlMs;
      app.bridgeMs = requestedAt - measuredAt + 2 * effectiveIntervalMs;
      await applyList(app, answer, requestedAt, ttlMs);
    },
    /** Reports whether lists feed the gauges of the target at `now` (wall clock). */
    isListed: ({ streamKey }: PushPollTarget, now: EpochMs): boolean =>
      now < (appOf.get(streamKey)?.listedUntil ?? Number.NEGATIVE_INFINITY),
    /** Reports whether the history of the target is to be requested before that of others. */
    isUrgent: (streamKey: string): boolean => urgent.has(streamKey),
    /** Ends the urgency of a target whose history is requested now. */
    polled: (streamKey: string): void => void urgent.delete(streamKey),
  };
}

/** Returns the longest `stale_after` of the targets of an application, in ms. */
function staleAfterOf(app: AppViews): number {
  app.staleAfterMs ??= app.targets
    .values()
    .reduce((max, { target }) => Math.max(max, target.staleAfterMs), 0);
  return app.staleAfterMs;
}

function newApp(key: string, app: ListedApp): AppViews {
  return {
    key,
    app,
    targets: new Map(),
    staleAfterMs: undefined,
    last: undefined,
    gone: new Map(),
    listedUntil: Number.NEGATIVE_INFINITY,
    bridgeMs: 0,
  };
}
