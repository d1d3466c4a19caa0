import type {
  CollectorLabels,
  CollectorState,
  ExporterMetrics,
  OperationLabels,
} from '../metrics/exporter/exporter-metrics.ts';
import type { Poller } from '../polling/poller.ts';
import type { PollTarget } from '../polling/target-queue.ts';

interface CollectorMetricsParts {
  readonly metrics: Pick<ExporterMetrics, 'setBudget' | 'setCollector'>;
  readonly operation: OperationLabels;
  readonly collector: CollectorLabels;
  readonly poller: Pick<Poller<PollTarget>, 'state' | 'changes'>;
  /** Returns the current rate limit in requests per second. */
  readonly perSecond: () => number;
  /** Returns the values that do not come from the poller. */
  readonly ownState: () => Pick<
    CollectorState,
    'newestSampleAt' | 'publishersDropped' | 'effectiveDelayMs' | 'lagMs' | 'clockBehindMs'
  >;
}

/**
 * Creates the function that sets the metrics about a collector itself, such as the number of its targets. The
 * function is called once a second. It does nothing while the poller is idle and no value changes with time
 * alone: with a thousand accounts, the metrics of all of them would take more than a percent of a core.
 */
export function createCollectorMetrics(parts: CollectorMetricsParts): () => void {
  const { metrics, operation, collector, poller, perSecond, ownState } = parts;
  let shownChanges = -1;
  let shownPerSecond = -1;
  let changesWithTime = false;
  return () => {
    const changes = poller.changes();
    const requestsPerSecond = perSecond();
    if (changes === shownChanges && requestsPerSecond === shownPerSecond && !changesWithTime) return;
    shownChanges = changes;
    shownPerSecond = requestsPerSecond;
    const { effectiveIntervalMs, lastRunMs, ...state } = poller.state();
    const own = ownState();
    changesWithTime = [own.publishersDropped, own.lagMs, own.clockBehindMs].some((value) => (value ?? 0) > 0);
    metrics.setBudget(operation, requestsPerSecond);
    metrics.setCollector(collector, {
      ...state,
      ...own,
      intervalMs: effectiveIntervalMs,
      runDurationMs: lastRunMs,
    });
  };
}
