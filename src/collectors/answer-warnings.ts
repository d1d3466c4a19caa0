import type { createGapLog } from '../log/gap-log.ts';
import { type ExporterMetrics, type SkipReason, skipReasons } from '../metrics/exporter/exporter-metrics.ts';
import type { Answer } from '../model/answer.ts';
import type { CountedAnswer } from '../polling/history.ts';
import type { CollectorParts } from './collector-parts.ts';

/** Parts of a counted answer about which an operator may have to know. */
export type AnswerReport = Pick<CountedAnswer<unknown>, 'skipped' | 'malformed' | 'warnings' | 'gap'>;

/**
 * Creates a function that counts the skipped rows of an answer, adds its gap to `gaps` and logs its warnings.
 * A warning is logged only once per operation of the account, because it applies to all answers of the
 * operation.
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

/** Rows of a list are not counted, so none can be skipped for these reasons. */
const noneSkipped = { future: 0, late: 0, changed: 0, duplicate: 0 };

/**
 * Like `createAnswerWarnings`, for an operation that returns lists of the present state. Lists have no gaps.
 */
export function createListWarnings(
  parts: Pick<CollectorParts, 'account' | 'log' | 'metrics'>,
  operation: string,
) {
  const report = createAnswerWarnings(parts, parts.metrics.exporter, operation, { add: () => undefined });
  return (target: string, { malformed, warnings }: Pick<Answer<unknown>, 'malformed' | 'warnings'>): void =>
    report(target, { malformed, warnings, skipped: noneSkipped, gap: undefined });
}

/** Warning for rows that are too far ahead of the exporter's clock. */
const futureWarning =
  'rows with a time more than 60 s in the future were skipped: check the clock of this host';
