import type { Clock, EpochMs } from '../model/time.ts';
import { type ControlSeries, createControlSeries } from './control/control-series.ts';
import { type HeldAction, parseHeldActionKey } from './control/zero-held-action.ts';
import { createExporterMetrics, type ExporterMetrics } from './exporter/exporter-metrics.ts';
import { createExposition, type RenderedTables } from './exposition/exposition.ts';
import { createScrapeHandler, type ServeScrape } from './exposition/scrape.ts';
import type { ClientIpSettings } from './push/client-ip.ts';
import { createPushSeries, type PushSeries } from './push/push-series.ts';
import { createZeroHold, type ZeroHold } from './zero-hold.ts';

/** All that is shown on /metrics. */
export interface Metrics {
  readonly exporter: ExporterMetrics;
  readonly series: PushSeries;
  readonly control: ControlSeries;
  readonly serveScrape: ServeScrape;
  /** Ends what is stale at `now`. To be called once a second. */
  expire(now: EpochMs): void;
  /** The known scrapers, with when each asked last. */
  scrapers(now: EpochMs): ReadonlyMap<string, EpochMs>;
  /** These asked before a restart: births wait for them as for those who have asked since. */
  expectScrapers(askedAt: ReadonlyMap<string, EpochMs>, now: EpochMs): void;
}

export interface MetricsParts {
  readonly clientIp: ClientIpSettings;
  readonly clock: Clock;
  readonly version: string;
  readonly nodeVersion: string;
  /** Told of streams whose counters were seen at 0 and may leave it, once that is saved. */
  readonly onRelease: (streamKeys: readonly string[]) => void;
  /** Told likewise of control actions. */
  readonly onControlRelease: (zeroHold: readonly HeldAction[]) => void;
}

/** How long a rendering holds the event loop at a time. */
const sliceMs = 2;

export function createMetrics(parts: MetricsParts): Metrics {
  const { clientIp, clock, onRelease, onControlRelease } = parts;
  const { elapsed } = clock;
  const pushBirths = createZeroHold(onRelease);
  const conditionHold = createZeroHold((keys) => series.releaseConditions(keys));
  const controlBirths = createZeroHold((keys) => onControlRelease(keys.map(parseHeldActionKey)));
  const series = createPushSeries({ clientIp, zeroHold: pushBirths, conditionHold, version, elapsed });
  const control = createControlSeries({ zeroHold: controlBirths, version, elapsed });
  const tables: RenderedTables = {
    version,
    snapshots: () => [...series.tables.snapshots(), ...control.tables.snapshots()],
  };
  const exporter = createExporterMetrics(parts);
  const exposition = createExposition({
    tables,
    renderExporter: exporter.render,
    pace: { ...clock, sliceMs },
  });

  const allBirths = [pushBirths, conditionHold, controlBirths];
  const scrapes = together(...allBirths);

  function version(): number {
    return series.tables.version() + control.tables.version();
  }

  return {
    exporter,
    series,
    control,
    serveScrape: createScrapeHandler({
      exposition,
      zeroHold: scrapes,
      elapsed,
    }),
    expire(now) {
      series.expire(now);
      for (const zeroHold of allBirths) zeroHold.expire(elapsed());
    },
    scrapers(now) {
      // All births are told of the same scrapers.
      const asked = [...pushBirths.scrapers()];
      return new Map(asked.map(([name, at]) => [name, now - (elapsed() - at)]));
    },
    expectScrapers(askedAt, now) {
      for (const [name, at] of askedAt) {
        // One that seems to have asked in the future asked when the clock was ahead.
        scrapes.scrapeStarted(name, elapsed() - Math.max(0, now - at));
      }
    },
  };
}

/** All are told of every scrape: one answer shows the counters of all. */
function together(...all: readonly ZeroHold[]): Pick<ZeroHold, 'scrapeStarted' | 'scrapeCompleted'> {
  return {
    scrapeStarted(scraper, now) {
      for (const zeroHold of all) zeroHold.scrapeStarted(scraper, now);
    },
    scrapeCompleted(scraper, version, now) {
      for (const zeroHold of all) zeroHold.scrapeCompleted(scraper, version, now);
    },
  };
}
