import type { Account } from '../config/config.ts';
import type { Log } from '../log.ts';
import type { ExporterMetrics, SkipReason } from '../metrics/exporter/exporter-metrics.ts';
import type { SkippedRows } from '../model/target-ledger.ts';
import type { Clock, EpochMs, Window } from '../model/time.ts';
import type { Poller } from '../polling/poller.ts';
import type { RecordCache } from '../polling/record-cache.ts';
import type { RateLimiters } from './sources.ts';

/** One question put to one account: its collector, with what it tells the rest of the program. */
export interface Collector {
  /** As in the label `collector`. */
  readonly name: string;
  readonly operation: string;
  readonly poller: Pick<Poller<never>, 'start' | 'loop' | 'state'>;
  /** Shows in the metrics how the collector is doing. */
  showState(): void;
}

/** What every collection is made of. */
export interface CollectorParts {
  readonly account: Pick<Account, 'name' | 'provider'>;
  readonly limiters: RateLimiters;
  readonly cache: RecordCache;
  readonly metrics: ExporterMetrics;
  readonly log: Log;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** What may be odd about an answer that counts. */
export interface AnswerReport {
  readonly skipped: SkippedRows;
  readonly malformed: number;
  readonly warnings: readonly string[];
  readonly gap: Window | undefined;
}

/** Counts and logs what is odd about answers; a note once for the account, since it is odd about all its answers. */
export function createAnswerWarnings(
  { account: { name, provider }, metrics, log }: Pick<CollectorParts, 'account' | 'metrics' | 'log'>,
  operation: string,
) {
  const noted = new Set<string>();
  return (target: string, { skipped, malformed, warnings, gap }: AnswerReport): void => {
    const rows: Record<SkipReason, number> = { ...skipped, malformed };
    for (const reason of skipReasons) {
      if (rows[reason] > 0) metrics.countSkipped({ account: name, provider }, reason, rows[reason]);
    }
    const told = skipped.future > 0 ? [...warnings, futureNote] : warnings;
    if (gap !== undefined) {
      log.warn('the provider can no longer be asked about a stretch of time', {
        account: name,
        target,
        from: toIso(gap.from),
        to: toIso(gap.to),
      });
    }
    for (const note of told) {
      if (noted.has(note)) continue;
      noted.add(note);
      log.warn(note, { account: name, operation, target });
    }
  };
}

const futureNote =
  'rows of more than a minute ahead are not counted: a clock is wrong, or the time zone of the account';

const skipReasons: readonly SkipReason[] = ['malformed', 'future', 'late', 'changed', 'duplicate'];

function toIso(at: EpochMs): string {
  return new Date(at).toISOString();
}
