import type { createGapLog } from '../log/gap-log.ts';
import { type ExporterMetrics, type SkipReason, skipReasons } from '../metrics/exporter/exporter-metrics.ts';
import type { CountedAnswer } from '../polling/history.ts';
import type { CollectorParts } from './collector-parts.ts';

/** Parts of a counted answer about which an operator may have to know. */
export type AnswerReport = Pick<CountedAnswer<unknown>, 'skipped' | 'malformed' | 'warnings' | 'gap'>;

/**
 * Creates a function that counts the skipped rows of an answer, adds its gap to `gaps` and logs its warnings. A
 * warning is logged only once per operation of the account, because it applies to all answers of the operation.
 */
export function createAnswerWarnings(
  { account, log }: Pick<CollectorParts, 'account' | 'log'>,
  metrics: Pick<ExporterMetrics, 'countSkipped'>,
  operation: string,
  gaps: Pick<ReturnType<typeof createGapLog>, 'add'>,
) {
  const logged = new Set<string>();
  return (target: string, { skipped, malformed, warnings, gap }: AnswerReport): void => {
    const rows: Record<SkipReason, number> = { ...skipped, malformed };
    for (const reason of skipReasons) {
      if (rows[reason] > 0) metrics.countSkipped(account, reason, rows[reason]);
    }
    if (gap !== undefined) gaps.add(target, gap);
    for (const warning of skipped.future > 0 ? [...warnings, futureWarning] : warnings) {
      if (logged.has(warning)) continue;
      logged.add(warning);
      log.warn(warning, { account: account.account, operation, target });
    }
  };
}

/** Warning for rows that are too far ahead of the exporter's clock. */
const futureWarning =
  'rows with a time more than 60 s in the future were skipped: check the clock of this host';
