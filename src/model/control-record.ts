import type { ControlAction } from './control-action.ts';
import { withoutEchoes } from './control-echoes.ts';
import {
  actionLabelOf,
  addAction,
  banAfterAction,
  type ControlLedger,
  type DomainLedger,
  newControlLedger,
  newDomainLedger,
  type StreamLedgers,
  streamsOfName,
} from './control-ledger.ts';
import { withChanges } from './layered-map.ts';
import { type ActionLedger, newActions } from './new-actions.ts';
import type { ControlHistorySource } from './questions.ts';
import type { CountedRows, HistoryStep, TargetRecord } from './record-kind.ts';
import { type StreamId, streamKey } from './stream.ts';
import { withoutInactive } from './stream-eviction.ts';
import { type ControlTarget, controlTargetKey, totalLookbackMs } from './target.ts';
import { newTargetLedger, nextWindow, skipGap, wasNeverPolled } from './target-ledger.ts';
import { dayMs, type EpochMs, hourMs, type Window } from './time.ts';

/**
 * Saved state of one control target (a domain): its polling progress, and the ledgers (totals) of the domain
 * and its streams. An answer updates the progress and all ledgers together.
 */
export interface ControlRecord extends TargetRecord {
  readonly question: 'control_history';
  readonly target: ActionLedger;
  readonly domain: DomainLedger;
  readonly streams: StreamLedgers;
  /**
   * Time of the last rescan (wall clock, epoch ms). A rescan is a request that covers the last 24 hours.
   * Before the first rescan, this is the time at which the record was created.
   */
  readonly rescannedAt: EpochMs;
  /**
   * Application of the last request, or all applications if it had several; empty if the request covered all
   * applications of the domain; undefined if an earlier version of the exporter saved the record. In that
   * case, assume the application of the current target.
   */
  readonly appName: string | undefined;
}

/** Streams of a domain without a control action. */
export const noStreams: ControlRecord['streams'] = new Map();

/** Limits that all control targets of one account share. They bound the number of series (cardinality). */
export interface ControlBounds {
  /** Action labels that are already in use in the account. */
  readonly actionLabels: ReadonlySet<string>;
}

/** Settings for counting one answer. */
interface CountSettings extends ControlBounds {
  /** Wall clock time of the request (epoch ms). */
  readonly now: EpochMs;
  /** See `HistoryCapability`. */
  readonly sameActionMs?: number | undefined;
}

/**
 * Time in ms before the watermark at which the window of a rescan starts. An action still counts if it
 * appears at most this late.
 */
export const rescanLookbackMs = dayMs;
/** Time between two rescans of a target, in ms. */
const rescanIntervalMs = hourMs;

type Limits = ControlHistorySource['limits'];

/** Creates the record of a target that was never polled. Counting starts one lookback before `now`. */
export function newControlRecord(target: ControlTarget, now: EpochMs): ControlRecord {
  return {
    question: 'control_history',
    targetKey: controlTargetKey(target),
    frozenAt: undefined,
    target: newTargetLedger(now, totalLookbackMs(target)),
    domain: newDomainLedger(),
    streams: new Map(),
    rescannedAt: now,
    appName: appNameOf(target),
  };
}

/**
 * Restarts a record that was never polled, after a step of the wall clock. The new start is derived from
 * `now`. A restart is safe, because nothing was counted yet.
 */
export function restartControl(
  { targetKey, frozenAt, domain }: ControlRecord,
  target: ControlTarget,
  now: EpochMs,
): ControlRecord {
  return { ...newControlRecord(target, now), targetKey, frozenAt, domain };
}

/** Reports whether the target was never polled: no request has succeeded yet, and no gap was counted. */
export function wasControlNeverPolled({ target, domain, streams }: ControlRecord): boolean {
  return wasNeverPolled(target) && streams.size === 0 && domain.gapMs === 0;
}

/**
 * Adapts the record if `target` now requests another application. If a provider lists a stream without its
 * application, the exporter assigns the stream to the requested application. So rows that were counted under
 * the old application also become known under the new application and do not count twice. Rows of other
 * applications count only from one lookback before the watermark (end of the last successful window), as
 * after a first start.
 */
export function adaptAppName(record: ControlRecord, target: ControlTarget): ControlRecord {
  const appName = appNameOf(target);
  if (record.appName === appName) return record;
  if (record.appName === undefined) return { ...record, appName };
  const { watermark, floor, seen } = record.target;
  // If several applications are requested, the provider reports the application of each row.
  const renamed =
    target.appNames === undefined
      ? seen.slice().flatMap((row) => (row.appName === record.appName ? [{ ...row, appName }] : []))
      : [];
  const { ledger } = newActions(
    record.target,
    {
      window: { from: floor, to: watermark },
      // The renamed rows were already counted, so none of them may be skipped as too far in the future.
      now: Infinity,
      // If the old requests covered all applications, the rows of the new application were already counted,
      // so keep the floor one rescan lookback before the watermark. Otherwise move the floor to one lookback
      // before the watermark, so that older rows of the new application do not count.
      lookbackMs: coversApps(record.appName, target) ? rescanLookbackMs : totalLookbackMs(target),
    },
    renamed,
  );
  return { ...record, target: ledger, appName };
}

