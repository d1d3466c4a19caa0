import { Counter, Gauge, type Registry } from 'prom-client';
import { type FailureKind, failureKinds } from '../../model/answer.ts';
import { type PostedAlertName, postedAlertNames } from '../../model/stream-alert.ts';
import type { EpochMs } from '../../model/time.ts';

/** Defines the metrics about posting alerts to Alertmanagers. They have no series if no alerts are posted. */
export function definePostingMetrics(registry: Registry) {
  const labelNames = ['alertmanager'] as const;
  const registers = [registry];
  return {
    posts: new Counter({
      name: 'livestream_alertmanager_posts_total',
      help: 'Total number of requests that the exporter sent to the Alertmanager (host and port of its URL), including failed requests. Without an alert, the exporter sends an empty list once a minute. If the exporter posts no alerts, there is no series.',
      labelNames,
      registers,
    }),
    failures: new Counter({
      name: 'livestream_alertmanager_post_failures_total',
      help: 'Total number of failed requests to the Alertmanager, by kind: auth (wrong password or token), refused (the Alertmanager rejected the request), throttled (too many requests), unavailable (timeout, network failure or failure of the Alertmanager), malformed (the response is not that of an Alertmanager), internal (bug in the exporter, or too many open files). If the exporter posts no alerts, there is no series.',
      labelNames: [...labelNames, 'kind'],
      registers,
    }),
    lastSuccessAt: new Gauge({
      name: 'livestream_alertmanager_last_success_timestamp_seconds',
      help: 'Timestamp of the last request that the Alertmanager received, in Unix seconds. The series is absent before the first successful request, and if the exporter posts no alerts.',
      labelNames,
      registers,
    }),
    firing: new Gauge({
      name: 'livestream_alerts_active',
      help: 'Number of firing alerts that the exporter posts to Alertmanagers, by name of the alert. If the exporter posts no alerts, there is no series.',
      labelNames: ['alert'] as const,
      registers,
    }),
  };
}

export type PostingMetrics = ReturnType<typeof createPostingMetrics>;

/**
 * Creates the functions that update the metrics about posting. An update of an unknown Alertmanager is a
 * no-op.
 */
export function createPostingMetrics({
  posts,
  failures,
  lastSuccessAt,
  firing,
}: ReturnType<typeof definePostingMetrics>) {
  const known = new Set<string>();
  return {
    /** Adds the counters of an Alertmanager at 0, so that `increase()` sees the first failure. */
    addAlertmanager(alertmanager: string): void {
      known.add(alertmanager);
      posts.inc({ alertmanager }, 0);
      for (const kind of failureKinds) failures.inc({ alertmanager, kind }, 0);
    },
    removeAlertmanager(alertmanager: string): void {
      known.delete(alertmanager);
      posts.remove({ alertmanager });
      lastSuccessAt.remove({ alertmanager });
      for (const kind of failureKinds) failures.remove({ alertmanager, kind });
    },
    /** Counts one request. `failure` is undefined if the Alertmanager received it at `now` (wall clock). */
    countPost(alertmanager: string, failure: FailureKind | undefined, now: EpochMs): void {
      if (!known.has(alertmanager)) return;
      posts.inc({ alertmanager });
      if (failure === undefined) lastSuccessAt.set({ alertmanager }, now / 1000);
      else failures.inc({ alertmanager, kind: failure });
    },
    /** Sets the numbers of firing alerts; undefined removes the series. */
    setFiring(counts: ReadonlyMap<PostedAlertName, number> | undefined): void {
      for (const alert of postedAlertNames) {
        if (counts === undefined) firing.remove({ alert });
        else firing.set({ alert }, counts.get(alert) ?? 0);
      }
    },
  };
}
