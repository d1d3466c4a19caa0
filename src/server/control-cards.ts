import { type Html, html } from './html.ts';
import { icon } from './icon.ts';
import { maxActionsOnPage, maxDomainsOnPage } from './limits.ts';
import { ageText, momentText } from './quantity.ts';

/** What the page knows of one domain whose control actions are asked for. null is what is not known. */
export interface StatusPageDomain {
  readonly account: string;
  readonly domain: string;
  readonly app_name: string;
  readonly watermark_age_seconds: number | null;
  readonly known_from_at: string | null;
  readonly gap_seconds: number;
  readonly last_failure: { readonly kind: string; readonly message: string } | null;
}

/** What the page knows of one control action. */
export interface StatusPageAction {
  readonly at: string;
  readonly account: string;
  readonly domain: string;
  readonly app_name: string;
  readonly stream: string;
  readonly action: string;
}

export interface ControlCards {
  /** Epoch milliseconds. */
  readonly now: number;
  readonly domains: readonly StatusPageDomain[];
  /** The newest first. */
  readonly actions: readonly StatusPageAction[];
}

/** Nothing where no domain is watched. */
export function controlCards({ now, domains, actions }: ControlCards): Html | undefined {
  if (domains.length === 0) return undefined;
  return html`<div class="pair uneven">
<section class="card"><div class="head"><h2 id="control-actions">Control actions</h2><span class="quiet small">the newest of the last day</span></div>
${
  actions.length === 0
    ? html`<p class="empty">${whyNone(domains, now)}</p>`
    : html`<table role="table" aria-labelledby="control-actions"><thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Action</th><th role="columnheader" scope="col">Stream</th><th role="columnheader" scope="col" class="number">When</th></tr></thead>
<tbody role="rowgroup">${actions.slice(0, maxActionsOnPage).map((action) => actionRow(action, now))}</tbody></table>`
}${actions.length > maxActionsOnPage && html`<p class="more quiet small">Earlier ones are <a href="/api/v1/status">in the JSON</a>; all are counted in the metrics.</p>`}</section>
${domainsCard(domains)}
</div>`;
}

/** An older answer says nothing of now, such as the last one before a restart. */
const askedLatelySeconds = 600;

/** Nothing found is a finding only about the time that was asked about. */
function whyNone(domains: readonly StatusPageDomain[], now: number): string {
  const known = domains.flatMap(({ known_from_at: at }) => (at === null ? [] : [Date.parse(at)]));
  if (known.length === 0) return 'Not known yet: no domain has been answered for.';
  const seconds = (now - known.reduce((a, b) => Math.max(a, b))) / 1000;
  const isWhole = domains.every(
    ({ watermark_age_seconds: age, last_failure }) =>
      age !== null && age < askedLatelySeconds && last_failure === null,
  );
  return `None in the last ${seconds >= 86_400 ? 'day' : ageText(seconds)}${isWhole ? '.' : ', as far as answers came.'}`;
}

function actionRow({ at, action, stream, account, domain, app_name }: StatusPageAction, now: number): Html {
  return html`<tr role="row"><td role="cell">${actionMark(action)}</td>
<td role="cell" class="wide late"><bdi class="name">${stream}</bdi>${place(account, domain, app_name)}</td>
<td role="cell" class="number">${ageText((now - Date.parse(at)) / 1000)} ago<div class="note quiet"><time datetime="${at}">${momentText(at)}</time></div></td></tr>`;
}

/** The two words that are documented have a sign of their own; no document lists the others. */
function actionMark(action: string): Html {
  switch (action) {
    case 'forbid':
      return html`<span class="state bad">${icon('forbidden')}forbidden</span>`;
    case 'resume':
      return html`<span class="state good">${icon('resumed')}resumed</span>`;
    default:
      return html`<span class="state long">${icon('acted')}<bdi>${action}</bdi></span>`;
  }
}

/** Those that fail come first: the others say the same thing again and again. */
function domainsCard(domains: readonly StatusPageDomain[]): Html {
  const ordered = domains.toSorted(
    (a, b) => Number(b.last_failure !== null) - Number(a.last_failure !== null),
  );
  const more = domains.length - maxDomainsOnPage;
  return html`<section class="card"><h2 id="domains">Domains</h2>
<table role="table" aria-labelledby="domains"><thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Domain</th><th role="columnheader" scope="col" class="number">Asked up to</th><th role="columnheader" scope="col" class="number">Gap</th></tr></thead>
<tbody role="rowgroup">${ordered.slice(0, maxDomainsOnPage).map(domainRow)}</tbody></table>${more > 0 && html`<p class="more quiet small">${more.toLocaleString('en')} more are <a href="/api/v1/status">in the JSON</a>.</p>`}</section>`;
}

function domainRow({ account, domain, app_name, ...asked }: StatusPageDomain): Html {
  const { watermark_age_seconds: age, gap_seconds: gap, last_failure: failure } = asked;
  return html`<tr role="row"><td role="cell" class="wide"><bdi class="name">${domain}</bdi>${place(account, app_name)}${failure !== null && html`<div class="note bad">${failure.kind}: <bdi>${failure.message}</bdi></div>`}</td>
<td role="cell" class="number" data-label="Asked up to">${age === null ? html`<span class="state warn">${icon('unknown')}no answer yet</span>` : `${ageText(age)} ago`}</td>
<td role="cell" class="number" data-label="Gap">${gap === 0 ? html`<span class="quiet">none</span>` : ageText(gap)}</td></tr>`;
}

function place(account: string, ...parts: readonly string[]): Html {
  const known = parts.filter((part) => part !== '').join('/');
  return html`<div class="note quiet"><bdi>${account}</bdi>${known !== '' && html` · <bdi>${known}</bdi>`}</div>`;
}