/** Reports whether the requests for `before` covered all applications that `target` requests now. */
function coversApps(before: string, { appNames }: ControlTarget): boolean {
  if (appNames === undefined) return before === '';
  const known = before.split(appSeparator);
  return appNames.every((name) => known.includes(name));
}

/**
 * Plans the next request of a target at `now` (wall clock). Once per hour, the request is a rescan, which
 * finds actions that appeared up to a day late.
 */
export function nextControlStep(
  record: ControlRecord,
  target: ControlTarget,
  limits: Limits,
  now: EpochMs,
): HistoryStep {
  const isRescan = now - record.rescannedAt >= rescanIntervalMs;
  const lookbackMs = isRescan ? rescanLookbackMs : totalLookbackMs(target);
  return { ...nextWindow(record.target, now, { ...limits, lookbackMs }), isRescan };
}

/**
 * Counts the answer to the request `step`, which was sent at `now` (wall clock). First counts the gap before
 * the request window, then the actions.
 */
export function countActions(
  before: ControlRecord,
  { window, gap, isRescan = false }: HistoryStep,
  target: ControlTarget,
  { now, actionLabels, sameActionMs }: CountSettings,
  actions: readonly ControlAction[],
): CountedRows<ControlAction, ControlRecord> {
  const record = gap === undefined ? before : skip(before, gap);
  const rows = sameActionMs === undefined ? actions : withoutEchoes(record.target, actions, sameActionMs);
  // Keep the counted rows for the lookback of a rescan, so that the next rescan recognizes them as
  // duplicates.
  const { ledger, added, skipped } = newActions(
    record.target,
    { window, now, lookbackMs: rescanLookbackMs },
    rows,
  );
  const { streams, newStreams, domain } = addToTotals(record, added, target, actionLabels);
  return {
    record: {
      ...record,
      target: ledger,
      domain,
      streams: isRescan ? withoutInactive(streams, now) : streams,
      rescannedAt: isRescan ? now : record.rescannedAt,
    },
    added,
    newStreams,
    skipped,
  };
}

/**
 * Adds new actions to the totals of a domain and of its streams. Returns them, with the keys of new streams.
 */
export function addToTotals(
  record: ControlRecord,
  added: readonly ControlAction[],
  { account, provider }: ControlTarget,
  actionLabels: ReadonlySet<string>,
) {
  const labels = new Set(actionLabels);
  const changed = new Map<string, ControlLedger>();
  const newStreams: string[] = [];
  let { domain } = record;
  for (const row of added) {
    const label = actionLabelOf(row.action, labels);
    labels.add(label);
    domain = { ...domain, actions: addAction(domain.actions, label, row) };
    const id: StreamId = {
      account,
      provider,
      domain: row.domain,
      appName: row.appName || knownAppName(record.streams, row),
      stream: row.stream,
    };
    const key = streamKey(id);
    const stream = changed.get(key) ?? record.streams.get(key);
    if (stream === undefined) newStreams.push(key);
    const before = stream ?? newControlLedger(id);
    const ban = banAfterAction(before, row);
    changed.set(key, {
      ...stream,
      stream: id,
      actions: addAction(before.actions, label, row),
      ...(ban !== undefined && { ban }),
    });
  }
  return { streams: withChanges(record.streams, changed), newStreams, domain };
}

/**
 * Returns the application of an action without one. If the domain has streams of that name in exactly one
 * application, the action belongs to this application: otherwise, a stream that the provider lists with its
 * application in a forbid and without in the resume would stay forbidden. Returns an empty text in any other case.
 */
function knownAppName(streams: StreamLedgers, { domain, stream }: ControlAction): string {
  const appNames = streamsOfName(streams, stream).flatMap(([, { stream: id }]) =>
    id.domain === domain ? [id.appName] : [],
  );
  return appNames.length === 1 ? (appNames[0] ?? '') : '';
}

/**
 * Counts the part of a planned gap that is later than the watermark, and restarts the target ledger at the
 * end of the gap. Returns the record unchanged if the watermark is already past the gap.
 */
function skip(record: ControlRecord, planned: Window): ControlRecord {
  const skipped = skipGap(record.target, planned);
  if (skipped === undefined) return record;
  const { ledger, gap } = skipped;
  const { domain } = record;
  return { ...record, target: ledger, domain: { ...domain, gapMs: domain.gapMs + (gap.to - gap.from) } };
}

/** Returns the application, or the applications, that the requests of a target cover; empty for all. */
function appNameOf({ appName = '', appNames }: ControlTarget): string {
  return appNames === undefined ? appName : appNames.join(appSeparator);
}

/** Separates several applications in `ControlRecord.appName`. No name contains it. */
const appSeparator = '\n';
