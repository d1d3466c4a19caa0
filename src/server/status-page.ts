import type { RequestHandler } from 'express';
import { controlCards, type StatusPageAction, type StatusPageDomain } from './control-cards.ts';
import { type Html, html } from './html.ts';
import { icon, icons } from './icon.ts';
import { maxStreamsOnPage, pageRefreshSeconds } from './limits.ts';
import { pageStyle } from './page-style.ts';
import type { StreamsQuery } from './ports.ts';
import { ageText, momentText } from './quantity.ts';
import { type StatusPageStream, streamRow } from './stream-row.ts';

/** What the page knows of `/api/v1/status`. */
export interface StatusPageStatus {
  readonly now: string;
  readonly exporter: {
    readonly version: string;
    readonly started_at: string;
    readonly config_file: string;
    readonly config_loaded_at: string;
    readonly config_last_reload_successful: boolean;
    readonly state_saved_at: string | null;
    readonly warnings: readonly string[];
  };
  readonly accounts: readonly {
    readonly account: string;
    readonly provider: string;
    readonly endpoints: readonly string[];
    readonly budget_requests_per_second: Readonly<Record<string, number>>;
  }[];
  readonly collectors: readonly StatusPageCollector[];
  readonly streams: {
    readonly total: number;
    readonly up: number;
    readonly silent: number;
    readonly unknown: number;
  };
  readonly attention: { readonly silent_though_due: number; readonly degraded: number };
  readonly domains: readonly StatusPageDomain[];
  /** The newest first. */
  readonly control_actions: readonly StatusPageAction[];
}

interface StatusPageCollector {
  readonly account: string;
  readonly collector: string;
  readonly targets: number;
  readonly targets_failing: number;
  readonly last_success_age_seconds: number | null;
  readonly interval_seconds: number | null;
}

/** What the page knows of `/api/v1/streams`. */
export interface StatusPageStreams {
  readonly now: string;
  readonly total: number;
  readonly streams: readonly StatusPageStream[];
}

export interface StatusPageParts {
  readonly telemetryPath: string;
  readonly status: () => StatusPageStatus;
  readonly streams: (query: StreamsQuery) => StatusPageStreams;
}

/** The page needs no script: it is drawn here, and loaded again by itself unless `?refresh=off` is asked for. */
export function createStatusPageHandler({ telemetryPath, status, streams }: StatusPageParts): RequestHandler {
  return (request, response) => {
    const page = statusPage({
      telemetryPath,
      refreshes: request.query.refresh !== 'off',
      status: status(),
      streams: streams({ offset: 0, limit: maxStreamsOnPage, worstFirst: true }),
    });
    response.set('Cache-Control', 'no-store').type('html').send(page);
  };
}

export interface StatusPage {
  readonly telemetryPath: string;
  readonly refreshes: boolean;
  readonly status: StatusPageStatus;
  /** The worst first. */
  readonly streams: StatusPageStreams;
}

export function statusPage({ telemetryPath, refreshes, status, streams }: StatusPage): string {
  const { exporter } = status;
  return `<!doctype html>\n${
    html`<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${refreshes && html`<meta http-equiv="refresh" content="${pageRefreshSeconds}">`}
<title>${title(status)}</title>
<link rel="icon" href="data:,">
<style>${{ markup: pageStyle }}</style>
</head>
<body>
${icons}
<header>
<h1>livestream-exporter</h1><span class="quiet small">${exporter.version} · as of ${momentText(status.now)}</span>
<nav aria-label="Endpoints" class="small"><a href="${telemetryPath}">Metrics</a><a href="/api/v1/status">Status as JSON</a><a href="/api/v1/streams">Streams as JSON</a><a href="/-/healthy">Healthy?</a><a href="/-/ready">Ready?</a></nav>
</header>
<main>
${tiles(status)}
${warnings(status)}
<div class="pair">
${collectors(status.collectors)}
${accounts(status)}
</div>
${streamsTable(streams)}
${controlCards({ now: Date.parse(status.now), domains: status.domains, actions: status.control_actions })}
</main>
<footer class="quiet small">${
      refreshes
        ? html`drawn anew every ${pageRefreshSeconds} s · <a href="/?refresh=off">hold it still</a>`
        : html`held still · <a href="/">draw it anew every ${pageRefreshSeconds} s</a>`
    }<br>Started ${momentText(exporter.started_at)} · config <bdi>${exporter.config_file}</bdi> loaded ${momentText(exporter.config_loaded_at)} · state ${exporter.state_saved_at === null ? 'not saved yet' : `saved ${momentText(exporter.state_saved_at)}`}</footer>
</body>
</html>
`.markup
  }`;
}

/** What is the matter goes first, for whoever sees only the tab. */
function title({ attention }: StatusPageStatus): string {
  const bad = attention.silent_though_due + attention.degraded;
  return bad > 0 ? `(${bad}) livestream-exporter` : 'livestream-exporter';
}

