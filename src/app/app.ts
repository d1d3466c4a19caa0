import type { Collector } from '../collectors/collector.ts';
import { createCollectors } from '../collectors/collectors.ts';
import { createZeroRelease } from '../collectors/zero-release.ts';
import type { Config } from '../config/config.ts';
import type { Secrets } from '../config/secrets.ts';
import { createBugLog } from '../log/bug-log.ts';
import type { Log } from '../log.ts';
import type { ServeScrape } from '../metrics/exposition/scrape.ts';
import { createMetrics } from '../metrics/metrics.ts';
import { createSlices } from '../model/slices.ts';
import type { Clock, EpochMs } from '../model/time.ts';
import { createPosting } from '../posting/posting.ts';
import { type ListenAddress, ListenError, type PassedSocket, parseListenAddress } from '../server/listen.ts';
import { telemetryPathProblem } from '../server/routes.ts';
import { type RunningServer, startServer } from '../server/server.ts';
import type { WebSettingsSource } from '../server/web-settings.ts';
import { createRecent } from '../status/recent.ts';
import { createRequestLog } from '../status/request-log.ts';
import { createTroubles } from '../status/troubles.ts';
import { createAlertSource } from './alert-source.ts';
import { createExpiryLoop } from './expiry-loop.ts';
import { keepScrapers } from './known-scrapers.ts';
import { openRecords, withRecords } from './records.ts';
import { createReloads, type ReadConfig } from './reloads.ts';
import { createSaving } from './saving.ts';
import type { StateParts } from './state.ts';
import { createViews } from './views.ts';

export type { PassedSocket };

/** Settings and dependencies of the daemon. */
export interface AppOptions extends Pick<StateParts, 'createStorage'> {
  readonly config: Config;
  readonly secrets: Secrets;
  readonly configFile: string;
  /** Loads the config from its source again, for a reload. */
  readonly readConfig: ReadConfig;
  /** Whether the HTTP endpoint `POST /-/reload` is enabled. */
  readonly isLifecycleEnabled: boolean;
  readonly storagePath: string;
  /** Maximum time in ms that the start waits until another process releases the state. */
  readonly lockTimeoutMs: number;
  readonly listenAddresses: readonly ListenAddress[];
  /** Path below which all endpoints are, such as `/live`; empty (the default) for the root. */
  readonly routePrefix?: string;
  /** Path of the metrics, below `routePrefix`. */
  readonly telemetryPath: string;
  /** URL under which clients reach the exporter, without a slash at its end; undefined if it is unknown. */
  readonly externalUrl?: string | undefined;
  /** Settings of `--web.config.file`; undefined without this flag. */
  readonly web?: WebSettingsSource | undefined;
  /** Warnings that the status page shows, such as that all data comes from the simulator. */
  readonly warnings?: readonly string[];
  /** Environment variables, of which the proxy variables HTTP_PROXY, HTTPS_PROXY and NO_PROXY are used. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Receives the number of discovered streams of all accounts after each list. */
  readonly onDiscovered?: (streams: number) => void;
  /** Limit of open files of the process; undefined if unknown. */
  readonly maxOpenFiles?: number | undefined;
  readonly clock: Clock;
  /** Returns a random number from 0 (included) to 1 (excluded). */
  readonly random: () => number;
  /** Returns a different text on each call, for use as a nonce. */
  readonly nonce: () => string;
  readonly log: Log;
  readonly version: string;
  readonly nodeVersion: string;
  readonly pid: number;
  /** Aborted when the program must stop. Ends a start that waits until another process releases the state. */
  readonly signal: AbortSignal;
}

