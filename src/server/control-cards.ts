import type { ControlActionView, DomainView } from '../status/control-view.ts';
import { type Html, type HtmlValue, html } from './html.ts';
import { icon } from './icon.ts';
import { maxActionsOnPage, maxDomainsOnPage } from './limits.ts';
import { ageText, timeText } from './quantity.ts';
import { type Column, failureNote, location, quiet, table } from './table.ts';

export interface ControlCards {
  /** Epoch milliseconds. */
  readonly now: number;
  readonly domains: readonly DomainView[];
  /** Newest first. */
  readonly actions: readonly ControlActionView[];
}

/** Renders the cards of control actions and domains; undefined if no domain is configured. */
export function controlCards({ now, domains, actions }: ControlCards): Html | undefined {
  if (domains.length === 0) return undefined;
  return html`<div class="pair uneven">
<section class="card"><div class="head"><h2 id="control-actions">Control actions</h2><span class="quiet small">last 24 hours, newest first</span></div>
${
  actions.length === 0
    ? html`<p class="empty">${emptyText(domains, now)}</p>`
    : table('control-actions', actionColumns(now), actions.slice(0, maxActionsOnPage))
}${actions.length > maxActionsOnPage && html`<p class="more quiet small">Earlier actions are in the <a href="/api/v1/status">JSON</a>. The metrics count all of them.</p>`}</section>
${domainsCard(domains)}
</div>`;
}

/** An older watermark, such as one from before a restart, says nothing about the present. */
const maxWatermarkAgeSeconds = 600;

/** Returns the time range in which there was no action, because nothing is known about other times. */
function emptyText(domains: readonly DomainView[], now: number): string {
  const floors = domains.flatMap(({ known_from_at: at }) => (at === null ? [] : [Date.parse(at)]));
  if (floors.length === 0) return 'Unknown: no request has succeeded yet.';
  const seconds = (now - floors.reduce((a, b) => Math.max(a, b))) / 1000;
  const range = seconds >= 86_400 ? '24 hours' : ageText(seconds);
  const isComplete = domains.every(
    ({ watermark_age_seconds: age, last_failure }) =>
      age !== null && age < maxWatermarkAgeSeconds && last_failure === null,
  );
  return `None in the last ${range}${isComplete ? '.' : ', but some domains have no recent data.'}`;
}

function actionColumns(now: number): readonly Column<ControlActionView>[] {
  const stream = ({ stream: name, account, domain, app_name }: ControlActionView) =>
    html`<bdi class="name">${name}</bdi>${location(account, domain, app_name)}`;
  const time = ({ at }: ControlActionView) =>
    html`${ageText((now - Date.parse(at)) / 1000)} ago<div class="note quiet"><time datetime="${at}">${timeText(at)}</time></div>`;
  return [
    { title: 'Action', classes: '', cell: actionMark },
    { title: 'Stream', classes: 'wide late', cell: stream },
    { title: 'Time', classes: 'number', cell: time },
  ];
}

/** Renders the documented actions with an icon of their own. Providers also return undocumented actions. */
function actionMark({ action }: ControlActionView): Html {
  switch (action) {
    case 'forbid':
      return html`<span class="state bad">${icon('forbidden')}forbidden</span>`;
    case 'resume':
      return html`<span class="state good">${icon('resumed')}resumed</span>`;
    default:
      return html`<span class="state long">${icon('acted')}<bdi>${action}</bdi></span>`;
  }
}

const domainColumns: readonly Column<DomainView>[] = [
  { title: 'Domain', classes: 'wide', cell: domainName },
  { title: 'Watermark', classes: 'number labeled', cell: watermark },
  {
    title: 'Gap',
    classes: 'number labeled',
    cell: ({ gap_seconds: gap }) => (gap === 0 ? quiet('none') : ageText(gap)),
  },
];

function domainName({ domain, account, app_name, last_failure }: DomainView): Html {
  return html`<bdi class="name">${domain}</bdi>${location(account, app_name)}${failureNote(last_failure)}`;
}

function watermark({ watermark_age_seconds: age }: DomainView): HtmlValue {
  if (age === null) return html`<span class="state warn">${icon('unknown')}no data yet</span>`;
  return `${ageText(age)} ago`;
}

/** Renders failing domains first. */
function domainsCard(domains: readonly DomainView[]): Html {
  const ordered = domains.toSorted(
    (a, b) => Number(b.last_failure !== null) - Number(a.last_failure !== null),
  );
  const more = domains.length - maxDomainsOnPage;
  return html`<section class="card"><h2 id="domains">Domains</h2>
${table('domains', domainColumns, ordered.slice(0, maxDomainsOnPage))}${
  more > 0 &&
  html`<p class="more quiet small">${more.toLocaleString('en')} more in the <a href="/api/v1/status">JSON</a>.</p>`
}</section>`;
}
