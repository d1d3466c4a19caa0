import type { InSlices } from '../model/slices.ts';
import type { Overview, StatusView } from '../status/view.ts';
import { controlCards } from './control-cards.ts';
import { type Html, type HtmlValue, html } from './html.ts';
import { icon, icons, mark } from './icon.ts';
import { maxStreamsPerResponse, pageRefreshSeconds } from './limits.ts';
import { pageStyle } from './page-style.ts';
import { ageText, timeText } from './quantity.ts';
import { streamsTable } from './streams-table.ts';
import { type Column, table } from './table.ts';

export interface StatusPage extends Overview {
  readonly telemetryPath: string;
  readonly isRefreshing: boolean;
}

/**
 * Renders the status page without scripts, with its tables in slices of the event loop. The page reloads
 * itself, unless `isRefreshing` is false.
 */
export async function statusPage(page: StatusPage, inSlices: InSlices): Promise<string> {
  const { telemetryPath, isRefreshing, status } = page;
  const { exporter } = status;
  return `<!doctype html>\n${
    html`<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${isRefreshing && html`<meta http-equiv="refresh" content="${pageRefreshSeconds}">`}
<title>${title(status)}</title>
<link rel="icon" href="data:,">
<style>${{ markup: pageStyle }}</style>
</head>
<body>
${icons}
<header>
<h1>livestream-exporter</h1><span class="quiet small">${exporter.version} · as of ${timeText(status.now)}</span>
<nav aria-label="Endpoints" class="small"><a href="${telemetryPath}">Metrics</a><a href="/api/v1/status">Status (JSON)</a><a href="/api/v1/streams">Streams (JSON)</a><a href="/-/healthy">Health</a><a href="/-/ready">Readiness</a></nav>
</header>
<main>
${tiles(status)}
${warnings(status)}
<div class="pair">
<section class="card"><h2 id="collectors">Collectors</h2>
${await table('collectors', collectorColumns, status.collectors, inSlices)}</section>
<section class="card"><h2 id="accounts">Accounts</h2>
${await table('accounts', accountColumns, status.accounts, inSlices)}</section>
</div>
${await streamsCard(page, inSlices)}
${await controlCards(status, inSlices)}
</main>
<footer class="quiet small">${
      isRefreshing
        ? html`Refreshes every ${pageRefreshSeconds} s · <a href="/?refresh=off">pause</a>`
        : html`Refresh paused · <a href="/">refresh every ${pageRefreshSeconds} s</a>`
    }<br>Started ${timeText(exporter.started_at)} · config <bdi>${exporter.config_file}</bdi> loaded ${timeText(exporter.config_loaded_at)} · state ${exporter.state_saved_at === null ? 'not saved yet' : `saved ${timeText(exporter.state_saved_at)}`}${postedText(status)}</footer>
</body>
</html>
`.markup
  }`;
}

/**
 * Returns the page title. It starts with the number of problems, so that a browser tab in the background
 * shows the number.
 */
function title({ attention }: StatusView): string {
  const problems = attention.silent_though_due + attention.degraded;
  return problems > 0 ? `(${problems}) livestream-exporter` : 'livestream-exporter';
}

/**
 * Renders the number of streams in each state. No stream is counted in two states, so the numbers add up to
 * the total.
 */
function tiles({ streams, attention }: StatusView): Html {
  const tile = (name: string, count: number, tone: string, mark: Html | undefined) =>
    html`<div class="tile ${count === 0 && 'none'}"><dt class="${count > 0 && tone}">${mark}${name}</dt><dd>${count.toLocaleString('en')}</dd></div>`;
  return html`<dl class="tiles" aria-label="Streams by state">
${tile('Streams', streams.total, '', undefined)}
${tile('Missing', attention.silent_though_due, 'bad', icon('alarm'))}
${tile('Degraded', attention.degraded, 'warn', icon('degraded'))}
${tile('Unknown', streams.unknown, 'warn', icon('unknown'))}
${tile('Up', streams.up - attention.degraded, 'good', icon('up'))}
${tile('Not pushed', streams.silent - attention.silent_though_due, '', icon('silent'))}
</dl>`;
}

