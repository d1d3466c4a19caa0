import type { Collector } from '../collectors/answer-warnings.ts';
import { createCollectors } from '../collectors/collectors.ts';
import { createZeroRelease } from '../collectors/zero-release.ts';
import type { Config } from '../config/config.ts';
import type { Secrets } from '../config/secrets.ts';
import type { Log } from '../log.ts';
import type { ServeScrape } from '../metrics/exposition/scrape.ts';
import { createMetrics } from '../metrics/metrics.ts';
import { createSlices } from '../model/slices.ts';
import { type Clock, type EpochMs, secondMs } from '../model/time.ts';
import { createRecordCache, type RecordCache } from '../polling/record-cache.ts';
import { ListenError, parseListenAddress } from '../server/listen.ts';
import { telemetryPathProblem } from '../server/routes.ts';
import { type RunningServer, startServer } from '../server/server.ts';
import { createRecent } from '../status/recent.ts';
import { toStreamsView } from '../status/stream-view.ts';
import { toStatusView } from '../status/view.ts';
import { keepScrapers } from './known-scrapers.ts';
import { createReloads, type ReadConfig } from './reloads.ts';
import { openState } from './state.ts';
import { statusInput } from './status-input.ts';

export interface AppOptions {
  readonly config: Config;
  readonly secrets: Secrets;
  readonly configFile: string;
  /** Reads the config again, for a reload. */
  readonly readConfig: ReadConfig;
  /** POST /-/reload is answered. */
  readonly isLifecycleEnabled: boolean;
  readonly storagePath: string;
  readonly lockTimeoutMs: number;
  readonly listenAddresses: readonly string[];
  readonly telemetryPath: string;
  /** What an operator should know at every look, such as that this is a demo. */
  readonly warnings?: readonly string[];
  /** For HTTP_PROXY and its like. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** 0 to 1. */
  readonly random: () => number;
  /** Never the same twice. */
  readonly nonce: () => string;
  readonly log: Log;
  readonly version: string;
  readonly nodeVersion: string;
  readonly pid: number;
  /** Aborted when the program is to stop: breaks off a start that waits. */
  readonly signal: AbortSignal;
}

/** One running daemon. */
export interface App {
  readonly addresses: RunningServer['addresses'];
  readonly serveScrape: ServeScrape;
  /**
   * Starts what is due at `now`. The promise ends when all that it started has ended, is saved and is shown. The loops do
   * the same by themselves; a test that moves its clock by hand awaits it.
   */
  start(now: EpochMs): Promise<void>;
  /** Goes on by itself, until it is stopped. */
  run(): void;
  /** Reads the config again and applies it. Brings what kept the old one in force; nothing: the new one is. */
  reload(): Promise<readonly string[]>;
  /** Ends what was started, in the order that loses nothing. */
  stop(): Promise<void>;
}

/** How often what changed is saved, and what is stale ended. */
const keepEveryMs = secondMs;

/** How long taking over what was released holds the event loop at a time. */
const sliceMs = 4;

