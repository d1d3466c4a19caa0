import { type ControlLedger, isForbidden } from '../model/control-ledger.ts';
import type { ControlRecord } from '../model/control-record.ts';
import type { InSlices } from '../model/slices.ts';
import type { EpochMs } from '../model/time.ts';
import type { AccountInput } from './inputs.ts';
import { orNull, toIso, toSeconds } from './json.ts';

/** Returns the control ledger of a stream of the account; undefined if no action on the stream is known. */
export type ControlLedgerOf = (account: string, streamKey: string) => ControlLedger | undefined;

export type ForbiddenStreamView = Readonly<ReturnType<typeof toForbiddenStreamView>>;

/** Maximum number of forbidden streams in the response. */
const maxForbidden = 50;

/** Creates the function that looks up the control ledger of a stream in the records of all domains. */
export function createControlLedgers(accounts: readonly AccountInput[]): ControlLedgerOf {
  const records = new Map<string, readonly ControlRecord[]>();
  const recordsOf = ({ collectors }: AccountInput) =>
    collectors
      .filter(({ question }) => question === 'control_history')
      .flatMap((collector) => [...collector.statuses()].flatMap(({ domain }) => domain?.record ?? []));
  return (account, streamKey) => {
    let known = records.get(account);
    if (known === undefined) {
      known = accounts.filter((each) => each.account.name === account).flatMap(recordsOf);
      records.set(account, known);
    }
    for (const { streams } of known) {
      const ledger = streams.get(streamKey);
      if (ledger !== undefined) return ledger;
    }
    return undefined;
  };
}

/** Returns the streams of the records that are forbidden now, newest first, and their number. */
export async function toForbiddenView(
  records: readonly ControlRecord[],
  now: EpochMs,
  inSlices: InSlices,
): Promise<{ readonly total: number; readonly streams: readonly ForbiddenStreamView[] }> {
  let total = 0;
  let newest: ControlLedger[] = [];
  const dropOlder = () => {
    newest = newest
      .sort((a, b) => (forbiddenSince(b) ?? 0) - (forbiddenSince(a) ?? 0))
      .slice(0, maxForbidden);
  };
  await inSlices(ledgersOf(records), (ledger) => {
    if (forbiddenSince(ledger) === undefined) return;
    total++;
    newest.push(ledger);
    if (newest.length >= 4 * maxForbidden) dropOlder();
  });
  dropOlder();
  return { total, streams: newest.map((ledger) => toForbiddenStreamView(ledger, now)) };
}

/** Returns the time since which the stream is forbidden; undefined if it is not, or if that is unknown. */
export function forbiddenSince(ledger: ControlLedger): EpochMs | undefined {
  // Like the metric livestream_control_forbidden, which does not compare with push samples either.
  if (isForbidden(ledger, undefined) !== true) return undefined;
  return Math.max(ledger.actions.forbid?.lastAt ?? 0, ledger.ban?.since ?? 0);
}

function toForbiddenStreamView(ledger: ControlLedger, now: EpochMs) {
  const { account, provider, domain, appName, stream } = ledger.stream;
  const since = forbiddenSince(ledger);
  return {
    account,
    provider,
    domain,
    app_name: appName,
    stream,
    /** Time of the forbid by the provider's clock. */
    since_at: orNull(since, toIso),
    since_seconds: orNull(since, (at) => toSeconds(now - at)),
    /** Time at which the ban ends by itself; null if it does not, or if the time is unknown. */
    expires_at: orNull(ledger.ban?.expiresAt, toIso),
  };
}

function* ledgersOf(records: readonly ControlRecord[]): Generator<ControlLedger> {
  for (const { streams } of records) yield* streams.values();
}