/** Renders the number of alerts that the exporter posts. */
function postedText({ posted_alerts: posted }: StatusView): Html | undefined {
  if (posted === null) return undefined;
  const firing = Object.values(posted.firing).reduce((sum, count) => sum + count, 0);
  return html` · ${firing.toLocaleString('en')} alerts posted to ${posted.alertmanagers.length} Alertmanagers`;
}

const failedReload =
  'The last config reload failed, so the previous config stays active. Read the exporter log, or run check-config on the config file.';

function warnings({ exporter }: StatusView): Html | undefined {
  const lines = [...(exporter.config_last_reload_successful ? [] : [failedReload]), ...exporter.warnings];
  if (lines.length === 0) return undefined;
  return html`<section class="card"><h2 class="warn">Warnings</h2><ul class="notes">${lines.map((line) => html`<li>${line}</li>`)}</ul></section>`;
}

type CollectorView = StatusView['collectors'][number];

const collectorColumns: readonly Column<CollectorView>[] = [
  { title: 'Collector', classes: 'wide', cell: collectorName },
  { title: 'Last success', classes: 'labeled', cell: lastSuccess },
  {
    title: 'Polling interval',
    classes: 'number labeled',
    cell: ({ targets, interval_seconds }) => (targets === 0 ? '–' : ageText(interval_seconds)),
  },
  { title: 'Targets', classes: 'number labeled', cell: targetCount },
];

function collectorName({ collector, account }: CollectorView): Html {
  return html`<span class="name">${collector}</span> <span class="quiet">of <bdi>${account}</bdi></span>`;
}

/**
 * Renders how long ago the last run succeeded. The text is marked as late after five polling intervals, but
 * not before one minute. A collector without targets has nothing to poll.
 */
function lastSuccess({ targets, last_success_age_seconds: age, interval_seconds }: CollectorView): HtmlValue {
  if (targets === 0) return '–';
  if (age === null) return mark('warn', 'unknown', 'none yet');
  const text = `${ageText(age)} ago`;
  return age > Math.max(60, 5 * interval_seconds) ? mark('warn', 'alarm', text) : text;
}

function targetCount({ targets, targets_failing: failing }: CollectorView): Html {
  return html`${targets.toLocaleString('en')}${failing > 0 && html` ${mark('bad', 'alarm', `${failing.toLocaleString('en')} failing`)}`}`;
}

type AccountView = StatusView['accounts'][number];

const accountColumns: readonly Column<AccountView>[] = [
  { title: 'Account', classes: 'wide', cell: accountName },
  { title: 'Rate limit (requests/s)', classes: 'wide labeled', cell: rateLimits },
];

function accountName({ account, provider, endpoints }: AccountView): Html {
  return html`<bdi class="name">${account}</bdi> <span class="quiet">${provider}</span>${endpoints.map(
    (endpoint) => html`<div class="note quiet">${endpoint}</div>`,
  )}`;
}

function rateLimits({ budget_requests_per_second: budget }: AccountView): readonly Html[] {
  return Object.entries(budget).map(
    ([operation, rate]) =>
      html`<div class="note">${operation} <strong>${Math.round(rate * 100) / 100}</strong></div>`,
  );
}

async function streamsCard({ status, urgent }: Overview, inSlices: InSlices): Promise<Html> {
  const more = status.streams.total - urgent.length;
  const streams =
    urgent.length === 0
      ? html`<p class="empty">No streams are configured. Add them under <code>streams</code> in the config file.</p>`
      : await streamsTable(urgent, Date.parse(status.now), inSlices);
  return html`<section class="card"><div class="head"><h2 id="streams">Streams</h2><span class="quiet small">most urgent first</span></div>
${streams}${more > 0 && html`<p class="more quiet small">Streams not shown here: ${more.toLocaleString('en')}. The paginated <a href="/api/v1/streams?limit=${maxStreamsPerResponse}&amp;cursor=">JSON</a> contains all streams.</p>`}</section>`;
}
