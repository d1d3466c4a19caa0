import { expect, test } from 'vitest';
import { createRules } from '../../src/alerting/rules.ts';

/**
 * Alerts that do not end at once if no exporter can be scraped: the exporter's own absence, alerts that always fire, and
 * alerts whose range still contains the samples from before.
 */
const others = /ExporterDown|ExporterAbsent|Watchdog|PublisherChanged|BudgetBurn|Requests|AlertsNotPosted/;

const cases = [5, 15, 60, 120].flatMap((scrapeSeconds) =>
  [5, 275, 1_100].map((intervalSeconds) => ({ scrapeSeconds, intervalSeconds })),
);

test.each(cases)(
  'an alert about a gauge lasts until LivestreamExporterDown inhibits it: scrapes every $scrapeSeconds s, polls every $intervalSeconds s',
  ({ scrapeSeconds, intervalSeconds }) => {
    const alerts = createRules({
      scrapeMs: scrapeSeconds * 1000,
      job: 'livestream-exporter',
      labels: [],
      objective: 0.99,
      paces: [{ account: 'a', intervalMs: intervalSeconds * 1000, staleAfterMs: 30_000 }],
    })
      .flatMap(({ rules }) => rules)
      .flatMap((rule) => ('alert' in rule ? [rule] : []));
    const downMs = alerts.find(({ alert }) => alert === 'LivestreamExporterDown')?.forMs ?? 0;
    expect(downMs).toBeGreaterThanOrEqual(2000 * scrapeSeconds);

    const tooShort = alerts
      .filter(({ alert }) => !others.test(alert))
      // The group of the other rule can be evaluated up to one interval later.
      .filter(({ keepFiringMs = 0 }) => keepFiringMs < downMs + 1000 * scrapeSeconds)
      .map(({ alert, keepFiringMs }) => `${alert}: ${keepFiringMs} ms`);

    expect(tooShort).toEqual([]);
  },
);
