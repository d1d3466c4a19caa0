import type { EpochMs } from '../model/time.ts';
import { toControlActionViews, toDomainView } from './control-view.ts';
import type { AccountInput, ExporterInput, StreamInput } from './inputs.ts';
import { orNull, toIso, toSeconds } from './json.ts';
import { toStreamStatus } from './stream-status.ts';

/** Response of `/api/v1/status`. Times are ISO 8601 in UTC; null means unknown. */
export type StatusView = Readonly<ReturnType<typeof toStatusView>>;

export function toStatusView(exporter: ExporterInput, accounts: readonly AccountInput[], now: EpochMs) {
  const domains = statusesOf(accounts).flatMap(({ domain }) => domain ?? []);
  return {
    now: toIso(now),
    exporter: {
      version: exporter.version,
      started_at: toIso(exporter.startedAt),
      config_file: exporter.configFile,
      config_loaded_at: toIso(exporter.configLoadedAt),
      config_last_reload_successful: exporter.isLastReloadSuccessful,
      state_saved_at: orNull(exporter.stateSavedAt, toIso),
      warnings: exporter.warnings,
    },
    accounts: accounts.map(({ account: { name, provider, endpoints }, limiters }) => ({
      account: name,
      provider,
      endpoints: endpoints.map(withoutSecretParts),
      /** Current rate of the rate limiter in requests per second, by operation. */
      budget_requests_per_second: Object.fromEntries(
        [...limiters].map(([operation, limiter]) => [operation, limiter.perSecond()]),
      ),
    })),
    collectors: accounts.flatMap(({ account: { name, provider }, collectors }) =>
      collectors.map(({ question, poller }) => {
        const { targets, failing, lastSuccessAt, effectiveIntervalMs } = poller.state();
        return {
          account: name,
          provider,
          collector: question,
          targets,
          targets_failing: failing,
          last_success_at: orNull(lastSuccessAt, toIso),
          last_success_age_seconds: orNull(lastSuccessAt, (at) => toSeconds(now - at)),
          interval_seconds: toSeconds(effectiveIntervalMs),
        };
      }),
    ),
    ...countStreams(streamsOf(accounts), now),
    /** Domains with control history, in config order. */
    domains: domains.map((domain) => toDomainView(domain, now)),
    /** The newest 50 actions of the last 24 hours, newest first. */
    control_actions: toControlActionViews(domains, now),
  };
}

/** Returns the streams of all accounts, in config order. */
export function streamsOf(accounts: readonly AccountInput[]): readonly StreamInput[] {
  return statusesOf(accounts).flatMap(({ stream }) => stream ?? []);
}

function statusesOf(accounts: readonly AccountInput[]) {
  return accounts.flatMap(({ collectors }) => collectors.flatMap((collector) => collector.statuses()));
}

/** Counts all streams by state, and counts those that need attention also by the reason for attention. */
function countStreams(inputs: readonly StreamInput[], now: EpochMs) {
  const streams = { total: inputs.length, up: 0, silent: 0, unknown: 0 };
  const attention = { silent_though_due: 0, degraded: 0, unknown: 0 };
  for (const input of inputs) {
    const status = toStreamStatus(input, now);
    streams[status.state]++;
    if (status.attention !== undefined) attention[status.attention]++;
  }
  return { streams, attention };
}

/**
 * Returns only the scheme, host and path of an endpoint URL, because its user, password and query can contain
 * secrets.
 */
function withoutSecretParts(endpoint: string): string {
  const url = URL.parse(endpoint);
  return url === null ? '' : `${url.protocol}//${url.host}${url.pathname}`;
}
