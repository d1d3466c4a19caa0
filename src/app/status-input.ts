import type { Collector } from '../collectors/answer-warnings.ts';
import type { WatchedAccount } from '../collectors/collectors.ts';
import type { ControlCollector } from '../collectors/control-history.ts';
import type { PushCollector } from '../collectors/push-history.ts';
import type { Account } from '../config/config.ts';
import { controlTargetKey } from '../model/target.ts';
import type { RecordCache } from '../polling/record-cache.ts';
import type { DomainInput, ExporterInput, StatusInput, StreamInput } from '../status/inputs.ts';

/** What the status page and the JSON are made of, as it is now. */
export function statusInput(
  exporter: ExporterInput,
  accounts: readonly WatchedAccount[],
  cache: RecordCache,
): StatusInput {
  return {
    exporter,
    accounts: accounts.map(({ account, limiters }) => ({
      name: account.name,
      provider: account.provider,
      endpoints: [endpointOf(account)],
      requestsPerSecond: Object.fromEntries(
        [...limiters].map(([operation, limiter]) => [operation, limiter.perSecond()]),
      ),
    })),
    collectors: accounts.flatMap(({ account, push, control }) =>
      [push, control].flatMap((collection) =>
        collection === undefined ? [] : [collectorInput(account, collection)],
      ),
    ),
    streams: accounts.flatMap(({ push }) => (push === undefined ? [] : streamInputs(push, cache))),
    domains: accounts.flatMap(({ control }) => (control === undefined ? [] : domainInputs(control, cache))),
  };
}

function endpointOf(account: Account): string {
  return account.provider === 'tencent' ? account.statcgi.endpoint : account.endpoint;
}

function collectorInput({ name, provider }: Account, { name: collector, poller: { state } }: Collector) {
  const { targets, failing, lastSuccessAt, effectiveIntervalMs } = state();
  return {
    account: name,
    provider,
    collector,
    targets,
    targetsFailing: failing,
    lastSuccessAt,
    intervalMs: effectiveIntervalMs,
  };
}

function streamInputs({ targets, views, failures }: PushCollector, cache: RecordCache): StreamInput[] {
  return [...targets()].map(([streamKey, { key, target }]) => ({
    target,
    view: views.get(streamKey),
    ledger() {
      const record = cache.record(key);
      return record?.question === 'push_stats' ? record.push : undefined;
    },
    failure: failures.get(streamKey),
  }));
}

function domainInputs({ targets, failures }: ControlCollector, cache: RecordCache): DomainInput[] {
  return [...targets()].map((target) => {
    const key = controlTargetKey(target);
    const record = cache.record(key);
    return {
      target,
      record: record?.question === 'control_history' ? record : undefined,
      failure: failures.get(key),
    };
  });
}
