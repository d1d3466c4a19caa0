import type { ControlRecord } from '../model/control-record.ts';
import type { InSlices } from '../model/slices.ts';
import { controlTargetKey } from '../model/target.ts';
import type { EpochMs } from '../model/time.ts';
import { createNewestActions, type DomainView, toDomainView } from './control-view.ts';
import { toForbiddenView } from './forbidden.ts';
import type {
  AccountInput,
  BanSource,
  CollectorInput,
  DomainInput,
  ExporterInput,
  PostingInput,
  StreamInput,
} from './inputs.ts';
import { type Interruption, interruptionOf } from './interruption.ts';
import { orNull, toIso, toSeconds } from './json.ts';
import { type StreamStatus, toStreamStatus } from './stream-status.ts';

/** Response of `/api/v1/status`. Times are ISO 8601 in UTC; null means unknown. */
export type StatusView = Readonly<Awaited<ReturnType<typeof toStatusView>>>;

/**
 * Returns the response of `/api/v1/status`. Reads the targets once, in slices of the event loop. `onStream`
 * receives each stream with its status.
 */
export async function toStatusView(
  exporter: ExporterInput,
  accounts: readonly AccountInput[],
  { now, troubleMs, interruption, inSlices }: StatusContext,
  onStream: (input: StreamInput, status: StreamStatus) => void = () => undefined,
) {
  const accountViews: ReturnType<typeof toAccountView>[] = [];
  await inSlices(accounts, (account) => accountViews.push(toAccountView(account)));
  const collectorViews: ReturnType<typeof toCollectorView>[] = [];
  await inSlices(collectorsOf(accounts), ([account, collector]) => {
    collectorViews.push(toCollectorView(account, collector, now));
  });

  const streams = { total: 0, missing: 0, degraded: 0, unknown: 0, up: 0, not_pushed: 0 };
  let recovered = 0;
  let interrupted = 0;
  const domainInputs: DomainInput[] = [];
  const records: ControlRecord[] = [];
  const banSources = new Map<string, BanSource | undefined>();
  const actions = createNewestActions(now);
  await inSlices(statusesOf(accounts), ({ stream, domain, bans }) => {
    if (stream !== undefined) {
      const status = toStreamStatus(stream, now);
      streams.total++;
      streams[status.state]++;
      if (interruptionOf(stream, status, interruption, now) !== undefined) interrupted++;
      else if (isRecovered(stream, status, troubleMs, now)) recovered++;
      onStream(stream, status);
    }
    if (domain !== undefined) {
      if (domain.record !== undefined) records.push(domain.record);
      domainInputs.push(domain);
      actions.add(domain);
    }
    if (bans !== undefined) banSources.set(controlTargetKey(bans.target), bans.source);
  });
  const domains: DomainView[] = [];
  await inSlices(domainInputs, (domain) => {
    const key = controlTargetKey(domain.target);
    domains.push(toDomainView(domain, banSources.has(key) ? banSources.get(key) : 'actions', now));
  });
  return {
    now: toIso(now),
    exporter: {
      version: exporter.version,
      started_at: toIso(exporter.startedAt),
      config_file: exporter.configFile,
      config_loaded_at: toIso(exporter.configLoadedAt),
      config_last_reload_successful: exporter.isLastReloadSuccessful,
      state_saved_at: orNull(exporter.stateSavedAt, toIso),
      warnings: [...exporter.warnings, ...postingWarnings(exporter.posting)],
    },
    /** Alerts that the exporter posts to Alertmanagers; null if it posts none. */
    posted_alerts: orNull(exporter.posting, toPostingView),
    accounts: accountViews,
    collectors: collectorViews,
    /** Numbers of streams, by state. */
    streams,
    /** Number of streams that are up or not pushed, and were bad or missing in the last six hours. */
    recovered,
    /** Number of streams that are expected, and whose push was interrupted for 30 % of the last five minutes or more. */
    interrupted,
    /** Streams that are forbidden now: their number, and the 50 that were forbidden last. */
    forbidden: await toForbiddenView(records, now, inSlices),
    /** Domains with control history, in config order. */
    domains,
    /** The newest 50 actions of the last 24 hours, newest first. */
    control_actions: actions.views(),
  };
}

function toPostingView({ firing, alertmanagers }: PostingInput) {
  return {
    /** Number of firing alerts by name. */
    firing: Object.fromEntries(firing),
    alertmanagers: alertmanagers.map(({ name, lastSuccessAt, failure }) => ({
      alertmanager: name,
      last_success_at: orNull(lastSuccessAt, toIso),
      failure: failure ?? null,
    })),
  };
}

/** Returns a sentence for each Alertmanager that receives no alerts. */
function postingWarnings(posting: PostingInput | undefined): readonly string[] {
  return (posting?.alertmanagers ?? []).flatMap(({ failure }) =>
    failure === undefined ? [] : [`alerts cannot be posted: ${failure}`],
  );
}

export interface StatusContext {
  readonly now: EpochMs;
  /** Returns the bad and missing time of a stream in the last hours, in ms. */
  readonly troubleMs: (streamKey: string, now: EpochMs) => number;
  /** Returns the interruption of a stream; undefined if its push is not interrupted. */
  readonly interruption: (streamKey: string) => Interruption | undefined;
  readonly inSlices: InSlices;
}

/** Reports whether the stream has no trouble now, but had some in the last hours. */
export function isRecovered(
  { key }: StreamInput,
  { state }: StreamStatus,
  troubleMs: StatusContext['troubleMs'],
  now: EpochMs,
): boolean {
  return (state === 'up' || state === 'not_pushed') && troubleMs(key, now) > 0;
}

function toAccountView({ account: { name, provider, endpoints }, limiters }: AccountInput) {
  return {
    account: name,
    provider,
    endpoints: endpoints.map(withoutSecretParts),
    /** Current rate of the rate limiter in requests per second, by operation. */
    budget_requests_per_second: Object.fromEntries(
      [...limiters].map(([operation, limiter]) => [operation, limiter.perSecond()]),
    ),
  };
}

function toCollectorView({ account }: AccountInput, { question, poller }: CollectorInput, now: EpochMs) {
  const { targets, failing, lastSuccessAt, effectiveIntervalMs } = poller.state();
  return {
    account: account.name,
    provider: account.provider,
    collector: question,
    targets,
    targets_failing: failing,
    last_success_at: orNull(lastSuccessAt, toIso),
    last_success_age_seconds: orNull(lastSuccessAt, (at) => toSeconds(now - at)),
    interval_seconds: toSeconds(effectiveIntervalMs),
  };
}

function* collectorsOf(
  accounts: readonly AccountInput[],
): Generator<readonly [AccountInput, CollectorInput]> {
  for (const account of accounts) for (const collector of account.collectors) yield [account, collector];
}

function* statusesOf(accounts: readonly AccountInput[]) {
  for (const [, collector] of collectorsOf(accounts)) yield* collector.statuses();
}

/** Returns the streams of all accounts, in config order. */
export function* streamsOf(accounts: readonly AccountInput[]): Generator<StreamInput> {
  for (const { stream } of statusesOf(accounts)) if (stream !== undefined) yield stream;
}

/**
 * Returns only the scheme, host and path of an endpoint URL, because its user, password and query can contain
 * secrets.
 */
function withoutSecretParts(endpoint: string): string {
  const url = URL.parse(endpoint);
  return url === null ? '' : `${url.protocol}//${url.host}${url.pathname}`;
}
