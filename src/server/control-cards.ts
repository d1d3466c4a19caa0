import type { InSlices } from '../model/slices.ts';
import type { ControlActionView, DomainView } from '../status/control-view.ts';
import type { ForbiddenStreamView } from '../status/forbidden.ts';
import type { StatusView } from '../status/view.ts';
import { type Html, type HtmlValue, html } from './html.ts';
import { mark } from './icon.ts';
import { maxActionsOnPage, maxDomainsOnPage, maxForbiddenOnPage } from './limits.ts';
import { maxWatermarkAgeSeconds } from './no-data.ts';
import { ageText, countText, secondsBetween, time } from './quantity.ts';
import { type Column, failureNote, location, quiet, table } from './table.ts';
import type { Words } from './words.ts';

type ControlStatus = Pick<StatusView, 'now' | 'domains' | 'control_actions' | 'forbidden'>;

/** Renders the streams that are forbidden now. Returns undefined if there are none. */
export async function forbiddenCard(
  { now, forbidden: { total, streams } }: ControlStatus,
  words: Words,
  inSlices: InSlices,
): Promise<Html | undefined> {
  if (total === 0) return undefined;
  const { text } = words;
  const columns: readonly Column<ForbiddenStreamView>[] = [
    {
      title: text.state,
      classes: 'wide',
      cell: ({ since_at: at, since_seconds: age }) =>
        html`<span class="marks">${mark('bad', 'forbidden', text.forbidden)}${age !== null && html` <span class="age">${ageText(age, words)}</span>`}</span>${
          at !== null && html`<div class="note quiet">${words.since} ${time(at, now)}</div>`
        }`,
    },
    {
      title: text.stream,
      classes: 'wide',
      cell: ({ stream, account, domain, app_name }) =>
        html`<bdi class="name">${stream}</bdi>${location(account, domain, app_name)}`,
    },
    {
      title: text.expires,
      classes: 'labeled',
      cell: ({ expires_at: at }) =>
        at === null
          ? quiet('–')
          : html`${words.inAge(ageText(secondsBetween(now, at), words))}<div class="note quiet">${time(at, now)}</div>`,
    },
  ];
  const shown = streams.slice(0, maxForbiddenOnPage);
  const more = total - shown.length;
  return html`<section class="card"><h2 id="forbidden">${text.forbiddenStreams} · ${countText(total, words)}</h2>
${await table({ id: 'forbidden', columns }, shown, inSlices)}${more > 0 && html`<p class="more quiet small">${words.andMore(countText(more, words))} · <a href="./api/v1/status">JSON</a></p>`}</section>`;
}

/**
 * Renders two cards: the newest control actions, and the domains. Returns undefined if no domain is
 * configured.
 */
export async function controlCards(
  status: ControlStatus,
  words: Words,
  inSlices: InSlices,
): Promise<Html | undefined> {
  const { now, domains, control_actions: actions } = status;
  const { text } = words;
  if (domains.length === 0) return undefined;
  const columns = actionColumns(now, words);
  const actionsTable =
    actions.length === 0
      ? html`<p class="empty">${emptyText(domains, Date.parse(now), words)}</p>`
      : await table({ id: 'control-actions', columns }, actions.slice(0, maxActionsOnPage), inSlices);
  return html`<div class="pair uneven">
<section class="card"><div class="head"><h2 id="control-actions">${text.controlActions}</h2><span class="quiet small">${text.last24h}</span></div>
${actionsTable}${actions.length > maxActionsOnPage && html`<p class="more quiet small"><a href="./api/v1/status">JSON</a>: ${text.moreActions}</p>`}</section>
${await domainsCard(domains, words, inSlices)}
</div>`;
}

/**
 * Returns the text for an empty list of actions. The text names the time range that the answers of all
 * domains cover, because actions at other times are unknown.
 */
function emptyText(domains: readonly DomainView[], now: number, words: Words): string {
  const floors = domains.flatMap(({ known_from_at: at }) => (at === null ? [] : [Date.parse(at)]));
  if (floors.length === 0) return words.text.unknownActions;
  const seconds = (now - floors.reduce((a, b) => Math.max(a, b))) / 1000;
  const range = ageText(Math.min(seconds, 86_400), words);
  const isComplete = domains.every(
    ({ watermark_age_seconds: age, last_failure }) =>
      age !== null && age < maxWatermarkAgeSeconds && last_failure === null,
  );
  return isComplete ? words.noActions(range) : words.noActionsPartly(range);
}

function actionColumns(now: string, words: Words): readonly Column<ControlActionView>[] {
  const { text } = words;
  const seconds = (at: string) => (Date.parse(now) - Date.parse(at)) / 1000;
  return [
    { title: text.action, classes: '', cell: ({ action }) => actionMark(action, words) },
    {
      title: text.stream,
      classes: 'wide late',
      cell: ({ stream, account, domain, app_name }) =>
        html`<bdi class="name">${stream}</bdi>${location(account, domain, app_name)}`,
    },
    {
      title: text.time,
      classes: 'number',
      cell: ({ at }) =>
        html`${words.ago(ageText(seconds(at), words))}<div class="note quiet">${time(at, now)}</div>`,
    },
  ];
}

/**
 * Renders an action. The provider documents forbid and resume, and can return actions that are not documented.
 */
function actionMark(action: string, { text }: Words): Html {
  if (action === 'forbid') return mark('bad', 'forbidden', text.forbidden);
  if (action === 'resume') return mark('good', 'resumed', text.resumed);
  return mark('long', 'acted', html`<bdi>${action}</bdi>`);
}

/** Renders the card of the domains. Domains whose last run failed come first. */
async function domainsCard(domains: readonly DomainView[], words: Words, inSlices: InSlices): Promise<Html> {
  const { text } = words;
  const columns: readonly Column<DomainView>[] = [
    { title: text.domain, classes: 'wide', cell: domainName },
    {
      title: text.requestedUpTo,
      classes: 'number labeled',
      cell: ({ watermark_age_seconds: age }) =>
        age === null ? mark('unsure', 'unknown', text.noDataYet) : words.ago(ageText(age, words)),
    },
    {
      title: text.uncounted,
      classes: 'number labeled',
      // Before the first answer, it is unknown whether there is a gap.
      cell: ({ gap_seconds: gap, watermark_age_seconds: age }): HtmlValue =>
        gap > 0 ? ageText(gap, words) : quiet(age === null ? '–' : text.none),
    },
    {
      title: text.bansFrom,
      classes: 'labeled',
      cell: ({ forbidden_from: source }): HtmlValue =>
        source === null ? mark('unsure', 'unknown', text.noDataYet) : words.banSources[source],
    },
  ];
  const isFailing = ({ last_failure }: DomainView) => last_failure !== null;
  const ordered = [...domains.filter(isFailing), ...domains.filter((domain) => !isFailing(domain))];
  const more = domains.length - maxDomainsOnPage;
  return html`<section class="card"><h2 id="domains">${text.domains}</h2>
${await table({ id: 'domains', columns }, ordered.slice(0, maxDomainsOnPage), inSlices)}${
  more > 0 &&
  html`<p class="more quiet small">${words.notShownDomains(countText(more, words))} <a href="./api/v1/status">JSON</a></p>`
}</section>`;
}

function domainName({ domain, account, app_name, last_failure }: DomainView): Html {
  return html`<bdi class="name">${domain}</bdi>${location(account, app_name)}${failureNote(last_failure)}`;
}
