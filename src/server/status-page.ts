import type { InSlices } from '../model/slices.ts';
import { type StreamState, streamStates } from '../model/stream-state.ts';
import type { Overview } from '../status/overview.ts';
import { banner, severityOf, titleOf } from './banner.ts';
import { controlCards, forbiddenCard } from './control-cards.ts';
import { type Html, html } from './html.ts';
import { icon } from './icon.ts';
import { internals, isLate } from './internals.ts';
import { words as allWords } from './language.ts';
import { blindAccounts } from './no-data.ts';
import { pageHtml } from './page.ts';
import { hrefOf, hrefWith, type PageQuery } from './page-query.ts';
import { countText } from './quantity.ts';
import { stateIcon, stateLooks } from './state-marks.ts';
import { maxSearchLength } from './stream-query.ts';
import { streamsTable } from './streams-table.ts';
import type { Language, Words } from './words.ts';

export interface StatusPage extends Overview {
  readonly telemetryPath: string;
  readonly query: PageQuery;
  readonly language: Language;
}

/** Renders the status page, with its tables in slices of the event loop. */
export async function statusPage(page: StatusPage, inSlices: InSlices): Promise<string> {
  const { status, query, telemetryPath, language } = page;
  const words = allWords[language];
  const other = language === 'en' ? 'zh' : 'en';
  const main = html`${banner(page, words)}
${tiles(page, words)}
<section class="card" id="list"><div class="head"><h2 id="streams" tabindex="-1">${words.text.streams}</h2>${toolbar(page, words)}</div>
${await streamList(page, words, inSlices)}</section>
${await forbiddenCard(status, words, inSlices)}
${await controlCards(status, words, inSlices)}
${await internals(status, words, inSlices)}`;
  return pageHtml({
    title: titleOf(page, words),
    severity: severityOf(page),
    now: status.now,
    words,
    isRefreshing: query.isRefreshing,
    root: './',
    telemetryPath,
    links: {
      home: hrefOf(query, {}),
      language: { href: hrefWith(query, { lang: other }), words: allWords[other] },
      refresh: hrefWith(query, { refresh: query.isRefreshing ? 'off' : undefined }),
    },
    main,
  });
}

/**
 * Renders the number of streams in each state, each with a link that shows these streams. No stream is counted in
 * two states, so these numbers add up to the total; a recovered, interrupted or forbidden stream is counted in its state
 * too. A narrow screen shows no states without streams.
 */
function tiles(
  { status: { streams, recovered, interrupted, forbidden }, query }: StatusPage,
  words: Words,
): Html {
  const { text } = words;
  const current = query.parameters.view ?? query.parameters.state ?? '';
  const tile = (
    name: string,
    count: number,
    { id, ...look }: { tone: string; icon: Html | undefined; href: string; id: string },
  ) =>
    html`<li class="${count === 0 && id !== current && 'none'}"><a class="tile ${count === 0 && 'none'}" href="${look.href}"${id === current && html` aria-current="true"`}><span class="tile-name ${count > 0 && look.tone}">${look.icon}${capital(name)}</span><span class="tile-count">${countText(count, words)}</span></a></li>`;
  const stateTile = (state: StreamState) =>
    tile(words.states[state], streams[state], {
      tone: stateLooks[state].tone,
      icon: stateIcon(state),
      href: hrefWith(query, { state, view: undefined, page: undefined }),
      id: state,
    });
  const clear = { state: undefined, view: undefined, page: undefined };
  return html`<ul class="tiles" aria-label="${text.streams}">
${tile(text.all, streams.total, { tone: '', icon: undefined, href: hrefWith(query, clear), id: '' })}
${streamStates.map(stateTile)}
${tile(text.recovered, recovered, { tone: '', icon: icon('resumed'), href: hrefWith(query, { ...clear, view: 'recovered' }), id: 'recovered' })}
${interrupted > 0 && tile(text.interrupted, interrupted, { tone: 'warn', icon: icon('interrupted'), href: hrefWith(query, { ...clear, view: 'interrupted' }), id: 'interrupted' })}
${forbidden.total > 0 && tile(text.forbidden, forbidden.total, { tone: 'bad', icon: icon('forbidden'), href: '#forbidden', id: 'forbidden' })}
</ul>`;
}

