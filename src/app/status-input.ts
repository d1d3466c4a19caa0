import type { WatchedAccount } from '../collectors/collectors.ts';
import type { CollectorInput, ExporterInput, StatusInput } from '../status/inputs.ts';

/** Returns what the status page and the JSON API show, as of now. */
export function statusInput(exporter: ExporterInput, accounts: readonly WatchedAccount[]): StatusInput {
  const statuses = accounts.flatMap(({ collectors }) =>
    collectors.flatMap((collector) => collector.statuses()),
  );
  return {
    exporter,
    accounts: accounts.map(({ account, limiters }) => ({
      name: account.name,
      provider: account.provider,
      endpoints: account.endpoints,
      requestsPerSecond: Object.fromEntries(
        [...limiters].map(([operation, limiter]) => [operation, limiter.perSecond()]),
      ),
    })),
    collectors: accounts.flatMap(collectorInputs),
    streams: statuses.flatMap(({ stream }) => stream ?? []),
    domains: statuses.flatMap(({ domain }) => domain ?? []),
  };
}

function collectorInputs({ account: { name, provider }, collectors }: WatchedAccount): CollectorInput[] {
  return collectors.map(({ question, poller }) => {
    const { targets, failing, lastSuccessAt, effectiveIntervalMs } = poller.state();
    return {
      account: name,
      provider,
      collector: question,
      targets,
      targetsFailing: failing,
      lastSuccessAt,
      intervalMs: effectiveIntervalMs,
    };
  });
}
