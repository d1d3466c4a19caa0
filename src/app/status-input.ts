import type { Collection } from '../collectors/answer-warnings.ts';
import type { WatchedAccount } from '../collectors/collectors.ts';
import type { ControlCollection } from '../collectors/control-history.ts';
import type { PushCollection } from '../collectors/push-history.ts';
import type { Account } from '../config/config.ts';
import { controlTargetKey } from '../model/target.ts';
import type { Keeper } from '../polling/record-cache.ts';
import type { DomainInput, ExporterInput, StatusInput, StreamInput } from '../status/inputs.ts';

/** What the status page and the JSON are made of, as it is now. */
export function statusInput(
  exporter: ExporterInput,
  accounts: readonly WatchedAccount[],
  keeper: Keeper,
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
    streams: accounts.flatMap(({ push }) => (push === undefined ? [] : streamInputs(push, keeper))),
    domains: accounts.flatMap(({ control }) => (control === undefined ? [] : domainInputs(control, keeper))),
  };
}

function endpointOf(account: Account): string {
  return account.provider === 'tencent' ? account.statcgi.endpoint : account.endpoint;
}

function collectorInput({ name, provider }: Account, { name: collector, collector: { state } }: Collection) {
  const { targets, failing, lastSuccessAt, roundMs } = state();
  return {
    account: name,
    provider,
    collector,
    targets,
    targetsFailing: failing,
    lastSuccessAt,
    intervalMs: roundMs,
  };
}

function streamInputs({ targets, views, failures }: PushCollection, keeper: Keeper): StreamInput[] {
  return [...targets()].map(([streamKey, { key, target }]) => ({
    target,
    view: views.get(streamKey),
    ledger() {
      const record = keeper.record(key);
      return record?.question === 'push_stats' ? record.push : undefined;
    },
    failure: failures.get(streamKey),
  }));
}

function domainInputs({ targets, failures }: ControlCollection, keeper: Keeper): DomainInput[] {
  return [...targets()].map((target) => {
    const key = controlTargetKey(target);
    const record = keeper.record(key);
    return {
      target,
      record: record?.question === 'control_history' ? record : undefined,
      failure: failures.get(key),
    };
  });
}
