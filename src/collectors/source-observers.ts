import type { Account } from '../config/config.ts';
import type { Log } from '../log.ts';
import type { ExporterMetrics } from '../metrics/exporter/exporter-metrics.ts';
import { isOnlyForDoctor } from '../model/operations.ts';
import type { SourceObservers } from './sources.ts';

/**
 * Adds the account to the metrics. Returns observers that report the requests of the account to the metrics
 * and the log.
 */
export function observeAccount(
  { name: account, provider, expectedDelayMs }: Account,
  metrics: ExporterMetrics,
  log: Log,
): SourceObservers {
  const labels = { account, provider };
  metrics.addAccount(labels, expectedDelayMs);
  return {
    onRequest: ({ operation, kind, durationMs }) =>
      metrics.countRequest({ ...labels, operation }, { tookMs: durationMs, failure: kind }),
    onClockOffset: (offsetMs) => metrics.setClockOffset(labels, offsetMs),
    onBudget(operation, requestsPerSecond) {
      // The daemon never requests it, so series at 0 would only raise questions.
      if (isOnlyForDoctor(operation)) return;
      metrics.addOperation({ ...labels, operation });
      metrics.setBudget({ ...labels, operation }, requestsPerSecond);
    },
    onInsecureEndpoint: (host) =>
      log.warn(
        'the endpoint uses plain HTTP: others on the network can read each request, and replay it until its signature expires; use HTTPS if the provider offers it',
        {
          account,
          host,
        },
      ),
    onSecretsRead(problem) {
      if (problem === undefined) log.info('secrets read again, because their files changed', { account });
      else
        log.warn('changed secret files are unusable, so the old secrets stay in use', { account, problem });
    },
    onRenewal(problem) {
      if (problem === undefined) log.info('credentials renewed again', { account });
      else
        log.warn('credentials not renewed, so the old ones stay in use until they expire', {
          account,
          error: problem,
        });
    },
  };
}
