import type { Provider } from '../model/capabilities.ts';
import { type ControlAction, controlActions } from '../model/control-action.ts';
import { dayMs, type EpochMs } from '../model/time.ts';
import { type FailureView, toFailureView } from './failure-view.ts';
import type { DomainInput } from './inputs.ts';
import { orNull, toIso, toSeconds } from './json.ts';

/** One domain whose control actions are asked for. */
export interface DomainView {
  readonly account: string;
  readonly provider: Provider;
  readonly domain: string;
  /** Empty: all applications of the domain. */
  readonly app_name: string;
  /** Asked with success up to here; null: no answer came yet. */
  readonly watermark_at: string | null;
  readonly watermark_age_seconds: number | null;
  /** From here up to the watermark each action is known: a day at most, and less where the asking began later. */
  readonly known_from_at: string | null;
  /** Time that can no longer be asked about. */
  readonly gap_seconds: number;
  /** Of the newest run; null when that brought an answer. */
  readonly last_failure: FailureView | null;
}

/** One control action. Whose address it was told with is left out: it is not the publisher's. */
export interface ControlActionView {
  /** The action's own time, by the provider. */
  readonly at: string;
  readonly account: string;
  readonly domain: string;
  /** Empty where the provider does not tell. */
  readonly app_name: string;
  readonly stream: string;
  /** The provider's word in small letters. */
  readonly action: string;
}

/** So many are told; all of them are counted in the metrics. */
const maxActions = 50;

export function toDomainView({ target, record, failure }: DomainInput, now: EpochMs): DomainView {
  const { account, provider, domain, appName } = target;
  // A record begins with the watermark at its floor: where the first window begins, not where one has ended.
  const asked = record !== undefined && record.target.watermark > record.target.floor ? record : undefined;
  return {
    account,
    provider,
    domain,
    app_name: appName ?? '',
    watermark_at: orNull(asked?.target.watermark, toIso),
    watermark_age_seconds: orNull(asked?.target.watermark, (at) => toSeconds(now - at)),
    known_from_at: orNull(asked?.target.floor, toIso),
    gap_seconds: toSeconds(record?.domain.gapMs ?? 0),
    last_failure: orNull(failure, toFailureView),
  };
}

/**
 * The actions of the last day, the newest first. They are those by which each domain's ledger tells counted rows from
 * fresh ones, so they are there after a restart too. Equal ones are as many as were counted.
 */
export function toControlActionViews(
  inputs: readonly DomainInput[],
  now: EpochMs,
): readonly ControlActionView[] {
  return newestOf(actionsSince(inputs, now - dayMs)).map(({ account, row }) => ({
    at: toIso(row.actedAt),
    account,
    domain: row.domain,
    app_name: row.appName,
    stream: row.stream,
    action: row.action,
  }));
}

interface Told {
  readonly account: string;
  readonly row: ControlAction;
}

function* actionsSince(inputs: readonly DomainInput[], from: EpochMs): Iterable<Told> {
  for (const { target, record } of inputs) {
    for (const row of record?.target.seen ?? []) {
      if (row.actedAt > from) yield { account: target.account, row };
    }
  }
}

/** Of a hundred thousand only a few are wanted, so the others are dropped on the way. */
function newestOf(actions: Iterable<Told>): readonly Told[] {
  const newest: Told[] = [];
  const dropOlder = () => newest.sort(newestFirst).splice(maxActions);
  for (const action of actions) {
    newest.push(action);
    if (newest.length === 20 * maxActions) dropOlder();
  }
  dropOlder();
  return newest;
}

/** Of one second, in their order: it must not depend on which answer told them. */
function newestFirst(a: Told, b: Told): number {
  return b.row.actedAt - a.row.actedAt || controlActions.compare(a.row, b.row);
}
