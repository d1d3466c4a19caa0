import type { InSlices } from '../model/slices.ts';
import type { ControlActionView, DomainView } from '../status/control-view.ts';
import type { BanSource } from '../status/inputs.ts';
import type { StatusView } from '../status/view.ts';
import { type Html, type HtmlValue, html } from './html.ts';
import { mark } from './icon.ts';
import { maxActionsOnPage, maxDomainsOnPage } from './limits.ts';
import { ageText, timeText } from './quantity.ts';
import { type Column, failureNote, location, quiet, table } from './table.ts';

/**
 * Renders two cards: the newest control actions, and the domains. Returns undefined if no domain is
 * configured.
 */
export async function controlCards(
  status: Pick<StatusView, 'now' | 'domains' | 'control_actions'>,
  inSlices: InSlices,
): Promise<Html | undefined> {
  const { domains, control_actions: actions } = status;
  const now = Date.parse(status.now);
  if (domains.length === 0) return undefined;
  const actionsTable =
    actions.length === 0
      ? html`<p class="empty">${emptyText(domains, now)}</p>`
      : await table('control-actions', actionColumns(now), actions.slice(0, maxActionsOnPage), inSlices);
  return html`<div class="pair uneven">
<section class="card"><div class="head"><h2 id="control-actions">Control actions</h2><span class="quiet small">last 24 hours, newest first</span></div>
${actionsTable}${actions.length > maxActionsOnPage && html`<p class="more quiet small">Earlier actions are in the <a href="/api/v1/status">JSON</a>. The metrics count all actions.</p>`}</section>
${await domainsCard(domains, inSlices)}
</div>`;
}

/**
 * Maximum age of a watermark at which the page treats the data of the domain as recent. A watermark from
 * before a restart can be much older.
 */
const maxWatermarkAgeSeconds = 600;

/**
 * Returns the text for an empty list of actions. The text names the time range that the answers of all
 * domains cover, because actions at other times are unknown.
 */
function emptyText(domains: readonly DomainView[], now: number): string {
  const floors = domains.flatMap(({ known_from_at: at }) => (at === null ? [] : [Date.parse(at)]));
  if (floors.length === 0) return 'Unknown: no request has succeeded yet.';
  const seconds = (now - floors.reduce((a, b) => Math.max(a, b))) / 1000;
  const range = seconds >= 86_400 ? '24 hours' : ageText(seconds);
  const isComplete = domains.every(
    ({ watermark_age_seconds: age, last_failure }) =>
      age !== null && age < maxWatermarkAgeSeconds && last_failure === null,
  );
  return `No action in the last ${range}${isComplete ? '.' : ', but some domains have no recent data.'}`;
}

function actionColumns(now: number): readonly Column<ControlActionView>[] {
  const type = ({ action }: ControlActionView) =>
    actionMarks.get(action) ?? mark('long', 'acted', html`<bdi>${action}</bdi>`);
  const stream = ({ stream: name, account, domain, app_name }: ControlActionView) =>
    html`<bdi class="name">${name}</bdi>${location(account, domain, app_name)}`;
  const time = ({ at }: ControlActionView) =>
    html`${ageText((now - Date.parse(at)) / 1000)} ago<div class="note quiet"><time datetime="${at}">${timeText(at)}</time></div>`;
  return [
    { title: 'Action', classes: '', cell: type },
    { title: 'Stream', classes: 'wide late', cell: stream },
    { title: 'Time', classes: 'number', cell: time },
  ];
}

/**
 * Labels of the actions that the provider documents. A provider can also return actions that are not
 * documented.
 */
const actionMarks: ReadonlyMap<string, Html> = new Map([
  ['forbid', mark('bad', 'forbidden', 'forbidden')],
  ['resume', mark('good', 'resumed', 'resumed')],
]);

const domainColumns: readonly Column<DomainView>[] = [
  { title: 'Domain', classes: 'wide', cell: domainName },
  { title: 'Requested up to', classes: 'number labeled', cell: watermark },
  { title: 'Uncounted time', classes: 'number labeled', cell: gap },
  { title: 'Bans from', classes: 'labeled', cell: banSource },
];

const banSources = {
  list: 'list of bans',
  states: 'stream states',
  actions: 'newest action',
} as const satisfies Readonly<Record<BanSource, string>>;

function banSource({ forbidden_from: source }: DomainView): HtmlValue {
  return source === null ? mark('warn', 'unknown', 'no data yet') : banSources[source];
}

function domainName({ domain, account, app_name, last_failure }: DomainView): Html {
  return html`<bdi class="name">${domain}</bdi>${location(account, app_name)}${failureNote(last_failure)}`;
}

function watermark({ watermark_age_seconds: age }: DomainView): HtmlValue {
  return age === null ? mark('warn', 'unknown', 'no data yet') : `${ageText(age)} ago`;
}

function gap({ gap_seconds: seconds }: DomainView): HtmlValue {
  return seconds === 0 ? quiet('none') : ageText(seconds);
}

/** Renders the card of the domains. Domains whose last run failed come first. */
async function domainsCard(domains: readonly DomainView[], inSlices: InSlices): Promise<Html> {
  const isFailing = ({ last_failure }: DomainView) => last_failure !== null;
  const ordered = [...domains.filter(isFailing), ...domains.filter((domain) => !isFailing(domain))];
  const more = domains.length - maxDomainsOnPage;
  return html`<section class="card"><h2 id="domains">Domains</h2>
${await table('domains', domainColumns, ordered.slice(0, maxDomainsOnPage), inSlices)}${
  more > 0 &&
  html`<p class="more quiet small">Domains not shown here: ${more.toLocaleString('en')}. The <a href="/api/v1/status">JSON</a> contains all domains.</p>`
}</section>`;
}
