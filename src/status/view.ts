import type { Provider } from '../model/capabilities.ts';
import type { EpochMs } from '../model/time.ts';
import {
  type ControlActionView,
  type DomainView,
  toControlActionViews,
  toDomainView,
} from './control-view.ts';
import type { StatusInput, StreamInput } from './inputs.ts';
import { orNull, toIso, toSeconds } from './json.ts';
import { type Attention, type PushState, toStreamStatus } from './stream-status.ts';

/** `/api/v1/status`. Moments are ISO 8601 in UTC; null is what is not known. */
export interface StatusView {
  readonly now: string;
  readonly exporter: {
    readonly version: string;
    readonly started_at: string;
    readonly config_file: string;
    readonly config_loaded_at: string;
    readonly config_last_reload_successful: boolean;
    readonly state_saved_at: string | null;
    readonly warnings: readonly string[];
  };
  readonly accounts: readonly {
    readonly account: string;
    readonly provider: Provider;
    readonly endpoints: readonly string[];
    readonly budget_requests_per_second: Readonly<Record<string, number>>;
  }[];
  readonly collectors: readonly {
    readonly account: string;
    readonly provider: Provider;
    readonly collector: string;
    readonly targets: number;
    readonly targets_failing: number;
    readonly last_success_at: string | null;
    readonly last_success_age_seconds: number | null;
    readonly interval_seconds: number | null;
  }[];
  /** How many streams are in each state; those that need attention are among them, by what is the matter. */
  readonly streams: { readonly total: number } & Readonly<Record<PushState, number>>;
  readonly attention: Readonly<Record<Attention, number>>;
  /** In the order of the config. */
  readonly domains: readonly DomainView[];
  /** The newest first, of the last day, at most 50. */
  readonly control_actions: readonly ControlActionView[];
}

/** What the page shows above the streams, and what `/api/v1/status` answers. */
export function toStatusView(
  { exporter, accounts, collectors, streams, domains }: StatusInput,
  now: EpochMs,
): StatusView {
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
    accounts: accounts.map(({ name, provider, endpoints, requestsPerSecond }) => ({
      account: name,
      provider,
      endpoints: endpoints.map(withoutSecretParts),
      budget_requests_per_second: requestsPerSecond,
    })),
    collectors: collectors.map(
      ({ account, provider, collector, targets, targetsFailing, lastSuccessAt, intervalMs }) => ({
        account,
        provider,
        collector,
        targets,
        targets_failing: targetsFailing,
        last_success_at: orNull(lastSuccessAt, toIso),
        last_success_age_seconds: orNull(lastSuccessAt, (at) => toSeconds(now - at)),
        interval_seconds: orNull(intervalMs, toSeconds),
      }),
    ),
    ...countStreams(streams, now),
    domains: domains.map((domain) => toDomainView(domain, now)),
    control_actions: toControlActionViews(domains, now),
  };
}

function countStreams(
  inputs: readonly StreamInput[],
  now: EpochMs,
): Pick<StatusView, 'streams' | 'attention'> {
  const streams = { total: inputs.length, up: 0, silent: 0, unknown: 0 };
  const attention = { silent_though_due: 0, degraded: 0, unknown: 0 };
  for (const input of inputs) {
    const judgement = toStreamStatus(input, now);
    streams[judgement.state]++;
    if (judgement.attention !== undefined) attention[judgement.attention]++;
  }
  return { streams, attention };
}

/** Scheme, host and path only. */
function withoutSecretParts(endpoint: string): string {
  const url = URL.parse(endpoint);
  return url === null ? '' : `${url.protocol}//${url.host}${url.pathname}`;
}
