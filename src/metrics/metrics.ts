import { createSlices } from '../model/slices.ts';
import type { Clock, EpochMs } from '../model/time.ts';
import type { HeldAction } from './control/action-rows.ts';
import { type ControlSeries, createControlSeries } from './control/control-series.ts';
import { createExporterMetrics, type ExporterMetrics } from './exporter/exporter-metrics.ts';
import { createExposition, type RenderedTables } from './exposition/exposition.ts';
import { createScrapeHandler, type ServeScrape } from './exposition/scrape.ts';
import type { ClientIpSettings } from './push/client-ip.ts';
import { createPushSeries, type PushSeries } from './push/push-series.ts';
import { createZeroHold } from './zero-hold.ts';

/** All metrics on /metrics. */
export interface Metrics {
  readonly exporter: ExporterMetrics;
  readonly series: PushSeries;
  readonly control: ControlSeries;
  readonly serveScrape: ServeScrape;
  /** Removes series that are stale at `now` and releases held counters. Call it once a second. */
  expire(now: EpochMs): void;
  /** Returns the known scrapers with the time of their last request. */
  scrapers(now: EpochMs): ReadonlyMap<string, EpochMs>;
  /** Restores the scrapers that were known before a restart, so that the zero hold waits for them. */
  expectScrapers(lastRequests: ReadonlyMap<string, EpochMs>, now: EpochMs): void;
}

export interface MetricsParts {
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

export function createMetrics(parts: MetricsParts): Metrics {
  const { clientIp, clock, onRelease, onControlRelease } = parts;
  const { elapsed } = clock;
  const slices = { ...clock, sliceMs };
  const zeroHold = createZeroHold({ version, elapsed });
  const series = createPushSeries({ clientIp, zeroHold, onRelease, inSlices: createSlices(slices) });
  const control = createControlSeries({ zeroHold, onRelease: onControlRelease });
  const tables: RenderedTables = {
    version,
    snapshots: () => [...series.tables.snapshots(), ...control.tables.snapshots()],
  };
  const exporter = createExporterMetrics(parts);
  const exposition = createExposition({ tables, renderExporter: exporter.render, slices });

  function version(): number {
    return series.tables.version() + control.tables.version();
  }

  return {
    exporter,
    series,
    control,
    serveScrape: createScrapeHandler({ exposition, zeroHold }),
    expire(now) {
      series.expire(now);
      zeroHold.expire();
    },
    scrapers(now) {
      const lastRequests = [...zeroHold.scrapers()];
      return new Map(lastRequests.map(([name, at]) => [name, now - (elapsed() - at)]));
    },
    expectScrapers(lastRequests, now) {
      for (const [name, at] of lastRequests) {
        // A time in the future was measured while the clock was ahead: treat it as now.
        zeroHold.scrapeStarted(name, elapsed() - Math.max(0, now - at));
      }
    },
  };
}