/** One running daemon. */
export interface App {
  /** Addresses on which the server listens. */
  readonly addresses: RunningServer['addresses'];
  readonly serveScrape: ServeScrape;
  /**
   * Starts the runs (polls) that are due at `now` (wall clock). Resolves when the results of these runs are
   * saved and exposed. For tests with a manual clock; in production, the loops that `run` starts do the same
   * work.
   */
  start(now: EpochMs): Promise<void>;
  /** Starts the loops of the daemon. They run until `stop` is called. */
  run(): void;
  /**
   * Reloads the config. Resolves with the problems of the new config. If there is a problem, the old config
   * stays active; if the list is empty, the new config is active.
   */
  reload(): Promise<readonly string[]>;
  /**
   * Shuts down gracefully: stops the parts in reverse order of the start, so that no counted data is lost.
   */
  stop(): Promise<void>;
}

/**
 * Maximum time in ms for which updating the records with ended zero holds can block the event loop before it
 * yields.
 */
const sliceMs = 4;

/**
 * Builds and connects the parts of the daemon; contains no other logic. Rejects if the daemon cannot open the
 * state or cannot listen.
 */
export async function startApp(options: AppOptions): Promise<App> {
  const { config, secrets, clock, log, version, nodeVersion, externalUrl } = options;
  await using parts = new AsyncDisposableStack();
  const startedAt = clock.now();
  const bugs = createBugLog(log, clock);

  const metrics = createMetrics({
    clientIp: config.clientIp,
    clock,
    onBug: bugs.report,
    version,
    nodeVersion,
    onRelease: (streamKeys) => zeroRelease.releasePushes(streamKeys),
    onControlRelease: (actions) => zeroRelease.releaseActions(actions),
  });
  const { exporter } = metrics;
  if (options.web !== undefined) {
    exporter.setWebReload(true);
    options.web.onReload(exporter.setWebReload);
  }

  const { state, cache, scrapers, savedAt, loadRecords } = await openRecords(options, metrics, bugs);
  parts.defer(state.close);
  const zeroRelease = createZeroRelease(cache, createSlices({ ...clock, sliceMs }), (error) =>
    bugs.report('release of counters', error),
  );
  const saveScrapers = keepScrapers(metrics, state, scrapers, startedAt);
  const saving = createSaving({
    async save(now) {
      await zeroRelease.apply();
      const isSaved = await cache.flush(now);
      await saveScrapers(now);
      // If saves fail, the background work fails too, and one report is enough.
      if (isSaved) await cache.maintain(now).then(state.compacted, state.notCompacted);
      return isSaved;
    },
    onFailed: (error) => bugs.report('save', error),
    onSlow: state.failed,
    onResponded: state.ended,
    clock,
  });
  // Save everything that was counted. The shutdown runs in reverse order, so this step comes after all
  // polling has ended and before the state closes.
  parts.defer(async () => {
    await saving.ended();
    await zeroRelease.apply();
    if (!(await cache.flush(clock.now()))) {
      log.error('stopped without saving the newest totals: the next start continues from the last save', {
        state: options.storagePath,
      });
    }
  });
  await loadRecords(config);

  const stopping = new AbortController();
  const recent = createRecent();
  const posting = createPosting({
    metrics: exporter.posting,
    sourceOf: createAlertSource(externalUrl, () => collectors.accounts()),
    clock,
    log,
  });
  parts.defer(posting.close);
  const troubles = createTroubles();
  const requests = createRequestLog();
  const collectors = createCollectors({
    ...options,
    metrics,
    cache,
    recent,
    troubles,
    requests,
    alerts: posting.sink,
  });
  parts.defer(collectors.close);
  const reloads = await createReloads({
    configFile: options.configFile,
    first: { config, secrets },
    // Apply no config during the shutdown: the shutdown would not stop the parts that a new config starts.
    readConfig: async () => {
      const read = await options.readConfig();
      if (stopping.signal.aborted) return 'stopping';
      if (read === 'stopping' || 'problems' in read) return read;
      const loaded = await withRecords(read, loadRecords);
      // The shutdown can have begun while the disk was slow.
      return stopping.signal.aborted ? 'stopping' : loaded;
    },
    apply(loaded, now) {
      posting.apply(loaded.config.alertmanager, loaded.secrets);
      return collectors.apply(loaded.config, loaded.secrets, now);
    },
    setReload: exporter.setReload,
    now: clock.now,
    log,
  });

  const expireAndSave = async () => {
    const now = clock.now();
    await bugs.guard('expiry of series', () => metrics.expire(now));
    for (const { setState } of collectors.all()) await bugs.guard('metrics of a collector', setState);
    await bugs.guard('expiry of posted alerts', posting.tick);
    await bugs.guard('save', () => saving.start(now));
  };
  const expiryLoop = createExpiryLoop(expireAndSave, clock, stopping.signal);
  parts.defer(async () => {
    stopping.abort(new Error('the exporter is stopping'));
    await expiryLoop.ended();
  });

  const webWarnings = () =>
    options.web?.problems().map((line) => `web config not reloaded; the old one stays active: ${line}`) ?? [];
  let isReady = false;
  const exporterInput = () => ({
    version,
    startedAt,
    configFile: options.configFile,
    ...reloads.state(),
    stateSavedAt: savedAt(),
    warnings: [...(options.warnings ?? []), ...state.problems(), ...webWarnings()],
    posting: posting.state(),
  });

  const views = createViews({
    exporter: exporterInput,
    accounts: collectors.accounts,
    points: recent.points,
    troubles: troubles.of,
    troubleMs: troubles.totalMs,
    interruption: recent.interruption,
    requestsOf: requests.of,
    showClientIp: metrics.series.shownAddress,
    clock,
  });
  const server = await startServer({
    listenAddresses: options.listenAddresses,
    routePrefix: options.routePrefix ?? '',
    telemetryPath: options.telemetryPath,
    externalUrl,
    maxOpenFiles: options.maxOpenFiles,
    web: options.web && { settings: options.web, secret: `${options.nonce()}${options.nonce()}` },
    scrape: metrics.serveScrape,
    healthy: () => health(collectors.all()),
    ready: () => ({
      ok: isReady,
      reason: isReady ? 'ready' : 'not ready: the exporter has not started to poll the providers',
    }),
    overview: views.overview,
    status: views.status,
    streams: views.streams,
    stream: views.stream,
    reload: options.isLifecycleEnabled ? reloads.reload : undefined,
    clock,
    log,
    onBug: bugs.report,
  });
  parts.defer(server.close);
  for (const { url, name } of server.addresses) {
    log.info('listening', url === '' ? { socket: name } : { url });
  }

  const running = parts.move();
  return {
    addresses: server.addresses,
    serveScrape: metrics.serveScrape,
    reload: reloads.reload,
    async start(now) {
      isReady = true;
      await Promise.all(collectors.all().map(({ poller }) => poller.start(now)));
      await saving.ended();
      await expireAndSave();
      await saving.ended();
    },
    run() {
      isReady = true;
      collectors.run();
      expiryLoop.start();
    },
    stop: () => running.disposeAsync(),
  };
}

/**
 * Returns the problem with the listen addresses or the telemetry path; undefined if both are well-formed.
 * Other problems, such as a port in use, appear only at the start.
 */
export function listenProblem({
  listenAddresses,
  telemetryPath,
}: Pick<AppOptions, 'listenAddresses' | 'telemetryPath'>): string | undefined {
  try {
    for (const address of listenAddresses) if (typeof address === 'string') parseListenAddress(address);
  } catch (error) {
    if (error instanceof ListenError) return error.message;
    throw error;
  }
  return telemetryPathProblem(telemetryPath);
}

/**
 * Returns the result of the health check. Every attempt at a request has a deadline, so every run ends, even
 * if the provider does not respond. A collector that has completed no run for too long is therefore stuck.
 */
function health(collectors: readonly Collector[]): { readonly ok: boolean; readonly reason: string } {
  const stuck = collectors.filter(({ poller }) => !poller.state().isMakingProgress);
  return stuck.length === 0
    ? { ok: true, reason: 'all collectors make progress' }
    : {
        ok: false,
        reason: `a collector is stuck, because it has completed no poll for too long: ${stuck.map(({ question }) => question).join(', ')}; save the log, then restart the exporter`,
      };
}