/** Renders the form that searches. The other parameters of the URL stay. */
function toolbar({ status: { accounts }, query }: StatusPage, words: Words): Html {
  const { text } = words;
  const { search = '', account = '', page: _, ...others } = query.parameters;
  const hidden = Object.entries(others).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value ?? ''}">`,
  );
  const option = (value: string, label: string) =>
    html`<option value="${value}"${value === account && html` selected`}>${label}</option>`;
  return html`<form id="search-form" role="search" action="./" method="get">${hidden}
<label><span class="hidden">${text.search}</span><input id="search" type="search" name="search" value="${search}" placeholder="${text.search}: ${text.searchHint}" maxlength="${maxSearchLength}" autocomplete="off" spellcheck="false"></label>
${accounts.length > 1 && html`<label><span class="hidden">${text.account}</span><select id="account" name="account">${option('', text.allAccounts)}${accounts.map((each) => option(each.account, each.account))}</select></label>`}
<button type="submit">${text.apply}</button></form>`;
}

async function streamList(page: StatusPage, words: Words, inSlices: InSlices): Promise<Html> {
  const { status, streams, selected, query } = page;
  const blind = blindAccounts(page);
  const { text } = words;
  if (status.streams.total === 0)
    return html`<p class="empty">${noStreamsText(status.collectors, words)}</p>`;
  const clear = html`<a href="${hrefOf(query, {})}">${text.clear}</a>`;
  if (streams.length === 0) return html`<p class="empty">${text.noMatch} ${clear}</p>`;
  const isFiltered = selected < status.streams.total;
  const { now, exporter } = status;
  const times = { now, startedAt: exporter.started_at, loadedAt: exporter.config_loaded_at };
  const table = await streamsTable(streams, { ...times, query, words, blind }, inSlices);
  return html`${query.isRecovered && html`<p class="more quiet small">${text.recoveredNote}</p>`}${table}
<p class="more quiet small">${range(page, words)}${isFiltered && html` · ${clear}`}${pagesNav(page, words)}</p>`;
}

/** Collectors that discover streams. */
const discoveries: readonly string[] = ['online_streams', 'live_push_stats'];

/** Returns why there are no streams: none is listed in the config, none is live, or nobody knows. */
function noStreamsText(collectors: StatusPage['status']['collectors'], { text }: Words): string {
  const discovering = collectors.filter(
    ({ collector, targets }) => targets > 0 && discoveries.includes(collector),
  );
  if (discovering.length === 0) return text.noStreams;
  if (discovering.some(isLate)) return text.unknownStreams;
  // The collector is not late if only one of several domains fails, of which nothing is known.
  return discovering.some(({ targets_failing: failing }) => failing > 0)
    ? text.noKnownStreams
    : text.noLiveStreams;
}

function range({ page, query: { perPage }, selected, streams }: StatusPage, words: Words): string {
  const first = (page - 1) * perPage + 1;
  const last = first + streams.length - 1;
  return words.shown(countText(first, words), countText(last, words), countText(selected, words));
}

function pagesNav({ page, pages, query }: StatusPage, words: Words): Html | undefined {
  if (pages === 1) return undefined;
  const { text } = words;
  const link = (to: number, label: string) =>
    to >= 1 && to <= pages
      ? html`<a href="${hrefWith(query, { page: to === 1 ? undefined : String(to) })}">${label}</a>`
      : html`<span>${label}</span>`;
  return html`<span class="pages" role="navigation" aria-label="${text.pagesLabel}">${link(page - 1, text.previous)} <span>${page} / ${pages}</span> ${link(page + 1, text.next)}</span>`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