/** Each stream is in one of them, so that they add up. */
function tiles({ streams, attention }: StatusPageStatus): Html {
  const tile = (name: string, count: number, tone: string, sign: Html | undefined) =>
    html`<div class="tile ${count === 0 && 'none'}"><dt class="${count > 0 && tone}">${sign}${name}</dt><dd>${count.toLocaleString('en')}</dd></div>`;
  return html`<dl class="tiles" aria-label="Streams by state">
${tile('Streams', streams.total, '', undefined)}
${tile('Silent though due', attention.silent_though_due, 'bad', icon('alarm'))}
${tile('Degraded', attention.degraded, 'warn', icon('degraded'))}
${tile('Unknown', streams.unknown, 'warn', icon('unknown'))}
${tile('Up', streams.up - attention.degraded, 'good', icon('up'))}
${tile('Silent', streams.silent - attention.silent_though_due, '', icon('silent'))}
</dl>`;
}

function warnings({ exporter }: StatusPageStatus): Html | undefined {
  const lines = [
    ...(exporter.config_last_reload_successful
      ? []
      : [
          'The config file was refused at the last reload; the one before is still in use. The log says why, and so does check-config.',
        ]),
    ...exporter.warnings,
  ];
  if (lines.length === 0) return undefined;
  return html`<section class="card"><h2 class="warn">Worth knowing</h2><ul class="notes">${lines.map((line) => html`<li>${line}</li>`)}</ul></section>`;
}

function collectors(list: readonly StatusPageCollector[]): Html {
  return html`<section class="card"><h2 id="collectors">Collectors</h2>
<table role="table" aria-labelledby="collectors"><thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Collector</th><th role="columnheader" scope="col">Last answer</th><th role="columnheader" scope="col" class="number">Asked every</th><th role="columnheader" scope="col" class="number">Targets</th></tr></thead>
<tbody role="rowgroup">${list.map(collectorRow)}</tbody></table></section>`;
}

function collectorRow(collector: StatusPageCollector): Html {
  const {
    account,
    targets,
    targets_failing: failing,
    last_success_age_seconds: age,
    interval_seconds: interval,
  } = collector;
  return html`<tr role="row"><td role="cell" class="wide"><span class="name">${collector.collector}</span> <span class="quiet">of <bdi>${account}</bdi></span></td>
<td role="cell" data-label="Last answer">${lastAnswer(age, interval)}</td>
<td role="cell" class="number" data-label="Asked every">${interval === null ? html`<span class="quiet">not known</span>` : ageText(interval)}</td>
<td role="cell" class="number" data-label="Targets">${targets.toLocaleString('en')}${failing > 0 && html` <span class="state bad">${icon('alarm')}${failing.toLocaleString('en')} failing</span>`}</td></tr>`;
}

/** Late is what would make `/-/healthy` doubt: five intervals, and a minute at least. */
function lastAnswer(age: number | null, interval: number | null): Html {
  if (age === null) return html`<span class="state warn">${icon('unknown')}none yet</span>`;
  const isLate = age > Math.max(60, 5 * (interval ?? 0));
  return isLate
    ? html`<span class="state warn">${icon('alarm')}${ageText(age)} ago</span>`
    : html`${ageText(age)} ago`;
}

function accounts({ accounts: list }: StatusPageStatus): Html {
  return html`<section class="card"><h2 id="accounts">Accounts</h2>
<table role="table" aria-labelledby="accounts"><thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Account</th><th role="columnheader" scope="col">Calls a second, at most</th></tr></thead>
<tbody role="rowgroup">${list.map(
    ({ account, provider, endpoints, budget_requests_per_second: budget }) =>
      html`<tr role="row"><td role="cell" class="wide"><bdi class="name">${account}</bdi> <span class="quiet">${provider}</span>${endpoints.map(
        (endpoint) => html`<div class="note quiet">${endpoint}</div>`,
      )}</td><td role="cell" class="wide" data-label="Calls a second, at most">${Object.entries(budget).map(
        ([operation, rate]) =>
          html`<div class="note">${operation} <strong>${Math.round(rate * 100) / 100}</strong></div>`,
      )}</td></tr>`,
  )}</tbody></table></section>`;
}

function streamsTable({ now, total, streams }: StatusPageStreams): Html {
  const more = total - streams.length;
  return html`<section class="card"><div class="head"><h2 id="streams">Streams</h2><span class="quiet small">the ones to look at first</span></div>
${
  streams.length === 0
    ? html`<p class="empty">No stream is watched. Name one under <code>streams</code> in the config file.</p>`
    : html`<table role="table" aria-labelledby="streams"><thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">State</th><th role="columnheader" scope="col">Stream</th><th role="columnheader" scope="col" class="number">Frames a second</th><th role="columnheader" scope="col">Last 5 minutes</th><th role="columnheader" scope="col" class="number">Bit rate</th><th role="columnheader" scope="col">Publisher</th><th role="columnheader" scope="col" class="number">Newest sample</th></tr></thead>
<tbody role="rowgroup">${streams.map((stream) => streamRow(stream, Date.parse(now)))}</tbody></table>`
}${more > 0 && html`<p class="more quiet small">${more.toLocaleString('en')} more are not shown here. <a href="/api/v1/streams">As JSON</a> there are all of them, page by page.</p>`}</section>`;
}
