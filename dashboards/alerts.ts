import { runbookUrl } from '../src/alerting/runbook-url.ts';
import type { Options } from './frame.ts';
import type { PanelSpec } from './panels.ts';
import { type Link, tablePanel } from './tables.ts';
import type { Say } from './text.ts';
import { absent, links, words } from './texts.ts';

const exporterAlerts = 'alertname=~"Livestream.+", alertname!="LivestreamWatchdog"';

/** Number of firing alerts: 0 only if the rules are loaded, which the watchdog shows. */
export function firingCount(matchers: string): string {
  return `count(ALERTS{alertstate="firing", ${exporterAlerts}, ${matchers}}) or 0 * count(ALERTS{alertstate="firing", alertname="LivestreamWatchdog"})`;
}

/** Firing alerts of a stream by name. */
export function firingByName(matchers: string): string {
  return `count by (alertname) (ALERTS{alertstate="firing", ${exporterAlerts}, ${matchers}})`;
}

/**
 * Alerts that began to fire, by name. In a fleet, some alert fires nearly always: bands from begin to end, or one for
 * each stream, would cover a graph.
 */
export function begunByName(matchers: string): string {
  const firing = `ALERTS{alertstate="firing", ${exporterAlerts}, ${matchers}}`;
  return `count by (alertname) (${firing} unless ${firing} offset $__interval)`;
}

/**
 * Matchers of alerts by their place in a list, the last of which is first: a cause before its consequences, and a
 * critical alert before a warning.
 */
const alertRanks = [
  'severity="info"',
  'severity="warning", alertname!="LivestreamForbidden"',
  'severity="critical", alertname!~"LivestreamExporter.+|LivestreamCollectorFailing"',
  'alertname="LivestreamForbidden"',
  'severity="critical", alertname=~"LivestreamExporter.+|LivestreamCollectorFailing"',
] as const;

/**
 * Distance of two ranks, which is longer than all Unix seconds. A rank is a multiple of it less the begin of the alert,
 * so that the oldest alert of a rank is first, and the begin can be computed from it.
 */
const rankStep = '1e10';

/** Returns the begin in ms from ranks, see `ranked`. */
export function beginOf(rank: string): string {
  return `1000 * (${rankStep} - (${rank}) % ${rankStep})`;
}

/** Ranks the begins (Unix seconds) of the alerts of each place, the last of which is first. */
export function ranked<Alerts>(places: readonly Alerts[], begin: (alerts: Alerts) => string): string {
  return places.map((each, i) => `${i + 1} * ${rankStep} - ${begin(each)}`).join(' or ');
}

/** Table of the firing alerts: causes and critical ones first, then the oldest. */
export function alertTable(
  say: Say,
  options: Options,
  spec: Omit<PanelSpec, 'unit' | 'noValue'> & { readonly matchers: string; readonly hasStream: boolean },
) {
  const labels = ['alertname', 'severity', 'account', ...(spec.hasStream ? ['domain', 'stream'] : [])];
  // The value of ALERTS_FOR_STATE is the time from which the condition holds.
  const begin = (more: string) => {
    const matchers = `${exporterAlerts}, ${spec.matchers}, ${more}`;
    return `max by (${labels.join(', ')}) (ALERTS_FOR_STATE{${matchers}} and ignoring (alertstate) ALERTS{alertstate="firing", ${matchers}})`;
  };
  const expr = beginOf(`sort_desc(${ranked(alertRanks, begin)})`);
  return tablePanel(say, {
    ...spec,
    unit: 'none',
    noValue: absent.noAlerts,
    keys: labels,
    columns: [
      { title: words.since, width: 160, expr, unit: 'dateTimeAsSystem' },
      { title: words.alert, width: 235, label: 'alertname', isFlexible: true, link: ruleLink(say, options) },
      { title: words.severity, width: 95, label: 'severity' },
      { title: words.account, width: 135, label: 'account' },
      ...(spec.hasStream
        ? [
            { title: words.stream, width: 150, label: 'stream', isFlexible: true },
            { title: words.domain, width: 160, label: 'domain' },
          ]
        : []),
    ],
    // The query sorts.
    sortBy: [],
  });
}

/** The runbook if its URL is known; otherwise the list of rules, whose entries contain the description. */
function ruleLink(say: Say, { runbookBase, language }: Options): Link {
  if (runbookBase === undefined)
    return {
      title: say(links.ruleOf),
      url: '/alerting/list?search=${__data.fields.alertname:percentencode}',
    };
  return {
    title: say(links.runbookOf),
    url: runbookUrl(runbookBase, language, '${__data.fields.alertname:percentencode}'),
    targetBlank: true,
  };
}

/** No color of a state: a line does not say how bad the alert is. */
export const alertColor = 'dark-yellow';
