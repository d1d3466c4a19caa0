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

/** Severities, the worst of which is last. */
const severities = ['info', 'warning', 'critical'] as const;

/**
 * Distance of two ranks, which is longer than all Unix seconds, so that the begin can be computed from a rank. See
 * `ranked`.
 */
const rankStep = '1e10';

/** Returns the begin in ms from ranks. */
export function beginOf(rank: string): string {
  return `1000 * (${rankStep} - (${rank}) % ${rankStep})`;
}

/** Ranks begins (Unix seconds) at a place from 1 on: the highest place is first, and the oldest begin in it. */
export function ranked(place: number, begin: string): string {
  return `${place} * ${rankStep} - ${begin}`;
}

/** Ranks the begins (Unix seconds) of the alerts of each place, the last of which is first. */
export function rankedAll<Alerts>(places: readonly Alerts[], begin: (alerts: Alerts) => string): string {
  return places.map((each, i) => ranked(i + 1, begin(each))).join(' or ');
}

/** Table of the firing alerts: critical ones first, then the newest. */
export function alertTable(
  say: Say,
  options: Options,
  spec: Omit<PanelSpec, 'unit' | 'noValue'> & { readonly matchers: string; readonly hasStream: boolean },
) {
  const labels = ['alertname', 'severity', 'account', ...(spec.hasStream ? ['domain', 'stream'] : [])];
  // The value of ALERTS_FOR_STATE is the time from which the condition holds.
  const begins = severities.map((severity, i) => {
    const matchers = `${exporterAlerts}, ${spec.matchers}, severity="${severity}"`;
    return `${i + 1} * ${rankStep} + max by (${labels.join(', ')}) (ALERTS_FOR_STATE{${matchers}} and ignoring (alertstate) ALERTS{alertstate="firing", ${matchers}})`;
  });
  const expr = `1000 * (sort_desc(${begins.join(' or ')}) % ${rankStep})`;
  return tablePanel(say, {
    ...spec,
    unit: 'none',
    noValue: absent.noAlerts,
    keys: labels,
    columns: [
      { title: words.alertBegan, width: 160, expr, unit: 'dateTimeAsSystem' },
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