/** Builds the parts of one daemon and connects them; decides nothing. Rejects when it can't listen or has no state. */
export async function startApp(options: AppOptions): Promise<App> {
  const { config, secrets, clock, log, version, nodeVersion } = options;
  await using parts = new AsyncDisposableStack();
  const startedAt = clock.now();

  const metrics = createMetrics({
    clientIp: config.clientIp,
    clock,
    version,
    nodeVersion,
    onRelease: (streamKeys) => zeroRelease.releasePushes(streamKeys),
    onControlRelease: (zeroHold) => zeroRelease.releaseActions(zeroHold),
  });
  const { exporter } = metrics;

  const { state, records, scrapers, savedAt } = await openState(options, {
    onReset: exporter.countStateReset,
  });
  parts.defer(state.close);
  let stateSavedAt = savedAt;
  if (savedAt !== undefined) exporter.setStateSaved(savedAt);
  const cache: RecordCache = createRecordCache({
    records,
    saveBatch: state.save,
    remove: state.remove,
    publish(record) {
      if (record.question === 'push_stats') metrics.series.setLedger(record.streamKey, record.push);
      else metrics.control.setRecord(record.targetKey, record);
    },
    onSaved(now) {
      stateSavedAt = now;
      exporter.setStateSaved(now);
      state.saved();
    },
    onFailed: state.failed,
    yieldNow: clock.yieldNow,
  });
  const zeroRelease = createZeroRelease(cache, createSlices({ ...clock, sliceMs }));
  const saveScrapers = keepScrapers(metrics, state, scrapers, startedAt);
  // The last thing before the state is closed: what was counted is saved.
  parts.defer(async () => {
    await zeroRelease.apply();
    await cache.flush(clock.now());
  });

  const stopping = new AbortController();
  const recent = createRecent();
  const collections = createCollectors({ ...options, metrics, cache, recent });
  parts.defer(collections.close);
  const reloads = await createReloads({
    configFile: options.configFile,
    first: { config, secrets },
    // What is begun once the collections are closed, nothing would end.
    readConfig: async () => {
      const read = await options.readConfig();
      return stopping.signal.aborted ? 'stopping' : read;
    },
    apply: (loaded, now) => collections.apply(loaded.config, loaded.secrets, now),
    setReload: exporter.setReload,
    now: clock.now,
    log,
  });

  const keep = async () => {
    const now = clock.now();
    metrics.expire(now);
    for (const collection of collections.all()) collection.showState();
    saveScrapers(now);
    await zeroRelease.apply();
    await cache.flush(now);
  };
  let keeping: Promise<void> = Promise.resolve();
  parts.defer(async () => {
    stopping.abort(new Error('the exporter stops'));
    await keeping;
  });

  let isReady = false;
  const status = () =>
    statusInput(
      {
        version,
        startedAt,
        configFile: options.configFile,
        ...reloads.state(),
        stateSavedAt,
        warnings: [...(options.warnings ?? []), ...state.problems()],
      },
      [...collections.accounts()],
      cache,
    );

  const server = await startServer({
    listenAddresses: options.listenAddresses,
    telemetryPath: options.telemetryPath,
    scrape: metrics.serveScrape,
    healthy: () => health(collections.all()),
    ready: () => ({
      ok: isReady,
      reason: isReady ? 'the first runs have started' : 'the first runs have not started yet',
    }),
    status: () => toStatusView(status(), clock.now()),
    streams: (query) =>
      toStreamsView(status().streams, query, {
        now: clock.now(),
        points: recent.points,
        showClientIp: metrics.series.shownAddress,
      }),
    reload: options.isLifecycleEnabled ? reloads.reload : undefined,
    clock,
    log,
  });
  parts.defer(server.close);
  for (const { url } of server.addresses) log.info('listening', { url });

  const running = parts.move();
  return {
    addresses: server.addresses,
    serveScrape: metrics.serveScrape,
    reload: reloads.reload,
    async start(now) {
      isReady = true;
      await Promise.all(collections.all().map(({ poller }) => poller.start(now)));
      await keep();
    },
    run() {
      isReady = true;
      collections.run();
      keeping = keepOn();
    },
    stop: () => running.disposeAsync(),
  };

  async function keepOn(): Promise<void> {
    while (!stopping.signal.aborted) {
      await keep();
      await clock.sleep(keepEveryMs, stopping.signal).catch(() => undefined);
    }
  }
}

/** What is wrong with where the daemon is to listen, in a line; undefined: nothing that can be told beforehand. */
export function unusableAddress({
  listenAddresses,
  telemetryPath,
}: Pick<AppOptions, 'listenAddresses' | 'telemetryPath'>): string | undefined {
  try {
    for (const address of listenAddresses) parseListenAddress(address);
  } catch (error) {
    if (error instanceof ListenError) return error.message;
    throw error;
  }
  return telemetryPathProblem(telemetryPath);
}

/** A collector that ends no run is stuck, whatever its provider does: a run ends by its deadline, well or failed. */
function health(collections: readonly Collector[]): { readonly ok: boolean; readonly reason: string } {
  const stuck = collections.filter(({ poller }) => !poller.state().isMakingProgress);
  return stuck.length === 0
    ? { ok: true, reason: 'the collectors turn' }
    : { ok: false, reason: `no run has ended for too long: ${stuck.map(({ name }) => name).join(', ')}` };
}
