import type { Completion } from './duplicates.ts';
import type { Expectation } from './expectation.ts';
import { addValues, newPushLedger, type PushLedger } from './push-ledger.ts';
import { isOwnSample, type PushSample } from './push-sample.ts';

/**
 * Ledgers (totals) of the streams in the answers for one push target. Most targets report only their own
 * stream. They have no map of streams, because each answer would have to copy the map.
 */
export interface PushLedgers {
  /** Ledger of the target's own stream. */
  readonly push: PushLedger;
  /** Ledgers of all other streams in the answers, by stream key; undefined if there are no other streams. */
  readonly streams?: ReadonlyMap<string, PushLedger> | undefined;
}

/** Returns the ledgers with values that were unknown when their samples were counted. */
export function completeLedgers(
  { push, streams }: PushLedgers,
  completions: readonly Completion<PushSample>[],
  expectation: Expectation,
): PushLedgers {
  const byStream = Map.groupBy(completions, ({ after }) => after.stream);
  const completed = (ledger: PushLedger, stream: string | undefined) =>
    addValues(ledger, byStream.get(stream) ?? [], expectation);
  return {
    push: completed(push, undefined),
    streams: streams && new Map(streams.entries().map(([key, each]) => [key, completed(each, key)])),
  };
}

/**
 * Function that updates the ledger of one stream with the new and the settled (final) samples of the stream.
 */
export type LedgerUpdate = (
  ledger: PushLedger,
  added: readonly PushSample[],
  settled: readonly PushSample[],
) => PushLedger;

/**
 * Updates the ledgers of all streams, even of streams without a sample, because time passes for them too. If
 * a stream is new, its ledger starts at the same time as the ledger of the target's own stream, because all
 * answers since then also covered the new stream.
 */
export function updateLedgers(
  { push, streams: known }: PushLedgers,
  added: readonly PushSample[],
  settled: readonly PushSample[],
  update: LedgerUpdate,
): PushLedgers {
  // A sample of another stream creates a ledger for that stream. So if there are no such ledgers and no such
  // new samples, all settled samples belong to the target's own stream.
  if (known === undefined && added.every(isOwnSample)) {
    return { push: update(push, added, settled), streams: undefined };
  }
  const addedOf = Map.groupBy(added, ({ stream }) => stream);
  const settledOf = Map.groupBy(settled, ({ stream }) => stream);
  const updated = (ledger: PushLedger, stream: string | undefined) =>
    update(ledger, addedOf.get(stream) ?? none, settledOf.get(stream) ?? none);

  const streams = new Map<string, PushLedger>();
  for (const [stream, ledger] of known ?? []) streams.set(stream, updated(ledger, stream));
  for (const stream of addedOf.keys()) {
    if (stream === undefined || streams.has(stream)) continue;
    streams.set(stream, updated(newPushLedger(push.judged.since), stream));
  }
  return { push: updated(push, undefined), streams };
}

const none: readonly PushSample[] = [];
