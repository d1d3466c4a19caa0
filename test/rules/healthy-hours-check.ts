import { toRuleFile } from '../../src/alerting/rule-file.ts';
import { createRules } from '../../src/alerting/rules.ts';
import { account, type HealthyHours, recordHealthyHours } from './healthy-hours.ts';
import { runCases } from './promtool.ts';
import { scrapeMs } from './recorded.ts';

/** The shipped rules, for an account that is polled every 5 s. */
export const healthyRules = toRuleFile(
  createRules({
    scrapeMs,
    job: 'livestream-exporter',
    labels: [],
    objective: 0.99,
    paces: [{ account, intervalMs: scrapeMs, staleAfterMs: 30_000 }],
  }),
  { language: 'en', runbookBase: undefined, header: '' },
);

/**
 * Evaluates the rules every 5 s in hours of healthy streams. Returns an empty text if no alert ever fires, or
 * what promtool says about those that fire.
 */
export async function checkHealthyHours(hours: HealthyHours): Promise<string> {
  const series = await recordHealthyHours(hours);
  try {
    const within = `${hours.hours + 1}h`;
    runCases(healthyRules, [
      { name: 'healthy', interval: '5s', series, firing: { [`${hours.hours * 60}m`]: [] }, within },
    ]);
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
