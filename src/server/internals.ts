import type { InSlices } from '../model/slices.ts';
import type { StatusView } from '../status/view.ts';
import { type Html, type HtmlValue, html } from './html.ts';
import { mark } from './icon.ts';
import { ageText, countText, time } from './quantity.ts';
import { type Column, table } from './table.ts';
import type { Words } from './words.ts';

type CollectorView = StatusView['collectors'][number];
type AccountView = StatusView['accounts'][number];

/**
 * Reports whether a collector gets no data: it has targets, but no run succeeded within five polling intervals, and
 * not within one minute.
 */
export function isLate({ targets, last_success_age_seconds: age, interval_seconds }: CollectorView): boolean {
  return targets > 0 && (age === null || age > Math.max(60, 5 * interval_seconds));
}

/** Returns the warnings about the exporter itself, one sentence each. */
export function warningsOf({ exporter }: StatusView, { text }: Words): readonly string[] {
  return [...(exporter.config_last_reload_successful ? [] : [text.failedReload]), ...exporter.warnings];
}

/** Reports whether there are warnings about the exporter itself. */
export function hasWarnings({ exporter }: StatusView): boolean {
  return exporter.warnings.length > 0 || !exporter.config_last_reload_successful;
}

/** Reports whether the exporter itself has a problem that an operator should see. */
export function hasInternalTrouble(status: StatusView): boolean {
  return hasWarnings(status) || status.collectors.some((each) => isLate(each) || each.targets_failing > 0);
}

/** Renders the state of the exporter itself: warnings, collectors and accounts. It is folded while all is well. */
export async function internals(status: StatusView, words: Words, inSlices: InSlices): Promise<Html> {
  const { exporter, collectors, accounts, now } = status;
  const { text } = words;
  const lines = warningsOf(status, words);
  const saved =
    exporter.state_saved_at === null
      ? text.notSaved
      : html`${text.stateSaved} ${time(exporter.state_saved_at, now)}`;
  return html`<details id="internals" class="card"${hasInternalTrouble(status) && html` open`}><summary><h2>${text.internals}</h2> <span class="quiet small">${exporter.version} · ${text.collectors} ${countText(collectors.length, words)} · ${text.accounts} ${countText(accounts.length, words)}</span></summary>
${lines.length > 0 && html`<section><h3 class="warn">${text.warnings}</h3><ul class="notes">${lines.map((line) => html`<li>${line}</li>`)}</ul></section>`}
<div class="pair">
<section><h3 id="collectors">${text.collectors}</h3>
${await table({ id: 'collectors', columns: collectorColumns(words) }, collectors, inSlices)}</section>
<section><h3 id="accounts">${text.accounts}</h3>
${await table({ id: 'accounts', columns: accountColumns(words) }, accounts, inSlices)}</section>
</div>
<p class="more quiet small">${text.started} ${time(exporter.started_at, now)} · <bdi>${exporter.config_file}</bdi> ${text.configLoaded} ${time(exporter.config_loaded_at, now)} · ${saved}${postedText(status, words)}</p>
</details>`;
}

/** Renders the number of alerts that the exporter posts; nothing if it posts none. */
function postedText({ posted_alerts: posted }: StatusView, words: Words): Html | undefined {
  if (posted === null) return undefined;
  const firing = Object.values(posted.firing).reduce((sum, count) => sum + count, 0);
  return html` · ${words.alertsPosted(countText(firing, words), countText(posted.alertmanagers.length, words))}`;
}

function collectorColumns(words: Words): readonly Column<CollectorView>[] {
  const { text } = words;
  return [
    {
      title: text.collector,
      classes: 'wide',
      cell: ({ collector, account }) =>
        html`<span class="name">${collector}</span> <span class="quiet"><bdi>${account}</bdi></span>`,
    },
    { title: text.lastSuccess, classes: 'labeled', cell: (collector) => lastSuccess(collector, words) },
    {
      title: text.interval,
      classes: 'number labeled',
      cell: ({ targets, interval_seconds }) => (targets === 0 ? '–' : ageText(interval_seconds, words)),
    },
    {
      title: text.targets,
      classes: 'number labeled',
      cell: ({ targets, targets_failing: failing }) =>
        html`${countText(targets, words)}${failing > 0 && html` ${mark('bad', 'alarm', words.failing(countText(failing, words)))}`}`,
    },
  ];
}

/** Renders how long ago the last run succeeded. A collector without targets has nothing to poll. */
function lastSuccess(collector: CollectorView, words: Words): HtmlValue {
  const { targets, last_success_age_seconds: age } = collector;
  if (targets === 0) return '–';
  if (age === null) return mark('unsure', 'unknown', words.text.noneYet);
  const text = words.ago(ageText(age, words));
  return isLate(collector) ? mark('warn', 'alarm', text) : text;
}

function accountColumns({ text }: Words): readonly Column<AccountView>[] {
  return [
    {
      title: text.account,
      classes: 'wide',
      cell: ({ account, provider, endpoints }) =>
        html`<bdi class="name">${account}</bdi> <span class="quiet">${provider}</span>${endpoints.map(
          (endpoint) => html`<div class="note quiet">${endpoint}</div>`,
        )}`,
    },
    {
      title: text.rateLimit,
      classes: 'wide labeled',
      cell: ({ budget_requests_per_second: budget }) =>
        Object.entries(budget).map(
          ([operation, rate]) =>
            html`<div class="note">${operation} <strong>${Math.round(rate * 100) / 100}</strong></div>`,
        ),
    },
  ];
}
