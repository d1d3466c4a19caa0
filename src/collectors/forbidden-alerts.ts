import { type ControlLedger, forbiddenSince, isForbidden } from '../model/control-ledger.ts';
import { type ControlRecord, noStreams } from '../model/control-record.ts';
import { changedEntries, removedKeys } from '../model/layered-map.ts';
import type { StreamId } from '../model/stream.ts';
import type { AlertSink, StreamAlert } from '../model/stream-alert.ts';
import type { EpochMs } from '../model/time.ts';
import { maxPauseMs } from './push-alerts.ts';

export type ForbiddenAlerts = ReturnType<typeof createForbiddenAlerts>;

const name = 'LivestreamForbidden';

/** What the alert of a forbidden stream was made from. */
interface Forbidden {
  readonly ledger: ControlLedger;
  readonly labels: StreamAlert['labels'];
}

/** Ledgers of a domain that were judged last, with its forbidden streams by stream key. */
interface JudgedDomain {
  readonly streams: ControlRecord['streams'];
  readonly forbidden: Map<string, Forbidden>;
  /** Generation of the sink. */
  readonly generation: number;
}

/**
 * Creates the part that derives the alerts of forbidden streams from the records of the domains of an
 * account. `labelsOf` returns the labels of the config of a stream.
 */
export function createForbiddenAlerts(
  sink: AlertSink,
  labelsOf: (streamKey: string, stream: StreamId) => StreamAlert['labels'],
) {
  const watched = new Set<string>();
  const domains = new Map<string, JudgedDomain>();

  /** Applies a ledger. An unknown state (undefined) changes nothing. */
  function judge(streamKey: string, ledger: ControlLedger, forbidden: JudgedDomain['forbidden']): void {
    const is = isForbidden(ledger, undefined);
    if (is === true) {
      const { stream } = ledger;
      const labels = labelsOf(streamKey, stream);
      forbidden.set(streamKey, { ledger, labels });
      sink.fire(streamKey, { name, stream, labels, since: forbiddenSince(ledger) });
    } else if (is === false && forbidden.delete(streamKey)) sink.resolve(streamKey, name);
  }

  return {
    /** Adds a domain. */
    add: (targetKey: string): void => void watched.add(targetKey),
    /**
     * Applies the record of a domain at `now` (wall clock). During a catch-up, it shows the state of the
     * past, so nothing changes. No-op if the domain was removed: nobody would end its alerts.
     */
    set(targetKey: string, { target, streams }: ControlRecord, now: EpochMs): void {
      if (!sink.isOn() || !watched.has(targetKey) || now - target.watermark > maxPauseMs) return;
      const generation = sink.generation();
      const last = domains.get(targetKey);
      const known = last?.generation === generation ? last : undefined;
      const forbidden = known?.forbidden ?? new Map();
      for (const [streamKey, ledger] of changedEntries(known?.streams ?? noStreams, streams)) {
        judge(streamKey, ledger, forbidden);
      }
      for (const streamKey of removedKeys(known?.streams ?? noStreams, streams)) {
        if (forbidden.delete(streamKey)) sink.resolve(streamKey, name);
      }
      // The labels of the config can have changed. Nearly always, they are the same object as before.
      for (const [streamKey, { ledger, labels }] of forbidden) {
        if (labelsOf(streamKey, ledger.stream) !== labels) judge(streamKey, ledger, forbidden);
      }
      domains.set(targetKey, { streams, forbidden, generation });
    },
    /** Removes a domain, which ends its alerts. */
    remove(targetKey: string): void {
      for (const streamKey of domains.get(targetKey)?.forbidden.keys() ?? []) sink.resolve(streamKey, name);
      domains.delete(targetKey);
      watched.delete(targetKey);
    },
  };
}
