import { createSlices } from '../model/slices.ts';
import type { Clock, EpochMs } from '../model/time.ts';
import type { HeldAction } from './control/action-rows.ts';
import { createControlSeries } from './control/control-series.ts';
import { createExporterMetrics } from './exporter/exporter-metrics.ts';
import { createExposition, type RenderedTables, renderTogether } from './exposition/exposition.ts';
import { createScrapeHandler } from './exposition/scrape.ts';
import type { ClientIpSettings } from './push/client-ip.ts';
import { createPushSeries } from './push/push-series.ts';
import { createZeroHold } from './zero-hold.ts';

export type Metrics = ReturnType<typeof createMetrics>;

interface MetricsParts {
  readonly clientIp: ClientIpSettings;
  readonly clock: Clock;
  readonly version: string;
  readonly nodeVersion: string;
  /** Receives the streams whose counters can leave 0 once that is saved. */
  readonly onRelease: (streamKeys: readonly string[]) => void;
  /** Receives the control actions whose counters can leave 0 once that is saved. */
  readonly onControlRelease: (actions: readonly HeldAction[]) => void;
}

/** Maximum time that a render blocks the event loop before it yields. */
const sliceMs = 2;

/** Creates all metrics on /metrics. */
export function createMetrics(parts: MetricsParts) {
  const { clientIp, clock, onRelease, onControlRelease } = parts;
  const { elapsed } = clock;
  const slices = { ...clock, sliceMs };
  const zeroHold = createZeroHold({ version: () => tables.version(), elapsed });
  const series = createPushSeries({ clientIp, zeroHold, onRelease, inSlices: createSlices(slices) });
  const control = createControlSeries({ zeroHold, onRelease: onControlRelease });
  const tables: RenderedTables = renderTogether([series.tables, control.tables]);
  const exporter = createExporterMetrics(parts);
  const exposition = createExposition({ tables, renderExporter: exporter.render, slices });

  return {
    exporter,
    series,
    control,
    serveScrape: createScrapeHandler({ exposition, zeroHold }),
    /** Removes series that are stale at `now` and releases held counters. Call it once a second. */
    expire(now: EpochMs) {
      series.expire(now);
      zeroHold.expire();
    },
    /** Returns the known scrapers with the time of their last request. */
    scrapers(now: EpochMs): ReadonlyMap<string, EpochMs> {
      const lastRequests = [...zeroHold.scrapers()];
      return new Map(lastRequests.map(([name, at]) => [name, now - (elapsed() - at)]));
    },
    /** Restores the scrapers that were known before a restart, so that the zero hold waits for them. */
    expectScrapers(lastRequests: ReadonlyMap<string, EpochMs>, now: EpochMs) {
      for (const [name, at] of lastRequests) {
        // A time in the future was measured while the clock was ahead: treat it as now.
        zeroHold.scrapeStarted(name, elapsed() - Math.max(0, now - at));
      }
    },
  };
}
