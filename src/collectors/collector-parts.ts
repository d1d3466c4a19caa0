import type { RateLimiter } from '../calls/rate-limit.ts';
import type { Log } from '../log.ts';
import type { AccountLabels, ExporterMetrics } from '../metrics/exporter/exporter-metrics.ts';
import type { Clock } from '../model/time.ts';

/** What the collectors of one account share. */
export interface CollectorParts {
  readonly account: AccountLabels;
  readonly limiter: RateLimiter;
  readonly metrics: ExporterMetrics;
  readonly log: Log;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}
