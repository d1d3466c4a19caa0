import { createLog } from '../../src/log.ts';
import { createMetrics, type Metrics } from '../../src/metrics/metrics.ts';
import type { PublishedRecord } from '../../src/model/saved-record.ts';
import { createRecent } from '../../src/status/recent.ts';
import { createRequestLog } from '../../src/status/request-log.ts';
import { createTroubles } from '../../src/status/troubles.ts';
import type { ManualClock } from './manual-clock.ts';

/** Parts of collectors besides the record cache: no environment, no randomness, and a log that nobody reads. */
export function collectorParts(
  clock: ManualClock,
  onRelease: (streamKeys: readonly string[]) => void = () => {},
) {
  return {
    metrics: createMetrics({
      clientIp: { show: 'full', on: 'gauges' },
      clock,
      version: '0.0.0-test',
      nodeVersion: 'v24.0.0',
      onRelease,
      onControlRelease: () => {},
    }),
    recent: createRecent(),
    troubles: createTroubles(),
    requests: createRequestLog(),
    log: createLog({ level: 'info', format: 'logfmt', write: () => {}, now: clock.now }),
    clock,
    env: {},
    random: () => 0.5,
    nonce: () => 'nonce',
  };
}

/** Shows the counters of a saved record on `/metrics`. */
export function publishRecord({ series, control }: Metrics, record: PublishedRecord): void {
  if (record.question === 'push_stats') series.setLedger(record.streamKey, record.push);
  else control.setRecord(record.targetKey, record);
}
