import type { Clock, EpochMs } from '../model/time.ts';
import { type ControlSeries, createControlSeries } from './control/control-series.ts';
import { type ControlBirth, parseControlBirth } from './control/zero-held-action.ts';
import { createExporterMetrics, type ExporterMetrics } from './exporter/exporter-metrics.ts';
import { createExposition, type DrawnTables } from './exposition/exposition.ts';
import { type AnswerScrape, createAnswerScrape } from './exposition/scrape.ts';
import type { ClientIpSettings } from './push/client-ip.ts';
import { createPushSeries, type PushSeries } from './push/push-series.ts';
import { type Births, createBirths } from './zero-hold.ts';

/** All that is shown on /metrics. */
export interface Metrics {
  readonly exporter: ExporterMetrics;
  readonly series: PushSeries;
  readonly control: ControlSeries;
  readonly answerScrape: AnswerScrape;
  /** Ends what is stale at `now`. To be called once a second. */
  sweep(now: EpochMs): void;
  /** The known scrapers, with when each asked last. */
  scrapers(now: EpochMs): ReadonlyMap<string, EpochMs>;
  /** These asked before a restart: births wait for them as for those who have asked since. */
  expectScrapers(askedAt: ReadonlyMap<string, EpochMs>, now: EpochMs): void;
}

export interface MetricsParts {
  readonly clientIp: ClientIpSettings;
  readonly clock: Clock;
  /** Lets the event loop turn. */
  readonly turn: () => Promise<void>;
  readonly version: string;
  readonly nodeVersion: string;
  /** Told of streams whose counters were seen at 0 and may leave it, once that is saved. */
  readonly onRelease: (streamKeys: readonly string[]) => void;
  /** Told likewise of control actions. */
  readonly onControlRelease: (births: readonly ControlBirth[]) => void;
}

/** How long a rendering holds the event loop at a time. */
const sliceMs = 2;

export function createMetrics(parts: MetricsParts): Metrics {
  const { clientIp, clock, turn, onRelease, onControlRelease } = parts;
  const { elapsed } = clock;
  const pushBirths = createBirths(onRelease);
  const conditionBirths = createBirths((keys) => series.showSeen(keys));
  const controlBirths = createBirths((keys) => onControlRelease(keys.map(parseControlBirth)));
  const series = createPushSeries({ clientIp, births: pushBirths, conditionBirths, version, elapsed });
  const control = createControlSeries({ births: controlBirths, version, elapsed });
  const tables: DrawnTables = {
    version,
    snapshots: () => [...series.tables.snapshots(), ...control.tables.snapshots()],
  };
  const exporter = createExporterMetrics(parts);
  const exposition = createExposition({
    tables,
    drawRest: exporter.draw,
    pace: { sliceMs, elapsed, turn },
  });

  const allBirths = [pushBirths, conditionBirths, controlBirths];
  const scrapes = together(...allBirths);

  function version(): number {
    return series.tables.version() + control.tables.version();
  }

  return {
    exporter,
    series,
    control,
    answerScrape: createAnswerScrape({
      exposition,
      births: scrapes,
      elapsed,
    }),
    sweep(now) {
      series.sweep(now);
      for (const births of allBirths) births.sweep(elapsed());
    },
    scrapers(now) {
      // All births are told of the same scrapers.
      const asked = [...pushBirths.scrapers()];
      return new Map(asked.map(([name, at]) => [name, now - (elapsed() - at)]));
    },
    expectScrapers(askedAt, now) {
      for (const [name, at] of askedAt) {
        // One that seems to have asked in the future asked when the clock was ahead.
        scrapes.asked(name, elapsed() - Math.max(0, now - at));
      }
    },
  };
}

/** All are told of every scrape: one answer shows the counters of all. */
function together(...all: readonly Births[]): Pick<Births, 'asked' | 'answered'> {
  return {
    asked(scraper, now) {
      for (const births of all) births.asked(scraper, now);
    },
    answered(scraper, version, now) {
      for (const births of all) births.answered(scraper, version, now);
    },
  };
}
