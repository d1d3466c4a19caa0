import { createSlices } from '../model/slices.ts';
import { type Clock, dayMs, type EpochMs } from '../model/time.ts';
import type { HeldAction } from './control/action-rows.ts';
import { createControlSeries } from './control/control-series.ts';
import { createExporterMetrics } from './exporter/exporter-metrics.ts';
import { createExposition, type RenderedTables, renderTogether } from './exposition/exposition.ts';
import { createScrapeHandler } from './exposition/scrape.ts';
import type { ClientIpSettings } from './push/client-ip.ts';
import { createPushSeries } from './push/push-series.ts';
import { createZeroHold } from './zero-hold.ts';

/** Time in ms after its last request for which a scraper is expected again after a restart. */
const maxDownMs = dayMs;

export type Metrics = ReturnType<typeof createMetrics>;

/** Settings and functions that the metrics need. */
interface MetricsParts {
  readonly clientIp: ClientIpSettings;
  readonly clock: Clock;
  readonly version: string;
  readonly nodeVersion: string;
  /**
   * Receives the keys of streams whose zero hold can end, because every known scraper has received the
   * counters of these streams at 0. The receiver saves the release; after that, the counters can leave 0.
   */
  readonly onRelease: (streamKeys: readonly string[]) => void;
  /**
   * Receives the control actions whose zero hold can end, because every known scraper has received the
   * counters of these actions at 0. The receiver saves the release; after that, the counters can leave 0.
   */
  readonly onControlRelease: (actions: readonly HeldAction[]) => void;
  /** Receives errors of work that nobody waits for, which are bugs. By default, they are thrown again. */
  readonly onBug?: (work: string, error: unknown) => void;
}

/**
 * Maximum time in ms for which a render, or an update of many series, blocks the event loop before it yields.
 */
const sliceMs = 2;

/** Creates all metrics that /metrics exposes. */
export function createMetrics(parts: MetricsParts) {
  const { clientIp, clock, onRelease, onControlRelease, onBug } = parts;
  const onError = onBug && ((error: unknown) => onBug('update of series', error));
  const { elapsed } = clock;
  const slices = { ...clock, sliceMs };
  const zeroHold = createZeroHold({ version: () => tables.version(), elapsed });
  const series = createPushSeries({ clientIp, zeroHold, onRelease, inSlices: createSlices(slices), onError });
  const control = createControlSeries({
    zeroHold,
    onRelease: onControlRelease,
    slices: { ...slices, onError },
  });
  const tables: RenderedTables = renderTogether([series.tables, control.tables]);
  const exporter = createExporterMetrics(parts);
  const exposition = createExposition({ tables, renderExporter: exporter.render, slices });

  return {
    exporter,
    series,
    control,
    serveScrape: createScrapeHandler({ exposition, zeroHold }),
    /**
     * Removes series that are stale at `now` (wall clock, epoch ms), and releases counters that need not be
     * held any longer. Call this method once a second, but not before the last call has ended.
     */
    async expire(now: EpochMs): Promise<void> {
      // The slices start anew, so that the expiry of few streams does not yield.
      await series.expire(now, createSlices(slices));
      zeroHold.expire();
    },
    /** Returns the known scrapers by name, each with the time of its last request (wall clock, epoch ms). */
    scrapers(now: EpochMs): ReadonlyMap<string, EpochMs> {
      const lastRequests = [...zeroHold.scrapers()];
      return new Map(lastRequests.map(([name, at]) => [name, now - (elapsed() - at)]));
    },
    /**
     * Restores the scrapers that were known before a restart, so that the zero hold waits for each of them.
     * `lastRequests` has the time of each scraper's last request (wall clock, epoch ms).
     */
    expectScrapers(lastRequests: ReadonlyMap<string, EpochMs>, now: EpochMs) {
      for (const [name, at] of lastRequests) {
        // While the exporter was down, no scraper could send a request, and the wall clock can have been
        // stepped. So each gets the whole time to appear again, unless it is certainly gone.
        if (now - at < maxDownMs) zeroHold.restoreScraper(name, elapsed());
      }
    },
  };
}
